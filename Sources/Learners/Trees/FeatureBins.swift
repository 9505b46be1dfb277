import Platform

/// How one feature's values are divided into bins, numbered upwards: a bin a value where there are few, else ranges that
/// hold about as many rows each.
struct FeatureBins: Sendable, Equatable {
    /// The number of a missing value.
    static let missing: UInt8 = 255
    /// The most bins that a byte has numbers for beside that of a missing value.
    static let most = 255
    /// Rows that quantiles are taken of.
    private static let sampleSize = 65_536

    /// The least and the greatest value of the training rows in each bin.
    private(set) var lowest: [Double] = []
    private(set) var highest: [Double] = []

    var count: Int { lowest.count }

    /// Divides `values` and writes the number of each one's bin.
    /// - Parameter limit: of bins, at most `most`.
    init(_ values: UnsafeBufferPointer<Double>, limit: Int, codes: UnsafeMutablePointer<UInt8>) {
        let step = max(1, values.count / Self.sampleSize)
        let sample = Self.sorted(values, step: step)
        let isExact = code(values, cuts: Self.cuts(sample, limit: limit), codes: codes)
        // Values that the sample lacks make a bin of few values a range: then all of them are looked at.
        guard step > 1, !isExact, Self.distinctCount(sample, upTo: limit + 1) <= limit else { return }
        _ = code(values, cuts: Self.cuts(Self.sorted(values, step: 1), limit: limit), codes: codes)
    }

    /// What divides bin `left`, the last whose values are on the left, from bin `right`, the next that has some: values up
    /// to it are left.
    func threshold(_ left: Int, _ right: Int) -> Double { Self.between(highest[left], lowest[right]) }

    /// A number that is at least `low` and below `high`, in the middle where there is one.
    private static func between(_ low: Double, _ high: Double) -> Double {
        let middle = low / 2 + high / 2
        return middle >= low && middle < high ? middle : low
    }

    /// One value in each `step` rows that are there, drawn so that no period of the rows can hide any.
    private static func sorted(_ values: UnsafeBufferPointer<Double>, step: Int) -> [Double] {
        var sample: [Double] = []
        sample.reserveCapacity(values.count / step + 1)
        for (place, start) in stride(from: 0, to: values.count, by: step).enumerated() {
            let shift = step == 1 ? 0 : Int(SplitMix.mix(UInt64(place)) % UInt64(step))
            let value = values[min(start + shift, values.count - 1)]
            if !value.isNaN { sample.append(value) }
        }
        sample.sort()
        return sample
    }

    private static func distinctCount(_ sorted: [Double], upTo limit: Int) -> Int {
        var count = sorted.isEmpty ? 0 : 1
        for place in sorted.indices.dropFirst() where sorted[place] != sorted[place - 1] {
            count += 1
            if count >= limit { break }
        }
        return count
    }

    /// The greatest number that belongs to each bin but the last.
    private static func cuts(_ sorted: [Double], limit: Int) -> [Double] {
        let isFew = distinctCount(sorted, upTo: limit + 1) <= limit
        var cuts: [Double] = []
        var binStart = 0
        for place in sorted.indices.dropFirst() where sorted[place] != sorted[place - 1] {
            let binsLeft = limit - cuts.count
            guard binsLeft > 1 else { break }
            let share = (sorted.count - binStart) / binsLeft
            guard isFew || place - binStart >= max(share, 1) else { continue }
            cuts.append(between(sorted[place - 1], sorted[place]))
            binStart = place
        }
        return cuts
    }

    /// - Returns: whether every bin is one value.
    private mutating func code(
        _ values: UnsafeBufferPointer<Double>, cuts: [Double], codes: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        lowest = [Double](repeating: .infinity, count: cuts.count + 1)
        highest = [Double](repeating: -.infinity, count: cuts.count + 1)
        let padded = cuts + [Double](repeating: .infinity, count: 256 - cuts.count)
        var presentCount = 0
        padded.withUnsafeBufferPointer { cuts in
            lowest.withUnsafeMutableBufferPointer { lowest in
                highest.withUnsafeMutableBufferPointer { highest in
                    for (row, value) in values.enumerated() {
                        guard !value.isNaN else {
                            codes[row] = Self.missing
                            continue
                        }
                        // The number of cuts below the value, of which there are at most 254.
                        var bin = 0
                        var half = 128
                        while half > 0 {
                            bin += cuts[bin + half - 1] < value ? half : 0
                            half >>= 1
                        }
                        codes[row] = UInt8(truncatingIfNeeded: bin)
                        presentCount += 1
                        if value < lowest[bin] { lowest[bin] = value }
                        if value > highest[bin] { highest[bin] = value }
                    }
                }
            }
        }
        guard presentCount > 0 else {
            (lowest, highest) = ([], [])
            return true
        }
        return lowest == highest
    }
}

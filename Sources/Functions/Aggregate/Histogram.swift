import Columnar
import Platform

/// A histogram of a stream of numbers with a bounded number of bins, after Ben-Haim and Tom-Tov: a new value gets a bin
/// of its own, then the two closest bins become one at their weighted mean. As long as there are not more different
/// values than bins it is exact.
struct StreamHistogram {
    struct Bin: BitwiseCopyable {
        var position: Double
        var weight: Double
    }

    private(set) var bins: [Bin] = []
    private let limit: Int
    /// Values that wait to be sorted in, for histograms with many bins.
    private var pending: [Double] = []
    private var ties = JavaRandom(seed: 31_183)
    /// Below this size each value is put in at once, which gives Hive's own result for a stream.
    private static let smallLimit = 512

    init(limit: Int) { self.limit = max(limit, 2) }

    var byteCount: Int { bins.capacity * 16 + pending.capacity * 8 }
    var isEmpty: Bool { bins.isEmpty && pending.isEmpty }

    /// For a histogram inside of an optional.
    mutating func apply(_ change: (inout StreamHistogram) -> Void) { change(&self) }

    mutating func add(_ value: Double) {
        guard limit <= Self.smallLimit else {
            pending.append(value)
            if pending.count >= limit * 4 { settle() }
            return
        }
        let place = firstBin(notBelow: value)
        if place < bins.count, bins[place].position == value {
            bins[place].weight += 1
        } else {
            bins.insert(Bin(position: value, weight: 1), at: place)
            if bins.count > limit { mergeClosest() }
        }
    }

    private func firstBin(notBelow value: Double) -> Int { bins.partitionPoint { !Self.precedes($0.position, value) } }

    mutating func merge(_ other: StreamHistogram) {
        var other = other
        other.settle()
        settle()
        merge(other.bins)
    }

    mutating func merge(_ others: [Bin]) {
        settle()
        bins = Self.united(bins, others)
        trim()
    }

    /// Sorts waiting values in.
    mutating func settle() {
        guard !pending.isEmpty else { return }
        pending.sort { Self.precedes($0, $1) }
        bins = Self.united(bins, pending.map { Bin(position: $0, weight: 1) })
        pending.removeAll(keepingCapacity: true)
        trim()
    }

    /// NaN comes last, as in Hive's order of numbers.
    private static func precedes(_ left: Double, _ right: Double) -> Bool { left < right || (right.isNaN && !left.isNaN) }

    /// Two sorted lists as one, equal positions added up.
    private static func united(_ left: [Bin], _ right: [Bin]) -> [Bin] {
        var result: [Bin] = []
        result.reserveCapacity(left.count + right.count)
        var i = 0, j = 0
        while i < left.count || j < right.count {
            let next: Bin
            if j >= right.count || (i < left.count && !Self.precedes(right[j].position, left[i].position)) {
                next = left[i]
                i += 1
            } else {
                next = right[j]
                j += 1
            }
            if let last = result.last, last.position == next.position {
                result[result.count - 1].weight += next.weight
            } else {
                result.append(next)
            }
        }
        return result
    }

    private mutating func trim() {
        if limit <= Self.smallLimit {
            while bins.count > limit { mergeClosest() }
            return
        }
        // Many bins: merge all pairs closer than the gap that would leave the right number, in one pass.
        while bins.count > limit {
            var gaps = (1..<bins.count).map { bins[$0].position - bins[$0 - 1].position }
            let surplus = bins.count - limit
            gaps.sort()
            let threshold = gaps[min(surplus, gaps.count) - 1]
            var merged: [Bin] = []
            merged.reserveCapacity(limit)
            var left = surplus
            var index = 0
            while index < bins.count {
                let bin = bins[index]
                if left > 0, index + 1 < bins.count, bins[index + 1].position - bin.position <= threshold {
                    merged.append(Self.mean(bin, bins[index + 1]))
                    left -= 1
                    index += 2
                } else {
                    merged.append(bin)
                    index += 1
                }
            }
            bins = merged
        }
    }

    private static func mean(_ left: Bin, _ right: Bin) -> Bin {
        let weight = left.weight + right.weight
        let position = left.position * (left.weight / weight) + right.position / weight * right.weight
        return Bin(position: position, weight: weight)
    }

    /// Makes one of the two closest bins; ties are broken by chance.
    private mutating func mergeClosest() {
        var closest = 0
        var smallest = bins[1].position - bins[0].position
        var equals = 1
        for index in 1..<(bins.count - 1) {
            let gap = bins[index + 1].position - bins[index].position
            if gap < smallest {
                smallest = gap
                closest = index
                equals = 1
            } else if gap == smallest {
                equals += 1
                if ties.nextDouble() <= 1 / Double(equals) { closest = index }
            }
        }
        bins[closest] = Self.mean(bins[closest], bins[closest + 1])
        bins.remove(at: closest + 1)
    }

    /// The value below which the share `fraction` of the weight lies, between the bins by straight lines.
    func quantile(_ fraction: Double) -> Double? {
        let total = bins.reduce(0) { $0 + $1.weight }
        var before = 0.0
        for (index, bin) in bins.enumerated() {
            if (before + bin.weight) / total >= fraction {
                guard index > 0 else { return bin.position }
                let previous = bins[index - 1].position
                return previous + (fraction * total - before) * (bin.position - previous) / bin.weight
            }
            before += bin.weight
        }
        return bins.last?.position
    }
}

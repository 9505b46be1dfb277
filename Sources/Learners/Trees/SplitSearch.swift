#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A division of a node's rows: those in bins up to `lastLeft` go left.
struct TreeSplit {
    var feature: Int
    /// By how much the impurity decreases, times the weight of the node's rows.
    var gain: Double
    /// The last bin of the rows on the left.
    var lastLeft: Int
    /// The first bin with rows on the right; nil: only those without a value are there.
    var firstRight: Int?
    var missingGoesLeft: Bool
    /// Whether a row of the node lacks the value.
    var sawMissing: Bool
}

/// The rows of a node and what is to be told apart.
struct TreeNodeRows {
    var rows: UnsafePointer<Int32>
    var count: Int
    var labels: Labels

    enum Labels {
        /// Of each row its weight, and that times its label, which is a number around the node's mean or 1 for the second of two
        /// classes. `scale` times the decrease of their squared error is the decrease of impurity.
        case moments(UnsafePointer<SIMD2<Double>>, total: SIMD2<Double>, scale: Double)
        /// Classes that the node has, numbered from 0, with the weights of the rows and of all rows of each class.
        case classes(UnsafePointer<Int32>, weights: UnsafePointer<Double>, totals: UnsafePointer<Double>, count: Int)
    }
}

/// Finds the best division by a feature from sums of the rows in each bin. Used by one thread at a time.
///
/// A node of few rows costs no more than these: bins without rows are neither looked at nor cleared.
final class SplitSearch {
    private let criterion: TreeOptions.Criterion
    private let minimumLeafRows: Int
    private let codes: WorkBuffer<UInt8>
    private let counts = WorkBuffer<Int32>(256, filledWith: 0)
    private let moments = WorkBuffer<SIMD2<Double>>(256, filledWith: .zero)
    private let classWeights: WorkBuffer<Double>
    private let left: WorkBuffer<Double>
    private let occupied = WorkBuffer<Int32>(256, filledWith: 0)

    private static let missing = Int(FeatureBins.missing)

    /// - Parameter rows: that a node has at most.
    init(rows: Int, classes: Int, options: TreeOptions) {
        criterion = options.criterion
        minimumLeafRows = options.minimumLeafRows
        codes = WorkBuffer(rows, filledWith: 0)
        classWeights = WorkBuffer(256 * classes, filledWith: 0)
        left = WorkBuffer(classes, filledWith: 0)
    }

    /// Bytes that a search needs.
    static func size(rows: Int, classes: Int) -> Int { rows + 257 * 8 * classes + 256 * 24 }

    /// - Returns: nil: all rows have the same value or none, or no division leaves enough rows on both sides.
    func best(_ feature: Int, _ column: UnsafePointer<UInt8>, of node: TreeNodeRows) -> TreeSplit? {
        let bins = count(column, node)
        defer { clear(bins, of: node) }
        let hasMissing = counts.start[Self.missing] > 0
        guard bins > 1 || (bins == 1 && hasMissing) else { return nil }
        let found: Division?
        switch node.labels {
        case .moments(let pairs, let total, let scale):
            found = bestOfMoments(pairs, total: total, scale: scale, bins: bins, node.count)
        case .classes(let classes, let weights, let totals, let classCount):
            found = bestOfClasses(classes, weights: weights, totals: totals, classCount: classCount, bins: bins, node.count)
        }
        return found.map { split($0, by: feature, bins: bins, rows: node.count) }
    }

    // MARK: Bins with rows

    /// Below so many rows the bins that have some are kept in a set.
    private static let fewRows = 512

    /// Counts the rows of each bin, and lists the bins of values that have some, ascending.
    private func count(_ column: UnsafePointer<UInt8>, _ node: TreeNodeRows) -> Int {
        let codes = codes.start, counts = counts.start, occupied = occupied.start
        let rows = node.rows
        var bins = 0
        if node.count < Self.fewRows {
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { words in
                guard let words = words.baseAddress else { return }
                words.initialize(repeating: 0, count: 4)
                for place in 0..<node.count {
                    let code = column[Int(rows[place])]
                    codes[place] = code
                    counts[Int(code)] &+= 1
                    words[Int(code &>> 6)] |= 1 &<< UInt64(code & 63)
                }
                words[3] &= ~(1 << 63)
                for word in 0..<4 {
                    var rest = words[word]
                    while rest != 0 {
                        occupied[bins] = Int32(truncatingIfNeeded: word &* 64 &+ rest.trailingZeroBitCount)
                        bins &+= 1
                        rest &= rest &- 1
                    }
                }
            }
        } else {
            for place in 0..<node.count {
                let code = column[Int(rows[place])]
                codes[place] = code
                counts[Int(code)] &+= 1
            }
            for bin in 0..<Self.missing where counts[bin] > 0 {
                occupied[bins] = Int32(truncatingIfNeeded: bin)
                bins &+= 1
            }
        }
        return bins
    }

    /// Leaves zeros behind.
    private func clear(_ bins: Int, of node: TreeNodeRows) {
        let counts = counts.start, moments = moments.start, weights = classWeights.start, occupied = occupied.start
        occupied[bins] = Int32(Self.missing)
        var classCount = 0
        if case .classes(_, _, _, let count) = node.labels { classCount = count }
        for place in 0...bins {
            let bin = Int(occupied[place])
            counts[bin] = 0
            moments[bin] = .zero
            for position in 0..<classCount { weights[bin * classCount + position] = 0 }
        }
    }

    // MARK: Divisions

    private struct Division {
        /// The last on the left of the listed bins.
        var place: Int
        var missingGoesLeft: Bool
        var gain: Double
    }

    /// Calls `weigh` with every division: how many of the listed bins are left, whether rows without a value are.
    @inline(__always)
    private func forEachDivision(
        bins: Int, rows: Int, advance: (_ bin: Int) -> Void,
        weigh: (_ place: Int, _ missingGoesLeft: Bool) -> Void
    ) {
        let counts = counts.start, occupied = occupied.start
        let missingRows = Int(counts[Self.missing])
        var leftRows = 0
        for place in 0..<bins {
            let bin = Int(occupied[place])
            leftRows += Int(counts[bin])
            advance(bin)
            let isLast = place == bins - 1
            if isLast, missingRows == 0 { break }
            if leftRows >= minimumLeafRows, rows - leftRows >= minimumLeafRows { weigh(place, false) }
            if isLast || missingRows == 0 { continue }
            if leftRows + missingRows >= minimumLeafRows, rows - leftRows - missingRows >= minimumLeafRows { weigh(place, true) }
        }
    }

    private func split(_ division: Division, by feature: Int, bins: Int, rows: Int) -> TreeSplit {
        let place = division.place
        let sawMissing = counts.start[Self.missing] > 0
        var leftRows = 0
        for earlier in 0...place { leftRows += Int(counts.start[Int(occupied.start[earlier])]) }
        return TreeSplit(
            feature: feature, gain: division.gain, lastLeft: Int(occupied.start[place]),
            firstRight: place + 1 < bins ? Int(occupied.start[place + 1]) : nil,
            // Where no row lacked the value, one that does goes with most.
            missingGoesLeft: sawMissing ? division.missingGoesLeft : leftRows * 2 > rows, sawMissing: sawMissing)
    }

    private func bestOfMoments(
        _ pairs: UnsafePointer<SIMD2<Double>>, total: SIMD2<Double>, scale: Double, bins: Int, _ rows: Int
    ) -> Division? {
        let codes = codes.start, sums = moments.start
        for place in 0..<rows { sums[Int(codes[place])] += pairs[place] }
        let missing = sums[Self.missing]
        var left = SIMD2<Double>.zero
        var best = -Double.infinity
        var found: (place: Int, missingGoesLeft: Bool)?
        forEachDivision(bins: bins, rows: rows) { bin in
            left += sums[bin]
        } weigh: { place, missingGoesLeft in
            let one = missingGoesLeft ? left + missing : left
            let other = total - one
            guard one.x > 0, other.x > 0 else { return }
            let score = one.y * one.y / one.x + other.y * other.y / other.x
            if score > best {
                best = score
                found = (place, missingGoesLeft)
            }
        }
        return found.map {
            Division(
                place: $0.place, missingGoesLeft: $0.missingGoesLeft, gain: scale * (best - total.y * total.y / total.x))
        }
    }

    private func bestOfClasses(
        _ classes: UnsafePointer<Int32>, weights: UnsafePointer<Double>, totals: UnsafePointer<Double>, classCount: Int,
        bins: Int, _ rows: Int
    ) -> Division? {
        let codes = codes.start, sums = classWeights.start, left = left.start
        for place in 0..<rows { sums[Int(codes[place]) &* classCount &+ Int(classes[place])] += weights[place] }
        let missing = sums + Self.missing * classCount
        let isEntropy = criterion == .entropy
        for position in 0..<classCount { left[position] = 0 }
        var best = -Double.infinity
        var found: (place: Int, missingGoesLeft: Bool)?
        forEachDivision(bins: bins, rows: rows) { bin in
            let own = sums + bin * classCount
            for position in 0..<classCount { left[position] += own[position] }
        } weigh: { place, missingGoesLeft in
            let share = missingGoesLeft ? 1.0 : 0
            var one = 0.0, other = 0.0, oneScore = 0.0, otherScore = 0.0
            if isEntropy {
                for position in 0..<classCount {
                    let here = left[position] + share * missing[position]
                    let there = totals[position] - here
                    one += here
                    other += there
                    oneScore += Self.logarithmic(here)
                    otherScore += Self.logarithmic(there)
                }
            } else {
                for position in 0..<classCount {
                    let here = left[position] + share * missing[position]
                    let there = totals[position] - here
                    one += here
                    other += there
                    oneScore += here * here
                    otherScore += there * there
                }
            }
            guard one > 0, other > 0 else { return }
            let score =
                isEntropy
                ? oneScore - Self.logarithmic(one) + otherScore - Self.logarithmic(other) : oneScore / one + otherScore / other
            if score > best {
                best = score
                found = (place, missingGoesLeft)
            }
        }
        guard let found else { return nil }
        let whole = Self.purity(totals, classCount, criterion)
        return Division(place: found.place, missingGoesLeft: found.missingGoesLeft, gain: best - whole)
    }

    /// x · log₂ x.
    @inline(__always) private static func logarithmic(_ x: Double) -> Double { x > 0 ? x * log2(x) : 0 }

    /// The weight of rows, less that times their impurity, by the weights of their classes; entropy: without the former.
    static func purity(_ weights: UnsafePointer<Double>, _ classCount: Int, _ criterion: TreeOptions.Criterion) -> Double {
        var total = 0.0, sum = 0.0
        for position in 0..<classCount {
            total += weights[position]
            sum += criterion == .entropy ? logarithmic(weights[position]) : weights[position] * weights[position]
        }
        guard total > 0 else { return 0 }
        return criterion == .entropy ? sum - logarithmic(total) : sum / total
    }
}

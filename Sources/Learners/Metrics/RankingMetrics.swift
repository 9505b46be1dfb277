/// Measures of how well scores put positive rows before negative ones.
public enum RankingMetrics {
    /// The area under the receiver operating characteristic: the chance that a positive row scores higher than a
    /// negative one, ties counting half. Rows count by weight.
    ///
    /// nil when there are no positive or no negative rows.
    /// - Precondition: `isPositive` (and `weights`) have one element a score.
    /// - Complexity: O(n log n).
    public static func areaUnderROC(scores: [Double], isPositive: [Bool], weights: [Double]? = nil) -> Double? {
        var area = 0.0
        var positives = 0.0, negatives = 0.0
        forEachTie(scores, isPositive, weights) { positive, negative in
            // Negatives of this score lose against all positives before it and half of those that tie.
            area += negative * (positives + positive / 2)
            positives += positive
            negatives += negative
        }
        guard positives > 0, negatives > 0 else { return nil }
        return area / (positives * negatives)
    }

    /// The area under the curve of precision over recall as average precision: the sum of precisions at each distinct
    /// score, weighted by the gain in recall. nil when there are no positive rows.
    /// - Precondition: `isPositive` (and `weights`) have one element a score.
    /// - Complexity: O(n log n).
    public static func averagePrecision(scores: [Double], isPositive: [Bool], weights: [Double]? = nil) -> Double? {
        var sum = 0.0
        var positives = 0.0, all = 0.0
        forEachTie(scores, isPositive, weights) { positive, negative in
            positives += positive
            all += positive + negative
            if positive > 0 { sum += positive * (positives / all) }
        }
        guard positives > 0 else { return nil }
        return sum / positives
    }

    /// Calls `body` with the positive and negative weight of each distinct score, highest first.
    private static func forEachTie(
        _ scores: [Double], _ isPositive: [Bool], _ weights: [Double]?, _ body: (Double, Double) -> Void
    ) {
        precondition(scores.count == isPositive.count && weights?.count ?? scores.count == scores.count)
        let order = descendingOrder(scores)
        var start = 0
        while start < order.count {
            var end = start
            var positive = 0.0, negative = 0.0
            while end < order.count, scores[order[end]] == scores[order[start]] || end == start {
                let weight = weights?[order[end]] ?? 1
                if isPositive[order[end]] { positive += weight } else { negative += weight }
                end += 1
            }
            body(positive, negative)
            start = end
        }
    }

    /// Positions by score, highest first: a radix sort of the scores' order-preserving bit patterns.
    private static func descendingOrder(_ scores: [Double]) -> [Int] {
        var keys = scores.enumerated().map { position, score -> (key: UInt64, position: Int) in
            let bits = score.bitPattern
            // Ascending by key is descending by score; −0 is 0.
            let ordered = score == 0 ? 1 << 63 : bits >> 63 == 0 ? bits | (1 << 63) : ~bits
            return (~ordered, position)
        }
        guard keys.count > 256 else {
            return keys.sorted { $0.key < $1.key }.map(\.position)
        }
        var other = keys
        for shift in stride(from: UInt64(0), to: 64, by: 16) {
            var starts = [Int](repeating: 0, count: 65_537)
            for entry in keys { starts[Int(truncatingIfNeeded: (entry.key >> shift) & 0xFFFF) + 1] += 1 }
            for digit in 1...65_536 { starts[digit] += starts[digit - 1] }
            for entry in keys {
                let digit = Int(truncatingIfNeeded: (entry.key >> shift) & 0xFFFF)
                other[starts[digit]] = entry
                starts[digit] += 1
            }
            swap(&keys, &other)
        }
        return keys.map(\.position)
    }
}

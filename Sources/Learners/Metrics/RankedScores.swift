/// Scores from the highest to the lowest with the truth beside them: what measures of order and curves over thresholds are made
/// of, for rows that count the same and for any weights.
struct RankedScores: Sendable {
    private let scores: [Double]
    private let isPositive: [Bool]
    /// Rows by score, highest first.
    private let order: [Int32]
    /// Behind which place of `order` each run of equal scores ends.
    private let ends: [Int32]

    /// - Precondition: `isPositive` has one element a score, and there are no more than 2³¹ − 1.
    /// - Complexity: O(n log n).
    init(scores: [Double], isPositive: [Bool]) {
        precondition(scores.count == isPositive.count)
        self.scores = scores
        self.isPositive = isPositive
        let order = Self.descendingOrder(scores)
        var ends: [Int32] = []
        for place in order.indices {
            let next = place + 1
            // NaN equals nothing, not even itself.
            if next < order.count, scores[Int(order[next])] == scores[Int(order[place])] { continue }
            ends.append(Int32(next))
        }
        self.order = order
        self.ends = ends
    }

    /// A threshold with what passes it and nothing higher.
    struct Tie {
        var score: Double
        var rows: Int
        /// Weights of the positive and of the negative rows.
        var positive: Double
        var negative: Double
    }

    /// Calls `body` with each distinct score, highest first.
    /// - Parameter unit: what weights are multiplied by.
    @inline(__always)
    func forEachTie(_ weights: [Double]?, unit: Double = 1, _ body: (Tie) -> Void) {
        precondition(weights?.count ?? scores.count == scores.count)
        var start = 0
        for end in ends {
            var positive = 0.0, negative = 0.0
            for place in start..<Int(end) {
                let row = Int(order[place])
                let weight = (weights?[row] ?? 1) * unit
                if isPositive[row] { positive += weight } else { negative += weight }
            }
            body(Tie(score: scores[Int(order[start])], rows: Int(end) - start, positive: positive, negative: negative))
            start = Int(end)
        }
    }

    /// What one walk along the scores tells.
    struct Measures {
        /// nil when there are no positive or no negative rows.
        var areaUnderROC: Double?
        /// nil when there are no positive rows.
        var averagePrecision: Double?
        /// nil when there are no positive or no negative rows.
        var kolmogorovSmirnov: Double?
    }

    func measures(_ weights: [Double]? = nil) -> Measures {
        let unit = weights?.weightUnit ?? 1
        let (allPositives, allNegatives) = totals(weights, unit: unit)
        var area = 0.0, precisions = 0.0, distance = 0.0
        var positives = 0.0, negatives = 0.0, all = 0.0
        forEachTie(weights, unit: unit) { tie in
            // Negatives of this score lose against all positives before it and half of those that tie.
            area += tie.negative * (positives + tie.positive / 2)
            positives += tie.positive
            negatives += tie.negative
            all += tie.positive + tie.negative
            if tie.positive > 0 { precisions += tie.positive * (positives / all) }
            if allPositives > 0, allNegatives > 0 {
                distance = max(distance, abs(positives / allPositives - negatives / allNegatives))
            }
        }
        guard positives > 0 else { return Measures() }
        guard negatives > 0 else { return Measures(averagePrecision: precisions / positives) }
        return Measures(
            areaUnderROC: area / (positives * negatives), averagePrecision: precisions / positives, kolmogorovSmirnov: distance)
    }

    /// The weights of the positive and of the negative rows.
    /// - Parameter unit: what weights are multiplied by.
    func totals(_ weights: [Double]?, unit: Double = 1) -> (positives: Double, negatives: Double) {
        var positives = 0.0, negatives = 0.0
        for row in isPositive.indices {
            let weight = (weights?[row] ?? 1) * unit
            if isPositive[row] { positives += weight } else { negatives += weight }
        }
        return (positives, negatives)
    }

    /// Positions by score, highest first: a radix sort of the scores' order-preserving bit patterns.
    private static func descendingOrder(_ scores: [Double]) -> [Int32] {
        var keys = scores.map { score -> UInt64 in
            let bits = score.bitPattern
            // Ascending by key is descending by score; −0 is 0.
            let ordered = score == 0 ? 1 << 63 : bits >> 63 == 0 ? bits | (1 << 63) : ~bits
            return ~ordered
        }
        var positions = (0..<Int32(truncatingIfNeeded: keys.count)).map { $0 }
        guard keys.count > 256 else {
            return positions.sorted { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
        }
        // Beside each other, not in pairs, which would be padded to 16 bytes.
        var otherKeys = keys, otherPositions = positions
        for shift in stride(from: UInt64(0), to: 64, by: 16) {
            var starts = [Int](repeating: 0, count: 65_537)
            for key in keys { starts[Int(truncatingIfNeeded: (key >> shift) & 0xFFFF) + 1] += 1 }
            for digit in 1...65_536 { starts[digit] += starts[digit - 1] }
            for place in keys.indices {
                let key = keys[place]
                let digit = Int(truncatingIfNeeded: (key >> shift) & 0xFFFF)
                otherKeys[starts[digit]] = key
                otherPositions[starts[digit]] = positions[place]
                starts[digit] += 1
            }
            swap(&keys, &otherKeys)
            swap(&positions, &otherPositions)
        }
        return positions
    }
}

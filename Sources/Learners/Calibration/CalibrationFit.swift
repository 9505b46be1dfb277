/// Scores of rows with what they are, from which a calibration is learned.
package struct CalibrationFit {
    private let rows: [Row]

    private struct Row {
        var score: Double
        var isPositive: Bool
        var weight: Double
    }

    /// - Parameter weights: nil: every row counts the same; rows of weight 0, and those whose score is no number, say nothing.
    /// - Precondition: as many of each as there are rows.
    package init(scores: [Double], isPositive: [Bool], weights: [Double]? = nil) {
        rows = scores.indices.compactMap { row in
            let weight = weights?[row] ?? 1
            return weight > 0 && !scores[row].isNaN ? Row(score: scores[row], isPositive: isPositive[row], weight: weight) : nil
        }
    }

    /// - Throws: `LearnerError.cannotCalibrate` unless there are rows of both classes; `.cancelled`.
    package func curve(_ method: CalibrationMethod, isCancelled: (@Sendable () -> Bool)? = nil) throws -> ProbabilityCalibration.Curve {
        guard rows.contains(where: \.isPositive), rows.contains(where: { !$0.isPositive }) else {
            throw LearnerError.cannotCalibrate("the rows to calibrate by have one class only")
        }
        switch method {
        case .sigmoid: return try sigmoid(isCancelled)
        case .isotonic: return isotonic()
        }
    }

    /// - Throws: `LearnerError.cannotCalibrate` for scores that no curve can be laid over; `.cancelled`.
    private func sigmoid(_ isCancelled: (@Sendable () -> Bool)?) throws -> ProbabilityCalibration.Curve {
        let found = try PlattScaling(
            scores: rows.map(\.score), isPositive: rows.map(\.isPositive), weights: rows.map(\.weight), isCancelled: isCancelled)
        guard found.slope.isFinite, found.intercept.isFinite else { throw LearnerError.cannotCalibrate("the scores are too large") }
        return .sigmoid(slope: found.slope, intercept: found.intercept)
    }

    // MARK: Isotonic

    /// The rising curve of least squares: neighbours that descend are put together (pool adjacent violators), rows of one score before
    /// all others. Points within a level stretch are left out.
    private func isotonic() -> ProbabilityCalibration.Curve {
        struct Block {
            var first: Int
            var mean: Double
            var weight: Double

            mutating func take(_ other: Block) {
                let sum = weight + other.weight
                mean += (other.mean - mean) * (other.weight / sum)
                weight = sum
            }
        }
        let sorted = rows.sorted { $0.score != $1.score ? $0.score < $1.score : !$0.isPositive && $1.isPositive }
        var scores: [Double] = []
        var points: [Block] = []
        for row in sorted {
            let one = Block(first: scores.count, mean: row.isPositive ? 1 : 0, weight: row.weight)
            if scores.last == row.score {
                points[points.count - 1].take(one)
            } else {
                scores.append(row.score)
                points.append(one)
            }
        }
        var blocks: [Block] = []
        for point in points {
            var block = point
            while let last = blocks.last, last.mean >= block.mean {
                var pooled = last
                pooled.take(block)
                block = pooled
                blocks.removeLast()
            }
            blocks.append(block)
        }
        var kept: (scores: [Double], probabilities: [Double]) = ([], [])
        for (place, block) in blocks.enumerated() {
            let last = (place + 1 < blocks.count ? blocks[place + 1].first : scores.count) - 1
            let probability = min(max(block.mean, 0), 1)
            for point in block.first == last ? [last] : [block.first, last] {
                kept.scores.append(scores[point])
                kept.probabilities.append(probability)
            }
        }
        return .isotonic(scores: kept.scores, probabilities: kept.probabilities)
    }
}

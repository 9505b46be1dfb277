/// Scores of rows with what they are, from which a calibration is learned.
package struct CalibrationFit {
    private let scores: [Double]
    private let isPositive: [Bool]
    private let weights: [Double]?

    /// - Parameter weights: nil: every row counts the same; rows of weight 0, and those whose score is no number, say nothing.
    /// - Precondition: as many of each as there are rows.
    package init(scores: [Double], isPositive: [Bool], weights: [Double]? = nil) {
        let telling = scores.indices.filter { weights?[$0] ?? 1 > 0 && !scores[$0].isNaN }
        self.scores = telling.map { scores[$0] }
        self.isPositive = telling.map { isPositive[$0] }
        self.weights = weights.map { weights in telling.map { weights[$0] } }
    }

    /// - Throws: `LearnerError.cannotCalibrate` unless there are rows of both classes; `.cancelled`.
    package func curve(_ method: CalibrationMethod, isCancelled: (@Sendable () -> Bool)? = nil) throws -> ProbabilityCalibration.Curve {
        guard isPositive.contains(true), isPositive.contains(false) else {
            throw LearnerError.cannotCalibrate("the rows to calibrate by have one class only")
        }
        switch method {
        case .sigmoid: return try sigmoid(isCancelled)
        case .isotonic: return isotonic()
        }
    }

    /// - Throws: `LearnerError.cannotCalibrate` for scores that no curve can be laid over; `.cancelled`.
    private func sigmoid(_ isCancelled: (@Sendable () -> Bool)?) throws -> ProbabilityCalibration.Curve {
        let found = try PlattScaling(scores: scores, isPositive: isPositive, weights: weights, isCancelled: isCancelled)
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
        let order = scores.indices.sorted {
            scores[$0] != scores[$1] ? scores[$0] < scores[$1] : !isPositive[$0] && isPositive[$1]
        }
        var levels: [Double] = []
        var points: [Block] = []
        for row in order {
            let one = Block(first: levels.count, mean: isPositive[row] ? 1 : 0, weight: weights?[row] ?? 1)
            if levels.last == scores[row] {
                points[points.count - 1].take(one)
            } else {
                levels.append(scores[row])
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
            let last = (place + 1 < blocks.count ? blocks[place + 1].first : levels.count) - 1
            let probability = min(max(block.mean, 0), 1)
            for point in block.first == last ? [last] : [block.first, last] {
                kept.scores.append(levels[point])
                kept.probabilities.append(probability)
            }
        }
        return .isotonic(scores: kept.scores, probabilities: kept.probabilities)
    }
}

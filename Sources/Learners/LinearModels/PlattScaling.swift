#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Probabilities from scores that are none: log-odds are `slope · score + intercept` (Platt, "Probabilistic outputs for support
/// vector machines and comparisons to regularized likelihood methods", 1999).
package struct PlattScaling: Codable, Sendable, Equatable {
    package var slope: Double
    package var intercept: Double

    /// Minimizes the log loss of Platt's targets, which are drawn in from 0 and 1 as if there were one more row of each class, by
    /// Newton's method with backtracking (Lin, Lin and Weng, "A note on Platt's probabilistic outputs for support vector
    /// machines", 2007).
    /// - Parameters:
    ///   - scores: of rows that the scoring was not learned from; finite.
    ///   - weights: one a score; nil: all count the same.
    ///   - isCancelled: asked before every step.
    /// - Throws: `LearnerError.cancelled`.
    package init(
        scores: [Double], isPositive: [Bool], weights: [Double]?, isCancelled: (@Sendable () -> Bool)? = nil
    ) throws {
        var positives = 0.0, negatives = 0.0, largest = 0.0, heaviest = 0.0
        for (row, score) in scores.enumerated() {
            let weight = weights?[row] ?? 1
            if isPositive[row] { positives += weight } else { negatives += weight }
            if weight > 0 { largest = max(largest, abs(score)) }
            heaviest = max(heaviest, weight)
        }
        let high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2)
        // Of scores and weights near 1 squares neither vanish nor overflow.
        let scale = largest > 0 ? 1 / largest : 1
        let unit = heaviest > 0 ? 1 / heaviest : 1

        /// The loss with its gradient and second derivatives.
        func look(_ slope: Double, _ intercept: Double) -> Look {
            var look = Look()
            for (row, score) in scores.enumerated() {
                let weight = (weights?[row] ?? 1) * unit
                guard weight > 0 else { continue }
                let target = isPositive[row] ? high : low, z = score * scale
                let odds = slope * z + intercept
                let power = exp(-abs(odds))
                let probability = logistic(odds, power)
                look.loss += weight * (log1p(power) + max(odds, 0) - target * odds)
                let residual = weight * (probability - target), curvature = weight * probability * (1 - probability)
                look.slope += residual * z
                look.intercept += residual
                look.slopes += curvature * z * z
                look.mixed += curvature * z
                look.intercepts += curvature
            }
            return look
        }

        var slope = 0.0, intercept = log((positives + 1) / (negatives + 1))
        var now = look(slope, intercept)
        for _ in 0..<100 {
            if isCancelled?() == true { throw LearnerError.cancelled }
            guard max(abs(now.slope), abs(now.intercept)) > 1e-10 * max((positives + negatives) * unit, .leastNormalMagnitude) else { break }
            // A little on the diagonal, or equal scores leave the step undetermined.
            let first = now.slopes + 1e-12 * max(now.slopes, now.intercepts), second = now.intercepts * (1 + 1e-12)
            let determinant = first * second - now.mixed * now.mixed
            guard determinant > 0 else { break }
            let step = (
                slope: -(second * now.slope - now.mixed * now.intercept) / determinant,
                intercept: -(first * now.intercept - now.mixed * now.slope) / determinant
            )
            let descent = step.slope * now.slope + step.intercept * now.intercept
            var length = 1.0
            var next = look(slope + step.slope, intercept + step.intercept)
            while !(next.loss <= now.loss + 1e-4 * length * descent), length > 1e-10 {
                length /= 2
                next = look(slope + length * step.slope, intercept + length * step.intercept)
            }
            guard next.loss < now.loss else { break }
            slope += length * step.slope
            intercept += length * step.intercept
            now = next
        }
        self.slope = slope * scale
        self.intercept = intercept
    }

    private struct Look {
        var loss = 0.0
        var slope = 0.0, intercept = 0.0
        var slopes = 0.0, mixed = 0.0, intercepts = 0.0
    }
}

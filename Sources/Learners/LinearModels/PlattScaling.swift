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
    /// Newton's method (Lin, Lin and Weng, "A note on Platt's probabilistic outputs for support vector machines", 2007).
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

        let start = [0, log((positives + 1) / (negatives + 1))]
        let found = try NewtonSearch(maximumIterations: 100, tolerance: 1e-10).minimize(from: start) { point, gradient, hessian in
            var loss = 0.0
            gradient = [0, 0]
            hessian = [0, 0, 0, 0]
            for (row, score) in scores.enumerated() {
                let weight = (weights?[row] ?? 1) * unit
                guard weight > 0 else { continue }
                let target = isPositive[row] ? high : low, z = score * scale
                let odds = point[0] * z + point[1]
                let power = exp(-abs(odds))
                let probability = logistic(odds, power)
                loss += weight * (log1p(power) + max(odds, 0) - target * odds)
                let residual = weight * (probability - target), curvature = weight * probability * (1 - probability)
                gradient[0] += residual * z
                gradient[1] += residual
                hessian[0] += curvature * z * z
                hessian[1] += curvature * z
                hessian[3] += curvature
            }
            hessian[2] = hessian[1]
            // A little on the diagonal, or equal scores leave the step undetermined.
            let ridge = 1e-12 * max(hessian[0], hessian[3])
            hessian[0] += ridge
            hessian[3] += ridge
            return loss
        } advance: { _, _ in
            if isCancelled?() == true { throw LearnerError.cancelled }
            return true
        }
        slope = found.point[0] * scale
        intercept = found.point[1]
    }
}

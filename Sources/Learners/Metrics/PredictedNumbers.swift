#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Predicted numbers beside the true ones, with all worked out once that does not depend on weights.
struct PredictedNumbers: Sendable {
    let predicted: [Double]
    let actual: [Double]
    /// Rows by absolute error, least first.
    private let order: [Int32]
    /// Squared differences of log(1 + …); nil where one has no logarithm.
    private let logSquares: [Double]?
    /// Poisson deviances of the predictions; nil where a row has none.
    private let deviances: [Double]?
    /// Those of the unweighted mean, from which that of another mean differs by little.
    private let spreads: (mean: Double, deviances: [Double])?

    /// - Precondition: `actual` has one element a prediction.
    /// - Complexity: O(n log n).
    init(predicted: [Double], actual: [Double]) {
        precondition(predicted.count == actual.count)
        self.predicted = predicted
        self.actual = actual
        let errors = zip(predicted, actual).map { abs($0 - $1) }
        order = (0..<Int32(errors.count)).sorted { errors[Int($0)] < errors[Int($1)] }
        logSquares = predicted.allSatisfy { $0 > -1 } && actual.allSatisfy { $0 > -1 }
            ? zip(predicted, actual).map { let distance = log1p($0) - log1p($1); return distance * distance } : nil
        guard predicted.allSatisfy({ $0 > 0 }), actual.allSatisfy({ $0 >= 0 }) else {
            (deviances, spreads) = (nil, nil)
            return
        }
        deviances = zip(predicted, actual).map { Self.poissonDeviance($0, $1) }
        let mean = actual.reduce(0, +) / Double(max(actual.count, 1))
        spreads = mean > 0 ? (mean, actual.map { Self.poissonDeviance(mean, $0) }) : nil
    }

    private static func poissonDeviance(_ predicted: Double, _ actual: Double) -> Double {
        2 * ((actual > 0 ? actual * log(actual / predicted) : 0) - actual + predicted)
    }

    /// - Precondition: `weights` has one element a row.
    func metrics(_ weights: [Double]?) -> RegressionMetrics {
        precondition(weights?.count ?? actual.count == actual.count)
        var total = 0.0, sum = 0.0, errorSum = 0.0
        for row in actual.indices {
            let weight = weights?[row] ?? 1
            total += weight
            sum += weight * actual[row]
            errorSum += weight * (predicted[row] - actual[row])
        }
        let mean = total > 0 ? sum / total : 0, meanError = total > 0 ? errorSum / total : 0
        var absolute = 0.0, square = 0.0, absoluteSpread = 0.0, squareSpread = 0.0
        var share = 0.0, errorSpread = 0.0, logSquare = 0.0, greatest = 0.0
        for row in actual.indices {
            let weight = weights?[row] ?? 1
            let error = predicted[row] - actual[row]
            let spread = actual[row] - mean
            absolute += weight * abs(error)
            square += weight * error * error
            absoluteSpread += weight * abs(spread)
            squareSpread += weight * spread * spread
            share += weight * (abs(error) / max(abs(actual[row]), Double.ulpOfOne))
            errorSpread += weight * (error - meanError) * (error - meanError)
            if let logSquares { logSquare += weight * logSquares[row] }
            if weight > 0 { greatest = max(greatest, abs(error)) }
        }
        func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
        var metrics = RegressionMetrics(
            rows: actual.count, meanAbsoluteError: total > 0 ? absolute / total : 0,
            rootMeanSquaredError: total > 0 ? (square / total).squareRoot() : 0)
        metrics.rSquared = squareSpread > 0 ? 1 - square / squareSpread : nil
        metrics.relativeAbsoluteError = absoluteSpread > 0 ? absolute / absoluteSpread : nil
        guard total > 0 else { return metrics }
        metrics.explainedVariance = squareSpread > 0 ? finite(1 - errorSpread / squareSpread) : nil
        metrics.medianAbsoluteError = finite(medianError(weights, total))
        metrics.meanAbsolutePercentageError = finite(share / total)
        metrics.maxError = finite(greatest)
        metrics.meanSquaredLogError = logSquares == nil ? nil : finite(logSquare / total)
        guard let deviances else { return metrics }
        var deviance = 0.0, spread = 0.0
        for row in actual.indices {
            let weight = weights?[row] ?? 1
            deviance += weight * deviances[row]
            if let spreads { spread += weight * spreads.deviances[row] }
        }
        metrics.meanPoissonDeviance = finite(deviance / total)
        if let spreads, mean > 0, squareSpread > 0 {
            spread += 2 * (sum * log(spreads.mean / mean) + total * (mean - spreads.mean))
            metrics.poissonDSquared = finite(1 - deviance / spread)
        }
        return metrics
    }

    /// The error below which half of the weight is; where it is exactly half, the middle between two errors.
    private func medianError(_ weights: [Double]?, _ total: Double) -> Double {
        func error(_ row: Int32) -> Double { abs(predicted[Int(row)] - actual[Int(row)]) }
        var below = 0.0
        for (place, row) in order.enumerated() {
            below += weights?[Int(row)] ?? 1
            guard below * 2 >= total else { continue }
            guard below * 2 == total, let next = order[(place + 1)...].first(where: { weights?[Int($0)] ?? 1 > 0 }) else {
                return error(row)
            }
            return (error(row) + error(next)) / 2
        }
        return order.last.map(error) ?? 0
    }
}

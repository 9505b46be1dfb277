/// How near numeric predictions are to the truth; rows count by weight.
public struct RegressionMetrics: Codable, Sendable, Equatable {
    public var rows: Int
    public var meanAbsoluteError: Double
    public var rootMeanSquaredError: Double
    /// 1 − squared error / squared deviation from the mean; nil when all labels are equal.
    public var rSquared: Double?
    /// Absolute error over the absolute deviation from the mean; nil when all labels are equal.
    public var relativeAbsoluteError: Double?

    /// - Precondition: `actual` (and `weights`) have one element a prediction.
    public init(predicted: [Double], actual: [Double], weights: [Double]? = nil) {
        precondition(predicted.count == actual.count && weights?.count ?? actual.count == actual.count)
        var total = 0.0, sum = 0.0
        for row in actual.indices {
            let weight = weights?[row] ?? 1
            total += weight
            sum += weight * actual[row]
        }
        let mean = total > 0 ? sum / total : 0
        var absolute = 0.0, square = 0.0, absoluteSpread = 0.0, squareSpread = 0.0
        for row in actual.indices {
            let weight = weights?[row] ?? 1
            let error = predicted[row] - actual[row]
            let spread = actual[row] - mean
            absolute += weight * abs(error)
            square += weight * error * error
            absoluteSpread += weight * abs(spread)
            squareSpread += weight * spread * spread
        }
        rows = actual.count
        meanAbsoluteError = total > 0 ? absolute / total : 0
        rootMeanSquaredError = total > 0 ? (square / total).squareRoot() : 0
        rSquared = squareSpread > 0 ? 1 - square / squareSpread : nil
        relativeAbsoluteError = absoluteSpread > 0 ? absolute / absoluteSpread : nil
    }
}

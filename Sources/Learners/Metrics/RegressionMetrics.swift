/// How near numeric predictions are to the truth; rows count by weight.
public struct RegressionMetrics: Codable, Sendable, Equatable {
    public var rows: Int
    public var meanAbsoluteError: Double
    public var rootMeanSquaredError: Double
    /// 1 − squared error / squared deviation from the mean; nil when all labels are equal.
    public var rSquared: Double?
    /// Absolute error over the absolute deviation from the mean; nil when all labels are equal.
    public var relativeAbsoluteError: Double?
    /// 1 − variance of the errors / variance of the labels; nil when all labels are equal, and in models saved by versions
    /// that did not tell it, as what follows is.
    public var explainedVariance: Double?
    public var medianAbsoluteError: Double?
    /// The mean of |error| / |truth|, as a share; a truth of 0 counts as the smallest step of `Double`.
    public var meanAbsolutePercentageError: Double?
    /// The largest absolute error.
    public var maxError: Double?
    /// The mean of (log(1 + prediction) − log(1 + truth))²; nil where one of them has no logarithm.
    public var meanSquaredLogError: Double?
    /// The mean of 2 · (truth · log(truth / prediction) − truth + prediction); nil where a prediction is not above 0 or a truth is
    /// below.
    public var meanPoissonDeviance: Double?
    /// 1 − that deviance / the deviance of predicting the mean label; nil as that is, and when all labels are equal.
    public var poissonDSquared: Double?

    /// - Precondition: `actual` (and `weights`) have one element a prediction.
    public init(predicted: [Double], actual: [Double], weights: [Double]? = nil) {
        self = PredictedNumbers(predicted: predicted, actual: actual).metrics(weights)
    }

    init(rows: Int, meanAbsoluteError: Double, rootMeanSquaredError: Double) {
        self.rows = rows
        self.meanAbsoluteError = meanAbsoluteError
        self.rootMeanSquaredError = rootMeanSquaredError
    }

    public var meanSquaredError: Double { rootMeanSquaredError * rootMeanSquaredError }

    /// R² less what `features` features explain by chance; nil where there are not more rows than those and one.
    public func adjustedRSquared(features: Int) -> Double? {
        guard let rSquared, rows > features + 1 else { return nil }
        return 1 - (1 - rSquared) * Double(rows - 1) / Double(rows - features - 1)
    }
}

import FeatureTables

/// A model's quality on some rows, with and without the weights that rows may have.
///
/// Weights belong to the training: weights that balance rare classes also change every measure of quality, as if rows were
/// as frequent as they weigh. Both are told wherever there are weights.
public struct ModelQuality: Codable, Sendable, Equatable {
    /// Every row counts the same. nil only in models saved by versions that told the other one alone.
    public var unweighted: EvaluationMetrics?
    /// Rows count by the weight column; nil without one, and where all weights are zero.
    public var weighted: EvaluationMetrics?

    public init(unweighted: EvaluationMetrics?, weighted: EvaluationMetrics? = nil) {
        self.unweighted = unweighted
        self.weighted = weighted
    }

    /// - Throws: as `EvaluationMetrics` does.
    public init(_ predictions: Predictions, _ label: FeatureLabel?, weights: [Double]?) throws {
        guard let label else { throw LearnerError.missingLabel }
        let rows = try JudgedRows(predictions: predictions, label: label, rows: []).arranged()
        guard let weights, weights.contains(where: { $0 > 0 }) else {
            unweighted = rows.metrics(nil)
            return
        }
        let ready = rows.keepingMeasures()
        unweighted = ready.metrics(nil)
        weighted = ready.metrics(weights)
    }

    /// The unweighted measures where there are some.
    package var plain: EvaluationMetrics? { unweighted ?? weighted }
}

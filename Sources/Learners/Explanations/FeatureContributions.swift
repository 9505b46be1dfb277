/// What each feature adds to the scores of rows.
///
/// A row's score is the predicted number, or of a model with a log link its logarithm; of two classes the log-odds of the second; of
/// more, one a class, of which softmax makes the probabilities, or its log-odds against all others. It is the baseline and the features' contributions added up.
public struct FeatureContributions: Sendable {
    /// Scores a row.
    public let outputCount: Int
    public let featureCount: Int
    /// By rows, and of each by outputs: `featureCount` contributions and the baseline.
    public let values: [Double]

    public init(outputCount: Int, featureCount: Int, values: [Double]) {
        self.outputCount = outputCount
        self.featureCount = featureCount
        self.values = values
    }

    /// Where the contributions to one score are; the baseline follows them.
    func range(row: Int, output: Int) -> Range<Int> {
        let start = (row * outputCount + output) * (featureCount + 1)
        return start..<start + featureCount
    }
}

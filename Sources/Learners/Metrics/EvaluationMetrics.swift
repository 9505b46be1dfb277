import FeatureTables

/// A model's quality on some rows.
public enum EvaluationMetrics: Codable, Sendable, Equatable {
    case classification(ClassificationMetrics)
    case regression(RegressionMetrics)

    /// Compares predictions with the labels of the table they were made for.
    /// - Throws: `LearnerError.missingLabel`, or `.wrongTask` when the label is of the other kind.
    public init(_ predictions: Predictions, _ table: FeatureTable) throws {
        switch (predictions, table.label) {
        case (_, nil): throw LearnerError.missingLabel
        case (.classes(let probabilities, let names), .classes(let codes, let actualNames)):
            guard names == actualNames, probabilities.count == codes.count * names.count, names.count > 1 else {
                throw LearnerError.wrongTask(learner: "the model", task: "evaluation on other classes")
            }
            self = .classification(
                ClassificationMetrics(probabilities: probabilities, actual: codes, names: names, weights: table.weights))
        case (.numbers(let predicted), .numbers(let actual)):
            self = .regression(RegressionMetrics(predicted: predicted, actual: actual, weights: table.weights))
        default: throw LearnerError.wrongTask(learner: "the model", task: "evaluation on a label of the other kind")
        }
    }
}

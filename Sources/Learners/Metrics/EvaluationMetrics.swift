import FeatureTables

/// A model's quality on some rows.
public enum EvaluationMetrics: Sendable, Equatable {
    case classification(ClassificationMetrics)
    case regression(RegressionMetrics)
    /// Of a model without a label, which measures itself.
    case unsupervised(UnsupervisedMetrics)

    /// Compares predictions with the truth; rows count by `weights`, or all the same.
    /// - Throws: `LearnerError.missingLabel`, or `.wrongTask` when the label is of the other kind.
    public init(_ predictions: Predictions, _ label: FeatureLabel?, weights: [Double]?) throws {
        guard let label else { throw LearnerError.missingLabel }
        self = try JudgedRows(predictions: predictions, label: label, rows: []).arranged().metrics(weights)
    }

    /// nil of numbers.
    var classCount: Int? {
        guard case .classification(let metrics) = self else { return nil }
        return metrics.classes.count
    }

    /// Whether the confusion matrix has a row and a column a class, which of measures that were read may not be so.
    var isWhole: Bool {
        guard case .classification(let metrics) = self else { return true }
        let count = metrics.classes.count
        return metrics.confusion.count == count && metrics.confusion.allSatisfy { $0.count == count }
    }
}

/// The measures themselves, without a word on which of them they are: only classifications have a confusion matrix, and only
/// models without a label a list of measures.
extension EvaluationMetrics: Codable {
    private enum Name: String, CodingKey {
        case confusion, measures
        // As the compiler wrote them before.
        case classification, regression, value = "_0"
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .classification(let metrics): try metrics.encode(to: encoder)
        case .regression(let metrics): try metrics.encode(to: encoder)
        case .unsupervised(let metrics): try metrics.encode(to: encoder)
        }
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Name.self)
        if members.contains(.classification) {
            let inner = try members.nestedContainer(keyedBy: Name.self, forKey: .classification)
            self = .classification(try inner.decode(ClassificationMetrics.self, forKey: .value))
        } else if members.contains(.regression) {
            let inner = try members.nestedContainer(keyedBy: Name.self, forKey: .regression)
            self = .regression(try inner.decode(RegressionMetrics.self, forKey: .value))
        } else if members.contains(.confusion) {
            self = .classification(try ClassificationMetrics(from: decoder))
        } else if members.contains(.measures) {
            self = .unsupervised(try UnsupervisedMetrics(from: decoder))
        } else {
            self = .regression(try RegressionMetrics(from: decoder))
        }
    }
}

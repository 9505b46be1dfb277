import FeatureTables

/// The label of a learner that does classes and numbers alike, checked against the task that was asked for.
enum TrainingTarget: Sendable {
    /// `codes` are positions in `names`, each of which has rows.
    case classes(codes: [Int32], names: [String])
    case numbers([Double])

    /// - Parameter task: nil: by the label.
    /// - Throws: `LearnerError` when the label is absent, of the other kind, or cannot be learned.
    init(_ table: FeatureTable, task: LearningTask?, learner: String) throws {
        switch table.label {
        case nil: throw LearnerError.missingLabel
        case .numbers(let values):
            if let task, task.isClassification {
                throw LearnerError.wrongTask(learner: learner, task: "\(task.rawValue) on a numeric label")
            }
            self = .numbers(values)
        case .classes:
            if task == .regression { throw LearnerError.labelIsNotNumeric(table.encoding.label?.name ?? "label") }
            let (codes, names) = try table.classLabels()
            if task == .binaryClassification, names.count > 2 {
                throw LearnerError.wrongTask(learner: learner, task: "binary classification of \(names.count) classes")
            }
            self = .classes(codes: codes, names: names)
        }
    }

    var task: LearningTask {
        switch self {
        case .numbers: .regression
        case .classes(_, let names): names.count == 2 ? .binaryClassification : .multiclassClassification
        }
    }

    /// Empty for numbers.
    var classes: [String] { if case .classes(_, let names) = self { names } else { [] } }
}

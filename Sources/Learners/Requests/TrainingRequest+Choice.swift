import FeatureTables

extension TrainingRequest {
    /// The learner of a task where nobody names one.
    static func usualLearner(of task: LearningTask) -> String {
        task == .regression ? LinearRegression.name : LogisticRegression.name
    }

    func with(learner: String) -> TrainingRequest {
        var request = self
        request.learner = learner
        return request
    }

    /// The request with the learner that suits the label, and a sentence about it.
    ///
    /// A label is a number where learners of both would take it for one (`LabelKind.automatic`), unless it has two whole numbers
    /// for values, as 0 and 1 in a column of type DOUBLE, or one.
    func choosingLearner(for data: ImportData) throws -> (request: TrainingRequest, reason: String) {
        let isNumber = try task.map { $0 == .regression } ?? (positiveClass == nil && calibration == nil && balancing == nil && labelIsNumber(in: data))
        var chosen = with(learner: Self.usualLearner(of: isNumber ? .regression : .binaryClassification))
        chosen.choosesLearner = false
        let kind = isNumber ? "a number" : "of classes"
        return (chosen, "no learner was named: \(chosen.learner), since label \(roles.label ?? "") is \(kind)")
    }

    /// What a label cannot be is found out by the training, which says so.
    private func labelIsNumber(in data: ImportData) throws -> Bool {
        guard let label = roles.label, let encoding = try? data.labelEncoding(roles: roles, options: options),
            case .number = encoding.kind
        else { return false }
        var values: Set<Double> = []
        for value in try data.numbers(try data.columnIndex(label)) where !value.isNaN {
            guard value == value.rounded() else { return true }
            values.insert(value)
            if values.count > 2 { return true }
        }
        return values.isEmpty
    }
}

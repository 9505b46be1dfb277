import FeatureTables

/// How a training sets probabilities right.
public struct CalibrationOptions: Sendable, Equatable {
    /// The kind of curve.
    public var method: CalibrationMethod
    /// Into how many folds the training rows are cut; each is predicted by a model of the others.
    public var folds: Int

    public static let usualFolds = 5

    public init(method: CalibrationMethod, folds: Int = usualFolds) {
        self.method = method
        self.folds = folds
    }
}

extension TrainingRequest {
    /// - Throws: `LearnerError.cannotCalibrate` unless two classes are learned.
    func checkCalibration(_ kind: any LearnerKind, _ data: ImportData) throws {
        guard calibration != nil, let label = roles.label else { return }
        guard kind.tasks.contains(.binaryClassification), task.map(\.isClassification) ?? true else {
            throw LearnerError.cannotCalibrate("learner \(kind.name) learns no two classes here")
        }
        var roles = roles
        if let labelKind = kind.labelKind(task) { roles.labelKind = labelKind }
        guard let classes = try data.labelEncoding(roles: roles, options: options)?.classes else {
            throw LearnerError.cannotCalibrate("label '\(label)' is learned as a number")
        }
        if classes.count > 2 {
            throw LearnerError.cannotCalibrate("label '\(label)' has \(classes.count) classes, and probabilities of two are calibrated")
        }
    }

    /// A calibration by the training rows, each predicted by a model that was trained on other folds, and a sentence about it.
    /// - Parameters:
    ///   - training: the rows to train on.
    ///   - folding: the rows as folds are made of them.
    func fitCalibration(
        _ options: CalibrationOptions, training: [Int32], folding: FoldRows, context: TrainingContext
    ) throws -> (calibration: ProbabilityCalibration, note: String) {
        var request = self
        request.folds = options.folds
        request.search = nil
        let folded = try FoldedTraining(request, folding, training: training, context: context)
        let score: ProbabilityCalibration.Score =
            try LearnerCatalog.kind(named: learner).tellsContributions ? .logOdds : .probability
        var scores: [Double] = [], isPositive: [Bool] = [], weights: [Double] = []
        try folded.forEachFold { _, table, predictions in
            guard case .classes(let probabilities, let names) = predictions, case .classes(let codes, let actual) = table.label,
                names == actual, names.count == 2
            else { throw LearnerError.inconsistentModel }
            for (row, code) in codes.enumerated() {
                scores.append(score.value(probabilities[2 * row], probabilities[2 * row + 1]))
                isPositive.append(code == 1)
            }
            weights += table.weights ?? [Double](repeating: 1, count: codes.count)
        }
        let curve = try CalibrationFit(scores: scores, isPositive: isPositive, weights: weights)
            .curve(options.method, isCancelled: context.isCancelled)
        let note = "probabilities calibrated (\(options.method.rawValue)) by \(scores.count) training row(s), each predicted by a model of "
            + "the other \(options.folds - 1) of \(options.folds) folds"
        return (ProbabilityCalibration(score: score, curve: curve), note)
    }
}

import FeatureTables

/// All that a training needs besides the data.
public struct TrainingRequest: Sendable {
    public var roles: ColumnRoles
    public var options: ImportOptions
    /// A name of `LearnerCatalog`.
    public var learner: String
    public var hyperparameters: [String: String]
    /// nil: by the learner and the label.
    public var task: LearningTask?
    /// nil: train on all rows and evaluate on none.
    public var split: SplitOptions?
    /// Divide each class of the label by the split's fraction.
    public var isStratified: Bool

    public init(
        roles: ColumnRoles, learner: String, hyperparameters: [String: String] = [:], task: LearningTask? = nil,
        split: SplitOptions? = SplitOptions(), isStratified: Bool = false, options: ImportOptions = ImportOptions()
    ) {
        self.roles = roles
        self.learner = learner
        self.hyperparameters = hyperparameters
        self.task = task
        self.split = split
        self.isStratified = isStratified
        self.options = options
    }

    /// Splits the rows, fits the encoding on the first part, trains on it, and evaluates on both.
    ///
    /// The outcome depends on the data and the request, not on the number of threads (boosted trees: up to XGBoost's
    /// own sums). Rows without a label are dropped, and counted in the report.
    /// - Throws: `FeatureError`, `LearnerError`.
    public func run(on data: ImportData, context: TrainingContext = TrainingContext()) throws -> TrainingOutcome {
        guard let labelName = roles.label else { throw FeatureError.missingLabel }
        guard data.rowCount > 0 else { throw FeatureError.noRows("the query gives no rows") }
        let learner = try LearnerCatalog.learner(named: learner, hyperparameters: hyperparameters, task: task)
        var roles = roles
        switch learner {
        case is LogisticRegression: roles.labelKind = .classes
        case is LinearRegression: roles.labelKind = .number
        default:
            if let task { roles.labelKind = task.isClassification ? .classes : .number }
        }
        var options = options
        if learner is BoostedTrees, options.missing == nil { options.missing = .keep }
        let labelled = try data.rowsWithValue(labelName)
        guard !labelled.isEmpty else { throw FeatureError.noRows("no row has a value in label '\(labelName)'") }
        var parts = RowSplit(first: labelled, second: [])
        var used = split
        if var split {
            if isStratified { split.stratifiedBy = labelName }
            parts = try data.split(split, rows: labelled)
            used = split
            guard !parts.first.isEmpty else {
                throw FeatureError.noRows("a split of \(split.fraction) leaves no row to train on")
            }
        }
        let fitted = try data.fitEncoding(roles: roles, options: options, rows: parts.first)
        if task == .binaryClassification, let classes = fitted.encoding.label?.classes, classes.count > 2 {
            throw LearnerError.wrongTask(learner: self.learner, task: "binary classification of \(classes.count) classes")
        }
        var trainingTable = try data.featureTable(
            encoding: fitted.encoding, rows: parts.first, leftOut: fitted.leftOut)
        trainingTable = trainingTable.countingUnlabelled(data.rowCount - labelled.count)
        let clock = ContinuousClock()
        let start = clock.now
        let result = try learner.train(trainingTable, context: context)
        let duration = start.duration(to: clock.now).components
        let trainingPredictions = try result.model.predict(trainingTable.matrix, threads: context.threads)
        var evaluationTable: FeatureTable?
        if !parts.second.isEmpty {
            evaluationTable = try data.featureTable(encoding: fitted.encoding, rows: parts.second)
        }
        let evaluationMetrics = try evaluationTable.map { table in
            try EvaluationMetrics(try result.model.predict(table.matrix, threads: context.threads), table)
        }
        let report = ModelReport(
            learner: learner.name, task: result.model.task, label: fitted.encoding.label?.name ?? labelName,
            hyperparameters: learner.hyperparameters, featureCount: result.model.featureNames.count, split: used,
            trainingImport: trainingTable.summary, evaluationImport: evaluationTable?.summary, fit: result.fit,
            seconds: Double(duration.seconds) + Double(duration.attoseconds) * 1e-18,
            trainingMetrics: try EvaluationMetrics(trainingPredictions, trainingTable),
            evaluationMetrics: evaluationMetrics, influences: result.model.influences)
        let model = TrainedModel(
            learner: learner.name, hyperparameters: learner.hyperparameters, encoding: fitted.encoding,
            model: result.model, report: report)
        return TrainingOutcome(model: model, report: report)
    }
}

/// A trained model and the report on it.
public struct TrainingOutcome: Sendable {
    public var model: TrainedModel
    public var report: ModelReport
}

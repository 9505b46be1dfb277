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
    /// Of two classes the one that metrics and the signs of weights are about; nil: the later one in the order of classes.
    public var positiveClass: String?
    /// Which columns are learned from; nil: all that can be features.
    public var selection: FeatureSelection?
    /// Into how many folds the training rows are cut to judge the learner before it is trained on all of them; nil: none, or
    /// five for a search.
    public var folds: Int?
    /// Hyperparameters to look for: the best of them, judged by folds, are trained with.
    public var search: SearchOptions?
    /// How probabilities of two classes are set right; nil: they are the learner's own.
    public var calibration: CalibrationOptions?
    /// How the classes of the rows to learn from are made equally many; nil: they stay as they are.
    public var balancing: BalancingOptions?
    /// Whether the report is to say what each column adds to predictions.
    public var explains = false
    /// Whether the label chooses between the learners of classes and of numbers that are asked for when none is named, whatever
    /// `learner` says.
    public var choosesLearner = false

    public init(
        roles: ColumnRoles, learner: String, hyperparameters: [String: String] = [:], task: LearningTask? = nil,
        split: SplitOptions? = SplitOptions(), isStratified: Bool = false, positiveClass: String? = nil,
        options: ImportOptions = ImportOptions()
    ) {
        self.roles = roles
        self.learner = learner
        self.hyperparameters = hyperparameters
        self.task = task
        self.split = split
        self.isStratified = isStratified
        self.positiveClass = positiveClass
        self.options = options
    }

    /// Splits the rows, fits the encoding on the first part, trains on it, and evaluates on both.
    ///
    /// The outcome depends on the data and the request, not on the number of threads (boosted trees: up to XGBoost's
    /// own sums). Rows without a label are dropped, and counted in the report. A learner without a label learns from all rows.
    /// - Parameter divided: the parts of the rows, by `split` as far as that says more than how they came to be; nil: `split`
    ///   divides the rows that have a label.
    /// - Throws: `FeatureError`, `LearnerError`.
    public func run(
        on data: ImportData, divided: RowSplit? = nil, context: TrainingContext = TrainingContext()
    ) throws -> TrainingOutcome {
        try run(on: data, divided: divided, context: context, folding: FoldRows(data))
    }

    /// - Parameter folding: the rows as folds are made of them.
    package func run(
        on data: ImportData, divided: RowSplit?, context: TrainingContext, folding: FoldRows
    ) throws -> TrainingOutcome {
        if choosesLearner {
            let (chosen, reason) = try choosingLearner(for: data)
            var outcome = try chosen.run(on: data, divided: divided, context: context, folding: folding)
            outcome.report.fit.notes.insert(reason, at: 0)
            outcome.model.report = outcome.report
            return outcome
        }
        let kind = try LearnerCatalog.kind(named: learner)
        try checkLabel(kind)
        if explains, !kind.tellsContributions { throw LearnerError.noContributions }
        if explains, calibration?.method == .isotonic { throw LearnerError.calibrationNotExplained }
        try checkCalibration(kind, data)
        guard folds != nil || search != nil else {
            return try train(on: data, divided: divided, context: context, folding: folding)
        }
        let training = try parts(of: data, divided).parts.first
        let folded = try FoldedTraining(self, folding, training: training, context: context)
        var request = self
        let found = try search.map { try folded.search($0) }
        if let found { request.hyperparameters.merge(found.search.trials[found.search.best].hyperparameters) { $1 } }
        let validation = try found?.best ?? folded.run()
        // What ended a search is not to end the training of what it found.
        var context = context
        if context.isInterrupted?() == true { context.isInterrupted = nil }
        var outcome = try request.train(on: data, divided: divided, context: context, folding: folding)
        outcome.report.crossValidation = validation
        outcome.report.search = found?.search
        outcome.model.report = outcome.report
        return outcome
    }

    private func train(
        on data: ImportData, divided: RowSplit?, context: TrainingContext, folding: FoldRows
    ) throws -> TrainingOutcome {
        let fitted = try fit(on: data, divided: divided, context: context)
        let prepared = fitted.prepared, learner = fitted.learner
        var result = fitted.result
        if let options = calibration {
            let found = try fitCalibration(
                options, training: parts(of: data, divided).parts.first, folding: folding, context: context)
            result.model = try CalibratedModel(result.model, found.calibration)
            result.fit.notes.append(found.note)
            result.forgetMeasures()
        }
        let trainingTable = prepared.training
        func quality(on table: FeatureTable, knowing known: Predictions? = nil) throws -> ModelQuality {
            if let model = result.model as? any UnsupervisedModel {
                return ModelQuality(model, try model.fits(table.matrix, threads: context.threads), weights: table.weights)
            }
            let predictions = try known ?? result.model.predict(table.matrix, threads: context.threads)
            return try ModelQuality(predictions, table.label, weights: table.weights)
        }
        let trainingQuality = try result.quality ?? quality(on: trainingTable, knowing: result.predictions)
        let evaluationTable = try prepared.evaluation()
        let evaluationQuality = try evaluationTable.map { try quality(on: $0) }
        let warnings = try WarningFinder(
            data: data, table: trainingTable, fit: result.fit, quality: trainingQuality, evaluation: evaluationQuality,
            wasSplit: prepared.split != nil
        ).find()
        var report = ModelReport(
            learner: learner.name, task: result.model.task, label: prepared.encoding.label?.name,
            positiveClass: prepared.encoding.label?.positiveClass, weight: prepared.encoding.weight,
            hyperparameters: learner.hyperparameters, featureCount: result.model.featureNames.count, split: prepared.split,
            trainingImport: trainingTable.summary, evaluationImport: evaluationTable?.summary, fit: result.fit,
            seconds: fitted.seconds, training: trainingQuality, evaluation: evaluationQuality,
            influences: result.model.influences, warnings: warnings)
        var model = TrainedModel(
            learner: learner.name, hyperparameters: learner.hyperparameters, encoding: prepared.encoding,
            model: result.model, report: report)
        if explains {
            report.explanation = try GlobalExplanation(
                of: model, on: evaluationTable ?? trainingTable, threads: context.threads, isCancelled: context.isCancelled)
            model.report = report
        }
        return TrainingOutcome(model: model, report: report)
    }

    /// What a learner made of the rows to train on, before anybody has judged it.
    struct Fitted {
        let prepared: PreparedTraining
        let learner: any Learner
        let result: TrainingResult
        /// That the learner took.
        let seconds: Double
    }

    /// Divides the rows, but for a learner without a label; fits the encoding on those to train on, and trains on them.
    /// - Throws: `FeatureError`, `LearnerError`.
    func fit(on data: ImportData, divided: RowSplit?, context: TrainingContext) throws -> Fitted {
        let kind = try LearnerCatalog.kind(named: learner)
        let learner = try kind.learner(hyperparameters, task: task)
        var request = self
        if !kind.needsLabel { request.split = nil }
        let prepared = try request.prepare(
            data, divided: divided, isCancelled: context.isCancelled, canWait: learner is any BlockwiseLearner)
        var context = context
        if let used = prepared.split { context.use(used.key) }
        if let validation = try prepared.validation() { context.validation = validation }
        let clock = ContinuousClock()
        let start = clock.now
        let balanced = try balancing.map { try ClassBalancing(options: $0).balanced(prepared.training, context) }
        var result = try learner.train(balanced?.table ?? prepared.training, context: context)
        if let balanced {
            result.fit.notes.append(balanced.note)
            // What was measured was of other rows than those that there are.
            result.forgetMeasures()
        }
        let duration = start.duration(to: clock.now).components
        return Fitted(
            prepared: prepared, learner: learner, result: result,
            seconds: Double(duration.seconds) + Double(duration.attoseconds) * 1e-18)
    }

    /// - Throws: when a label is missing, or there is one, or something about one, for a learner that takes none.
    private func checkLabel(_ kind: any LearnerKind) throws {
        if kind.needsLabel {
            guard roles.label != nil else { throw FeatureError.missingLabel }
            return
        }
        if let label = roles.label { throw LearnerError.labelNotLearned(label, learner: kind.name) }
        if positiveClass != nil { throw LearnerError.notWithoutLabel("positive class", learner: kind.name) }
        if isStratified { throw LearnerError.notWithoutLabel("class to stratify by", learner: kind.name) }
        if balancing != nil { throw LearnerError.notWithoutLabel("class to balance", learner: kind.name) }
        if folds != nil { throw LearnerError.notWithoutLabel("label to judge folds by", learner: kind.name) }
        if search != nil { throw LearnerError.notWithoutLabel("label to judge a search by", learner: kind.name) }
    }
}

extension TrainingResult {
    /// What the training found out about its rows is not true of the model or the rows any more.
    fileprivate mutating func forgetMeasures() {
        quality = nil
        predictions = nil
    }
}

extension LabelEncoding {
    /// The positive one of two classes; nil for anything else.
    var positiveClass: String? { classes?.count == 2 ? classes?.last : nil }

    /// Makes one of two classes the positive one, which is the last.
    /// - Throws: `LearnerError` for a label that is a number or has another number of classes, or an unknown class.
    mutating func putLast(_ positive: String) throws {
        guard let classes else { throw LearnerError.positiveOfNumber(label: name) }
        guard classes.contains(positive) else { throw LearnerError.unknownClass(positive, label: name, known: classes) }
        guard classes.count == 2 else { throw LearnerError.positiveOfMany(label: name, classes: classes.count) }
        kind = .classes(classes.filter { $0 != positive } + [positive])
    }
}

extension ColumnRoles {
    /// Columns that only divide the rows are no features, unless they are named as such.
    /// - Returns: what was left out, for a person.
    mutating func excludeSplitColumns(of key: SplitOptions.Key, in data: ImportData) -> [String] {
        guard features == nil else { return [] }
        var notes: [String] = []
        let taken = Set(
            ([label, weight].compactMap { $0 } + identifiers + excluded).compactMap { try? data.columnIndex($0) })
        for name in key.columns {
            guard let position = try? data.columnIndex(name), !taken.contains(position) else { continue }
            excluded.append(data.schema[position].name)
            notes.append("column \(data.schema[position].name) left out: it divides the rows")
        }
        return notes
    }
}

extension TrainingContext {
    /// Rows to stop by are divided as the evaluation rows are; where a column says those, it need not say these.
    mutating func use(_ key: SplitOptions.Key) {
        if case .parts = key { splitKey = .row } else { splitKey = key }
    }
}

/// A trained model and the report on it.
public struct TrainingOutcome: Sendable {
    public var model: TrainedModel
    public var report: ModelReport
}

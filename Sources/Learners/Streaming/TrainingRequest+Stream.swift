import FeatureTables

/// How many of a stream's rows are held at once.
public struct StreamLimits: Sendable, Equatable {
    /// From about how many rows levels, fill values and scales are learned.
    public var sampledRows: Int
    /// By how many rows the model is judged at most.
    public var judgedRows: Int

    public init(sampledRows: Int = 500_000, judgedRows: Int = 2_000_000) {
        self.sampledRows = sampledRows
        self.judgedRows = judgedRows
    }
}

extension TrainingRequest {
    /// Trains on rows that need not fit into memory: they are read once for a sample, once a pass, and once to judge the model.
    ///
    /// The sample decides on levels, fill values and scales; of the label every class is known. Rows are divided one by one.
    /// The outcome depends on the rows, their order and the request, not on the number of threads.
    /// - Throws: `FeatureError`, `LearnerError`; `LearnerError.notStreamed` for learners and options that need all rows at once.
    public func run(
        on stream: RowStream, limits: StreamLimits = StreamLimits(), context: TrainingContext = TrainingContext()
    ) throws -> TrainingOutcome {
        let learner = try streamedLearner()
        let clock = ContinuousClock()
        var sample = try sample(of: stream, limits, context)
        let rows = try sample.finished()
        let prepared = try prepare(
            rows.data, divided: RowSplit(first: rows.training, second: []), isCancelled: context.isCancelled)
        let encoding = prepared.encoding
        if let column = encoding.columns.first(where: \.isLearnedFromLabel) {
            throw LearnerError.notStreamed("column \(column.name) becomes numbers that all rows decide on")
        }
        let start = clock.now
        var training = StreamedPasses(request: self, stream: stream, encoding: encoding, learner: learner, sample: sample)
        let result = try training.learn(like: prepared.training, context)
        let seconds = start.duration(to: clock.now) / .seconds(1)
        let evaluation = try split == nil ? nil : training.judge(result.model, limits, context)
        let trainingQuality = try ModelQuality(
            result.model.predict(prepared.training.matrix, threads: context.threads), prepared.training.label,
            weights: prepared.training.weights)
        var warnings = try WarningFinder(
            data: rows.data, table: prepared.training, fit: result.fit, quality: trainingQuality, evaluation: evaluation?.quality,
            wasSplit: split != nil
        ).find()
        var summary = training.summary
        var others = prepared.training.summary.columns.filter { column in
            column.leftOut != nil || (column.notes != nil && !summary.columns.contains { $0.name == column.name })
        }
        if prepared.training.rowCount < sample.rowCount {
            // What is seen in some of the rows need not be so in all.
            for place in warnings.indices where warnings[place].kind.isOfRows { warnings[place].text = "in the sample, " + warnings[place].text }
            for place in others.indices { others[place].leftOut = others[place].leftOut.map { "in the sample, " + $0 } }
        }
        summary.columns += others
        summary.notes = training.notes + [
            "levels, fill values and scales are of \(prepared.training.rowCount) of the \(sample.rowCount) row(s) to train on",
        ]
        let report = ModelReport(
            learner: learner.name, task: result.model.task, label: encoding.label?.name,
            positiveClass: encoding.label?.positiveClass, weight: encoding.weight, hyperparameters: learner.hyperparameters,
            featureCount: result.model.featureNames.count, split: prepared.split, trainingImport: summary,
            evaluationImport: evaluation?.summary, fit: result.fit, seconds: seconds, training: trainingQuality,
            evaluation: evaluation?.quality, influences: result.model.influences, warnings: warnings)
        let model = TrainedModel(
            learner: learner.name, hyperparameters: learner.hyperparameters, encoding: encoding, model: result.model, report: report)
        return TrainingOutcome(model: model, report: report)
    }

    /// - Throws: `LearnerError.notStreamed`.
    private func streamedLearner() throws -> any StreamedLearner {
        let kind = try LearnerCatalog.kind(named: learner)
        guard !choosesLearner, let learner = try kind.learner(hyperparameters, task: task) as? any StreamedLearner else {
            let name = choosesLearner ? "the learner that the label chooses" : "learner \(learner)"
            throw LearnerError.notStreamed("\(name) needs all rows at once; ftrl learns from a stream")
        }
        guard roles.label != nil else { throw FeatureError.missingLabel }
        for (isAsked, what) in [
            (folds != nil, "cross-validation"), (search != nil, "a search"), (calibration != nil, "a calibration"),
            (balancing != nil, "balancing"), (selection != nil, "the selection of columns"), (explains, "the explanation"),
            (isStratified, "a stratified split"),
        ] where isAsked {
            throw LearnerError.notStreamed("\(what) needs all rows at once")
        }
        return learner
    }

    private func sample(of stream: RowStream, _ limits: StreamLimits, _ context: TrainingContext) throws -> StreamSample {
        var sample = StreamSample(label: roles.label, seed: split?.seed ?? 0, limit: limits.sampledRows)
        try stream.forEachPart { data in
            if context.isCancelled?() == true { throw LearnerError.cancelled }
            let parts = try streamedParts(of: data).parts
            try sample.add(data, training: parts.first, others: (parts.second + parts.validation).sorted())
            return true
        }
        return sample
    }

    /// The rows of a part of the stream that have a label, divided, and how many have none.
    func streamedParts(of data: ImportData) throws -> (parts: RowSplit, unlabelled: Int) {
        let labelled = try roles.label.map { try data.rowsWithValue($0) } ?? (0..<Int32(data.rowCount)).map { $0 }
        return (try data.streamedSplit(split, rows: labelled), data.rowCount - labelled.count)
    }
}

extension ColumnEncoding {
    /// Whether rows to train on have other numbers than rows to predict.
    fileprivate var isLearnedFromLabel: Bool {
        if case .statistics = form { true } else { false }
    }
}

extension ModelWarning.Kind {
    /// Whether it is about the rows that were looked at.
    fileprivate var isOfRows: Bool {
        switch self {
        case .rareClass, .identifierLike, .constantFeature: true
        case .notConverged, .noEvaluation, .suspectedLeak: false
        }
    }
}

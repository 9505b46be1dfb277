import FeatureTables

/// How a model does on rows, in all detail that a report shows.
public struct ModelEvaluation: Sendable {
    /// The measures, and which rows could not be judged.
    public var judgement: PredictionJudgement
    /// One a class that is looked at: of two the positive one, of more the most frequent ones.
    public var classes: [ClassEvaluation] = []
    /// Classes that would be too many.
    public var classesLeftOut = 0
    public var residuals: ResidualEvaluation?
    /// What the unweighted measures may be by chance; empty unless it was asked for.
    public var intervals: [MeasureInterval] = []
    let featureCount: Int

    /// More are not drawn.
    static let mostClasses = 12

    init(
        _ judgement: PredictionJudgement, _ judged: ArrangedRows?, costs: MistakeCosts?, featureCount: Int
    ) {
        self.judgement = judgement
        self.featureCount = featureCount
        switch judged {
        case nil: break
        case .numbers(let rows)?: residuals = ResidualEvaluation(rows)
        case .classes(let rows)?:
            var counts = [Int](repeating: 0, count: rows.names.count)
            for code in rows.actual { counts[Int(code)] += 1 }
            var measured = rows.measuredClasses
            if measured.count > Self.mostClasses {
                classesLeftOut = measured.count - Self.mostClasses
                measured = measured.sorted { (-counts[$0], $0) < (-counts[$1], $1) }.prefix(Self.mostClasses).sorted()
            }
            classes = measured.map { ClassEvaluation(rows, $0, costs: costs) }
        }
    }

    /// The measures with every row counting the same; empty where no row could be judged.
    public var measures: [Measure] { judgement.quality?.unweighted.map { measures($0) } ?? [] }
    /// The measures with rows counting by weight; empty where they have none.
    public var weightedMeasures: [Measure] { judgement.quality?.weighted.map { measures($0) } ?? [] }

    /// R² adjusted for the model's features stands behind R².
    private func measures(_ metrics: EvaluationMetrics) -> [Measure] {
        var list = metrics.measures
        if case .regression(let numbers) = metrics, !list.isEmpty {
            list.insert(
                Measure("adjustedRSquared", "R², adjusted", numbers.adjustedRSquared(features: featureCount)), at: 1)
        }
        return list
    }
}

/// A model that a report is about.
public struct NamedModel: Sendable {
    /// The file or the name that it was asked for by.
    public var name: String
    public var model: TrainedModel
    /// On the report's rows; nil where there are none.
    public var judgement: PredictionJudgement?
    var judged: JudgedRows?
    var data: ImportData?

    public init(name: String, model: TrainedModel) {
        self.name = name
        self.model = model
    }

    /// - Throws: `LearnerError.notReported` for a model without a label.
    package func checkLabel() throws {
        guard model.encoding.label != nil else { throw LearnerError.notReported(learner: model.learner) }
    }

    /// Judges the model by rows that went through its TRANSFORM, where it has one.
    /// - Parameter needsLabel: whether a model without a label is refused; if not, it measures how it describes the rows.
    /// - Throws: `FeatureError`, `LearnerError`.
    public mutating func judge(_ data: ImportData, needsLabel: Bool = true) throws {
        if needsLabel { try checkLabel() }
        guard data.rowCount > 0 else { throw FeatureError.noRows("the query gives no rows") }
        (judgement, judged) = try model.judge(data)
        self.data = data
    }
}

extension TrainedModel {
    /// Predicts rows and sets the predictions beside the truth.
    func judge(_ data: ImportData) throws -> (judgement: PredictionJudgement, judged: JudgedRows?) {
        let table = try data.featureTable(encoding: encoding, needsLabel: false)
        let predictions = try model.predict(table.matrix, threads: data.threads)
        return try PredictionJudgement.make(predictions, data: data, table: table, model: self, threads: data.threads)
    }
}

/// What a report is to say.
public struct EvaluationRequest: Sendable {
    public var costs: MistakeCosts?
    /// How it is found what is chance.
    public var resampling = Resampling()
    /// Whether each measure is to have an interval.
    public var tellsIntervals = false
    /// Whether it is to be told what the model gets from each column of the rows, and how predictions depend on it.
    public var explains = false
    /// Workers; no result depends on it.
    public var threads = 1
    /// Asked now and then; `true` ends the work with `LearnerError.cancelled`.
    public var isCancelled: (@Sendable () -> Bool)?

    public init() {}

    /// - Parameters:
    ///   - other: to compare with, judged by the same rows.
    ///   - rows: what the rows are, in the user's words; nil: there are none, and the report says what the training measured.
    /// - Throws: `LearnerError`, also for models that have no label or cannot be compared.
    public func report(on model: NamedModel, against other: NamedModel? = nil, rows: String?) throws -> EvaluationReport {
        try model.checkLabel()
        try other?.checkLabel()
        var report = EvaluationReport(model: model, other: other, rows: rows)
        report.evaluation = try evaluation(of: model)
        report.otherEvaluation = try other.flatMap { try evaluation(of: $0) }
        if explains, let data = model.data, let whole = model.judgement?.quality?.unweighted {
            let seed = resampling.seed
            report.importance = try PermutationImportance(of: model.model, whole, on: data, seed: seed, isCancelled)
            let sample = try PartialDependence.sample(of: data, seed: seed)
            report.dependences = try (report.importance?.columns ?? []).prefix(PartialDependence.mostColumns).compactMap {
                if isCancelled?() == true { throw LearnerError.cancelled }
                return try PartialDependence($0.name, of: model.model, on: data, sample: sample)
            }
        }
        if let other {
            report.comparison = try ModelComparison(model, other, resampling, threads: threads, isCancelled)
        }
        return report
    }

    private func evaluation(of model: NamedModel) throws -> ModelEvaluation? {
        guard let judgement = model.judgement else { return nil }
        var arranged = try model.judged?.arranged()
        if tellsIntervals { arranged = arranged?.keepingMeasures() }
        var evaluation = ModelEvaluation(
            judgement, arranged, costs: costs, featureCount: model.model.model.featureNames.count)
        if tellsIntervals, let arranged, let rows = model.judged?.rowCount {
            evaluation.intervals = try resampling.intervals(of: arranged, rows: rows, threads: threads, isCancelled)
        }
        return evaluation
    }
}

/// A report on a model: `html`, `json`, and what a program makes of it.
public struct EvaluationReport: Sendable {
    public var model: NamedModel
    public var other: NamedModel?
    /// What the rows are; nil where there are none.
    public var rows: String?
    /// nil without rows.
    public var evaluation: ModelEvaluation?
    public var otherEvaluation: ModelEvaluation?
    public var comparison: ModelComparison?
    /// What the model gets from each column; nil unless it was asked for.
    public var importance: PermutationImportance?
    /// Of the most important columns.
    public var dependences: [PartialDependence] = []

    init(model: NamedModel, other: NamedModel?, rows: String?) {
        self.model = model
        self.other = other
        self.rows = rows
    }

    /// What the training said of the model.
    public var training: ModelReport? { model.model.report }
}

import FeatureTables

/// What a training did and how good its model is; `lines` for people, `json` for programs, `Codable` for saved models.
public struct ModelReport: Sendable, Equatable {
    public var learner: String
    public var task: LearningTask
    /// nil where nothing was predicted.
    public var label: String?
    /// Of two classes the one that AUC, precision, recall, F1 and the signs of weights are about.
    public var positiveClass: String?
    /// The column of the rows' weights.
    public var weight: String?
    public var hyperparameters: [String: String]
    public var featureCount: Int
    public var split: SplitOptions?
    public var trainingImport: ImportSummary
    public var evaluationImport: ImportSummary?
    public var fit: FitSummary
    /// Seconds that the learner took; nil in a saved model, whose bytes do not depend on a clock.
    public var seconds: Double?
    public var training: ModelQuality
    /// On the rows that were not trained on; nil where there are none.
    public var evaluation: ModelQuality?
    public var influences: [FeatureInfluence]
    /// What to look at before the model is trusted.
    public var warnings: [ModelWarning]
    /// What the hyperparameters are worth on folds of the training rows; nil where none were made.
    public var crossValidation: CrossValidation?
    /// How the hyperparameters were found; nil where they were not looked for.
    public var search: HyperparameterSearch?
    /// What each column adds to predictions of the rows to evaluate on, or of the training rows where there are none; nil unless it
    /// was asked for.
    public var explanation: GlobalExplanation?

    /// The quality on the training rows, every row counting the same.
    public var trainingMetrics: EvaluationMetrics? { training.unweighted }
    /// The quality on the rows that were not trained on, every row counting the same.
    public var evaluationMetrics: EvaluationMetrics? { evaluation?.unweighted }

    /// As it is, with what reports of earlier versions leave to the encoding: the positive class, and that the only
    /// measures they have are weighted ones where rows have weights.
    func completed(by encoding: FeatureEncoding) -> ModelReport {
        var report = self
        if let positive = encoding.label?.positiveClass { report.positiveClass = positive }
        guard let weight = encoding.weight, report.weight == nil else { return report }
        report.weight = weight
        report.training = ModelQuality(unweighted: nil, weighted: training.unweighted)
        report.evaluation = evaluation.map { ModelQuality(unweighted: nil, weighted: $0.unweighted) }
        return report
    }

    /// Whether the measures are of a model of such classes, or of numbers where it has none: whoever shows a saved report counts
    /// on it.
    func fits(_ classes: [String]?) -> Bool {
        let measured: [EvaluationMetrics] = [
            training.unweighted, training.weighted, evaluation?.unweighted, evaluation?.weighted,
        ].compactMap { $0 }
        guard measured.allSatisfy({ $0.classCount == classes?.count && $0.isWhole }) else { return false }
        return (crossValidation?.folds ?? []).allSatisfy { $0.metrics.isWhole }
    }
}

extension ModelReport: Codable {
    private enum CodingKeys: String, CodingKey {
        case learner, task, label, positiveClass, weight, hyperparameters, featureCount, split, trainingImport
        case evaluationImport, fit, seconds, training, evaluation, influences, warnings, crossValidation, search
        case explanation
    }

    /// Where earlier versions had one kind of measures.
    private enum EarlierKeys: String, CodingKey { case trainingMetrics, evaluationMetrics }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        let earlier = try decoder.container(keyedBy: EarlierKeys.self)
        learner = try members.decode(String.self, forKey: .learner)
        task = try members.decode(LearningTask.self, forKey: .task)
        label = try members.decodeIfPresent(String.self, forKey: .label)
        positiveClass = try members.decodeIfPresent(String.self, forKey: .positiveClass)
        weight = try members.decodeIfPresent(String.self, forKey: .weight)
        hyperparameters = try members.decode([String: String].self, forKey: .hyperparameters)
        featureCount = try members.decode(Int.self, forKey: .featureCount)
        split = try members.decodeIfPresent(SplitOptions.self, forKey: .split)
        trainingImport = try members.decode(ImportSummary.self, forKey: .trainingImport)
        evaluationImport = try members.decodeIfPresent(ImportSummary.self, forKey: .evaluationImport)
        fit = try members.decode(FitSummary.self, forKey: .fit)
        seconds = try members.decodeIfPresent(Double.self, forKey: .seconds)
        if members.contains(.training) {
            training = try members.decode(ModelQuality.self, forKey: .training)
            evaluation = try members.decodeIfPresent(ModelQuality.self, forKey: .evaluation)
        } else {
            training = ModelQuality(unweighted: try earlier.decode(EvaluationMetrics.self, forKey: .trainingMetrics))
            evaluation = try earlier.decodeIfPresent(EvaluationMetrics.self, forKey: .evaluationMetrics)
                .map { ModelQuality(unweighted: $0) }
        }
        influences = try members.decode([FeatureInfluence].self, forKey: .influences)
        warnings = try members.decodeIfPresent([ModelWarning].self, forKey: .warnings) ?? []
        crossValidation = try members.decodeIfPresent(CrossValidation.self, forKey: .crossValidation)
        search = try members.decodeIfPresent(HyperparameterSearch.self, forKey: .search)
        explanation = try members.decodeIfPresent(GlobalExplanation.self, forKey: .explanation)
    }
}

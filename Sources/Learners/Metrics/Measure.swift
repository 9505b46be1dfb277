/// A number that tells how good predictions are.
public struct Measure: Sendable, Equatable {
    /// As it is called in JSON and by options: `areaUnderROC`.
    public var name: String
    /// As reports call it: `AUC`.
    public var title: String
    /// nil where it cannot be told.
    public var value: Double?
    public var isBetterHigher: Bool
    /// Whether the report of a training shows it; others are in the report on a model.
    var isBrief: Bool
    /// Whether it says what another measure says, under a name that programs may look for.
    package var isRepetition: Bool

    init(
        _ name: String, _ title: String, _ value: Double?, isBetterHigher: Bool = true, isBrief: Bool = false, isRepetition: Bool = false
    ) {
        self.name = name
        self.title = title
        // What has no number, such as a ratio of infinities, is not told.
        self.value = value.flatMap { $0.isNaN ? nil : $0 }
        self.isBetterHigher = isBetterHigher
        self.isBrief = isBrief
        self.isRepetition = isRepetition
    }

    /// Whether `value` is better than `other`.
    public func isBetter(_ value: Double, than other: Double) -> Bool { isBetterHigher ? value > other : value < other }
}

extension EvaluationMetrics {
    /// The single-number measures of the report of a training, in the order in which it shows them.
    public var named: [(name: String, value: Double?)] { measures.filter(\.isBrief).map { ($0.title, $0.value) } }

    /// All single-number measures, in the order in which reports show them. Metrics of one task and as many classes have the
    /// same ones.
    public var measures: [Measure] {
        switch self {
        case .classification(let metrics): Self.measures(of: metrics)
        case .regression(let metrics): Self.measures(of: metrics)
        case .unsupervised(let metrics): Self.measures(of: metrics)
        }
    }

    /// The measure that stands for all where there is room for one: the first that reports of trainings show and that can be told.
    package var headline: Measure? { measures.first { $0.isBrief && $0.value != nil } }

    /// What models are told apart by unless something else is named, as far as it can be told the first of these: of two classes
    /// AUC, of more log loss, of numbers RMSE. Models without a label are not told apart.
    var decisiveNames: [String] {
        switch self {
        case .classification(let metrics): metrics.classes.count == 2 ? ["areaUnderROC", "logLoss"] : ["logLoss"]
        case .regression: ["rootMeanSquaredError"]
        case .unsupervised: []
        }
    }

    private static func measures(of metrics: ClassificationMetrics) -> [Measure] {
        let positive = metrics.positive
        var list = [
            Measure("areaUnderROC", "AUC", metrics.areaUnderROC, isBrief: true),
            Measure("areaUnderPR", "area under PR", metrics.areaUnderPR, isBrief: true),
            Measure("gini", "Gini", metrics.gini),
            Measure("kolmogorovSmirnov", "Kolmogorov-Smirnov", metrics.kolmogorovSmirnov),
            Measure("accuracy", "accuracy", metrics.accuracy, isBrief: true),
        ]
        for (place, accuracy) in (metrics.topAccuracies ?? []).enumerated() {
            list.append(Measure("top\(place + 2)Accuracy", "accuracy of the first \(place + 2)", accuracy))
        }
        list.append(Measure("balancedAccuracy", "balanced accuracy", metrics.balancedAccuracy))
        if let positive {
            list += [
                Measure("precision", "precision", positive.precision, isBrief: true),
                Measure("recall", "recall", positive.recall, isBrief: true),
                Measure("specificity", "specificity", metrics.specificity(of: metrics.classes.count - 1)),
                Measure("f1", "F1", positive.f1, isBrief: true),
            ]
        }
        list += [
            Measure("macroPrecision", "macro precision", metrics.macroPrecision, isBrief: positive == nil),
            Measure("macroRecall", "macro recall", metrics.macroRecall, isBrief: positive == nil),
            Measure("macroF1", "macro F1", metrics.macroF1, isBrief: positive == nil),
            Measure("microPrecision", "micro precision", metrics.microPrecision, isRepetition: true),
            Measure("microRecall", "micro recall", metrics.microRecall, isRepetition: true),
            Measure("microF1", "micro F1", metrics.microF1, isRepetition: true),
            Measure("weightedPrecision", "precision by class size", metrics.weightedPrecision),
            Measure("weightedRecall", "recall by class size", metrics.weightedRecall),
            Measure("weightedF1", "F1 by class size", metrics.weightedF1),
            Measure("matthewsCorrelation", "Matthews correlation", metrics.matthewsCorrelation),
            Measure("cohensKappa", "Cohen's kappa", metrics.cohensKappa),
            Measure("logLoss", "log loss", metrics.logLoss, isBetterHigher: false, isBrief: true),
            Measure("brierScore", "Brier score", metrics.brierScore, isBetterHigher: false),
            Measure("expectedCalibrationError", "calibration error", metrics.expectedCalibrationError, isBetterHigher: false),
        ]
        return list
    }

    private static func measures(of metrics: UnsupervisedMetrics) -> [Measure] {
        metrics.measures.map { measure in
            let words = measure.name.split(separator: "_")
            let others = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
            return Measure(
                words.prefix(1).joined() + others.joined(), words.joined(separator: " "), measure.value,
                isBetterHigher: measure.name == PrincipalComponentsModel.explainedVariance, isBrief: true)
        }
    }

    private static func measures(of metrics: RegressionMetrics) -> [Measure] {
        [
            Measure("rSquared", "R²", metrics.rSquared, isBrief: true),
            Measure("explainedVariance", "explained variance", metrics.explainedVariance),
            Measure("rootMeanSquaredError", "RMSE", metrics.rootMeanSquaredError, isBetterHigher: false, isBrief: true),
            Measure("meanSquaredError", "mean squared error", metrics.meanSquaredError, isBetterHigher: false),
            Measure("meanAbsoluteError", "MAE", metrics.meanAbsoluteError, isBetterHigher: false, isBrief: true),
            Measure("medianAbsoluteError", "median absolute error", metrics.medianAbsoluteError, isBetterHigher: false),
            Measure("maxError", "largest error", metrics.maxError, isBetterHigher: false),
            Measure("relativeAbsoluteError", "relative absolute error", metrics.relativeAbsoluteError, isBetterHigher: false, isBrief: true),
            Measure("meanAbsolutePercentageError", "MAPE", metrics.meanAbsolutePercentageError, isBetterHigher: false),
            Measure("meanSquaredLogError", "mean squared log error", metrics.meanSquaredLogError, isBetterHigher: false),
            Measure("meanPoissonDeviance", "mean Poisson deviance", metrics.meanPoissonDeviance, isBetterHigher: false),
            Measure("poissonDSquared", "Poisson D²", metrics.poissonDSquared),
        ]
    }
}

import FeatureTables

/// How reports on models say things, on a page and on a terminal.
package enum EvaluationWords {
    /// Four decimal places for what is about 1, four significant digits for other numbers.
    package static func value(_ value: Double) -> String {
        abs(value) < 10 && abs(value) >= 0.001 || value == 0 ? ReportNumber.fixed(value, 4) : ReportNumber.short(value)
    }

    /// `95 %`.
    package static func percent(_ level: Double) -> String {
        let text = ReportNumber.fixed(level * 100, 2)
        return "\(text.hasSuffix(".00") ? String(text.dropLast(3)) : text) %"
    }

    /// The chance of what was seen, where there is no difference.
    package static func chance(_ value: Double) -> String {
        value < 0.0001 ? "p < 0.0001" : "p = \(ReportNumber.fixed(value, 4))"
    }

    /// A share as a bar of characters; nothing of what is no number.
    package static func bar(_ share: Double) -> String {
        guard share > 0 else { return "" }
        return String(repeating: "█", count: Int((min(share, 1) * 24).rounded()))
    }

    package static func interval(_ lower: Double?, _ upper: Double?) -> String {
        guard let lower, let upper else { return "" }
        return "\(value(lower)) … \(value(upper))"
    }

    package static func judgement(of difference: ModelComparison.Difference) -> String {
        guard let lower = difference.lower, let upper = difference.upper, lower > 0 || upper < 0 else { return "" }
        return (lower > 0) == difference.measure.isBetterHigher ? "better" : "worse"
    }

    package static func text(of test: McNemarTest, _ report: EvaluationReport) -> String {
        "Only \(report.model.name) is right about \(ReportNumber.count(Double(test.onlyFirst))) row(s), only "
            + "\(report.other?.name ?? "the other") about \(ReportNumber.count(Double(test.onlySecond))); McNemar's test: "
            + chance(test.pValue)
    }

    /// threshold, precision, recall, specificity, F1, accuracy, cost.
    package static func cells(of choice: ThresholdChoice, hasCost: Bool) -> [String] {
        [choice.threshold.isFinite ? ReportNumber.fixed(choice.threshold, 4) : "none"]
            + [choice.precision, choice.recall, choice.specificity, choice.f1, choice.accuracy].map { ReportNumber.fixed($0, 3) }
            + (hasCost ? [choice.cost.map(ReportNumber.short) ?? ""] : [])
    }

    package static func name(of quantile: ResidualEvaluation.Quantile) -> String {
        switch quantile.fraction {
        case 0: "least"
        case 0.5: "median"
        case 1: "greatest"
        default: "\(Int((quantile.fraction * 100).rounded())) %"
        }
    }
}

/// What both a page and a terminal show of a report.
extension EvaluationReport {
    package var positiveClass: String? { model.model.encoding.label?.positiveClass }

    /// Measures side by side: of the rows or, without any, of those of the training.
    package var columns: [(name: String, measures: [Measure])] {
        var columns: [(name: String, measures: [Measure])] = []
        func add(_ name: String, _ measures: [Measure]) {
            let shown = measures.filter { !$0.isRepetition }
            if !shown.isEmpty { columns.append((name, shown)) }
        }
        if let evaluation {
            add(other == nil ? "these rows" : model.name, evaluation.measures)
            add("\(other == nil ? "these rows" : model.name), weighted", evaluation.weightedMeasures)
            if let other, let otherEvaluation {
                add(other.name, otherEvaluation.measures)
                add("\(other.name), weighted", otherEvaluation.weightedMeasures)
            }
            return columns
        }
        for (name, quality) in [("evaluation rows", training?.evaluation), ("training rows", training?.training)] {
            if let metrics = quality?.unweighted { add(name, metrics.measures) }
            if let metrics = quality?.weighted { add("\(name), weighted", metrics.measures) }
        }
        return columns
    }

    /// A comparison shows both models' measures already.
    package var showsMeasures: Bool {
        comparison == nil || evaluation?.intervals.isEmpty == false || evaluation?.weightedMeasures.isEmpty == false
    }

    package var confusion: ClassificationMetrics? {
        let quality = evaluation?.judgement.quality ?? (evaluation == nil ? training.map { $0.evaluation ?? $0.training } : nil)
        guard case .classification(let metrics) = quality?.plain else { return nil }
        return metrics
    }

    /// What predictions are shown of: of two classes the positive one, of more the first dozen, of numbers the number.
    package var outputs: [(name: String, place: Int)] {
        guard let classes = model.model.encoding.label?.classes else { return [("mean prediction", 0)] }
        if classes.count == 2 { return [("probability of \(classes[1])", 1)] }
        return classes.prefix(ModelEvaluation.mostClasses).enumerated().map { ($1, $0) }
    }

    /// What is to know about the rows.
    package var notes: [String] {
        guard let judgement = evaluation?.judgement else {
            return ["there are no rows to judge by: measures are the training's, and there are no curves (name a table or a query)"]
        }
        return judgement.isComplete ? [] : judgement.noteLines
    }

    /// Names and values.
    package var trainingFacts: [(name: String, value: String)] {
        let trained = model.model
        var facts = [("features", ReportNumber.count(Double(trained.model.featureNames.count)))]
        if let training {
            facts.append(("rows", training.rowText))
            facts.append(("fit", "\(training.fit.iterations) iteration(s): \(training.fit.stopReason)"))
            for note in training.noteLines { facts.append(("note", note)) }
        }
        if let transform = trained.transform { facts.append(("TRANSFORM", transform.items.map(\.text).joined(separator: ", "))) }
        for (name, value) in trained.hyperparameters.sorted(by: { $0.key < $1.key }) { facts.append((name, value)) }
        return facts
    }
}

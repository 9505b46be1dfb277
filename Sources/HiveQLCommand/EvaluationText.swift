import HiveQL

/// A report on a model for a terminal.
struct EvaluationText {
    private let report: EvaluationReport
    private let width: Int?

    /// Plots stand side by side where nobody says how wide the output is.
    private static let usualWidth = 76
    private static let mostFeatures = 15

    /// - Parameter width: of the terminal; nil: as wide as it gets.
    init(_ report: EvaluationReport, width: Int?) {
        self.report = report
        self.width = width
    }

    var lines: [String] {
        var lines = headLines()
        lines += comparisonLines() + measureLines() + curveLines() + choiceLines() + scoreLines() + confusionLines()
        lines += residualLines() + importanceLines() + featureLines() + trainingLines()
        return lines.map { line in
            let shown = line.withoutControls
            return width.map { shown.fitted(to: $0) } ?? shown
        }
    }

    // MARK: Sections

    private func headLines() -> [String] {
        let model = report.model.model
        var lines = ["\(report.model.name): \(model.learner) · \(model.model.task.rawValue) of \(model.encoding.label?.name ?? "–")"]
        if let positive = report.positiveClass { lines.append("positive class: \(positive)") }
        lines += (report.training?.warnings ?? []).map { "warning: \($0.text)" }
        return lines + report.notes
    }

    private func comparisonLines() -> [String] {
        guard let comparison = report.comparison else { return [] }
        let rows = comparison.shownDifferences.map { difference in
            [
                difference.measure.title, EvaluationWords.value(difference.value), EvaluationWords.value(difference.otherValue),
                EvaluationWords.value(difference.difference), EvaluationWords.interval(difference.lower, difference.upper),
                EvaluationWords.judgement(of: difference),
            ]
        }
        let titles = [
            "measure", report.model.name, report.other?.name ?? "", "difference", "\(EvaluationWords.percent(comparison.level)) interval", "",
        ]
        var lines = ["", comparison.verdict]
        if let test = comparison.mcNemar { lines.append(EvaluationWords.text(of: test, report)) }
        return lines + [""] + AlignedText.lines([titles] + rows, areNumbers: [false, true, true, true, true, false])
    }

    private func measureLines() -> [String] {
        let columns = report.columns
        guard let first = columns.first, report.showsMeasures else { return [] }
        let intervals = Dictionary((report.evaluation?.intervals ?? []).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        var rows = [["measure"] + columns.map(\.name) + (intervals.isEmpty ? [] : ["interval"])]
        for (place, measure) in first.measures.enumerated() {
            let values = columns.map { column in
                column.measures.indices.contains(place) ? column.measures[place].value.map(EvaluationWords.value) ?? "–" : "–"
            }
            let interval = intervals[measure.name]
            rows.append(
                [measure.title] + values + (intervals.isEmpty ? [] : [EvaluationWords.interval(interval?.lower, interval?.upper)]))
        }
        return [""] + AlignedText.lines(rows, areNumbers: [false] + Array(repeating: true, count: rows[0].count - 1))
    }

    private func curveLines() -> [String] {
        guard let evaluation = report.evaluation, let one = evaluation.classes.first else { return [] }
        guard evaluation.classes.count == 1 else { return classLines(evaluation) }
        let lift = one.curve.liftPoints
        let highest = max(lift.map(\.y).max() ?? 1, 1)
        let plots = [
            TextPlot("ROC", x: "false positive rate", y: "recall", one.curve.rocPoints),
            TextPlot("PR", x: "recall", y: "precision", one.curve.precisionPoints),
            TextPlot("gain", x: "rows taken", y: "recall", one.curve.gainPoints),
            TextPlot("lift", x: "rows taken", y: "lift", top: ReportNumber.short(highest), lift.map { ($0.x, $0.y / highest) }),
        ]
        return [""] + TextPlot.arranged(plots, width: width ?? Self.usualWidth) + calibrationLines(one)
    }

    private func calibrationLines(_ one: ClassEvaluation) -> [String] {
        var rows = [["predicted", "rows", "mean", "came true", ""]]
        for (place, bin) in one.reliability.bins.enumerated() {
            guard let mean = bin.meanPrediction, let share = bin.share else { continue }
            let width = 100 / Reliability.binCount
            rows.append([
                "\(place * width)–\((place + 1) * width) %", ReportNumber.count(bin.weight), ReportNumber.percent(mean),
                ReportNumber.percent(share), EvaluationWords.bar(share),
            ])
        }
        return ["calibration of \(one.name)"] + AlignedText.lines(rows, areNumbers: [false, true, true, true, false]) + [""]
    }

    /// Of many classes a line each.
    private func classLines(_ evaluation: ModelEvaluation) -> [String] {
        func show(_ value: Double?) -> String { value.map { ReportNumber.fixed($0, 4) } ?? "–" }
        var rows = [["each class against the rest", "rows", "AUC", "area under PR", "KS", "probability", "of the others"]]
        for one in evaluation.classes {
            rows.append([
                one.name, ReportNumber.count(one.curve.positives), show(one.areaUnderROC), show(one.averagePrecision),
                show(one.kolmogorovSmirnov), Sparkline.text(one.scores), Sparkline.text(one.otherScores),
            ])
        }
        let more = evaluation.classesLeftOut > 0 ? ["… and \(evaluation.classesLeftOut) rarer classes"] : []
        return [""] + AlignedText.lines(rows, areNumbers: [false, true, true, true, true, false, false]) + more
    }

    private func scoreLines() -> [String] {
        guard let evaluation = report.evaluation, evaluation.classes.count == 1, let one = evaluation.classes.first else { return [] }
        return ["", "probability of \(one.name) from 0 to 1"]
            + AlignedText.lines(
                [
                    ["  rows of \(one.name)", Sparkline.text(one.scores), ReportNumber.count(Double(one.scores.reduce(0, +)))],
                    ["  other rows", Sparkline.text(one.otherScores), ReportNumber.count(Double(one.otherScores.reduce(0, +)))],
                ], areNumbers: [false, false, true])
    }

    private func choiceLines() -> [String] {
        guard let choices = report.evaluation?.classes.first?.choices, !choices.isEmpty else { return [] }
        let hasCost = choices.contains { $0.cost != nil }
        let titles = ["for", "threshold", "precision", "recall", "specificity", "F1", "accuracy"] + (hasCost ? ["cost"] : [])
        let rows = choices.map { [$0.reason.title] + EvaluationWords.cells(of: $0, hasCost: hasCost) }
        return AlignedText.lines([titles] + rows, areNumbers: [false] + Array(repeating: true, count: titles.count - 1))
    }

    private func confusionLines() -> [String] {
        guard let metrics = report.confusion else { return [] }
        return [""] + metrics.confusionLines()
    }

    private func residualLines() -> [String] {
        guard let residuals = report.evaluation?.residuals else { return [] }
        let quantiles = AlignedText.lines(
            [
                ["residual (truth − prediction)"] + residuals.quantiles.map { EvaluationWords.name(of: $0) } + ["mean"],
                [""] + residuals.quantiles.map { ReportNumber.short($0.residual) } + [ReportNumber.short(residuals.meanResidual)],
            ], areNumbers: [false] + Array(repeating: true, count: residuals.quantiles.count + 1))
        let ends = (ReportNumber.short(residuals.edges.first ?? 0), ReportNumber.short(residuals.edges.last ?? 0))
        var rows = [["tenth of the rows", "rows", "mean prediction", "mean truth", "difference"]]
        for (place, group) in residuals.groups.enumerated() {
            rows.append([
                "\(place + 1)", ReportNumber.count(Double(group.rows)), ReportNumber.short(group.meanPrediction),
                ReportNumber.short(group.meanTruth), ReportNumber.short(group.meanTruth - group.meanPrediction),
            ])
        }
        return [""] + quantiles + ["  \(ends.0) \(Sparkline.text(residuals.counts)) \(ends.1)", ""]
            + AlignedText.lines(rows, areNumbers: [false, true, true, true, true])
    }

    private func importanceLines() -> [String] {
        guard let importance = report.importance else { return [] }
        let largest = max(importance.columns.first?.loss ?? 0, 0)
        let rows = importance.columns.prefix(Self.mostFeatures).map { column in
            [
                column.name, EvaluationWords.value(column.loss), "± \(EvaluationWords.value(column.deviation))",
                EvaluationWords.bar(largest > 0 ? column.loss / largest : 0),
            ]
        }
        var lines = ["", "importance: loss of \(importance.measure.title) when a column's values are dealt out anew"]
        lines += AlignedText.lines(rows, areNumbers: [false, true, true, false])
        for dependence in report.dependences {
            let outputs = report.outputs
            lines += ["", "if all rows had one \(dependence.column)"] + AlignedText.lines(
                [[""] + outputs.map(\.name)] + dependence.points.map { point in
                    ["  \(point.value)"] + outputs.map { EvaluationWords.value(point.means[$0.place]) }
                }, areNumbers: [false] + outputs.map { _ in true })
        }
        return lines
    }

    private func featureLines() -> [String] {
        let lines = report.training?.influenceLines(limit: Self.mostFeatures) ?? []
        return lines.isEmpty ? [] : [""] + lines
    }

    private func trainingLines() -> [String] {
        let rows = report.trainingFacts.map { ["  \($0.name)", $0.value] }
        return ["", "training"] + AlignedText.lines(rows, areNumbers: [false, false]) + (report.training?.tuningLines ?? [])
    }
}

import FeatureTables

extension ModelReport {
    /// The report for a terminal, one string a line, at most `features` weights or importances.
    public func lines(features: Int = 15) -> [String] {
        var lines = ["\(learner) · \(task.rawValue)" + (label.map { " of \($0)" } ?? "")]
        if let positiveClass { lines.append(QualityText.positive(positiveClass)) }
        lines += rowLines()
        lines += warnings.map { "warning: \($0.text)" }
        lines.append("")
        lines += QualityText.lines(
            [("evaluation", evaluation), ("training", training)].compactMap { name, quality in quality.map { (name, $0) } },
            weight: weight)
        lines += tuningLines
        lines.append("")
        lines += influenceLines(limit: features)
        if let explanation { lines += [""] + explanation.lines(limit: features) }
        if let rules = fit.rules { lines += [""] + rules }
        return lines.map { ShownText.line($0) }
    }

    private func rowLines() -> [String] {
        let duration = seconds.map { " in \(ReportNumber.fixed($0, 2)) s" } ?? ""
        return [
            "rows: \(rowText)",
            "features: \(ReportNumber.count(Double(featureCount))); "
                + "\(fit.iterations) iteration(s)\(duration): \(fit.stopReason)",
        ] + noteLines.map { "  \($0)" }
    }

    /// How many rows were trained and evaluated on, and how they were divided.
    var rowText: String {
        var rows = "\(ReportNumber.count(Double(trainingImport.rowsKept))) for training"
        if let evaluationImport { rows += ", \(ReportNumber.count(Double(evaluationImport.rowsKept))) for evaluation" }
        if let split { rows += " (split \(split.fraction), seed \(Int64(bitPattern: split.seed))\(split.stratifiedBy == nil ? "" : ", stratified"))" }
        return rows
    }

    /// What became of rows and columns, and what the learner says.
    var noteLines: [String] {
        trainingImport.lines.map { "training rows: \($0)" } + (evaluationImport?.lines ?? []).map { "evaluation rows: \($0)" }
            + fit.notes
    }

    /// The strongest features with bars.
    package func influenceLines(limit: Int) -> [String] {
        let shown = influences.prefix(limit)
        guard let largest = shown.first?.magnitude else { return [] }
        let hasWeights = shown.first?.weights != nil
        var weightHeading = hasWeights ? "weight" : ""
        if hasWeights, task == .multiclassClassification, case .classification(let metrics) = (evaluation ?? training).plain {
            weightHeading = "weight for " + metrics.classes.map(\.name).joined(separator: " ")
        }
        var rows = [["feature", FeatureInfluence.magnitudeTitle(of: influences, task), "", shown.first?.splits != nil ? "splits" : weightHeading]]
        for influence in shown {
            let detail: String
            if let splits = influence.splits {
                detail = "\(splits)"
            } else {
                detail = (influence.weights ?? []).map { ReportNumber.short($0) }.joined(separator: " ")
            }
            rows.append([
                influence.feature, ReportNumber.short(influence.magnitude),
                EvaluationWords.bar(largest > 0 ? influence.magnitude / largest : 0), detail,
            ])
        }
        var lines = aligned(rows, leftColumns: [0, 2, 3])
        if influences.count > shown.count { lines.append("… and \(influences.count - shown.count) more") }
        return lines
    }
}

extension FeatureInfluence {
    /// What the magnitudes are, as reports call it.
    static func magnitudeTitle(of influences: [FeatureInfluence], _ task: LearningTask) -> String {
        switch task {
        case .clustering: return "variance between centroids"
        case .dimensionReduction: return "variance kept"
        case .anomalyDetection: return "share of cuts"
        case .binaryClassification, .multiclassClassification, .regression:
            guard let first = influences.first, first.gain == nil else { return "share of gain" }
            return first.weights == nil ? "nats" : "weight × deviation"
        }
    }
}

/// Qualities side by side.
enum QualityText {
    static func positive(_ name: String) -> String {
        "positive class: \(name) (AUC, precision, recall, F1 and the signs of weights are about it)"
    }

    /// A column a quality, and one more for its weighted measures; then the confusion matrix of the first, in rows.
    static func lines(_ qualities: [(name: String, quality: ModelQuality)], weight: String?) -> [String] {
        var columns: [(name: String, metrics: EvaluationMetrics)] = []
        for (name, quality) in qualities {
            if let metrics = quality.unweighted { columns.append((name, metrics)) }
            if let metrics = quality.weighted { columns.append((name + ", weighted", metrics)) }
        }
        guard let first = columns.first else { return [] }
        var rows = [["metric"] + columns.map(\.name)]
        let measures = columns.map(\.metrics.named)
        for (position, metric) in measures[0].enumerated() {
            rows.append([metric.name] + measures.map { show($0[position].value) })
        }
        var lines = aligned(rows)
        if let weight, columns.contains(where: { $0.name.hasSuffix(", weighted") }) {
            lines.append("weighted: rows count by \(weight); else every row counts the same")
        }
        if case .classification(let metrics) = first.metrics { lines += [""] + metrics.confusionLines() }
        return lines
    }

    private static func show(_ value: Double?) -> String { value.map { ReportNumber.fixed($0, 4) } ?? "–" }
}

extension PredictionJudgement {
    /// For a terminal, one string a line; empty when the data lacks the label that the model has.
    public func lines() -> [String] {
        guard hasLabel || label == nil else { return [] }
        var lines = noteLines
        guard let quality else { return lines }
        if let positiveClass { lines.append(QualityText.positive(positiveClass)) }
        lines += QualityText.lines([("value", quality)], weight: weight)
        return lines.map { ShownText.line($0) }
    }

    /// Whether all rows are judged by all that there is.
    var isComplete: Bool { rowsJudged == rows && notes.isEmpty }

    /// How many rows are judged, why the others are not, and what else there is to know.
    var noteLines: [String] {
        var left: [String] = []
        if rowsWithoutPrediction > 0 { left.append("\(rowsWithoutPrediction) without a prediction (missing values)") }
        if rowsWithoutLabel > 0 { left.append("\(rowsWithoutLabel) without a label") }
        if rowsWithUnknownLabel > 0 {
            let names = unknownLabels.map { "'\($0)'" }.joined(separator: ", ")
            left.append("\(rowsWithUnknownLabel) with a label unknown to the model (\(names))")
        }
        if rowsWithoutWeight > 0 { left.append("\(rowsWithoutWeight) without a weight") }
        return ["judged \(rowsJudged) of \(rows) row(s)\(left.isEmpty ? "" : ": " + left.joined(separator: ", "))"] + notes
    }
}

extension ClassificationMetrics {
    /// Rows are the truth, columns the predictions; precision, recall and F1 of each class at the side.
    public func confusionLines() -> [String] {
        var rows = [["actual \\ predicted"] + classes.map(\.name) + ["precision", "recall", "F1"]]
        for (position, one) in classes.enumerated() {
            rows.append(
                [one.name] + confusion[position].map { ReportNumber.count($0) }
                    + [one.precision, one.recall, one.f1].map { ReportNumber.fixed($0, 3) })
        }
        return aligned(rows)
    }
}

/// Cells padded to columns two spaces apart: the columns of `leftColumns` to the left, the others to the right.
func aligned(_ rows: [[String]], leftColumns: Set<Int> = [0]) -> [String] {
    let rows = rows.map { $0.map { ShownText.cell($0) } }
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        var line = ""
        for (column, cell) in row.enumerated() {
            let padding = String(repeating: " ", count: widths[column] - cell.count)
            line += (column > 0 ? "  " : "") + (leftColumns.contains(column) ? cell + padding : padding + cell)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}

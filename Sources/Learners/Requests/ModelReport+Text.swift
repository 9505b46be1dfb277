import FeatureTables

extension ModelReport {
    /// The report for a terminal, one string a line, at most `features` weights or importances.
    public func lines(features: Int = 15) -> [String] {
        var lines = ["\(learner) · \(task.rawValue) of \(label)"]
        lines += rowLines()
        lines.append("")
        lines += metricLines()
        if case .classification(let metrics) = evaluationMetrics ?? trainingMetrics {
            lines.append("")
            lines += metrics.confusionLines()
        }
        lines.append("")
        lines += influenceLines(limit: features)
        return lines
    }

    private func rowLines() -> [String] {
        var lines: [String] = []
        var rows = "rows: \(ReportNumber.count(Double(trainingImport.rowsKept))) for training"
        if let evaluationImport { rows += ", \(ReportNumber.count(Double(evaluationImport.rowsKept))) for evaluation" }
        if let split { rows += " (split \(split.fraction), seed \(split.seed)\(split.stratifiedBy == nil ? "" : ", stratified"))" }
        lines.append(rows)
        let duration = seconds.map { " in \(ReportNumber.fixed($0, 2)) s" } ?? ""
        lines.append(
            "features: \(ReportNumber.count(Double(featureCount))); "
                + "\(fit.iterations) iteration(s)\(duration): \(fit.stopReason)")
        let notes = trainingImport.lines.map { "  training rows: \($0)" }
            + (evaluationImport?.lines ?? []).map { "  evaluation rows: \($0)" } + fit.notes.map { "  \($0)" }
        return lines + notes
    }

    private func metricLines() -> [String] {
        let training = trainingMetrics.named
        let evaluation = evaluationMetrics?.named
        var rows = [["metric", evaluation == nil ? "training" : "evaluation"] + (evaluation == nil ? [] : ["training"])]
        for (position, metric) in training.enumerated() {
            var row = [metric.name]
            if let evaluation, position < evaluation.count { row.append(show(evaluation[position].value)) }
            row.append(show(metric.value))
            rows.append(row)
        }
        return aligned(rows)
    }

    private func show(_ value: Double?) -> String { value.map { ReportNumber.fixed($0, 4) } ?? "–" }

    private func influenceLines(limit: Int) -> [String] {
        let shown = influences.prefix(limit)
        guard let largest = shown.first?.magnitude else { return [] }
        let isTree = shown.first?.gain != nil
        var rows = [["feature", isTree ? "share of gain" : "weight × deviation", "", isTree ? "splits" : "weight"]]
        for influence in shown {
            let length = largest > 0 ? Int((influence.magnitude / largest * 24).rounded()) : 0
            let detail: String
            if let splits = influence.splits {
                detail = "\(splits)"
            } else {
                detail = (influence.weights ?? []).map { ReportNumber.short($0) }.joined(separator: " ")
            }
            rows.append([
                influence.feature, ReportNumber.short(influence.magnitude), String(repeating: "█", count: length), detail,
            ])
        }
        var lines = aligned(rows, leftColumns: [0, 2, 3])
        if influences.count > shown.count { lines.append("… and \(influences.count - shown.count) more") }
        return lines
    }
}

extension EvaluationMetrics {
    /// The single-number measures, in the order reports show them.
    public var named: [(name: String, value: Double?)] {
        switch self {
        case .classification(let metrics):
            var list: [(String, Double?)] = [("AUC", metrics.areaUnderROC), ("area under PR", metrics.areaUnderPR)]
            list.append(("accuracy", metrics.accuracy))
            if metrics.classes.count == 2, let positive = metrics.classes.last {
                list += [("precision", positive.precision), ("recall", positive.recall), ("F1", positive.f1)]
            } else {
                list += [
                    ("macro precision", metrics.macroPrecision), ("macro recall", metrics.macroRecall),
                    ("macro F1", metrics.macroF1),
                ]
            }
            list.append(("log loss", metrics.logLoss))
            return list
        case .regression(let metrics):
            return [
                ("R²", metrics.rSquared), ("RMSE", metrics.rootMeanSquaredError), ("MAE", metrics.meanAbsoluteError),
                ("relative absolute error", metrics.relativeAbsoluteError),
            ]
        }
    }

    /// The measures for a terminal, with the confusion matrix of a classification.
    public func lines() -> [String] {
        let rows = named.map { [$0.name, $0.value.map { ReportNumber.fixed($0, 4) } ?? "–"] }
        guard case .classification(let metrics) = self else { return aligned(rows) }
        return aligned(rows) + [""] + metrics.confusionLines()
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

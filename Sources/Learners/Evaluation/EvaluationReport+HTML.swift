import FeatureTables

extension EvaluationReport {
    /// A page of its own: no script, no file beside it, light and dark as the reader prefers.
    public var html: String { EvaluationPage(self).text }
}

/// A report on a model as a page of HTML.
struct EvaluationPage {
    private let report: EvaluationReport

    /// Features that are listed.
    private static let mostFeatures = 40
    private static let mostConfused = 30
    private static let mostTrials = 100

    init(_ report: EvaluationReport) { self.report = report }

    var text: String {
        ReportPage.make(heading: "Model report", source: source, facts: facts, style: EvaluationStyle.sheet) { page in
            addNavigation(&page)
            addVerdict(&page)
            addWarnings(&page)
            addMeasures(&page)
            addCurves(&page)
            addChoices(&page)
            addConfusion(&page)
            addResiduals(&page)
            addImportance(&page)
            addFeatures(&page)
            addTraining(&page)
            addTuning(&page)
        }
    }

    private var source: String {
        var text = report.model.name
        if let other = report.other { text += " against \(other.name)" }
        if let rows = report.rows { text += " on \(rows)" }
        return text
    }

    private var facts: [(value: String, name: String)] {
        var facts: [(String, String)] = []
        if let label = report.model.model.encoding.label?.name { facts.append((label, report.model.model.model.task.rawValue)) }
        facts.append((report.model.model.learner, "learner"))
        if let positive = report.positiveClass { facts.append((positive, "positive class")) }
        if let judgement = report.evaluation?.judgement {
            facts.append((ReportNumber.count(Double(judgement.rowsJudged)), "rows judged"))
        }
        let metrics = report.columns.first?.measures ?? []
        for measure in metrics.prefix(1) { if let value = measure.value { facts.append((ReportNumber.fixed(value, 4), measure.title)) } }
        return facts
    }

    private func addNavigation(_ page: inout HTMLText) {
        var sections: [(String, String)] = []
        if report.comparison != nil { sections.append(("differences", "Differences")) }
        if report.showsMeasures { sections.append(("measures", "Measures")) }
        if report.evaluation?.classes.isEmpty == false { sections.append(("curves", "Curves")) }
        if report.evaluation?.classes.first?.choices.isEmpty == false { sections.append(("thresholds", "Thresholds")) }
        if report.confusion != nil { sections.append(("confusion", "Confusion matrix")) }
        if report.evaluation?.residuals != nil { sections.append(("residuals", "Residuals")) }
        if report.importance != nil { sections.append(("importance", "Importance")) }
        if !report.model.model.model.influences.isEmpty { sections.append(("features", "Features")) }
        sections.append(("training", "Training"))
        if report.training?.crossValidation != nil { sections.append(("folds", "Folds")) }
        if report.training?.search != nil { sections.append(("trials", "Trials")) }
        page.add("<nav aria-label=\"sections\">")
        for (place, name) in sections { page.add("<a href=\"#\(place)\">\(name)</a>") }
        page.add("</nav>")
    }

    private func addVerdict(_ page: inout HTMLText) {
        guard let comparison = report.comparison else { return }
        page.add("p", "class=\"verdict\"", text: comparison.verdict)
        if let test = comparison.mcNemar {
            page.add("p", "class=\"quiet\"", text: EvaluationWords.text(of: test, report))
        }
        page.add("<section id=\"differences\"><h2>Differences</h2>")
        page.addScrolling("differences") { page in
            page.add("<table class=\"measures\"><thead><tr><th>measure</th><th class=\"n\">\(HTMLText.short(report.model.name, 24))</th><th class=\"n\">\(HTMLText.short(report.other?.name ?? "", 24))</th>")
            page.add("<th class=\"n\">difference</th><th class=\"n\">\(EvaluationWords.percent(comparison.level)) interval</th><th></th></tr></thead><tbody>")
            for difference in comparison.shownDifferences {
                page.add("<tr><td>\(HTMLText.text(difference.measure.title))</td>")
                for value in [difference.value, difference.otherValue, difference.difference] {
                    page.add("<td class=\"n\">\(EvaluationWords.value(value))</td>")
                }
                page.add("<td class=\"n\">\(EvaluationWords.interval(difference.lower, difference.upper))</td>")
                page.add("<td>\(EvaluationWords.judgement(of: difference))</td></tr>")
            }
            page.add("</tbody></table>")
        }
        page.add("</section>\n")
    }

    private func addWarnings(_ page: inout HTMLText) {
        let warnings = report.training?.warnings ?? []
        let notes = report.notes
        guard !warnings.isEmpty || !notes.isEmpty else { return }
        page.add("<section><h2>Worth a look</h2><ul class=\"findings\">")
        for warning in warnings { page.add("li", "class=\"\(warning.kind == .suspectedLeak ? "leak" : "plain")\"", text: warning.text) }
        for note in notes { page.add("li", text: note) }
        page.add("</ul></section>\n")
    }

    // MARK: Measures

    private func addMeasures(_ page: inout HTMLText) {
        let columns = report.columns
        guard let first = columns.first, report.showsMeasures else { return }
        let intervals = Dictionary((report.evaluation?.intervals ?? []).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        page.add("<section id=\"measures\"><h2>Measures</h2>")
        page.addScrolling("measures") { page in
            page.add("<table class=\"measures\"><thead><tr><th>measure</th>")
            for (place, column) in columns.enumerated() {
                page.add("<th class=\"n\">\(HTMLText.short(column.name, 32))</th>")
                if place == 0, !intervals.isEmpty { page.add("<th class=\"n\">interval</th>") }
            }
            page.add("</tr></thead><tbody>")
            for (row, measure) in first.measures.enumerated() {
                page.add("<tr><td>\(HTMLText.text(measure.title))</td>")
                for (place, column) in columns.enumerated() {
                    let value = column.measures.indices.contains(row) ? column.measures[row].value : nil
                    page.add("<td class=\"n\">\(value.map(EvaluationWords.value) ?? "–")</td>")
                    if place == 0, !intervals.isEmpty {
                        let interval = intervals[measure.name]
                        page.add("<td class=\"n\">\(EvaluationWords.interval(interval?.lower, interval?.upper))</td>")
                    }
                }
                page.add("</tr>")
            }
            page.add("</tbody></table>")
        }
        page.add("</section>\n")
    }

    // MARK: Classes

    private func addCurves(_ page: inout HTMLText) {
        guard let evaluation = report.evaluation, !evaluation.classes.isEmpty else { return }
        page.add("<section id=\"curves\"><h2>Curves</h2>")
        if evaluation.classes.count > 1 {
            page.add("p", "class=\"quiet\"", text: "Each class against the rest."
                + (evaluation.classesLeftOut > 0 ? " The \(evaluation.classesLeftOut) rarest classes are left out." : ""))
        }
        page.add("<div class=\"cards\">")
        for chart in EvaluationCharts.curves(report) { chart.add(to: &page) }
        for one in evaluation.classes { addScores(one, isOnly: evaluation.classes.count == 1, &page) }
        page.add("</div></section>\n")
    }

    private func addScores(_ one: ClassEvaluation, isOnly: Bool, _ page: inout HTMLText) {
        page.add("<article><h3>Probability of \(HTMLText.short(one.name))</h3>")
        let kinds = [("rows of \(one.name)", one.scores, ""), ("other rows", one.otherScores, "others")]
        for (name, counts, kind) in kinds {
            page.add("p", "class=\"quiet\"", text: "\(name): \(ReportNumber.count(Double(counts.reduce(0, +))))")
            ReportDrawing.histogram(counts, first: "0 %", last: "100 %", label: "probabilities of \(name)", of: kind, &page)
        }
        page.add("</article>\n")
    }

    private func addChoices(_ page: inout HTMLText) {
        guard let one = report.evaluation?.classes.first, !one.choices.isEmpty else { return }
        let hasCost = one.choices.contains { $0.cost != nil }
        page.add("<section id=\"thresholds\"><h2>Thresholds</h2><p class=\"quiet\">From which probability of \(HTMLText.short(one.name)) on a row is taken for it.</p>")
        page.addScrolling("thresholds") { page in
            page.add("<table class=\"measures\"><thead><tr><th>for</th>")
            for title in ["threshold", "precision", "recall", "specificity", "F1", "accuracy"] + (hasCost ? ["cost"] : []) {
                page.add("<th class=\"n\">\(title)</th>")
            }
            page.add("</tr></thead><tbody>")
            for choice in one.choices {
                page.add("<tr><td>\(choice.reason.title)</td>")
                for text in EvaluationWords.cells(of: choice, hasCost: hasCost) { page.add("<td class=\"n\">\(HTMLText.text(text))</td>") }
                page.add("</tr>")
            }
            page.add("</tbody></table>")
        }
        page.add("</section>\n")
    }

    private func addConfusion(_ page: inout HTMLText) {
        guard let metrics = report.confusion else { return }
        page.add("<section id=\"confusion\"><h2>Confusion matrix</h2>")
        guard metrics.classes.count <= Self.mostConfused else {
            page.add("<p class=\"quiet\">\(metrics.classes.count) classes are too many to show; <code>--json</code> tells all of them.</p></section>\n")
            return
        }
        page.add("<p class=\"quiet\">Rows are the truth, columns the predictions.</p>")
        page.addScrolling("confusion matrix") { page in
            page.add("<table class=\"confusion\"><thead><tr><th></th>")
            for one in metrics.classes { page.add("<th class=\"n\" scope=\"col\">\(HTMLText.short(one.name, 20))</th>") }
            for name in ["precision", "recall", "F1"] { page.add("<th class=\"n\" scope=\"col\">\(name)</th>") }
            page.add("</tr></thead><tbody>")
            for (actual, one) in metrics.classes.enumerated() {
                page.add("<tr><th scope=\"row\">\(HTMLText.short(one.name, 20))</th>")
                for (predicted, count) in metrics.confusion[actual].enumerated() {
                    let part = one.support > 0 ? count / one.support : 0
                    page.add(
                        "<td class=\"n \(actual == predicted ? "hit" : "miss")\" style=\"--part:\(ReportNumber.fixed(part * 70, 1))%\" title=\"\(ReportNumber.percent(part)) of \(HTMLText.short(one.name, 20))\">\(ReportNumber.count(count))</td>")
                }
                for value in [one.precision, one.recall, one.f1] { page.add("<td class=\"n\">\(ReportNumber.fixed(value, 3))</td>") }
                page.add("</tr>")
            }
            page.add("</tbody></table>")
        }
        page.add("</section>\n")
    }

    // MARK: Numbers

    private func addResiduals(_ page: inout HTMLText) {
        guard let residuals = report.evaluation?.residuals else { return }
        page.add("<section id=\"residuals\"><h2>Residuals</h2><p class=\"quiet\">A residual is the truth less the prediction.</p><div class=\"cards\">")
        EvaluationCharts.density(residuals).add(to: &page)
        EvaluationCharts.groups(residuals).add(to: &page)
        page.add("<article><h3>Residuals</h3>")
        ReportDrawing.histogram(
            residuals.counts, first: ReportNumber.short(residuals.edges.first ?? 0), last: ReportNumber.short(residuals.edges.last ?? 0),
            label: "histogram of residuals", &page)
        page.add("<dl>")
        for quantile in residuals.quantiles {
            page.add("<dt>\(EvaluationWords.name(of: quantile))</dt><dd>\(ReportNumber.short(quantile.residual))</dd>")
        }
        page.add("<dt>mean</dt><dd>\(ReportNumber.short(residuals.meanResidual))</dd></dl></article></div></section>\n")
    }

    // MARK: The model

    private func addImportance(_ page: inout HTMLText) {
        guard let importance = report.importance else { return }
        let largest = max(importance.columns.first?.loss ?? 0, 0)
        page.add("<section id=\"importance\"><h2>Importance</h2>")
        page.add("p", "class=\"quiet\"", text: "By how much \(importance.measure.title) gets worse when a column's values are dealt out to the rows anew.")
        page.addScrolling("importance") { page in
            page.add("<table class=\"measures\"><thead><tr><th>column</th><th class=\"n\">loss</th><th class=\"n\">deviation</th><th></th></tr></thead><tbody>")
            for column in importance.columns.prefix(Self.mostFeatures) {
                page.add("<tr><td>\(HTMLText.short(column.name, 44))</td><td class=\"n\">\(EvaluationWords.value(column.loss))</td><td class=\"n\">± \(EvaluationWords.value(column.deviation))</td>")
                page.add("<td>\(HTMLText.bar(largest > 0 ? column.loss / largest : 0))</td></tr>")
            }
            page.add("</tbody></table>")
        }
        if !report.dependences.isEmpty {
            page.add("<h3>Predictions if all rows had one value</h3><div class=\"cards\">")
            for dependence in report.dependences {
                if let chart = EvaluationCharts.dependence(dependence, report) { chart.add(to: &page) } else { addDependence(dependence, &page) }
            }
            page.add("</div>")
        }
        page.add("</section>\n")
    }

    private func addDependence(_ dependence: PartialDependence, _ page: inout HTMLText) {
        let outputs = report.outputs
        page.add("<article><h3>\(HTMLText.short(dependence.column))</h3>")
        addTable(dependence.column, [dependence.column] + outputs.map(\.name), dependence.points.map { point in
            [point.value] + outputs.map { EvaluationWords.value(point.means[$0.place]) }
        }, &page)
        page.add("</article>\n")
    }

    private func addFeatures(_ page: inout HTMLText) {
        let model = report.model.model.model, influences = model.influences
        guard let largest = influences.first?.magnitude else { return }
        let isTree = influences.first?.gain != nil
        let classes = report.model.model.encoding.label?.classes ?? []
        let hasWeights = influences.contains { $0.weights != nil }
        let outputs = influences.first?.weights?.count ?? 0
        page.add("<section id=\"features\"><h2>Features</h2>")
        page.addScrolling("features") { page in
            page.add("<table class=\"measures\"><thead><tr><th>feature</th><th class=\"n\">\(FeatureInfluence.magnitudeTitle(of: influences, model.task))</th><th></th>")
            if hasWeights {
                for output in 0..<outputs {
                    page.add("<th class=\"n\">weight\(outputs > 1 && classes.indices.contains(output) ? " for \(HTMLText.short(classes[output], 16))" : "")</th>")
                }
            } else if isTree { page.add("<th class=\"n\">splits</th>") }
            page.add("</tr></thead><tbody>")
            for influence in influences.prefix(Self.mostFeatures) {
                page.add("<tr><td>\(HTMLText.short(influence.feature, 44))</td><td class=\"n\">\(ReportNumber.short(influence.magnitude))</td>")
                page.add("<td>\(HTMLText.bar(largest > 0 ? influence.magnitude / largest : 0))</td>")
                for weight in influence.weights ?? [] { page.add("<td class=\"n\">\(ReportNumber.short(weight))</td>") }
                if isTree { page.add("<td class=\"n\">\(influence.splits.map { ReportNumber.count(Double($0)) } ?? "")</td>") }
                page.add("</tr>")
            }
            page.add("</tbody></table>")
        }
        if influences.count > Self.mostFeatures { page.add("<p class=\"quiet\">… and \(influences.count - Self.mostFeatures) more</p>") }
        page.add("</section>\n")
    }

    private func addTraining(_ page: inout HTMLText) {
        page.add("<section id=\"training\"><h2>Training</h2><dl>")
        for (name, value) in report.trainingFacts {
            page.add("<dt>\(HTMLText.text(name))</dt><dd>\(HTMLText.text(value))</dd>")
        }
        page.add("</dl></section>\n")
    }

    private func addTuning(_ page: inout HTMLText) {
        if let validation = report.training?.crossValidation {
            page.add("<section id=\"folds\"><h2>Folds of the training rows</h2>")
            let summaries = validation.shownSummaries
            let titles = ["mean", "deviation"] + (1...max(validation.folds.count, 1)).map { "fold \($0)" }
            addTable("folds", ["measure"] + titles, summaries.map { summary in
                [summary.measure.title] + ([summary.mean, summary.deviation] + summary.values).map(EvaluationWords.value)
            }, &page)
            page.add("</section>\n")
        }
        guard let search = report.training?.search else { return }
        let names = search.names
        page.add("<section id=\"trials\"><h2>Trials</h2>")
        page.add("p", "class=\"quiet\"", text: "Search (\(search.method.rawValue)) for the best \(search.title) over \(search.folds) folds; the best first.")
        let titles = ["trial"] + names + [search.title, "deviation"] + (search.triesFewerRows ? ["rows"] : [])
        addTable("trials", titles, search.ranking.prefix(Self.mostTrials).map { search.cells(of: $0, names) }, &page)
        if search.trials.count > Self.mostTrials { page.add("<p class=\"quiet\">… and \(search.trials.count - Self.mostTrials) more</p>") }
        page.add("</section>\n")
    }

    /// A table whose first column is names.
    private func addTable(_ label: String, _ titles: [String], _ rows: [[String]], _ page: inout HTMLText) {
        page.addScrolling(label) { page in
            page.add("<table class=\"measures\"><thead><tr>")
            for (place, title) in titles.enumerated() { page.add("th", place > 0 ? "class=\"n\"" : "", text: title) }
            page.add("</tr></thead><tbody>")
            for row in rows {
                page.add("<tr>")
                for (place, text) in row.enumerated() { page.add("td", place > 0 ? "class=\"n\"" : "", text: text) }
                page.add("</tr>")
            }
            page.add("</tbody></table>")
        }
    }
}

extension Profile {
    /// A page of its own: no script, no file beside it, light and dark as the reader prefers.
    /// - Parameter title: what was looked at.
    public func html(title: String) -> String { ProfilePage(self, title: title).text }
}

/// A profile as a page of HTML.
struct ProfilePage {
    private let profile: Profile
    private let title: String

    init(_ profile: Profile, title: String) {
        self.profile = profile
        self.title = title
    }

    var text: String {
        ReportPage.make(heading: "Profile", source: title, facts: facts, style: ProfileStyle.sheet) { page in
            addFindings(&page)
            addLabel(&page)
            addDrift(&page)
            addOverview(&page)
            addColumns(&page)
            addCorrelations(&page)
        }
    }

    private var facts: [(value: String, name: String)] {
        var facts = [(Self.count(profile.rowCount), "rows"), (Self.count(profile.columns.count), "columns")]
        if let rows = profile.referenceRowCount { facts.append((Self.count(rows), "rows compared with")) }
        let cells = profile.columns.reduce(0) { $0 + $1.rowCount }
        if cells > 0 {
            facts.append((Self.percent(Double(profile.columns.reduce(0) { $0 + $1.nullCount }) / Double(cells)), "NULL"))
        }
        return facts
    }

    private func addFindings(_ page: inout HTMLText) {
        guard !profile.findings.isEmpty else { return }
        page.add("<section><h2>Worth a look</h2><ul class=\"findings\">")
        for finding in profile.findings {
            page.add("<li class=\"\(finding.kind.rawValue)\"><b>\(HTMLText.short(finding.column))</b> \(HTMLText.text(finding.text))</li>")
        }
        page.add("</ul></section>\n")
    }

    // MARK: Label and drift

    private func addLabel(_ page: inout HTMLText) {
        guard let label = profile.label else { return }
        page.add("<section><h2>Association with \(HTMLText.short(label.name))</h2>")
        if let classes = label.classes, !classes.isEmpty {
            let names = classes.map { "\(HTMLText.short($0.value, 24)) (\(Self.count($0.count)))" }
            page.add("<p>Classes: \(names.joined(separator: ", "))\(label.missing > 0 ? ", without: \(Self.count(label.missing))" : "")</p>")
        }
        page.addScrolling("association with \(label.name)") { addAssociations(label, &$0) }
        page.add("</section>\n")
    }

    private func addAssociations(_ label: LabelProfile, _ page: inout HTMLText) {
        let hasArea = label.associations.contains { $0.areaUnderROC != nil }
        let hasInformation = label.associations.contains { $0.mutualInformation != nil }
        page.add("<table><thead><tr><th>column</th><th>measure</th><th class=\"n\">value</th><th></th>")
        if hasArea { page.add("<th class=\"n\">AUC</th>") }
        if hasInformation { page.add("<th class=\"n\">bits</th>") }
        page.add("</tr></thead><tbody>")
        for association in label.associations {
            page.add("<tr><td>\(HTMLText.short(association.column))</td><td>\(HTMLText.text(association.measure?.title ?? ""))</td>")
            if let value = association.value {
                page.add("<td class=\"n\">\(ReportNumber.fixed(value, 3))</td><td>\(HTMLText.bar(association.strength))</td>")
            } else {
                page.add("<td></td><td class=\"quiet\">\(HTMLText.text(association.reason ?? ""))</td>")
            }
            if hasArea { page.add("<td class=\"n\">\(association.areaUnderROC.map { ReportNumber.fixed($0, 3) } ?? "")</td>") }
            if hasInformation { page.add("<td class=\"n\">\(association.mutualInformation.map { ReportNumber.fixed($0, 3) } ?? "")</td>") }
            page.add("</tr>")
        }
        page.add("</tbody></table>")
    }

    private func addDrift(_ page: inout HTMLText) {
        guard let drift = profile.drift else { return }
        page.add("<section><h2>Difference from the other rows</h2>")
        page.addScrolling("difference from the other rows") { addDriftTable(drift, &$0) }
        page.add("</section>\n")
    }

    private func addDriftTable(_ drift: [ColumnDrift], _ page: inout HTMLText) {
        func number(_ value: Double?) -> String { value.map { ReportNumber.fixed($0, 3) } ?? "" }
        page.add("<table><thead><tr><th>column</th>")
        page.add("<th class=\"n\">PSI</th><th></th><th class=\"n\">Jensen-Shannon</th><th class=\"n\">Kolmogorov-Smirnov</th>")
        page.add("<th class=\"n\">NULL</th><th class=\"n\">NULL there</th></tr></thead><tbody>")
        for column in drift.sorted(by: { ($0.populationStability ?? -1) > ($1.populationStability ?? -1) }) {
            page.add("<tr><td>\(HTMLText.short(column.column))</td><td class=\"n\">\(number(column.populationStability))</td>")
            if let index = column.populationStability {
                page.add("<td>\(HTMLText.bar(min(index / Profile.largeDrift / 2, 1), isLoud: index >= Profile.largeDrift))</td>")
            } else {
                page.add("<td class=\"quiet\">\(HTMLText.text(column.reason ?? ""))</td>")
            }
            page.add("<td class=\"n\">\(number(column.jensenShannon))</td><td class=\"n\">\(number(column.kolmogorovSmirnov))</td>")
            page.add("<td class=\"n\">\(column.nullShare.map(Self.percent) ?? "")</td>")
            page.add("<td class=\"n\">\(column.referenceNullShare.map(Self.percent) ?? "")</td></tr>")
        }
        page.add("</tbody></table>")
    }

    // MARK: Columns

    private func addOverview(_ page: inout HTMLText) {
        page.add("<section><h2>Columns</h2>")
        page.addScrolling("columns") { addOverviewTable(&$0) }
        page.add("</section>\n")
    }

    private func addOverviewTable(_ page: inout HTMLText) {
        page.add("<table><thead><tr><th>column</th><th>type</th><th class=\"n\">NULL</th>")
        page.add("<th class=\"n\">distinct</th><th>least</th><th>median</th><th>greatest</th><th class=\"n\">mean</th>")
        page.add("<th class=\"n\">deviation</th><th>distribution</th></tr></thead><tbody>")
        for (index, column) in profile.columns.enumerated() {
            page.add("<tr><td><a href=\"#c\(index)\">\(HTMLText.short(column.name, 28))</a></td><td>\(HTMLText.short("\(column.type)", 18))</td>")
            page.add("<td class=\"n\">\(column.nullCount == 0 ? "" : column.nullShare.map(Self.percent) ?? "")</td>")
            page.add("<td class=\"n\">\(column.distinct.map(Self.distinct) ?? "")</td>")
            for text in [column.minimum, column.quantiles.first { $0.fraction == 0.5 }?.value, column.maximum] {
                page.add("<td>\(text.map { HTMLText.short($0, 19) } ?? "")</td>")
            }
            page.add("<td class=\"n\">\(column.numbers?.meanText.map { HTMLText.short(column.type.isNumeric ? column.numbers?.mean.map(ReportNumber.short) ?? $0 : $0, 22) } ?? "")</td>")
            page.add("<td class=\"n\">\(column.numbers?.deviation.map(ReportNumber.short) ?? "")</td><td>")
            ProfileDrawing.sparkline(column, &page)
            page.add("</td></tr>")
        }
        page.add("</tbody></table>")
    }

    private func addColumns(_ page: inout HTMLText) {
        page.add("<section class=\"cards\">")
        for (index, column) in profile.columns.enumerated() { addCard(column, index, &page) }
        page.add("</section>\n")
    }

    private func addCard(_ column: ColumnProfile, _ index: Int, _ page: inout HTMLText) {
        page.add("<article id=\"c\(index)\"><h3>\(HTMLText.short(column.name))</h3><p class=\"quiet\">\(HTMLText.short("\(column.type)"))</p>")
        var facts: [(String, String)] = []
        if let share = column.nullShare { facts.append(("NULL", column.nullCount == 0 ? "none" : "\(Self.count(column.nullCount)) (\(Self.percent(share)))")) }
        if let distinct = column.distinct { facts.append(("distinct", Self.distinct(distinct))) }
        if let numbers = column.numbers {
            if let mean = numbers.meanText { facts.append(("mean", mean)) }
            if let deviation = numbers.deviation { facts.append(("deviation", ReportNumber.short(deviation))) }
            for (name, count) in [("zeros", numbers.zeros), ("negatives", numbers.negatives), ("NaN", numbers.nans), ("infinite", numbers.infinities)]
            where count > 0 { facts.append((name, Self.count(count))) }
        }
        if let minimum = column.minimum { facts.append(("least", minimum)) }
        for quantile in column.quantiles { facts.append(("\(ReportNumber.fixed(quantile.fraction * 100, 0)) %", quantile.value)) }
        if let maximum = column.maximum { facts.append(("greatest", maximum)) }
        if let texts = column.texts {
            facts.append(("characters", "\(texts.leastLength) to \(texts.mostLength), \(ReportNumber.short(texts.meanLength)) on average"))
            if texts.empty > 0 { facts.append(("empty", Self.count(texts.empty))) }
            if let type = texts.readableAs { facts.append(("reads as", "\(type)")) }
        }
        page.add("<dl>")
        for (name, value) in facts { page.add("<dt>\(HTMLText.text(name))</dt><dd>\(HTMLText.short(value, 40))</dd>") }
        page.add("</dl>")
        if let histogram = column.histogram {
            ReportDrawing.histogram(histogram.counts, first: histogram.first, last: histogram.last, &page)
        }
        if !column.top.isEmpty, column.valueCount > 0 {
            page.add("<table class=\"top\"><caption>most frequent</caption><tbody>")
            for value in column.top {
                let share = Double(value.count) / Double(column.valueCount)
                page.add("<tr><td>\(value.value.isEmpty ? "<i>empty</i>" : HTMLText.short(value.value, 36))</td><td class=\"n\">\(Self.count(value.count))</td>")
                page.add("<td>\(HTMLText.bar(min(share, 1)))</td></tr>")
            }
            page.add("</tbody></table>")
        }
        page.add("</article>\n")
    }

    private func addCorrelations(_ page: inout HTMLText) {
        guard !profile.correlations.isEmpty else { return }
        page.add("<section><h2>Correlations</h2><p class=\"quiet\">Pearson's coefficient, over the rows in which both columns have a number.")
        if profile.uncorrelatedColumns > 0 { page.add(" \(profile.uncorrelatedColumns) further columns are left out.") }
        page.add("</p>")
        page.addScrolling("correlations") { ProfileDrawing.heatMap(profile, &$0) }
        page.add("</section>\n")
    }

    // MARK: Pieces

    private static func count(_ value: Int) -> String { ReportNumber.count(Double(value)) }

    private static func percent(_ share: Double) -> String { ReportNumber.percent(share) }

    private static func distinct(_ distinct: DistinctCount) -> String { (distinct.isExact ? "" : "≈ ") + count(distinct.count) }
}

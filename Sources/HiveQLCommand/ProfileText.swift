import HiveQL
import Platform

/// A profile for a terminal.
struct ProfileText {
    private let profile: Profile
    private let width: Int?

    /// Pairs of columns, and differing columns, that are listed.
    private static let mostListed = 10
    /// Columns of the terminal that a value may take, as far as there is room.
    private static let valueWidths = [22, 16, 12, 10, 8]

    /// - Parameter width: of the terminal; nil: as wide as it gets.
    init(_ profile: Profile, width: Int?) {
        self.profile = profile
        self.width = width
    }

    var lines: [String] {
        var lines = ["\(Self.count(profile.rowCount)) row(s), \(profile.columns.count) column(s)"]
        if profile.rowCount == 0 { lines[0] += ": there is nothing to look at" }
        lines += [""] + columnLines()
        lines += labelLines() + driftLines() + correlationLines() + findingLines()
        return lines
    }

    // MARK: Columns

    private func columnLines() -> [String] {
        var lines: [String] = []
        for most in Self.valueWidths {
            lines = AlignedText.lines(
                [["column", "type", "NULL", "distinct", "least", "median", "greatest", "mean", "deviation", "distribution"]]
                    + profile.columns.map { cells($0, most) },
                areNumbers: [false, false, true, true, false, false, false, true, true, false])
            if let width, lines.contains(where: { $0.displayWidth > width }) { continue }
            break
        }
        // What does not fit at the narrowest is cut, so that lines stay lines.
        return width.map { width in lines.map { $0.fitted(to: width) } } ?? lines
    }

    private func cells(_ column: ColumnProfile, _ most: Int) -> [String] {
        func value(_ text: String?) -> String { (text ?? "").withoutControls.fitted(to: most) }
        let isNumber = column.type.isNumeric
        let mean = isNumber ? column.numbers?.mean.map(ReportNumber.short) : column.numbers?.meanText
        return [
            column.name.withoutControls.fitted(to: max(most, 16)), "\(column.type)".fitted(to: max(most, 9)),
            column.nullCount == 0 ? "" : Self.percent(column.nullShare ?? 0), column.distinct.map(Self.distinct) ?? "",
            value(column.minimum), value(column.quantiles.first { $0.fraction == 0.5 }?.value), value(column.maximum),
            value(mean), value(column.numbers?.deviation.map(ReportNumber.short)), distribution(column, most),
        ]
    }

    /// A histogram, or the most frequent values with their parts.
    private func distribution(_ column: ColumnProfile, _ most: Int) -> String {
        if let histogram = column.histogram, histogram.counts.contains(where: { $0 > 0 }) { return Sparkline.text(histogram.counts) }
        guard column.valueCount > 0 else { return "" }
        return column.top.prefix(3).map { value in
            let text = value.value.isEmpty ? "''" : value.value.withoutControls
            return "\(text.fitted(to: most)) \(Self.percent(Double(value.count) / Double(column.valueCount)))"
        }.joined(separator: ", ")
    }

    // MARK: Sections

    private func labelLines() -> [String] {
        guard let label = profile.label else { return [] }
        var lines = ["", "association with \(label.name.withoutControls)"]
        if let classes = label.classes {
            let names = classes.map { "\($0.value.withoutControls.fitted(to: 24)) (\(Self.count($0.count)))" }
            lines.append("  classes: \(names.joined(separator: ", "))\(label.missing > 0 ? "; \(Self.count(label.missing)) without" : "")")
        }
        let rows = label.associations.map { association in
            [
                association.column, association.measure?.title ?? "–", association.value.map { ReportNumber.fixed($0, 3) } ?? "",
                association.areaUnderROC.map { "AUC \(ReportNumber.fixed($0, 3))" } ?? "",
                association.reason ?? association.mutualInformation.map { "\(ReportNumber.fixed($0, 3)) bit" } ?? "",
            ]
        }
        return lines + indented(AlignedText.lines(rows, areNumbers: [false, false, true, false, false]))
    }

    private func driftLines() -> [String] {
        guard let drift = profile.drift else { return [] }
        func number(_ value: Double?) -> String { value.map { ReportNumber.fixed($0, 3) } ?? "" }
        let rows = drift.sorted { ($0.populationStability ?? -1) > ($1.populationStability ?? -1) }.map { column in
            let index = column.populationStability
            let judgement = index.map { $0 >= Profile.largeDrift ? "large" : $0 >= Profile.moderateDrift ? "moderate" : "" }
            return [
                column.column, number(index), number(column.jensenShannon), number(column.kolmogorovSmirnov),
                judgement ?? column.reason ?? "",
            ]
        }
        return ["", "difference from the other \(Self.count(profile.referenceRowCount ?? 0)) row(s)"]
            + indented(AlignedText.lines(
                [["column", "PSI", "Jensen-Shannon", "Kolmogorov-Smirnov", ""]] + rows, areNumbers: [false, true, true, true, false]))
    }

    private func correlationLines() -> [String] {
        let known = profile.correlations.compactMap { pair in pair.coefficient.map { (pair, $0) } }
            .sorted { abs($0.1) > abs($1.1) }
        guard !known.isEmpty else { return [] }
        let rows = known.prefix(Self.mostListed).map { pair, coefficient in
            [profile.columns[pair.left].name, profile.columns[pair.right].name, ReportNumber.fixed(coefficient, 3)]
        }
        let more = known.count > rows.count ? " (the strongest \(rows.count) of \(known.count))" : ""
        var lines = ["", "correlations\(more)"] + indented(AlignedText.lines(rows, areNumbers: [false, false, true]))
        if profile.uncorrelatedColumns > 0 { lines.append("  \(profile.uncorrelatedColumns) further numeric column(s) are left out") }
        return lines
    }

    private func findingLines() -> [String] {
        guard !profile.findings.isEmpty else { return [] }
        return ["", "worth a look"] + profile.findings.map { "  \($0.column.withoutControls) \($0.text.withoutControls)" }
    }

    private func indented(_ lines: [String]) -> [String] {
        lines.map { line in width.map { ("  " + line).fitted(to: $0) } ?? "  " + line }
    }

    // MARK: Pieces

    private static func count(_ value: Int) -> String { ReportNumber.count(Double(value)) }

    private static func percent(_ share: Double) -> String {
        "\(ReportNumber.fixed(share * 100, share > 0 && share < 0.001 ? 2 : 1)) %"
    }

    private static func distinct(_ distinct: DistinctCount) -> String { (distinct.isExact ? "" : "≈") + count(distinct.count) }
}

/// The drawings of a profile's page, as SVG inside it.
enum ProfileDrawing {
    /// A histogram without letters, or the shares of the most frequent values.
    static func sparkline(_ column: ColumnProfile, _ page: inout HTMLText) {
        let counts: [Int]
        if let histogram = column.histogram {
            counts = histogram.counts
        } else {
            counts = column.top.map(\.count)
        }
        guard let most = counts.max(), most > 0 else { return }
        page.add("<svg class=\"spark\" viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">")
        ReportDrawing.bars(counts, most, width: 100, height: 20, &page)
        page.add("</svg>")
    }

    /// A square a pair of columns, blue for those that go together and red for those that go against each other.
    static func heatMap(_ profile: Profile, _ page: inout HTMLText) {
        var places: [Int] = []
        for pair in profile.correlations {
            for index in [pair.left, pair.right] where !places.contains(index) { places.append(index) }
        }
        places.sort()
        let numbers = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, $0) })
        let side = 26.0, names = 190.0, above = 130.0
        let size = Double(places.count) * side
        page.add("<svg class=\"heat\" width=\"\(number(names + size + 90))\" height=\"\(number(above + size + 4))\" role=\"img\" aria-label=\"correlations\">")
        for (position, index) in places.enumerated() {
            let name = HTMLText.short(profile.columns[index].name, 24)
            let middle = (Double(position) + 0.5) * side
            page.add("<text x=\"\(number(names - 6))\" y=\"\(number(above + middle + 4))\" text-anchor=\"end\">\(name)</text>")
            page.add("<text transform=\"translate(\(number(names + middle + 3)) \(number(above - 6))) rotate(-50)\">\(name)</text>")
            square(names + Double(position) * side, above + Double(position) * side, side, 1, "\(name): 1", &page)
        }
        for pair in profile.correlations {
            guard let left = numbers[pair.left], let right = numbers[pair.right] else { continue }
            let title = "\(HTMLText.short(profile.columns[pair.left].name)), \(HTMLText.short(profile.columns[pair.right].name)): "
                + (pair.coefficient.map { ReportNumber.fixed($0, 3) } ?? "not known")
            for (row, column) in [(left, right), (right, left)] {
                square(names + Double(column) * side, above + Double(row) * side, side, pair.coefficient, title, &page)
            }
        }
        page.add("</svg>")
    }

    /// - Parameter title: as markup.
    private static func square(
        _ x: Double, _ y: Double, _ side: Double, _ coefficient: Double?, _ title: String, _ page: inout HTMLText
    ) {
        let size = abs(coefficient ?? 0)
        let kind = coefficient == nil ? "none" : (coefficient ?? 0) < 0 ? "against" : "with"
        page.add(
            "<rect class=\"\(kind)\" x=\"\(number(x + 0.5))\" y=\"\(number(y + 0.5))\" width=\"\(number(side - 1))\" height=\"\(number(side - 1))\" "
                + "fill-opacity=\"\(coefficient == nil ? "1" : number(0.04 + 0.96 * size))\"><title>\(title)</title></rect>")
        guard let coefficient, size >= 0.3 else { return }
        let text = size >= 0.995 ? "1" : ".\(Int((size * 100).rounded()))"
        page.add(
            "<text class=\"value\(size >= 0.55 ? " strong" : "")\" x=\"\(number(x + side / 2))\" y=\"\(number(y + side / 2 + 3.5))\" "
                + "text-anchor=\"middle\">\(coefficient < 0 ? "−" : "")\(text)</text>")
    }

    private static func number(_ value: Double) -> String { ReportDrawing.number(value) }
}

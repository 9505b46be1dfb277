import FeatureTables

/// Lines over the unit square, or another, as SVG with its numbers behind it: for eyes, and for readers that have none.
struct EvaluationChart {
    struct Line {
        var name: String
        var points: [(x: Double, y: Double)]
        /// Which of the colours.
        var color: Int
        /// The other model's.
        var isDashed = false
        /// Points stand for themselves, as those of groups of rows do.
        var hasMarks = false
    }

    var title: String
    /// What the axes are.
    var x: String
    var y: String
    var lines: [Line]
    /// A line for what chance does, or what would be perfect.
    var reference: [(x: Double, y: Double)] = []
    /// The ends of both axes.
    var domain = 0.0...1.0
    var range = 0.0...1.0
    /// How many rows are where: rows of cells from below, each from the left.
    var cells: [[Int]] = []
    /// A word about the drawing.
    var caption: String?

    private static let width = 330.0, height = 250.0
    private static let left = 54.0, right = 18.0, top = 10.0, bottom = 36.0
    private static let ticks = 4
    private static let mostNumbers = 21
    static let colors = 12

    private func place(_ point: (x: Double, y: Double)) -> String {
        "\(ReportDrawing.number(place(x: point.x))),\(ReportDrawing.number(place(y: point.y)))"
    }

    private func place(x: Double) -> Double {
        Self.left + share(x, domain) * (Self.width - Self.left - Self.right)
    }

    private func place(y: Double) -> Double {
        Self.height - Self.bottom - share(y, range) * (Self.height - Self.top - Self.bottom)
    }

    private func share(_ value: Double, _ ends: ClosedRange<Double>) -> Double {
        // Halves, since ends may be further apart than the greatest number.
        let width = ends.upperBound / 2 - ends.lowerBound / 2
        return width > 0 ? min(max((value / 2 - ends.lowerBound / 2) / width, 0), 1) : 0.5
    }

    func add(to page: inout HTMLText) {
        page.add("<article><h3>\(HTMLText.text(title))</h3><figure>")
        page.add(
            "<svg class=\"chart\" viewBox=\"0 0 \(ReportDrawing.number(Self.width)) \(ReportDrawing.number(Self.height))\" role=\"img\" "
                + "aria-label=\"\(HTMLText.text(title)): \(HTMLText.text(y)) over \(HTMLText.text(x))\(lines.isEmpty ? "" : ", numbers below")\">")
        addAxes(&page)
        addCells(&page)
        if reference.count > 1 {
            page.add("<polyline class=\"reference\" points=\"\(reference.map(place).joined(separator: " "))\"/>")
        }
        for line in lines where !line.points.isEmpty {
            let kind = "c\(line.color % Self.colors)\(line.isDashed ? " other" : "")"
            page.add("<polyline class=\"line \(kind)\" points=\"\(line.points.map(place).joined(separator: " "))\">")
            page.add("<title>\(HTMLText.short(line.name))</title></polyline>")
            guard line.hasMarks else { continue }
            for point in line.points {
                page.add(
                    "<circle class=\"\(kind)\" cx=\"\(ReportDrawing.number(place(x: point.x)))\" cy=\"\(ReportDrawing.number(place(y: point.y)))\" r=\"3.5\">"
                        + "<title>\(ReportNumber.short(point.x)), \(ReportNumber.short(point.y))</title></circle>")
            }
        }
        page.add("</svg>")
        if lines.count > 1 {
            page.add("<figcaption class=\"legend\">")
            for line in lines {
                page.add("<span><i class=\"c\(line.color % Self.colors)\(line.isDashed ? " other" : "")\"></i>\(HTMLText.short(line.name, 32))</span>")
            }
            page.add("</figcaption>")
        }
        if let caption { page.add("figcaption", text: caption) }
        page.add("</figure>")
        if !lines.isEmpty { addNumbers(&page) }
        page.add("</article>\n")
    }

    private func addAxes(_ page: inout HTMLText) {
        for tick in 0...Self.ticks {
            let part = Double(tick) / Double(Self.ticks)
            let x = domain.lowerBound * (1 - part) + domain.upperBound * part
            let y = range.lowerBound * (1 - part) + range.upperBound * part
            let (px, py) = (place(x: x), place(y: y))
            page.add("<line class=\"grid\" x1=\"\(ReportDrawing.number(px))\" y1=\"\(ReportDrawing.number(Self.top))\" x2=\"\(ReportDrawing.number(px))\" y2=\"\(ReportDrawing.number(Self.height - Self.bottom))\"/>")
            page.add("<line class=\"grid\" x1=\"\(ReportDrawing.number(Self.left))\" y1=\"\(ReportDrawing.number(py))\" x2=\"\(ReportDrawing.number(Self.width - Self.right))\" y2=\"\(ReportDrawing.number(py))\"/>")
            page.add("<text x=\"\(ReportDrawing.number(px))\" y=\"\(ReportDrawing.number(Self.height - Self.bottom + 14))\" text-anchor=\"middle\">\(Self.tick(x, domain))</text>")
            page.add("<text x=\"\(ReportDrawing.number(Self.left - 5))\" y=\"\(ReportDrawing.number(py + 3.5))\" text-anchor=\"end\">\(Self.tick(y, range))</text>")
        }
        let middle = Self.left + (Self.width - Self.left - Self.right) / 2
        page.add("<text class=\"axis\" x=\"\(ReportDrawing.number(middle))\" y=\"\(ReportDrawing.number(Self.height - 5))\" text-anchor=\"middle\">\(HTMLText.text(x))</text>")
        let center = Self.top + (Self.height - Self.top - Self.bottom) / 2
        page.add("<text class=\"axis\" transform=\"translate(11 \(ReportDrawing.number(center))) rotate(-90)\" text-anchor=\"middle\">\(HTMLText.text(y))</text>")
    }

    /// Ends of unit length are shares; others have as many decimal places as tell the ticks apart.
    private static func tick(_ value: Double, _ ends: ClosedRange<Double>) -> String {
        if ends == 0...1 { return "\(Int((value * 100).rounded())) %" }
        let size = max(abs(ends.lowerBound), abs(ends.upperBound))
        guard size < 1e5, size >= 0.01 else { return ReportNumber.short(value) }
        return ReportNumber.fixed(value, ends.upperBound - ends.lowerBound >= 100 ? 0 : ends.upperBound - ends.lowerBound >= 10 ? 1 : 2)
    }

    private func addCells(_ page: inout HTMLText) {
        guard let most = cells.joined().max(), most > 0 else { return }
        let count = Double(cells.count)
        let width = (Self.width - Self.left - Self.right) / count, height = (Self.height - Self.top - Self.bottom) / count
        for (row, counts) in cells.enumerated() {
            for (column, count) in counts.enumerated() where count > 0 {
                // Roots, so that single rows are seen beside crowds.
                let part = 0.15 + 0.85 * (Double(count) / Double(most)).squareRoot()
                page.add(
                    "<rect x=\"\(ReportDrawing.number(Self.left + Double(column) * width))\" y=\"\(ReportDrawing.number(Self.height - Self.bottom - Double(row + 1) * height))\" "
                        + "width=\"\(ReportDrawing.number(width))\" height=\"\(ReportDrawing.number(height))\" fill-opacity=\"\(ReportDrawing.number(part))\"><title>\(ReportNumber.count(Double(count)))</title></rect>")
            }
        }
    }

    /// Some of the points as a table, for the keyboard and for readers of the page's text.
    private func addNumbers(_ page: inout HTMLText) {
        page.add("<details><summary>Numbers</summary>")
        page.addScrolling("numbers of \(title)") { page in
            page.add("<table><thead><tr>\(lines.count > 1 ? "<th></th>" : "")<th class=\"n\">\(HTMLText.text(x))</th><th class=\"n\">\(HTMLText.text(y))</th></tr></thead><tbody>")
            for line in lines {
                let step = max((line.points.count + Self.mostNumbers - 1) / Self.mostNumbers, 1)
                for (place, point) in line.points.enumerated() where place % step == 0 || place == line.points.count - 1 {
                    page.add("<tr>\(lines.count > 1 ? "<td>\(HTMLText.short(line.name, 32))</td>" : "")<td class=\"n\">\(ReportNumber.fixed(point.x, 4))</td><td class=\"n\">\(ReportNumber.fixed(point.y, 4))</td></tr>")
                }
            }
            page.add("</tbody></table>")
        }
        page.add("</details>")
    }
}

extension ThresholdCurve {
    /// false positive rate and recall.
    package var rocPoints: [(x: Double, y: Double)] {
        guard positives > 0, negatives > 0 else { return [] }
        return [(0, 0)] + points.map { ($0.wrong / negatives, $0.found / positives) }
    }

    /// recall and precision.
    package var precisionPoints: [(x: Double, y: Double)] {
        guard positives > 0 else { return [] }
        return points.compactMap { point in precision(point).map { (point.found / positives, $0) } }
    }

    /// The share of the rows that are taken, and recall.
    package var gainPoints: [(x: Double, y: Double)] {
        guard positives > 0 else { return [] }
        return [(0, 0)] + points.compactMap { point in takenShare(point).map { ($0, point.found / positives) } }
    }

    /// The share of the rows that are taken, and lift.
    package var liftPoints: [(x: Double, y: Double)] {
        points.compactMap { point in takenShare(point).flatMap { share in lift(point).map { (share, $0) } } }
    }
}

extension Reliability {
    /// The mean prediction and the share in which it came true, of each bin that is not empty.
    package var points: [(x: Double, y: Double)] {
        bins.compactMap { bin in bin.meanPrediction.flatMap { mean in bin.share.map { (mean, $0) } } }
    }
}

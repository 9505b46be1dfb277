/// Pieces of drawings, as SVG inside a page.
package enum ReportDrawing {
    /// Bars side by side, with what each stands for as its title.
    package static func bars(
        _ counts: [Int], _ most: Int, width: Double, height: Double, of kind: String = "", _ page: inout HTMLText
    ) {
        guard most > 0 else { return }
        let step = width / Double(counts.count)
        for (position, count) in counts.enumerated() where count > 0 {
            // A bar of few values is seen beside one of many.
            let length = max(Double(count) / Double(most) * height, 1)
            page.add(
                "<rect\(kind.isEmpty ? "" : " class=\"\(kind)\"") x=\"\(number(step * Double(position) + step * 0.05))\" y=\"\(number(height - length))\" "
                    + "width=\"\(number(step * 0.9))\" height=\"\(number(length))\"><title>\(ReportNumber.count(Double(count)))</title></rect>")
        }
    }

    /// Bars with the ends of the axis below, as a figure.
    package static func histogram(
        _ counts: [Int], first: String, last: String, label: String = "histogram", of kind: String = "", _ page: inout HTMLText
    ) {
        guard let most = counts.max(), most > 0 else { return }
        page.add(
            "<figure><svg class=\"histogram\" viewBox=\"0 0 300 90\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"\(HTMLText.text(label))\">")
        bars(counts, most, width: 300, height: 90, of: kind, &page)
        page.add("</svg><figcaption><span>\(HTMLText.short(first, 24))</span><span>\(HTMLText.short(last, 24))</span></figcaption></figure>")
    }

    /// A coordinate.
    package static func number(_ value: Double) -> String { ReportNumber.fixed(value, 2) }
}

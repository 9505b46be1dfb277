/// What all pages of reports have: no script, no file beside them, light and dark as the reader prefers.
package enum ReportPage {
    /// - Parameters:
    ///   - heading: what kind of report it is.
    ///   - source: what it is about.
    ///   - facts: what a reader wants first, as numbers with what they count.
    ///   - style: rules of its own.
    package static func make(
        heading: String, source: String, facts: [(value: String, name: String)], style: String = "",
        _ body: (inout HTMLText) -> Void
    ) -> String {
        var page = HTMLText()
        page.add("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        page.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        page.add("title", text: "\(heading) of \(source.count > 80 ? source.prefix(79) + "…" : source)")
        page.add("<style>\(ReportStyle.sheet)\(style)</style></head>\n<body><header>")
        page.add("h1", text: heading)
        page.add("p", "class=\"source\"", text: source)
        page.add("<ul class=\"facts\">")
        for (value, name) in facts { page.add("<li><b>\(HTMLText.text(value))</b> \(HTMLText.text(name))</li>") }
        page.add("</ul></header>\n<main>")
        body(&page)
        page.add("</main></body></html>\n")
        return page.page
    }
}

import Platform

/// A page of HTML as it grows. What comes from data goes through `text`, which nothing gets out of: neither of an element
/// nor of an attribute's quotation marks.
package struct HTMLText {
    package private(set) var page = ""

    package init() {}

    /// Adds markup.
    package mutating func add(_ markup: String) { page += markup }

    /// Adds an element that holds a text.
    package mutating func add(_ tag: String, _ attributes: String = "", text: String) {
        page += "<\(tag)\(attributes.isEmpty ? "" : " ")\(attributes)>\(Self.text(text))</\(tag)>"
    }

    /// Adds what may be wider than the page, in a frame that the keyboard reaches and scrolls.
    package mutating func addScrolling(_ label: String, _ body: (inout HTMLText) -> Void) {
        page += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(Self.short(label))\">"
        body(&self)
        page += "</div>"
    }

    /// A text with what markup is made of, and control characters, shown.
    package static func text(_ text: String) -> String {
        var result = ""
        for scalar in ShownText.line(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// As `text`, with a mark where a long one was cut.
    package static func short(_ text: String, _ most: Int = 60) -> String {
        Self.text(text.count > most ? text.prefix(most - 1) + "…" : text)
    }

    /// A share as a bar.
    package static func bar(_ share: Double, isLoud: Bool = false) -> String {
        let width = ReportNumber.fixed(min(max(share, 0), 1) * 100, 1)
        return "<span class=\"bar\"><span\(isLoud ? " class=\"loud\"" : "") style=\"width:\(width)%\"></span></span>"
    }
}

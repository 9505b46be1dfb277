import Platform

/// A page of HTML as it grows. What comes from data goes through `text`, which nothing gets out of: neither of an element
/// nor of an attribute's quotation marks.
struct HTMLText {
    private(set) var page = ""

    /// Adds markup.
    mutating func add(_ markup: String) { page += markup }

    /// Adds an element that holds a text.
    mutating func add(_ tag: String, _ attributes: String = "", text: String) {
        page += "<\(tag)\(attributes.isEmpty ? "" : " ")\(attributes)>\(Self.text(text))</\(tag.prefix { $0 != " " })>"
    }

    /// A text with what markup is made of, and control characters, shown.
    static func text(_ text: String) -> String {
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
    static func short(_ text: String, _ most: Int = 60) -> String {
        Self.text(text.count > most ? text.prefix(most - 1) + "…" : text)
    }
}

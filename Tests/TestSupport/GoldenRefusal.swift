/// What Hive said when it refused a statement: `FAILED: SemanticException [Error 10001]: Line 1:14 Table not found 'x'`.
///
/// An engine agrees when it gives the same number, the same place and the same words. It may say more, such as a place
/// where Hive gives none, and need not name the Java class of the exception.
package struct GoldenRefusal: Sendable, Equatable {
    /// `[Error 10001]`; nil where Hive gives none.
    package let code: String?
    /// `1:14`
    package let place: String?
    package let words: String

    package init(_ text: String) {
        var rest = text[...]
        if let match = rest.prefixMatch(of: /FAILED: [A-Za-z]+Exception:?\s*/) { rest = rest[match.range.upperBound...] }
        if let match = rest.prefixMatch(of: /(\[Error \d+\]):\s*/) {
            code = String(match.1)
            rest = rest[match.range.upperBound...]
        } else {
            code = nil
        }
        if let match = rest.prefixMatch(of: /(?:[Ll]ine )?(\d+:\d+)\s+/) {
            place = String(match.1)
            rest = rest[match.range.upperBound...]
        } else {
            place = nil
        }
        words = String(rest)
    }

    package func agrees(with got: String) -> Bool {
        guard !words.isEmpty || code != nil else { return false }
        // Hive's words have double spaces where a part is empty.
        let got = got.replacing(/[ ]+/, with: " ")
        return got.contains(words.replacing(/[ ]+/, with: " ")) && (code.map(got.contains) ?? true) && (place.map(got.contains) ?? true)
    }
}

/// A message about a place in a statement, for errors that are found after parsing.
package struct Diagnostic: Hashable, Sendable {
    /// What goes before the position, such as `SemanticException [Error 10004]:`.
    package var category: String
    package var message: String
    package var range: SourceRange?
    package var hint: String?

    package init(category: String, message: String, range: SourceRange? = nil, hint: String? = nil) {
        self.category = category
        self.message = message
        self.range = range
        self.hint = hint
    }

    /// `FAILED: SemanticException [Error 10004]: Line 1:7 message`, the source line with a caret, and the hint.
    package func rendered(in source: SourceText) -> String {
        guard let range else {
            return "FAILED: \(category) \(message)" + (hint.map { "\n" + $0 } ?? "")
        }
        let position = source.position(of: range.start)
        var text = "FAILED: \(category) Line \(position.line):\(position.column) \(message)"
        text += "\n" + source.excerpt(at: range)
        if let hint { text += "\n" + hint }
        return text
    }
}

/// A text that is not HiveQL: Hive's message, and where.
package struct SyntaxError: Error, Hashable, Sendable {
    /// Hive's words without `FAILED: ParseException line 1:7`.
    package var message: String
    package var range: SourceRange
    /// Counted from 1, in the text given to the parser.
    package var line: Int
    /// Counted from 0 in characters, as Hive counts.
    package var column: Int
    /// A suggestion such as `Did you mean 'select'?`
    package var hint: String?
    /// The input ended before the statement did: a shell asks for another line.
    package var isAtEnd: Bool

    package init(
        message: String, range: SourceRange, line: Int, column: Int, hint: String? = nil, isAtEnd: Bool = false
    ) {
        self.message = message
        self.range = range
        self.line = line
        self.column = column
        self.hint = hint
        self.isAtEnd = isAtEnd
    }

    package init(
        message: String, range: SourceRange, in source: SourceText, hint: String? = nil, isAtEnd: Bool = false
    ) {
        let position = source.position(of: range.start)
        self.init(
            message: message, range: range, line: position.line, column: position.column, hint: hint,
            isAtEnd: isAtEnd)
    }
}

extension SyntaxError: CustomStringConvertible {
    /// `FAILED: ParseException line 1:7 cannot recognize input near …`
    package var description: String { "FAILED: ParseException line \(line):\(column) \(message)" }

    /// The message, the source line with a caret under it, and the hint, one a line.
    package func rendered(in source: SourceText) -> String {
        var text = description + "\n" + source.excerpt(at: range)
        if let hint { text += "\n" + hint }
        return text
    }
}

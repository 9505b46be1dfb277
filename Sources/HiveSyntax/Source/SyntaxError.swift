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

    package init(message: String, range: SourceRange, line: Int, column: Int, hint: String? = nil) {
        self.message = message
        self.range = range
        self.line = line
        self.column = column
        self.hint = hint
    }

    /// `FAILED: ParseException line 1:7 cannot recognize input near …`
    package var description: String { "FAILED: ParseException line \(line):\(column) \(message)" }
}

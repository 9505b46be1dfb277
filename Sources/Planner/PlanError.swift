import HiveSyntax

/// Why a statement that parses cannot be planned; worded as Hive words it.
package struct PlanError: Error, Sendable {
    /// Hive's error number, where it has one.
    package var code: Int?
    /// Without `FAILED: SemanticException`, number and position.
    package var message: String
    /// Where in the statement; nil when the message stands for the whole statement.
    package var range: SourceRange?
    /// A near name the user may have meant.
    package var hint: String?

    package init(_ message: String, code: Int? = nil, at range: SourceRange? = nil, hint: String? = nil) {
        self.message = message
        self.code = code
        self.range = range
        self.hint = hint
    }

    /// For what the language has and the engine cannot run.
    package static func unsupported(_ what: String, at range: SourceRange? = nil) -> PlanError {
        PlanError("\(what) is not supported yet", at: range)
    }
}

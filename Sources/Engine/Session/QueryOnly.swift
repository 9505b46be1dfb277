import HiveSyntax

/// Decides what is a query where nothing else is taken.
enum QueryOnly {
    /// The one query (SELECT, FROM … SELECT, WITH … SELECT) that a text is, variables replaced.
    /// - Throws: `SyntaxError`; `HiveError` for another statement, for none and for several.
    static func statement(_ source: SourceText) throws -> Statement {
        let count = StatementSplitter.split(source).count { !$0.isEmpty }
        guard count == 1 else {
            throw HiveError.semantic("One query is expected here, not \(count == 0 ? "none" : "\(count) statements")")
        }
        let statement = try Parser.parseStatement(source)
        if case .query = statement.kind { return statement }
        let kind: String =
            switch statement.kind {
            case .insert, .multiInsert: "INSERT"
            default: source.text(statement.range).prefix { $0.isLetter || $0 == "_" }.uppercased()
            }
        throw HiveError.semantic("A query is expected here, not \(kind.isEmpty ? "another statement" : kind)")
    }
}

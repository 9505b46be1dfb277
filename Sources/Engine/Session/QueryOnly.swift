import HiveSyntax

/// Decides what is read where no statement is taken that could change something.
enum QueryOnly {
    /// The one query (SELECT, FROM … SELECT, WITH … SELECT) that a text is, variables replaced, or the table that it names,
    /// with partitions or not, as behind SUMMARIZE.
    /// - Throws: `SyntaxError`; `HiveError` for another statement, for none and for several.
    static func rows(_ source: SourceText) throws -> SummarizeStatement {
        let count = StatementSplitter.split(source).count { !$0.isEmpty }
        guard count == 1 else {
            throw HiveError.semantic("One query is expected here, not \(count == 0 ? "none" : "\(count) statements")")
        }
        let statement: Statement
        do { statement = try Parser.parseStatement(source) } catch {
            guard let named = try? Parser.parseSummarized(source), case .table = named else { throw error }
            return named
        }
        if case .query(let query) = statement.kind { return .query(query) }
        let kind: String =
            switch statement.kind {
            case .insert, .multiInsert: "INSERT"
            default: source.text(statement.range).prefix { $0.isLetter || $0 == "_" }.uppercased()
            }
        throw HiveError.semantic("A query is expected here, not \(kind.isEmpty ? "another statement" : kind)")
    }
}

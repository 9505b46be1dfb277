import HiveSyntax

extension Session {
    /// Runs a query and nothing else: for what reads rows for a purpose of its own (a training, a prediction), so that
    /// no text that it is given can change anything.
    /// - Parameter consumer: takes the rows as they come.
    /// - Throws: `HiveError`; for any other statement, and for more than one, before anything is run.
    @discardableResult
    public func executeQuery(_ sql: String, rows consumer: any RowConsumer) throws -> StatementResult {
        try requireQuery(sql)
        return try execute(sql, rows: consumer)
    }

    /// Holds a text to being one query (SELECT, FROM … SELECT, WITH … SELECT), whatever comments stand before it and
    /// whatever variables bring in.
    /// - Throws: `HiveError`.
    public func requireQuery(_ sql: String) throws {
        let text = try substituteVariables(in: sql)
        let pieces = StatementSplitter.split(text).filter { !$0.isEmpty }
        guard let piece = pieces.first, pieces.count == 1 else {
            throw HiveError.semantic("One query is expected here, not \(pieces.isEmpty ? "none" : "\(pieces.count) statements")")
        }
        let source = SourceText(piece.text)
        let statement: Statement
        // The parser walks the text with the stack of its thread, which a caller's may be too small for.
        do { statement = try LargeStack.run { try Parser.parseStatement(source) } } catch {
            throw HiveError(error, source: source)
        }
        if case .query = statement.kind { return }
        let kind: String =
            switch statement.kind {
            case .insert, .multiInsert: "INSERT"
            default: source.text(statement.range).prefix { $0.isLetter || $0 == "_" }.uppercased()
            }
        throw HiveError.semantic("A query is expected here, not \(kind.isEmpty ? "another statement" : kind)")
    }
}

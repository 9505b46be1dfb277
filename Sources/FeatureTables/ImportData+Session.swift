import Columnar
import Engine

extension ImportData {
    /// Copies the rows of a query's result.
    /// - Throws: as `init(schema:batches:)` does.
    public convenience init(_ result: QueryResult) throws {
        try self.init(schema: result.schema, batches: result.batches)
    }

    /// Runs a query and gathers its rows as they come, so that they are in memory once.
    /// - Throws: `HiveError` when the query fails; `FeatureError` as `init(schema:batches:)` does, and when the statement
    ///   gives no rows.
    public convenience init(_ executor: any StatementExecutor, query: String) throws {
        let cursor = try executor.open(query)
        defer { cursor.close() }
        guard cursor.givesRows else { throw FeatureError.noRows("the statement gives no rows") }
        let builder = try ImportDataBuilder(schema: cursor.schema)
        while let batch = try cursor.next() { try builder.append(batch) }
        _ = try cursor.result()
        self.init(builder)
    }
}

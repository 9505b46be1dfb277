import Columnar
import Engine
import FeatureTables

extension ImportData {
    /// Copies the rows of a query's result.
    /// - Throws: as `init(schema:batches:)` does.
    public convenience init(_ result: QueryResult) throws {
        try self.init(schema: result.schema, batches: result.batches)
    }

    /// Runs a query and gathers its rows as they come, so that they are in memory once.
    /// - Throws: `HiveError` when the query fails, and for a statement that is none, before it runs; `FeatureError` as
    ///   `init(schema:batches:)` does.
    public convenience init(_ executor: any StatementExecutor, query: String) throws {
        let cursor = try executor.openQuery(query)
        defer { cursor.close() }
        let builder = try ImportDataBuilder(schema: cursor.schema)
        while let batch = try cursor.next() { try builder.append(batch) }
        _ = try cursor.result()
        self.init(builder)
    }
}

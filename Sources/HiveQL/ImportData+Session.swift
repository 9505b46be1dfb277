import Columnar
import Engine
import FeatureTables

extension ImportData {
    /// Copies the rows of a query's result.
    /// - Throws: as `init(schema:batches:)` does.
    public convenience init(_ result: QueryResult) throws {
        try self.init(schema: result.schema, batches: result.batches)
    }

    /// Runs a query and gathers its rows as they come, so that they are in memory once. What tells the rows apart is
    /// gathered too, for splits that stay as they are when features come and go.
    /// - Throws: `HiveError` when the query fails, and for a statement that is none, before it runs; `FeatureError` as
    ///   `init(schema:batches:)` does.
    public convenience init(_ executor: any StatementExecutor, query: String) throws {
        let cursor = try executor.openQueryTellingRows(query)
        defer { cursor.close() }
        let builder = try ImportDataBuilder(
            schema: cursor.schema,
            rowKeys: cursor.rowKey.map { RowKeys(description: $0.description, columnCount: $0.columnCount) })
        while let batch = try cursor.next() { try builder.append(batch) }
        _ = try cursor.result()
        self.init(builder)
    }
}

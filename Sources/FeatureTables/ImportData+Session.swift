import Columnar
import Engine

extension ImportData {
    /// Copies the rows of a query's result.
    /// - Throws: as `init(schema:batches:)` does.
    public convenience init(_ result: QueryResult) throws {
        try self.init(schema: result.schema, batches: result.batches)
    }

    /// Runs a query and keeps its rows.
    /// - Throws: `HiveError` when the query fails or gives no rows; `FeatureError` as `init(schema:batches:)` does.
    public convenience init(_ session: Session, query: String) throws {
        try self.init(try session.query(query))
    }
}

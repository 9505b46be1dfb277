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
    public convenience init(_ session: Session, query: String) throws {
        let gatherer = RowGatherer()
        do {
            try session.execute(query, rows: gatherer)
        } catch {
            if let own = gatherer.error { throw own }
            throw error
        }
        guard let builder = gatherer.builder else { throw FeatureError.noRows("the statement gives no rows") }
        self.init(builder)
    }
}

/// Copies the rows of a running query.
private final class RowGatherer: RowConsumer {
    var builder: ImportDataBuilder?
    /// What stopped the gathering, in its own words.
    var error: FeatureError?

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws {
        try keepingError { builder = try ImportDataBuilder(schema: schema) }
    }

    func consume(_ batch: Batch) throws {
        try keepingError { try builder?.append(batch) }
    }

    private func keepingError(_ body: () throws -> Void) throws {
        do { try body() } catch let found as FeatureError {
            error = found
            throw found
        }
    }
}

import Columnar

/// A statement that was begun and whose rows are read: of a session here, or of one elsewhere.
package protocol StatementHandle: AnyObject, Sendable {
    /// The columns of the rows; nil for a statement that gives none.
    var opening: (schema: [SchemaColumn], hasHeader: Bool)? { get }
    /// By what the rows are known, where that was asked for.
    var rowKey: ResultCursor.RowKey? { get }
    /// Columns that are NULL since nobody will read them.
    var leftAside: Set<Int> { get }
    /// The next rows, which own their bytes; nil at the end.
    func next() throws -> Batch?
    /// What the statement gave besides, once it has ended.
    func result() throws -> StatementResult
    /// Stops it if it still runs. Nothing of it runs any more afterwards.
    func close()
}

/// The rows of a statement, read as the caller wants them.
///
///     let cursor = try session.open("SELECT * FROM trip")
///     while let batch = try cursor.next() { … }
///
/// The query runs ahead of its reader as far as a bounded queue lets it; then it waits and holds no lock on the tables
/// that it reads, so that other statements, of the same session too, may write them: the cursor goes on to give the rows
/// as they were when it was opened. A cursor that is closed, or dropped, before its end cancels its query.
///
/// One thread at a time reads a cursor; `close()` may come from another.
public final class ResultCursor: Sendable {
    private let statement: any StatementHandle
    /// Names and types of the columns; empty for a statement that gives no rows.
    public let schema: [SchemaColumn]
    /// `SET` and a few others print lines that are no table.
    public let hasHeader: Bool
    /// Whether the statement gives rows at all.
    public let givesRows: Bool
    /// By what the rows are known, where that was asked for and there is something; see `openQueryTellingRows`.
    public let rowKey: RowKey?
    /// Positions of columns that were left aside, as it was asked for; they are NULL.
    public let leftAside: Set<Int>

    /// What tells the rows of a query apart, whatever else the query selects.
    public struct RowKey: Sendable, Equatable {
        /// For a person: `the rows' places in sales.orders`.
        public var description: String
        /// Columns of batches behind those of the schema; equal values are of one row.
        public var columnCount: Int
    }

    package init(_ statement: any StatementHandle) {
        self.statement = statement
        let opening = statement.opening
        schema = opening?.schema ?? []
        hasHeader = opening?.hasHeader ?? false
        givesRows = opening != nil
        rowKey = statement.rowKey
        leftAside = statement.leftAside
    }

    deinit { statement.close() }

    /// The next rows in the result's order; nil after the last. The batch owns its bytes.
    /// - Throws: `HiveError` that ended the query; rows that came before it were given.
    public func next() throws -> Batch? { givesRows ? try statement.next() : nil }

    /// Stops the query if it still runs; when this returns nothing of it runs any more, and `next` gives no more rows.
    public func close() { statement.close() }

    /// What the statement gave besides rows: waits until all rows were read, or until the statement has ended when it
    /// gives none.
    /// - Throws: `HiveError` that ended the statement.
    public func result() throws -> StatementResult {
        while try next() != nil {}
        return try statement.result()
    }
}

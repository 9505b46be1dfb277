import Columnar

/// What runs statements: a `Session` on a warehouse of this machine, or a session on a server elsewhere. A shell, a runner
/// of scripts and the import of data need no more than this.
public protocol StatementExecutor: AnyObject, Sendable {
    /// Begins one statement whose rows the caller reads.
    /// - Throws: `HiveError` when it fails before its first row.
    func open(_ sql: String) throws -> ResultCursor
    /// Begins a query (or that of a table's rows, where one is named) and nothing else: for what reads rows for a purpose of its own (a training, a prediction), so that no
    /// text that it is given can change anything.
    /// - Throws: `HiveError`; for any other statement, and for more than one, before anything is run.
    func openQuery(_ sql: String) throws -> ResultCursor
    /// As `openQuery`; where it can be told by what the rows are known whatever else the query selects, the cursor's
    /// `rowKey` says so and batches have columns with that behind those of the schema.
    /// - Parameter aside: tells which of the query's columns nobody will read; these are not computed, and NULL.
    func openQueryTellingRows(
        _ sql: String, leavingAside aside: @escaping @Sendable ([SchemaColumn]) -> Set<Int>
    ) throws -> ResultCursor
    /// Bytes that a query's buffers may hold together; nil where it is not known.
    var memoryLimit: Int? { get }
    /// Runs one statement to its end; rows are in the result.
    @discardableResult
    func execute(_ sql: String) throws -> StatementResult
    /// Stops all that runs, from any thread.
    func cancel()
    /// Runs `body`, whose statements are one thing for `cancel()`: when it comes between two of them the next one throws that
    /// it was cancelled, and so on until `body` ends.
    func script(_ body: () throws -> Void) rethrows
    /// How far the query is that was begun last; nil when none runs.
    var progress: StatementProgress? { get }

    /// Where the statements run, as a person is told.
    var location: String { get }
    /// The database that unqualified names stand in.
    var currentDatabase: String { get }
    /// Values that were set (`SET name=value`, `-hiveconf`).
    var settings: [String: String] { get }
    /// The value of a setting: set, or its default; nil for a name that is neither set nor known.
    func setting(_ name: String) -> String?
    /// `SET name=value`.
    /// - Throws: `HiveError` when the value is not of the setting's type.
    func set(_ name: String, to value: String) throws
    /// `${…}` in a text, as it is done for statements before they are parsed.
    /// - Throws: `HiveError` when values refer to each other without end.
    func substituteVariables(in text: String) throws -> String
    /// What may take the place of the word at the cursor. Looks at no rows, waits for no statement and never fails: of what cannot be read
    /// nothing is offered.
    /// - Parameters:
    ///   - text: what is typed up to the cursor: a statement so far, on as many lines as it has.
    ///   - rest: what stands behind the cursor.
    func completions(before text: String, after rest: String) -> Completions
}

/// How far a query is.
public struct StatementProgress: Sendable, Hashable {
    public var bytesScanned: Int
    /// Bytes that the scans begun so far will read.
    public var bytesExpected: Int
    public var rowsScanned: Int

    /// 0…1; nil before anything is known.
    public var fraction: Double? {
        bytesExpected > 0 ? min(Double(bytesScanned) / Double(bytesExpected), 1) : nil
    }

    public init(bytesScanned: Int, bytesExpected: Int, rowsScanned: Int) {
        self.bytesScanned = bytesScanned
        self.bytesExpected = bytesExpected
        self.rowsScanned = rowsScanned
    }
}

extension StatementExecutor {
    /// Tells nothing of the rows, and computes all columns.
    public func openQueryTellingRows(
        _ sql: String, leavingAside aside: @escaping @Sendable ([SchemaColumn]) -> Set<Int>
    ) throws -> ResultCursor { try openQuery(sql) }

    public var memoryLimit: Int? { nil }

    /// None.
    public func completions(before text: String, after rest: String) -> Completions { Completions(wordOffset: text.utf8.count) }

    /// Runs a query and keeps its rows.
    /// - Throws: `HiveError`, also when the statement gives no rows.
    public func query(_ sql: String) throws -> QueryResult {
        guard let rows = try execute(sql).rows else {
            throw HiveError(message: "The statement gives no rows: \(sql)")
        }
        return rows
    }

    /// Runs one statement and hands its rows to `consumer` as they come, on the caller's thread.
    /// - Throws: `HiveError`; what the consumer throws, which stops the query.
    @discardableResult
    public func execute(_ sql: String, rows consumer: any RowConsumer) throws -> StatementResult {
        let cursor = try open(sql)
        defer { cursor.close() }
        if cursor.givesRows {
            try consumer.begin(cursor.schema, hasHeader: cursor.hasHeader)
            while let batch = try cursor.next() { try consumer.consume(batch) }
        }
        return try cursor.result()
    }

    /// Runs a query and hands its rows to `body` in batches, in the result's order, on the caller's thread; memory does not
    /// grow with the result. Other statements, of the same session too, may run meanwhile (see `ResultCursor`).
    /// - Returns: the columns; none when the statement gives no rows.
    /// - Throws: `HiveError`; what `body` throws, which stops the query.
    @discardableResult
    public func stream(_ sql: String, _ body: (Batch) throws -> Void) throws -> [SchemaColumn] {
        let cursor = try open(sql)
        defer { cursor.close() }
        while let batch = try cursor.next() { try body(batch) }
        _ = try cursor.result()
        return cursor.schema
    }
}

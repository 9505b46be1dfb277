import Catalog
import Columnar
import Execution
import Functions
import HiveSyntax
import Planner
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs HiveQL statements on a warehouse: what one user does one after the other.
///
///     let warehouse = try Warehouse(at: "./warehouse-data")
///     let session = try Session(warehouse: warehouse)
///     try session.execute("CREATE TABLE t (a INT, b STRING)")
///     try session.execute("INSERT INTO t VALUES (1, 'x'), (2, 'y')")
///     let rows = try session.query("SELECT b, a * 2 AS twice FROM t")
///     let twice = try rows.column(named: "twice", as: Int.self)
///
/// A session keeps a current database, settings, variables, temporary tables, macros and the functions registered with
/// it. It is used by one thread at a time; only `cancel()` and `progress` may be called from others meanwhile.
public final class Session: @unchecked Sendable {
    public let warehouse: Warehouse
    let catalog: SessionCatalog
    let store: SettingsStore
    var functions = FunctionRegistry.builtIn
    var macros: [String: Macro] = [:]
    /// Functions made by the session, which `DROP TEMPORARY FUNCTION` may remove.
    private var scratchFolder: String?
    private let running = Mutex<Running>(Running())

    private struct Running {
        var cancellation: CancellationToken?
        var progress: QueryProgress?
    }

    /// Settings behind a reference, so that what resolves locations sees later changes.
    final class SettingsStore: @unchecked Sendable {
        private let value: Mutex<SessionSettings>

        init(_ settings: SessionSettings) { value = Mutex(settings) }

        var settings: SessionSettings {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }

        func read(_ name: String) -> String? { value.withLock { $0.text(name) } }
    }

    /// - Parameters:
    ///   - database: the current database, as after `USE`.
    ///   - settings: `hiveconf` values.
    ///   - variables: `hivevar` values.
    /// - Throws: `HiveError` when there is no such database or a setting has a value that is not of its type.
    public init(
        warehouse: Warehouse, database: String = "default", settings: [String: String] = [:],
        variables: [String: String] = [:]
    ) throws {
        self.warehouse = warehouse
        var values = settings
        values[Settings.hiveWarehouse.name] = warehouse.folder
        for (name, value) in values { try SessionSettings.check(name, value) }
        var initial = SessionSettings(values)
        initial.variables = variables
        let store = SettingsStore(initial)
        self.store = store
        catalog = SessionCatalog(warehouse: warehouse) { location in
            try warehouse.locations { store.read($0) }.path(of: location)
        }
        let name = database.lowercased()
        do {
            guard try catalog.databaseExists(name) else {
                throw HiveError.semantic("Database does not exist: \(name)", code: 10072)
            }
        } catch {
            throw HiveError(error, source: nil)
        }
        catalog.currentDatabase = name
    }

    deinit {
        if let scratchFolder { warehouse.removeScratchFolder(scratchFolder) }
    }

    /// The database that unqualified names stand in.
    public var currentDatabase: String { catalog.currentDatabase }

    /// Values that were set (`SET name=value`, `-hiveconf`).
    public var settings: [String: String] { store.settings.configuration }

    /// Values of `hivevar`.
    public var variables: [String: String] {
        get { store.settings.variables }
        set { store.settings.variables = newValue }
    }

    /// The value of a setting: set, or its default; nil for a name that is neither set nor known.
    public func setting(_ name: String) -> String? { store.read(name) }

    /// `hive.cli.errors.ignore`: scripts go on after statements that failed.
    var ignoresErrors: Bool { store.settings[Settings.ignoresErrors] }

    /// `SET name=value`.
    /// - Throws: `HiveError` when the value is not of the setting's type.
    public func set(_ name: String, to value: String) throws { try store.settings.assign(name, value) }

    /// `${…}` in a text, as it is done for statements before they are parsed.
    /// - Throws: `HiveError` when values refer to each other without end.
    public func substituteVariables(in text: String) throws -> String {
        let settings = store.settings
        guard settings[Settings.substitutesVariables] else { return text }
        return try VariableSubstitution(
            lookup: settings.substitute, depth: Int(max(settings[Settings.substitutionDepth], 1))
        ).apply(text)
    }

    /// Stops the statement that is running, if any: it throws a `HiveError` with `isCancellation`. The session stays
    /// usable. May be called from any thread, also from one that handles signals.
    public func cancel() {
        running.withLock { $0.cancellation }?.cancel()
    }

    /// How far the running query is; nil when none runs.
    public var progress: Progress? {
        guard let progress = running.withLock({ $0.progress }) else { return nil }
        return Progress(
            bytesScanned: progress.bytesScanned, bytesExpected: progress.bytesExpected,
            rowsScanned: progress.rowsScanned)
    }

    /// How far a query is.
    public struct Progress: Sendable, Hashable {
        public var bytesScanned: Int
        /// Bytes that the scans begun so far will read.
        public var bytesExpected: Int
        public var rowsScanned: Int

        /// 0…1; nil before anything is known.
        public var fraction: Double? {
            bytesExpected > 0 ? min(Double(bytesScanned) / Double(bytesExpected), 1) : nil
        }
    }

    // MARK: Running statements

    /// Runs a query and keeps its rows.
    /// - Throws: `HiveError`, also when the statement gives no rows.
    public func query(_ sql: String) throws -> QueryResult {
        guard let rows = try execute(sql).rows else {
            throw HiveError(message: "The statement gives no rows: \(sql)")
        }
        return rows
    }

    /// Runs a query and hands its rows to `body` in batches, in the result's order; memory does not grow with the
    /// result. A batch's bytes are valid until `body` returns; `body` runs on one thread at a time.
    /// - Throws: `HiveError`; what `body` throws stops the query.
    @discardableResult
    public func stream(_ sql: String, _ body: (Batch) throws -> Void) throws -> [SchemaColumn] {
        try withoutActuallyEscaping(body) { body in
            let consumer = ClosureConsumer(body)
            try execute(sql, rows: consumer)
            return consumer.schema
        }
    }

    /// Runs any one statement, after variable substitution. A semicolon at its end does not matter.
    /// - Parameter consumer: takes the rows as they come; without it they are in the result.
    /// - Throws: `HiveError`.
    @discardableResult
    public func execute(_ sql: String, rows consumer: (any RowConsumer)? = nil) throws -> StatementResult {
        try LargeStack.run { try executeHere(sql, rows: consumer) }
    }

    private func executeHere(_ sql: String, rows consumer: (any RowConsumer)?) throws -> StatementResult {
        let begin = monotonicSeconds()
        var source: SourceText?
        defer { running.withLock { $0 = Running() } }
        do {
            let text = Self.trimmed(try substituteVariables(in: sql))
            let sourceText = SourceText(text)
            source = sourceText
            let cancellation = CancellationToken()
            let progress = QueryProgress()
            running.withLock { $0 = Running(cancellation: cancellation, progress: progress) }
            let statement = try Parser.parseStatement(sourceText)
            let runner = StatementRunner(
                session: self, source: sourceText, consumer: consumer, cancellation: cancellation, progress: progress)
            var result = try runner.run(statement)
            result.warnings = runner.warnings
            result.elapsedSeconds = monotonicSeconds() - begin
            return result
        } catch let error as PassedOnError {
            throw error.error
        } catch {
            throw HiveError(error, source: source)
        }
    }

    /// Whether `input` ends after a statement; a shell asks for another line when it does not.
    public static func isComplete(_ input: String) -> Bool { StatementSplitter.isComplete(input) }

    /// Names that may follow in a statement, for completion: databases, tables of the current one, their columns,
    /// functions.
    public func completionNames() -> [String] {
        var names = Set(functions.names)
        names.formUnion((try? catalog.databaseNames()) ?? [])
        for table in (try? catalog.tableNames(database: currentDatabase)) ?? [] {
            names.insert(table)
            if let columns = try? catalog.table(database: currentDatabase, name: table)?.allColumns {
                names.formUnion(columns.map(\.name))
            }
        }
        return names.sorted()
    }

    /// Without white space, comments and semicolons around it, so that positions count from the first word.
    private static func trimmed(_ text: String) -> String {
        var bytes = Array(text.utf8)[...]
        while let last = bytes.last, last <= 32 || last == UInt8(ascii: ";") { bytes.removeLast() }
        while let first = bytes.first {
            if first <= 32 {
                bytes.removeFirst()
            } else if bytes.starts(with: Array("--".utf8)) {
                bytes = bytes.drop { $0 != 10 }
            } else {
                break
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Scratch space

    /// A folder of the session for temporary tables and what does not fit in memory; gone when the session ends.
    func makeScratchFolder() throws -> String {
        if let scratchFolder { return scratchFolder }
        let configured = store.settings[Settings.scratchFolder]
        let parent = configured.isEmpty ? "\(warehouse.folder)/.scratch" : LocalFiles.absolute(configured)
        let path = "\(parent)/session-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try warehouse.makeScratchFolder(path)
        scratchFolder = path
        return path
    }
}

func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// An error of the caller's own closure, which goes back to the caller as it is.
struct PassedOnError: Error {
    let error: any Error
}

private final class ClosureConsumer: RowConsumer {
    var schema: [SchemaColumn] = []
    private let body: (Batch) throws -> Void

    init(_ body: @escaping (Batch) throws -> Void) { self.body = body }

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws { self.schema = schema }

    func consume(_ batch: Batch) throws {
        do { try body(batch) } catch { throw PassedOnError(error: error) }
    }
}

import Catalog
import Columnar
import Execution
import Functions
import HiveSyntax
import Planner
import Platform

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
/// it.
///
/// Any thread may use a session at any time. Its statements run one after the other, in no promised order: each waits
/// until the one before it has ended, or, for a query whose rows are read as they come (`open`, `stream`, `execute` with a
/// consumer), until that query has its tables' files and knows its columns. Such a query goes on while others run.
/// Every statement sees the settings and functions as they were when it began, and a query its tables too. Code that a query calls, such as a registered
/// function, must not run statements of the same session. `cancel()` stops all that runs or waits.
public final class Session: StatementExecutor {
    public let warehouse: Warehouse
    let catalog: SessionCatalog
    let store: SettingsStore
    let functions = Guarded(FunctionRegistry.builtIn)
    let macros = Guarded<[String: Macro]>([:])
    /// Classes of Java that temporary functions were made of, by the functions' names.
    let classFunctions = Guarded<[String: String]>([:])
    let resources = Guarded(SessionResources())
    /// After SET ROLE; nil: all roles of the user.
    let currentRoles = Guarded<[String]?>(nil)
    let activity = SessionActivity()
    private let scratchFolder = Guarded<String?>(nil)

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
        if let scratchFolder = scratchFolder.value { warehouse.removeScratchFolder(scratchFolder) }
    }

    /// The warehouse's folder.
    public var location: String { warehouse.folder }

    /// The database that unqualified names stand in.
    public var currentDatabase: String { catalog.currentDatabase }

    /// Values that were set (`SET name=value`, `-hiveconf`).
    public var settings: [String: String] { store.settings.configuration }

    /// Values of `hivevar`.
    public var variables: [String: String] {
        get { store.settings.variables }
        set { store.update { $0.variables = newValue } }
    }

    /// The value of a setting: set, or its default; nil for a name that is neither set nor known.
    public func setting(_ name: String) -> String? { store.read(name) }

    /// `SET name=value`.
    /// - Throws: `HiveError` when the value is not of the setting's type.
    public func set(_ name: String, to value: String) throws { try store.update { try $0.assign(name, value) } }

    /// `${…}` in a text, as it is done for statements before they are parsed.
    /// - Throws: `HiveError` when values refer to each other without end.
    public func substituteVariables(in text: String) throws -> String {
        let settings = store.settings
        guard settings[Settings.substitutesVariables] else { return text }
        return try VariableSubstitution(
            lookup: settings.substitute, depth: Int(max(settings[Settings.substitutionDepth], 1))
        ).apply(text)
    }

    /// Stops the statements that run, those that wait for their turn, queries whose rows are being read, and the scripts
    /// that they belong to: each throws a `HiveError` with `isCancellation`. A statement is reached from the moment it is
    /// given to the session, a script also between two of its statements. What is begun later is not touched: the session
    /// stays usable. May be called from any thread, also from one that handles signals.
    public func cancel() { activity.cancel() }

    public func script(_ body: () throws -> Void) rethrows { try activity.script(body) }

    /// How far the query is that was begun last; nil when none runs.
    public var progress: StatementProgress? {
        activity.progress.map {
            StatementProgress(
                bytesScanned: $0.bytesScanned, bytesExpected: $0.bytesExpected, rowsScanned: $0.rowsScanned)
        }
    }

    /// Statements that run, wait for their turn, or have rows that were not read.
    package var activeStatementCount: Int { activity.statementCount }

    // MARK: Running statements

    /// Begins a statement whose rows the caller reads.
    /// - Throws: `HiveError` when it fails before its first row.
    public func open(_ sql: String) throws -> ResultCursor {
        try open(RunningStatement(hasReader: true, in: activity), sql)
    }

    /// Begins a query, or that of all rows of a table or some of its partitions (`t PARTITION (month >= 2)`), and nothing else,
    /// whatever comments stand before it and whatever variables bring in.
    /// - Throws: `HiveError`; for any other statement, and for more than one, before anything is run.
    public func openQuery(_ sql: String) throws -> ResultCursor {
        try open(RunningStatement(hasReader: true, isQueryOnly: true, in: activity), sql)
    }

    public func openQueryTellingRows(
        _ sql: String, leavingAside aside: @escaping @Sendable ([SchemaColumn]) -> Set<Int>
    ) throws -> ResultCursor {
        try open(RunningStatement(hasReader: true, isQueryOnly: true, leavesAside: aside, in: activity), sql)
    }

    public var memoryLimit: Int? { store.settings.memoryLimit }

    private func open(_ running: RunningStatement, _ sql: String) throws -> ResultCursor {
        try begin(running, sql)
        defer { activity.giveBack() }
        do { try running.waitUntilOpen() } catch {
            activity.remove(running)
            throw error
        }
        if running.opening == nil { activity.remove(running) }
        return ResultCursor(running)
    }

    /// Runs any one statement, after variable substitution, to its end. A semicolon at its end does not matter. Rows are
    /// in the result.
    /// - Throws: `HiveError`.
    @discardableResult
    public func execute(_ sql: String) throws -> StatementResult {
        try finish(RunningStatement(hasReader: false, in: activity), sql)
    }

    /// Runs a statement that nobody reads rows of to its end.
    func finish(_ running: RunningStatement, _ sql: String) throws -> StatementResult {
        try begin(running, sql)
        defer { activity.giveBack() }
        return try running.result()
    }

    /// Does something as one statement of the session, to its end.
    /// - Parameter text: what errors point into.
    /// - Throws: `HiveError`.
    func perform<Value: Sendable>(
        _ text: String = "", _ body: @escaping @Sendable (StatementRunner) throws -> Value
    ) throws -> Value {
        let made = Guarded<Value?>(nil)
        let work: @Sendable (StatementRunner) throws -> Void = { runner in
            let value = try body(runner)
            made.withLock { $0 = value }
        }
        _ = try finish(RunningStatement(hasReader: false, work: work, in: activity), text)
        guard let value = made.value else { throw HiveError(message: "The statement gave nothing") }
        return value
    }

    /// Starts a statement on a thread of its own, with the session taken for it.
    private func begin(_ running: RunningStatement, _ sql: String) throws {
        activity.add(running)
        do { try activity.take(for: running) } catch {
            activity.remove(running)
            throw HiveError(error, source: nil)
        }
        let reference = Guarded<Session?>(self)
        let body: @Sendable () -> Void = { running.end(Self.run(sql, as: running, in: reference)) }
        let stackBytes = Self.stackBytes
        if stackBytes >= Self.leastStackBytes, let thread = SystemThread(stackBytes: stackBytes, body) {
            thread.detach()
        } else {
            // Nobody reads before the end.
            running.queue.liftLimit()
            body()
        }
    }

    /// Parsing, binding, optimizing and freeing trees recurse as deep as a statement is nested. The caller's thread may
    /// have half a megabyte; views may nest statements in statements. Address space; memory is used as far as the stack
    /// grows. Where address space is limited it is a quarter of what is left: the statement's rows need the rest.
    private static var stackBytes: Int { min(256 << 20, SystemMemory.mappable() / 4) }
    /// With less the caller's own stack serves as well.
    private static let leastStackBytes = 8 << 20

    /// A call of its own, so that the thread's reference to the session is gone before the statement ends for others:
    /// whoever waited may let the session go and count on it.
    @inline(never)
    private static func run(
        _ sql: String, as running: RunningStatement, in reference: Guarded<Session?>
    ) -> Result<StatementResult, any Error> {
        guard let session = reference.withLock({ session in
            defer { session = nil }
            return session
        }) else { return .failure(HiveError(message: "The session has ended")) }
        defer { session.activity.end(running) }
        return Result { try session.run(sql, as: running) }
    }

    private func run(_ sql: String, as running: RunningStatement) throws -> StatementResult {
        let begin = monotonicNanoseconds()
        var source: SourceText?
        do {
            try running.cancellation.check()
            let text = Self.trimmed(try substituteVariables(in: sql))
            let quotesAreStandard = store.settings[Settings.quotedIdentifiers] == .standard
            let sourceText = SourceText(quotesAreStandard ? StandardQuotes.backQuoted(text) : text)
            source = sourceText
            let runner = StatementRunner(session: self, source: sourceText, running: running)
            if let work = running.work {
                try work(runner)
                return runner.none
            }
            let statement =
                if running.profiling != nil {
                    Statement(.summarize(try Parser.parseSummarized(sourceText)))
                } else if running.isQueryOnly {
                    Statement(.query(try runner.query(of: try QueryOnly.rows(sourceText))))
                } else {
                    try Parser.parseStatement(sourceText)
                }
            var result = try runner.run(statement)
            result.warnings = runner.warnings
            if running.hasReader, case .rows(let rows) = result.output {
                running.queue.append(contentsOf: rows.batches)
                running.open(rows.schema, hasHeader: rows.hasHeader)
                result.output = .streamed(schema: rows.schema, rowCount: rows.rowCount)
            }
            result.elapsedSeconds = Double(monotonicNanoseconds() - begin) / 1e9
            return result
        } catch {
            throw HiveError(error, source: source)
        }
    }

    /// Whether `input` ends after a statement; a shell asks for another line when it does not.
    public static func isComplete(_ input: String) -> Bool { StatementSplitter.isComplete(input) }

    public func completions(before text: String, after rest: String) -> Completions {
        var completer = StatementCompleter(
            StatementContext(before: text, after: rest), catalog: catalog, functions: functions.value,
            macroNames: macros.value.keys.sorted(), settings: store.settings)
        return completer.completions()
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
        try scratchFolder.withLock { folder in
            if let folder { return folder }
            let configured = store.settings[Settings.scratchFolder]
            let parent = configured.isEmpty ? "\(warehouse.folder)/.scratch" : LocalFiles.absolute(configured)
            let path = "\(parent)/session-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            try warehouse.makeScratchFolder(path)
            folder = path
            return path
        }
    }
}

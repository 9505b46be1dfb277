import Catalog
import Columnar
import Execution
import Functions
import HiveSyntax
import Planner
import Platform
import TableFormats

/// Runs one statement of a session.
final class StatementRunner {
    let session: Session
    let source: SourceText
    let running: RunningStatement
    var warnings: [String] = []

    init(session: Session, source: SourceText, running: RunningStatement) {
        self.session = session
        self.source = source
        self.running = running
        settings = session.store.settings
    }

    var catalog: SessionCatalog { session.catalog }
    var warehouse: Warehouse { session.warehouse }
    var metastore: Metastore { session.warehouse.metastore }
    /// As they were when the statement began.
    let settings: SessionSettings
    var locations: StorageLocations {
        let settings = settings
        return warehouse.locations { settings.text($0) }
    }

    func run(_ statement: Statement) throws -> StatementResult {
        switch statement.kind {
        case .query(let query): return try runQuery(query)
        case .insert(let insert): return try runInsert(insert)
        case .multiInsert(let insert): return try runMultiInsert(insert)
        case .update(let update): return try runUpdate(update)
        case .delete(let delete): return try runDelete(delete)
        case .merge(let merge): return try runMerge(merge)
        case .load(let load): return try runLoad(load)
        case .export(let export): return try runExport(export)
        case .importTable(let statement): return try runImport(statement)

        case .createDatabase(let create): return try createDatabase(create)
        case .dropDatabase(let name, let ifExists, let behavior):
            return try dropDatabase(name, ifExists: ifExists, cascades: behavior == .cascade)
        case .alterDatabase(let name, let change): return try alterDatabase(name, change)
        case .use(let name): return try useDatabase(name)

        case .createTable(let create): return try createTable(create)
        case .dropTable(let name, let ifExists, _): return try dropTable(name, ifExists: ifExists)
        case .truncateTable(let truncate): return try truncateTable(truncate)
        case .alterTable(let alter): return try alterTable(alter)
        case .createView(let create): return try createView(create)
        case .alterView(let name, let change): return try alterView(name, change)
        case .dropView(let name, let ifExists): return try dropView(name, ifExists: ifExists)

        case .model(let statement): return try runModelStatement(statement)

        case .createMacro(let name, let parameters, let body):
            return try createMacro(name, parameters: parameters, body: body)
        case .dropMacro(let name, let ifExists):
            if session.macros.update({ $0.removeValue(forKey: name.name) }) == nil, !ifExists,
                !settings[Settings.ignoresNonexistent]
            {
                throw HiveError.semantic("Function \(name.name) does not exist", code: 10011)
            }
            return none
        case .createFunction(let create): return try createFunction(create)
        case .dropFunction(let name, let isTemporary, let ifExists):
            return try dropFunction(name, isTemporary: isTemporary, ifExists: ifExists)
        // Permanent functions are read for every statement.
        case .reloadFunctions: return none

        case .createRole(let name): return try createRole(name)
        case .dropRole(let name): return try dropRole(name)
        case .setRole(let role): return try setRole(role)
        case .grantRoles(let roles, let principals, let adminOption):
            return try grantRoles(roles, to: principals, adminOption: adminOption)
        case .revokeRoles(let roles, let principals, let adminOption):
            return try revokeRoles(roles, from: principals, adminOption: adminOption)
        case .grantPrivileges(let statement): return try grant(statement)
        case .revokePrivileges(let statement): return try revoke(statement)

        case .show(let show): return try runShow(show)
        case .describe(let describe): return try runDescribe(describe)
        case .explain(let mode, let inner): return try runExplain(mode, inner)
        case .analyze(let analyze): return try runAnalyze(analyze)
        case .summarize(let summarize): return try runSummarize(summarize)
        case .msck(let msck): return try repairing(msck.table, if: msck.isRepair) { try runMsck(msck) }

        case .setShowChanged: return try lines(settings.changedListing())
        case .setShowAll: return try lines(settings.fullListing())
        case .setShow(let name): return try lines([settings.describe(name)])
        case .set(let name, let value):
            try session.store.update { try $0.assign(name, value) }
            return untimed
        case .reset(let names, let toDefault):
            session.store.update { settings in
                if names.isEmpty { settings.reset() }
                for name in names { settings.reset(name, toDefault: toDefault) }
            }
            return untimed
        case .addResources(let kind, let paths): return try addResources(kind, paths)
        case .listResources(let kind, let paths): return try listResources(kind, paths)
        case .deleteResources(let kind, let paths): return try deleteResources(kind, paths)
        case .fileSystemCommand(let text): return try runFileSystemCommand(text)
        default: throw HiveError.unsupported(Self.feature(of: statement.kind))
        }
    }

    /// Names what is parsed and cannot be run.
    private static func feature(of kind: Statement.Kind) -> String {
        switch kind {
        case .createMaterializedView, .alterMaterializedView, .dropMaterializedView: "A materialized view"
        case .lockTable, .lockDatabase: "LOCK: statements lock their tables themselves; it"
        case .unlockTable, .unlockDatabase: "UNLOCK: statements lock their tables themselves; it"
        case .startTransaction, .commit, .rollback, .setAutocommit, .abortTransactions:
            "A transaction of more than one statement"
        case .prepare: "PREPARE"
        case .execute: "EXECUTE"
        case .killQuery: "KILL QUERY"
        case .unsupported(let feature, _): feature
        default: "The statement"
        }
    }

    // MARK: Results

    var none: StatementResult { StatementResult(output: .none) }
    var untimed: StatementResult { StatementResult(output: .none, isTimed: false) }

    /// Gives rows of text, as SHOW and DESCRIBE do.
    func rows(_ header: [String], _ rows: [[String]]) throws -> StatementResult {
        StatementResult(output: .rows(QueryResult(header: header, rows: rows)))
    }

    func lines(_ lines: [String]) throws -> StatementResult {
        StatementResult(output: .rows(QueryResult(lines: lines)), isTimed: false)
    }

    // MARK: Planning

    lazy var evaluationContext: EvaluationContext = {
        let settings = self.settings
        var now = timespecNow()
        if now.nanoseconds < 0 { now.nanoseconds = 0 }
        return EvaluationContext(
            queryStart: now, zone: (try? Self.zone(settings)) ?? .utc, currentDatabase: catalog.currentDatabase,
            currentUser: SystemProperties.userName,
            randomSeed: settings[Settings.randomSeed].value ?? UInt64.random(in: 0 ... .max),
            integersAreSeconds: settings[Settings.integersAreSeconds], nullPartition: nullPartition,
            regularExpressionSteps: Int(settings[Settings.regularExpressionSteps]),
            timePatterns: settings[Settings.timeFormatter] == .datetime ? .datetime : .simple,
            // Constants are evaluated before there is a query whose memory is counted.
            availableBytes: { min(settings.memoryLimit, SystemMemory.mappable() / 2) },
            checkCancellation: { [cancellation = running.cancellation] in try cancellation.check() })
    }()

    /// What stands in a partition's name where its column is NULL.
    var nullPartition: String {
        let name = settings[Settings.nullPartition]
        return name.isEmpty ? PartitionName.defaultValue : name
    }

    /// The session's zone.
    /// - Throws: when `hive.local.time.zone` names none, or the machine has no zones.
    static func zone(_ settings: SessionSettings) throws -> ZoneRules {
        let name = timeZone(settings)
        if let zone = try ZoneRules.named(name) { return zone }
        if settings[Settings.localTimeZone].uppercased() == "LOCAL" { return .utc }
        throw HiveError.semantic("Unknown time zone '\(name)' in hive.local.time.zone")
    }

    private static func timeZone(_ settings: SessionSettings) -> String {
        let name = settings[Settings.localTimeZone]
        guard name.uppercased() == "LOCAL" else { return name }
        let system = settings.systemProperties["user.timezone"] ?? SystemProperties.value("user.timezone") ?? "UTC"
        return system.isEmpty ? "UTC" : system
    }

    /// As they were when the statement began. Where the metastore can't be read, whatever asks it for tables says so.
    private(set) lazy var functions: FunctionRegistry = (try? knownFunctions()) ?? session.functions.value

    var plannerSettings: PlannerSettings { PlannerSettings(settings) }

    func makeBinder() -> Binder {
        Binder(
            metadata: catalog, functions: functions, settings: plannerSettings, macros: session.macros.value,
            models: models, context: evaluationContext, checkCancellation: running.cancellation.check)
    }

    func optimize(_ plan: LogicalPlan, _ binder: Binder) throws -> LogicalPlan {
        try Optimizer(
            settings: plannerSettings,
            context: OptimizerContext(metadata: catalog, evaluation: evaluationContext, binder: binder)
        ).optimize(plan)
    }

    // MARK: Locks

    var lockWait: Double {
        Double(max(settings[Settings.lockRetries], 0)) * settings[Settings.lockPause].seconds
    }

    var faultPoint: FaultPoint? {
        let setting = settings[Settings.fault]
        return FaultPoint(setting.isEmpty ? environmentVariable("HIVEQL_FAULT") : setting)
    }

    /// Takes locks (`db`, `db.table`), which are held until they are released or forgotten.
    private func lock(_ wanted: [String: LockMode], damage: Warehouse.Damage = .refuses) throws -> HeldLocks {
        guard !wanted.isEmpty else { return HeldLocks([]) }
        guard settings[Settings.locksTables] else {
            _ = try warehouse.unfinishedChanges(of: wanted.keys, damage)
            return HeldLocks([])
        }
        try session.activity.checkNotReading(wanted)
        return HeldLocks(
            try warehouse.lock(wanted, wait: lockWait, damage: damage) { try running.cancellation.check() })
    }

    /// Keeps others from the files of folders that are no table's until `change` is done. A statement locks all that it
    /// needs at once, after its tables, so that two never wait for each other.
    func lockFolders(_ paths: [String], for change: WriteTransaction) throws {
        guard settings[Settings.locksTables], !paths.isEmpty else { return }
        var wanted: [String: LockMode] = [:]
        for path in paths { wanted[TableLocks.name(ofFolder: path)] = .exclusive }
        change.keep(try warehouse.locks.acquire(wanted, wait: lockWait, check: running.cancellation.check))
    }

    /// Holds locks (`db`, `db.table`) while `body` runs. What `body` changes it reads once they are held.
    func locked<Result>(
        _ wanted: [String: LockMode], damage: Warehouse.Damage = .refuses, _ body: () throws -> Result
    ) throws -> Result {
        let held = try lock(wanted, damage: damage)
        defer { held.release() }
        return try body()
    }

    /// What was bound, and the locks that keep it true.
    struct LockedBinding<Bound> {
        let binder: Binder
        let bound: Bound
        let locks: HeldLocks
    }

    /// Binds what reads tables, and takes their shared locks and those of `wanted`. What was bound before the locks were
    /// held is bound again when somebody wrote meanwhile.
    func bound<Bound>(_ wanted: [String: LockMode] = [:], bind: (Binder) throws -> Bound) throws -> LockedBinding<Bound> {
        // A query must not run in another zone than the one that was asked for.
        _ = try Self.zone(settings)
        var all = wanted
        while true {
            let generation = try metastore.generation()
            let binder = makeBinder()
            let bound = try bind(binder)
            for name in binder.tablesRead where all[name] == nil && catalog.temporaryTables[name] == nil {
                all[name] = .shared
            }
            let locks = try lock(all)
            guard try metastore.generation() != generation else {
                return LockedBinding(binder: binder, bound: bound, locks: locks)
            }
            let again = makeBinder()
            let rebound = try bind(again)
            if again.tablesRead.allSatisfy({ all[$0] != nil || catalog.temporaryTables[$0] != nil }) {
                return LockedBinding(binder: again, bound: rebound, locks: locks)
            }
            locks.release()
        }
    }

    /// Runs `body` while the locks of what it reads, and those of `wanted`, are held.
    func locked<Bound, Result>(
        _ wanted: [String: LockMode] = [:], bind: (Binder) throws -> Bound, body: (Binder, Bound) throws -> Result
    ) throws -> Result {
        let binding = try bound(wanted, bind: bind)
        defer { binding.locks.release() }
        return try body(binding.binder, binding.bound)
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The time now.
func timespecNow() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
}

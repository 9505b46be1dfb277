import Catalog
import Columnar
import Functions
import HiveSyntax
import Planner

/// Tables without files, for binding and optimizing.
final class MemoryMetadata: MetadataProvider {
    let currentDatabase = "default"
    private var tables: [String: Table] = [:]
    private var partitions: [String: [Partition]] = [:]
    private var bytes: [String: Int] = [:]

    init() {
        add("t", [("a", .int), ("b", .string), ("d", .double), ("c", .int)], bytes: 1_000_000)
        add("u", [("a", .int), ("e", .string), ("f", .int)], bytes: 1_000)
        add(
            "n",
            [
                ("s", .structure([StructField(name: "x", type: .int), StructField(name: "y", type: .string)])),
                ("m", .map(key: .string, value: .int)), ("arr", .array(.int)), ("dec", .decimal(precision: 10, scale: 2)),
                ("day", .date),
            ])
        func structure(_ fields: (String, SQLType)...) -> SQLType { .structure(fields.map { StructField(name: $0.0, type: $0.1) }) }
        add(
            "nest",
            [
                ("id", .int),
                ("s", structure(("a", .int), ("b", .string), ("c", structure(("d", .double), ("e", .array(.int)))))),
                ("items", .array(structure(("sku", .string), ("qty", .int), ("tags", .array(.string))))),
                ("m", .map(key: .string, value: structure(("f", .int), ("g", .string)))),
            ])
        add("p", [("v", .int)], keys: [("k", .int), ("w", .string)], bytes: 100)
        partitions["p"] = [("1", "x"), ("2", "x"), ("3", "y"), ("__HIVE_DEFAULT_PARTITION__", "y")].map {
            Partition(values: [$0.0, $0.1], storage: StorageDescriptor(location: "p"))
        }
        var view = Table(
            database: "default", name: "view_of_t", kind: .view, columns: [SchemaColumn(name: "a", type: .int)],
            storage: StorageDescriptor(location: ""))
        view.viewText = "select a from t where c > 0"
        tables["view_of_t"] = view
        view.name = "circle"
        view.viewText = "select a from circle"
        tables["circle"] = view
    }

    func add(_ name: String, _ columns: [(String, SQLType)], keys: [(String, SQLType)] = [], bytes: Int? = nil) {
        tables[name] = Table(
            database: "default", name: name, kind: .managed,
            columns: columns.map { SchemaColumn(name: $0.0, type: $0.1) },
            partitionColumns: keys.map { SchemaColumn(name: $0.0, type: $0.1) }, storage: StorageDescriptor(location: name))
        partitions[name] = [Partition(values: [], storage: StorageDescriptor(location: name))]
        self.bytes[name] = bytes
    }

    func databaseExists(_ name: String) -> Bool { name == "default" }
    func table(database: String, name: String) -> Table? { database == "default" ? tables[name] : nil }
    func tableNames(database: String) -> [String] { tables.keys.sorted() }
    func databaseNames() -> [String] { ["default"] }
    func partitions(of table: Table) -> [Partition] { partitions[table.name] ?? [] }
    func hasFileSummaries(_ table: Table, partitions: [Partition]) -> Bool { table.name == "p" }
    func byteCount(of table: Table, partitions: [Partition]) -> Int? { bytes[table.name] }
}

/// A query bound against `MemoryMetadata`, and its optimization.
struct PlannedQuery {
    let bound: BoundQuery
    private let binder: Binder
    private let metadata: MemoryMetadata

    init(
        _ sql: String, _ settings: PlannerSettings = PlannerSettings(),
        checkCancellation: @escaping () throws -> Void = {}, fittedStates: FittedStateProvider? = nil
    ) throws {
        metadata = MemoryMetadata()
        binder = Binder(
            metadata: metadata, functions: .builtIn, settings: settings, context: planningContext,
            checkCancellation: checkCancellation)
        guard case .query(let query) = try Parser.parseStatement(sql).kind else { throw PlanError("no query") }
        bound = try binder.bindQuery(query, fittedStates: fittedStates)
    }

    var types: [SQLType] { bound.columns.map(\.type) }

    func optimized(_ settings: PlannerSettings = PlannerSettings()) throws -> LogicalPlan {
        let context = OptimizerContext(metadata: metadata, evaluation: planningContext, binder: binder)
        return try Optimizer(settings: settings, context: context).optimize(bound.plan)
    }

    /// The plan after one rule alone.
    func lines(after rule: String) throws -> [String] {
        PlanPrinter.lines(try optimized(PlannerSettings { $0.rulesOff = Set(Optimizer.ruleNames).subtracting([rule]) }))
    }

    func lines(_ settings: PlannerSettings = PlannerSettings()) throws -> [String] { PlanPrinter.lines(try optimized(settings)) }

    /// What a cancelled planning throws.
    struct Cancelled: Error {}

    /// How often planning asks whether to go on.
    /// - Parameter look: the time at which the answer is no.
    @discardableResult
    static func looks(_ sql: String, cancellingAt look: Int = .max) throws -> (binding: Int, optimizing: Int) {
        var count = 0
        let query = try PlannedQuery(sql) {
            count += 1
            if count >= look { throw Cancelled() }
        }
        let binding = count
        _ = try query.optimized()
        return (binding, count - binding)
    }

    var boundLines: [String] { PlanPrinter.lines(bound.plan) }
}

/// Why a query cannot be planned; nil when it can.
func planError(_ sql: String, _ settings: PlannerSettings = PlannerSettings()) -> PlanError? {
    do {
        _ = try PlannedQuery(sql, settings)
        return nil
    } catch {
        return error as? PlanError ?? PlanError("another error: \(error)")
    }
}

private let planningContext = EvaluationContext(queryStart: Timestamp(seconds: 0, nanoseconds: 0))

extension PlannerSettings {
    /// The default settings, changed.
    init(_ change: (inout PlannerSettings) -> Void) {
        self.init()
        change(&self)
    }
}

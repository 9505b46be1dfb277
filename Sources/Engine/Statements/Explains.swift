import Catalog
import Columnar
import Execution
import HiveSyntax
import Planner
import Platform

extension StatementRunner {
    /// `EXPLAIN`: the logical plan as bound, the optimized one, and the operators that run it. ANALYZE runs the query
    /// and says what each operator did.
    func runExplain(_ mode: ExplainMode, _ statement: Statement) throws -> StatementResult {
        if case .ast = mode { return try explain(tree: statement) }
        if case .summarize(let summarize) = statement.kind {
            return try runExplain(mode, Statement(.query(try query(of: summarize)), range: statement.range))
        }
        var targets: [String] = []
        let queries: [Query]
        if case .multiInsert(let insert) = statement.kind {
            switch mode {
            case .analyze: throw HiveError.unsupported("EXPLAIN ANALYZE of a statement that writes")
            case .authorization:
                let outputs = try insert.branches.map { try outputName($0.target) }
                return try explainAuthorization(of: "QUERY", writing: outputs) { [try self.bindBranches(insert, $0)] }
            case .dependency: return try explainDependency { [try self.bindBranches(insert, $0)] }
            default:
                return try explainPlans(mode, targets: [insert.branches.map { Self.describe($0.target) }]) {
                    [try self.bindBranches(insert, $0)]
                }
            }
        }
        switch statement.kind {
        case .query(let query): queries = [query]
        case .insert(let insert):
            var query = insert.source
            query.with = insert.with + query.with
            queries = [query]
            targets = [Self.describe(insert.target)]
        case .createTable(let create):
            guard case .query(let query) = create.source else { return try explainOnly(statement) }
            queries = [query]
            targets = ["CREATE TABLE \(Self.written(create.name))"]
        case .createView(let create):
            queries = [create.query]
            targets = ["CREATE VIEW \(Self.written(create.name))"]
        default: return try explainOnly(statement)
        }
        switch mode {
        case .analyze:
            guard case .query = statement.kind, let query = queries.first else {
                throw HiveError.unsupported("EXPLAIN ANALYZE of a statement that writes")
            }
            return try explainAnalyze(query)
        case .dependency: return try explainDependency { binder in try queries.map { try binder.bindQuery($0) } }
        case .authorization:
            let (operation, outputs) = try authorizedOutputs(of: statement)
            return try explainAuthorization(of: operation, writing: outputs) { binder in
                try queries.map { try binder.bindQuery($0) }
            }
        default:
            return try explainPlans(mode, targets: targets.map { [$0] }) { binder in
                try queries.map { try binder.bindQuery($0) }
            }
        }
    }

    private static func describe(_ target: InsertTarget) -> String {
        switch target {
        case .table(let table): "INSERT \(table.isOverwrite ? "OVERWRITE" : "INTO") \(written(table.name))"
        case .directory(let directory): "INSERT OVERWRITE DIRECTORY '\(directory.path)'"
        }
    }

    /// For what has no query: that it would run.
    private func explainOnly(_ statement: Statement) throws -> StatementResult {
        try rows(["Explain"], [["\(source.text(statement.range))"]])
    }

    private func explain(tree statement: Statement) throws -> StatementResult {
        var text = ""
        dump(statement.kind, to: &text)
        return try rows(
            ["Explain"], text.split(separator: "\n", omittingEmptySubsequences: false).map { [String($0)] })
    }

    /// - Parameter targets: what each query writes to.
    private func explainPlans(
        _ mode: ExplainMode, targets: [[String]], bind: (Binder) throws -> [BoundQuery]
    ) throws -> StatementResult {
        try locked(bind: bind) { binder, bound in
            var lines: [String] = []
            if case .vectorization(let words) = mode {
                // There is nothing else.
                lines = ["PLAN VECTORIZATION:", "  enabled: true", "  enabledConditionsMet: [hive.vectorized.execution.enabled IS true]"]
                if words.contains("ONLY") { return try rows(["Explain"], lines.map { [$0] }) }
                lines.append("")
            }
            for (index, query) in bound.enumerated() {
                if index > 0 { lines.append("") }
                if index < targets.count { lines += ["TARGET:"] + targets[index].map { "  " + $0 } + [""] }
                let optimized = try optimize(query.plan, binder)
                lines.append("LOGICAL PLAN:")
                lines += PlanPrinter.lines(query.plan).map { "  " + $0 }
                lines += ["", "OPTIMIZED PLAN:"]
                lines += PlanPrinter.lines(optimized).map { "  " + $0 }
                lines += ["", "PHYSICAL PLAN:"]
                lines += try makeExecutor().physicalPlan(optimized).lines().map { "  " + $0 }
            }
            return try rows(["Explain"], lines.map { [$0] })
        }
    }

    private func explainAnalyze(_ query: Query) throws -> StatementResult {
        try locked { binder in
            try binder.bindQuery(query)
        } body: { binder, bound in
            let optimized = try optimize(bound.plan, binder)
            let counter = CountingConsumer()
            let profile = try makeExecutor().run(optimized, into: counter)
            var lines = ["OPTIMIZED PLAN:"]
            lines += PlanPrinter.lines(optimized).map { "  " + $0 }
            lines += ["", "PHYSICAL PLAN:"]
            lines += profile.lines.map { "  " + $0 }
            return try rows(["Explain"], lines.map { [$0] })
        }
    }

    /// The tables, and the partitions as `db@t@k=1`, that queries read.
    private func inputs(of queries: [BoundQuery], _ binder: Binder) throws -> (tables: [String: Table], partitions: Set<String>) {
        var tables: [String: Table] = [:]
        var partitions = Set<String>()
        for query in queries {
            Self.forEachScan(try optimize(query.plan, binder)) { scan in
                tables[scan.table.qualifiedName] = scan.table
                guard scan.table.isPartitioned else { return }
                for partition in scan.partitions {
                    partitions.insert("\(scan.table.database)@\(scan.table.name)@\(partitionName(partition, of: scan.table))")
                }
            }
        }
        return (tables, partitions)
    }

    /// What is read and written, and by whom: nobody is refused anything.
    private func explainAuthorization(of operation: String, writing outputs: [String], bind: (Binder) throws -> [BoundQuery]) throws
        -> StatementResult
    {
        try locked(bind: bind) { binder, bound in
            let (tables, partitions) = try inputs(of: bound, binder)
            let read = (tables.values.map { "\($0.database)@\($0.name)" } + partitions).sorted()
            var lines = ["INPUTS: "] + (read.isEmpty ? ["_dummy_database@_dummy_table"] : read).map { "  " + $0 }
            lines += ["OUTPUTS: "] + outputs.map { "  " + $0 }
            lines += ["CURRENT_USER: ", "  \(SystemProperties.userName)", "OPERATION: ", "  \(operation)"]
            return try rows(["Explain"], lines.map { [$0] })
        }
    }

    /// The name that Hive has for a statement with a query, and what it writes to: for a query alone nothing, where Hive has a
    /// folder of its own.
    private func authorizedOutputs(of statement: Statement) throws -> (operation: String, outputs: [String]) {
        func made(_ name: TableName) -> [String] { ["database:\(databaseName(name))", "\(databaseName(name))@\(name.name.name)"] }
        switch statement.kind {
        case .insert(let insert): return ("QUERY", [try outputName(insert.target)])
        case .createTable(let create): return ("CREATETABLE_AS_SELECT", made(create.name))
        case .createView(let create): return ("CREATEVIEW", made(create.name))
        default: return ("QUERY", [])
        }
    }

    /// `db@t`, or `db@t@k=1` where the statement names a partition.
    private func outputName(_ target: InsertTarget) throws -> String {
        switch target {
        case .directory(let directory): return directory.path
        case .table(let insert):
            let table = try tableAtPosition(insert.name)
            let values = try partitionSpec(insert.partition, of: table)
            let known = table.partitionColumns.indices.compactMap { values[$0] ?? nil }
            guard table.isPartitioned, known.count == table.partitionColumns.count else { return "\(table.database)@\(table.name)" }
            return "\(table.database)@\(table.name)@\(PartitionName.make(columns: table.partitionColumns.map(\.name), values: known))"
        }
    }

    /// JSON with the tables and partitions that are read.
    private func explainDependency(_ bind: (Binder) throws -> [BoundQuery]) throws -> StatementResult {
        try locked(bind: bind) { binder, bound in
            let (tables, partitions) = try inputs(of: bound, binder)
            let tableTexts = tables.values.sorted { $0.qualifiedName < $1.qualifiedName }.map { table in
                JSON.object([
                    .init("tablename", .string("\(table.database)@\(table.name)")),
                    .init("tabletype", .string(table.kind.rawValue)),
                ])
            }
            let partitionTexts = partitions.sorted().map { JSON.object([.init("partitionName", .string($0))]) }
            let report = JSON.object([
                .init("input_tables", .array(tableTexts)), .init("input_partitions", .array(partitionTexts)),
            ])
            return try rows(["Explain"], [[try report.written()]])
        }
    }

    private static func forEachScan(_ plan: LogicalPlan, _ body: (LogicalScan) -> Void) {
        if case .scan(let scan) = plan { body(scan) }
        for input in plan.inputs { forEachScan(input, body) }
    }
}

/// Counts rows and forgets them.
final class CountingConsumer: ResultConsumer {
    var order: DeliveryOrder { .any }

    func makeWorker() throws -> any ResultWorker { Worker() }

    private final class Worker: ResultWorker {
        func consume(_ batch: Batch) throws {}
        func finish() throws {}
    }
}

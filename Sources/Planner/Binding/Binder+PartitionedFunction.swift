import Columnar
import Expressions
import Functions
import HiveSyntax
import Platform

extension Binder {
    /// `noop(ON source PARTITION BY … ORDER BY …)`, `matchpath(ON source … arg1('A.B+'), …)`
    func bindPartitionedFunction(_ function: PartitionedTableFunction, environment: QueryEnvironment) throws -> Source {
        guard let kind = PartitionedFunctionKind(name: function.name.name) else {
            throw PlanError(
                "Invalid function \(function.name.text)", code: 10011, at: function.name.range,
                hint: NearestName.hint(for: function.name.name, among: PartitionedFunctionKind.names))
        }
        expansion?.alias(function.alias)
        let source = try bindFrom(function.source, environment: environment)
        let binder = ExpressionBinder(
            self, scope: Scope(tables: source.scope, parent: environment.outerScope), environment: environment)
        let partitions = try function.partitionBy.map { try binder.bind($0) }
        let keys = try partitions.map { SortKey(expression: $0, isAscending: true, nullsFirst: true) }
            + function.orderBy.map { try binder.bindSortItem($0) }
        var plan = try attach(binder.pendingJoins, to: source.plan)
        if !keys.isEmpty { plan = .sort(LogicalSort(input: plan, keys: keys)) }
        let columns = source.scope.flatMap(\.columns).filter(\.isListed)
        let alias = function.alias?.name ?? (source.scope.count == 1 ? source.scope[0].alias : nil)
        let table = ScopeTable(alias: alias, database: nil, columns: columns)
        switch kind {
        case .rowsAsTheyAre: return Source(plan: plan, scope: [table])
        case .paths:
            return try bindPaths(
                function, partitions, Source(plan: plan, scope: [table]), binder, alias: alias, environment: environment)
        }
    }

    /// `matchpath`: the rows of a partition at which a pattern of conditions begins, with the rows that it matches, `tpath`.
    private func bindPaths(
        _ function: PartitionedTableFunction, _ partitions: [BoundExpression], _ source: Source, _ binder: ExpressionBinder,
        alias: String?, environment: QueryEnvironment
    ) throws -> Source {
        let arguments = function.arguments.flatMap(\.values)
        guard arguments.count >= 4, arguments.count % 2 == 0 else {
            throw PlanError(
                "matchpath takes a pattern, then names of conditions with their conditions, then what is selected",
                code: 10015, at: function.name.range)
        }
        func text(_ argument: Expression) throws -> String {
            guard case .literal(.string(let text)) = argument.kind else {
                throw PlanError("matchpath takes a text here", code: 10016, at: argument.range)
            }
            return text
        }
        let pairs = stride(from: 1, to: arguments.count - 1, by: 2).map { (name: arguments[$0], condition: arguments[$0 + 1]) }
        let conditions = try pairs.map { try binder.bindCondition($0.condition) }
        let names = try pairs.map { try text($0.name).lowercased() }
        let pattern: PathPattern
        do { pattern = try PathPattern(text(arguments[0]), conditions: names) } catch let error as FunctionError {
            throw planError(error, name: "matchpath", arguments: [], at: arguments[0].range)
        }
        let columns = source.scope[0].columns
        let rows = try collected(columns, conditions, partitions, source.plan, at: function.name.range)
        let outputs = columns.map { makeColumn($0.name, $0.expression.type) }
        let path = makeColumn(
            "tpath", .array(.structure(columns.map { StructField(name: $0.name, type: $0.expression.type) })))
        let schema = (outputs + [path]).map { SchemaColumn(name: $0.name, type: $0.type) }
        let resolved = ResolvedTableFunction(argumentTypes: [rows.list.type], columns: schema) { input in
            try pattern.paths(input, columns: schema)
        }
        let view = LogicalPlan.lateralView(
            LogicalLateralView(
                input: rows.plan, name: "matchpath", function: resolved, arguments: [.column(rows.list)],
                generated: outputs + [path], isOuter: false))
        let given = Source(plan: view, scope: [try scopeTable(alias, outputs + [path], renamed: [])])
        return try selecting(text(arguments[arguments.count - 1]), given, alias, at: arguments[arguments.count - 1].range, environment)
    }

    /// The rows of each partition as one list, with whether each condition holds.
    private func collected(
        _ columns: [ScopeColumn], _ conditions: [BoundExpression], _ partitions: [BoundExpression], _ plan: LogicalPlan,
        at range: SourceRange
    ) throws -> (plan: LogicalPlan, list: OutputColumn) {
        guard let collect = functions.aggregate("collect_list") else { throw PlanError("Internal error: collect_list is missing") }
        let named = columns.map { ($0.name, $0.expression) } + conditions.enumerated().map { ("condition \($0)", $1) }
        let row = try call(
            named: "named_struct",
            named.flatMap { name, value in
                [BoundExpression(.literal(.bytes(Array(name.utf8))), type: .string), value]
            }, at: range)
        let call = try aggregate(collect, [row], at: range)
        let list = makeColumn("rows", call.resolved.resultType)
        let groups = partitions.map { NamedExpression(output: makeColumn("partition", $0.type), expression: $0) }
        let aggregate = LogicalAggregate(input: plan, groups: groups, aggregates: [NamedAggregate(output: list, call: call)])
        return (.aggregate(aggregate), list)
    }

    /// The rows of a select list that is written in a text.
    private func selecting(
        _ text: String, _ source: Source, _ alias: String?, at range: SourceRange, _ environment: QueryEnvironment
    ) throws -> Source {
        expansionPauses += 1
        defer { expansionPauses -= 1 }
        let parsed = Result { () throws(SyntaxError) -> Query in try Parser.parseQuery("SELECT \(text)") }
        let query: Query
        switch parsed {
        case .success(let found): query = found
        case .failure(let error): throw PlanError("The select list of matchpath does not parse: \(error.message)", at: range)
        }
        guard case .select(let core) = query.body, core.from == nil else {
            throw PlanError("The last argument of matchpath is a select list", at: range)
        }
        let relation = try located(at: range) { try bindSelect(core, query: query, environment: environment.inside, reading: source) }
        return Source(plan: relation.plan, scope: [try scopeTable(alias, relation.columns, renamed: [])])
    }
}

/// What a partitioned table function makes of a partition's rows.
private enum PartitionedFunctionKind {
    case rowsAsTheyAre, paths

    static let names = ["noop", "noopwithmap", "noopstreaming", "noopwithmapstreaming", "matchpath"]

    init?(name: String) {
        switch name {
        case "noop", "noopwithmap", "noopstreaming", "noopwithmapstreaming": self = .rowsAsTheyAre
        case "matchpath": self = .paths
        default: return nil
        }
    }
}

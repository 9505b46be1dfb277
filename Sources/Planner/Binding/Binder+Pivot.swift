import Columnar
import Expressions
import HiveSyntax

extension Binder {
    // MARK: PIVOT

    /// `source PIVOT (…)`: rows grouped by the columns that it does not name, and each aggregate once for each value.
    func bindPivot(_ pivot: Pivot, environment: QueryEnvironment) throws -> Source {
        expansion?.alias(pivot.alias)
        let source = try bindFrom(pivot.source, environment: environment)
        // The names in it stay as they are written.
        expansionPauses += 1
        defer { expansionPauses -= 1 }
        let groups = try columns(beside: pivot, source, environment: environment)
        var items = groups.map { SelectItem(expression: $0) }
        for value in pivot.values {
            for aggregate in pivot.aggregates { items.append(try pivotItem(pivot, value, aggregate)) }
        }
        let core = SelectCore(
            items: items, groupBy: groups.isEmpty ? nil : GroupBy(expressions: groups, range: pivot.range), range: pivot.range)
        let relation = try bindSelect(
            core, query: Query(body: .select(core), range: pivot.range), environment: environment, reading: source)
        return Source(plan: relation.plan, scope: [try scopeTable(pivot.alias?.name, relation.columns, renamed: [])])
    }

    /// The columns of the source that neither the aggregates nor FOR name.
    private func columns(beside pivot: Pivot, _ source: Source, environment: QueryEnvironment) throws -> [Expression] {
        let scope = Scope(tables: source.scope, parent: environment.outerScope)
        let binder = ExpressionBinder(self, scope: scope, environment: environment)
        let aggregates = AggregateCollector(groups: [], hasGroupingSets: false)
        var used: Set<ColumnID> = []
        for column in pivot.columns { used.formUnion(try binder.bind(Expression(.column(column), range: column.range)).columnIDs) }
        binder.aggregates = aggregates
        for item in pivot.aggregates { _ = try binder.bind(item.expression) }
        for aggregate in aggregates.aggregates {
            for argument in aggregate.call.arguments { used.formUnion(argument.columnIDs) }
            if let filter = aggregate.call.filter { used.formUnion(filter.columnIDs) }
        }
        return try scope.listed(nil, at: pivot.range).filter { $0.column.expression.columnIDs.isDisjoint(with: used) }.map {
            Expression(.column(Identifier($0.column.name, range: pivot.range)), range: pivot.range)
        }
    }

    /// An aggregate of the rows that have a value in the columns of FOR.
    private func pivotItem(_ pivot: Pivot, _ value: Pivot.Item, _ aggregate: Pivot.Item) throws -> SelectItem {
        guard case .function(var call) = aggregate.expression.kind, call.window == nil else {
            throw PlanError("PIVOT takes calls of aggregate functions", at: aggregate.expression.range)
        }
        let values: [Expression] = if case .row(let items) = value.expression.kind { items } else { [value.expression] }
        guard values.count == pivot.columns.count else {
            throw PlanError(
                "PIVOT is over \(pivot.columns.count) columns, but this value has \(values.count)", at: value.expression.range)
        }
        var conditions = zip(pivot.columns, values).map { column, value in
            Expression(
                .isDistinctFrom(Expression(.column(column), range: column.range), value, negated: true), range: value.range)
        }
        if let filter = call.filter { conditions.append(filter) }
        call.filter = conditions.count == 1 ? conditions[0] : Expression(.and(conditions), range: value.expression.range)
        let name = value.alias?.text ?? values.map(Self.pivotName).joined(separator: "_")
        let suffix = aggregate.alias?.text ?? SQLPrinter.print(aggregate.expression)
        return SelectItem(
            expression: Expression(.function(call), range: aggregate.expression.range),
            alias: Identifier(pivot.aggregates.count == 1 ? name : "\(name)_\(suffix)", range: value.expression.range))
    }

    /// What a column is called after a value without a name.
    private static func pivotName(_ value: Expression) -> String {
        switch value.kind {
        case .literal(.string(let text)), .literal(.date(let text)), .literal(.timestamp(let text)): text
        default: SQLPrinter.print(value)
        }
    }

    // MARK: UNPIVOT

    /// `source UNPIVOT (…)`: for each of the columns, or lists of them, a row with its name and its values, beside all other columns.
    func bindUnpivot(_ unpivot: Unpivot, environment: QueryEnvironment) throws -> Source {
        expansion?.alias(unpivot.alias)
        let source = try bindFrom(unpivot.source, environment: environment)
        guard let inline = functions.table("inline") else { throw PlanError("Internal error: inline is missing") }
        let binder = ExpressionBinder(
            self, scope: Scope(tables: source.scope, parent: environment.outerScope), environment: environment)
        for row in unpivot.rows where row.columns.count != unpivot.values.count {
            throw PlanError(
                "UNPIVOT gives \(unpivot.values.count) values a row, but this one has \(row.columns.count)", at: row.range)
        }
        let values = try unpivot.rows.map { try $0.columns.map { try binder.bind(Expression(.column($0), range: $0.range)) } }
        let types = try unpivot.values.indices.map { place in
            let types = values.map { $0[place].type }
            guard let type = commonType(types) else {
                throw PlanError(
                    "The columns of UNPIVOT have no common type: \(types.map(\.description).joined(separator: ", "))",
                    code: 10016, at: unpivot.range)
            }
            return type
        }
        let shown = try zip(unpivot.rows, values).map { row, values in
            let name = row.label ?? row.columns.map(\.name).joined(separator: "_")
            let label = BoundExpression(.literal(.bytes(Array(name.utf8))), type: .string)
            return try call(named: "struct", [label] + zip(values, types).map { cast($0, to: $1) }, at: unpivot.range)
        }
        let view = try lateralView(
            inline, name: "inline", arguments: [try call(named: "array", shown, at: unpivot.range)], over: source.plan,
            columns: [unpivot.name] + unpivot.values, isOuter: false, range: unpivot.range)
        var plan = LogicalPlan.lateralView(view)
        if !unpivot.includesNulls {
            let isThere = view.generated.dropFirst().map { BoundExpression(.isNotNull(.column($0)), type: .boolean) }
            plan = .filter(LogicalFilter(input: plan, predicate: .disjunction(isThere)))
        }
        let used = values.joined().reduce(into: Set<ColumnID>()) { $0.formUnion($1.columnIDs) }
        let others = source.scope.flatMap(\.columns).filter { $0.isListed && $0.expression.columnIDs.isDisjoint(with: used) }
        let table = ScopeTable(
            alias: unpivot.alias?.name ?? (source.scope.count == 1 ? source.scope[0].alias : nil), database: nil,
            columns: others + view.generated.map { ScopeColumn(name: $0.name, expression: .column($0)) })
        return Source(plan: plan, scope: [table])
    }
}

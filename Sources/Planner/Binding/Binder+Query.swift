import Columnar
import Expressions
import Functions
import HiveSyntax

/// A bound query or part of one: a plan and the columns that the outside sees, in order. The plan may give more.
struct Relation {
    var plan: LogicalPlan
    var columns: [OutputColumn]
}

extension Binder {
    func bind(_ query: Query, environment: QueryEnvironment) throws -> Relation {
        try checkCancellation()
        try settings.strictChecks.check(query)
        let inner = environment.adding(query.with)
        switch query.body {
        case .select(let core): return try bindSelect(core, query: query, environment: inner)
        case .parenthesized(let nested):
            let relation = try bind(nested, environment: inner)
            return try ordered(relation, query, environment: inner)
        case .values(let rows): return try ordered(try bindValues(rows, environment: inner), query, environment: inner)
        case .setOperations:
            return try ordered(try bind(query.body, environment: inner), query, environment: inner)
        case .table(let name):
            let source = try bindTable(TableSource(name: name), environment: inner)
            let columns = source.scope.flatMap { $0.columns.filter(\.isListed) }.compactMap { column -> OutputColumn? in
                guard case .column(let id) = column.expression.kind else { return nil }
                return OutputColumn(id: id, name: column.name, type: column.expression.type)
            }
            if name.database != nil || inner.commonTable(name.name.name) == nil {
                expansion?.tableQuery(
                    name, database: name.database?.name ?? currentDatabase, columns: columns.map(\.name))
            }
            return try ordered(Relation(plan: source.plan, columns: columns), query, environment: inner)
        }
    }

    func bind(_ body: Query.Body, environment: QueryEnvironment) throws -> Relation {
        switch body {
        case .setOperations(let first, let others):
            return try bindSetOperations(first, others, environment: environment)
        default:
            return try bind(Query(body: body), environment: environment)
        }
    }

    // MARK: ORDER BY and LIMIT of a whole

    /// What a query orders by: ORDER BY, or SORT BY and CLUSTER BY, which on one machine order all rows too.
    func sortItems(of query: Query) -> [SortItem] {
        if !query.orderBy.isEmpty { return query.orderBy }
        if !query.sortBy.isEmpty { return query.sortBy }
        return query.clusterBy.map { SortItem(expression: $0) }
    }

    /// Sorts and limits a relation whose columns are the only names in sight.
    func ordered(_ relation: Relation, _ query: Query, environment: QueryEnvironment) throws -> Relation {
        var result = relation
        let items = sortItems(of: query)
        if !items.isEmpty {
            let table = ScopeTable(
                alias: nil, database: nil,
                columns: relation.columns.map { ScopeColumn(name: $0.name, expression: .column($0)) })
            let binder = ExpressionBinder(
                self, scope: Scope(tables: [table], parent: environment.outerScope), environment: environment)
            let keys =
                if let whole = wholeSortItem(items) {
                    try relation.columns.map { try sortKey(whole, of: .column($0)) }
                } else {
                    try items.map { item -> SortKey in
                        guard let position = try ordinal(item.expression, count: relation.columns.count) else {
                            return try binder.bindSortItem(item)
                        }
                        return try sortKey(item, of: .column(relation.columns[position]))
                    }
                }
            result.plan = .sort(LogicalSort(input: try attach(binder.pendingJoins, to: result.plan), keys: keys))
        }
        result.plan = try limited(result.plan, query.limit)
        return result
    }

    /// `ORDER BY ALL`.
    func wholeSortItem(_ items: [SortItem]) -> SortItem? {
        guard items.count == 1, case .star = items[0].expression.kind else { return nil }
        return items[0]
    }

    /// What a written item sorts by, with its value.
    func sortKey(_ item: SortItem, of expression: BoundExpression) throws -> SortKey {
        let isAscending = item.direction != .descending
        return SortKey(
            expression: expression, isAscending: isAscending, nullsFirst: item.nullOrder.map { $0 == .first } ?? isAscending)
    }

    /// The select item that `ORDER BY 2` means.
    func ordinal(_ expression: Expression, count: Int) throws -> Int? {
        guard settings.ordersByPosition, case .literal(.integer(let digits, .none)) = expression.kind,
            let position = Int(digits)
        else { return nil }
        guard (1...max(count, 1)).contains(position), count > 0 else {
            throw PlanError(
                "Invalid position alias in Order By\n Position alias: \(digits) does not exist\n"
                    + "The Select List is indexed from 1 to \(count)", code: 10221)
        }
        return position - 1
    }

    func limited(_ plan: LogicalPlan, _ limit: Limit?) throws -> LogicalPlan {
        guard let limit else { return plan }
        func whole(_ expression: Expression) throws -> Int {
            guard case .integer(let value) = try evaluateConstant(expression).value, value >= 0 else {
                throw PlanError("LIMIT needs whole numbers that are not negative", at: expression.range)
            }
            return Int(value)
        }
        let (count, offset) = (try whole(limit.count), try limit.offset.map(whole) ?? 0)
        let (rows, overflow) = count.addingReportingOverflow(offset)
        return .limit(
            LogicalLimit(input: overflow ? plan : plan.takingTurns(firstRows: rows), count: count, offset: offset))
    }

    // MARK: VALUES

    func bindValues(_ rows: [[Expression]], environment: QueryEnvironment) throws -> Relation {
        let binder = ExpressionBinder(self, scope: Scope(parent: environment.outerScope), environment: environment)
        binder.allowsSubqueries = false
        let bound = try rows.map { try $0.map { try binder.bind($0) } }
        let width = bound.first?.count ?? 0
        guard let odd = bound.firstIndex(where: { $0.count != width }) else {
            let columns = try (0..<width).map { index in
                guard let type = commonType(bound.map { $0[index].type }) else {
                    throw PlanError("The values of column \(index + 1) have no common type", at: rows[0][index].range)
                }
                return makeColumn("col\(index + 1)", type == .void ? .string : type)
            }
            let converted = bound.map { row in zip(row, columns).map { cast($0, to: $1.type) } }
            return Relation(plan: .values(LogicalValues(outputs: columns, rows: converted)), columns: columns)
        }
        throw PlanError(
            "Expected \(width) values in a row, found \(bound[odd].count)", at: rows[odd].first?.range)
    }

    // MARK: set operations

    /// Set operators from left to right. Unions in a row are one node, however many: UNION ALL of hundreds of SELECTs is
    /// common.
    private func bindSetOperations(
        _ first: Query.Body, _ others: [Query.SetOperand], environment: QueryEnvironment
    ) throws -> Relation {
        var united = [try bind(first, environment: environment)]
        let width = united[0].columns.count
        var isDistinct = false
        /// Whether all that is united so far has the same types.
        var isUniform = true
        func finishUnion() throws {
            guard united.count > 1 else { return }
            let union = unionAll(try align(united))
            united = [isDistinct ? distinct(union) : union]
            isDistinct = false
            isUniform = true
        }
        for other in others {
            let right = try bind(other.body, environment: environment)
            guard right.columns.count == width else { throw branchesDiffer(at: other.body.range) }
            switch other.operation {
            case .union:
                // What comes out distinct at the end need not be so before, as long as no type changes in between.
                let isSame = united[united.count - 1].columns.map(\.type) == right.columns.map(\.type)
                if isDistinct ? other.all || !isSame : !other.all && !(isSame && isUniform) { try finishUnion() }
                isUniform = isUniform && united[0].columns.map(\.type) == right.columns.map(\.type)
                united.append(right)
                isDistinct = !other.all
            case .intersect, .except:
                try finishUnion()
                united = [
                    try combined(align(united + [right]), all: other.all, isExcept: other.operation == .except)
                ]
            }
        }
        try finishUnion()
        return united[0]
    }

    func branchesDiffer(at range: SourceRange?) -> PlanError {
        PlanError("Schema of both sides of union should match.", at: range)
    }

    /// Gives all relations, which have as many columns each, the same column types.
    func align(_ relations: [Relation]) throws -> [Relation] {
        let width = relations[0].columns.count
        let types = try (0..<width).map { index in
            guard let type = unionType(relations.map { $0.columns[index].type }) else {
                let first = relations[0].columns[index]
                let second = relations.first { unionType([first.type, $0.columns[index].type]) == nil }
                throw PlanError(
                    "Schema of both sides of union should match: Column \(first.name) is of type \(first.type) on first "
                        + "table and type \(second?.columns[index].type ?? first.type) on second table.")
            }
            return type
        }
        return relations.map { relation in
            if zip(relation.columns, types).allSatisfy({ $0.type == $1 }),
                relation.plan.outputs == relation.columns
            { return relation }
            let expressions = zip(relation.columns, types).map { column, type in
                NamedExpression(output: makeColumn(column.name, type), expression: cast(.column(column), to: type))
            }
            return Relation(
                plan: .project(LogicalProject(input: relation.plan, expressions: expressions)),
                columns: expressions.map(\.output))
        }
    }

    func unionAll(_ relations: [Relation]) -> Relation {
        let outputs = relations[0].columns.map { makeColumn($0.name, $0.type) }
        return Relation(
            plan: .union(LogicalUnion(inputs: relations.map(\.plan), outputs: outputs)), columns: outputs)
    }

    func distinct(_ relation: Relation) -> Relation {
        let groups = relation.columns.map {
            NamedExpression(output: makeColumn($0.name, $0.type), expression: .column($0))
        }
        return Relation(
            plan: .aggregate(LogicalAggregate(input: relation.plan, groups: groups, aggregates: [])),
            columns: groups.map(\.output))
    }

    /// INTERSECT and EXCEPT: rows are counted by side; NULLs are equal to each other here.
    private func combined(_ relations: [Relation], all: Bool, isExcept: Bool) throws -> Relation {
        let tagged = relations.enumerated().map { side, relation in
            let tag = makeColumn("_side", .bigint)
            let pass = relation.columns.map { NamedExpression(output: $0, expression: .column($0)) }
            let mark = NamedExpression(output: tag, expression: .integer(Int64(side), type: .bigint))
            return Relation(
                plan: .project(LogicalProject(input: relation.plan, expressions: pass + [mark])),
                columns: relation.columns + [tag])
        }
        let union = unionAll(tagged)
        let tag = BoundExpression.column(union.columns[union.columns.count - 1])
        let rightRows = NamedAggregate(
            output: makeColumn("_right", .bigint), call: try aggregate(.sum, [tag], at: nil))
        let allRows = NamedAggregate(output: makeColumn("_all", .bigint), call: try aggregate(.count, [], at: nil))
        let groups = union.columns.dropLast().map {
            NamedExpression(output: makeColumn($0.name, $0.type), expression: .column($0))
        }
        let columns = groups.map(\.output)
        let grouped = LogicalPlan.aggregate(
            LogicalAggregate(input: union.plan, groups: groups, aggregates: [rightRows, allRows]))
        let right = BoundExpression.column(rightRows.output)
        let left = try call(.arithmetic(.subtract), [.column(allRows.output), right], at: nil)
        let zero = BoundExpression.integer(0, type: .bigint)
        let copies: BoundExpression =
            isExcept
            ? try call(.arithmetic(.subtract), [left, right], at: nil)
            : try call(.least, [left, right], at: nil)
        if all {
            let kept = LogicalPlan.filter(
                LogicalFilter(input: grouped, predicate: try call(.comparison(.greater), [copies, zero], at: nil)))
            return Relation(plan: repeated(kept, times: copies), columns: columns)
        }
        let predicate = BoundExpression.conjunction([
            try call(.comparison(.greater), [left, zero], at: nil),
            try call(.comparison(isExcept ? .equal : .greater), [right, zero], at: nil),
        ])
        return Relation(plan: .filter(LogicalFilter(input: grouped, predicate: predicate)), columns: columns)
    }

    /// Each row of `plan` as many times as `times` says.
    private func repeated(_ plan: LogicalPlan, times: BoundExpression) -> LogicalPlan {
        return .lateralView(
            LogicalLateralView(
                input: plan, name: "replicate_rows", function: .copies, arguments: [cast(times, to: .bigint)],
                generated: [makeColumn("_copy", .bigint)], isOuter: false))
    }
}

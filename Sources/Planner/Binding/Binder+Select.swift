import Columnar
import Expressions
import Functions
import HiveSyntax

extension Binder {
    /// Binds one SELECT with the ORDER BY and LIMIT of the query around it.
    /// - Parameter given: what it reads when it has no FROM of its own.
    func bindSelect(
        _ core: SelectCore, query: Query, environment: QueryEnvironment, reading given: Source? = nil
    ) throws -> Relation {
        var inside = environment.inside
        inside.branchSource = given
        let source = try core.from.map { try bindFrom($0, environment: inside) } ?? given ?? Source(plan: singleRow, scope: [])
        if let script = core.transform {
            return try bindScript(script, core, query: query, environment: environment, reading: source)
        }
        var select = SelectBinding(
            binder: self, core: core, scope: Scope(tables: source.scope, parent: environment.outerScope),
            environment: environment, plan: source.plan)
        return try select.bind(query)
    }

    /// A lateral view node, its columns named by `columns` or by the function.
    func lateralView(
        _ function: TableFunction, name: String, arguments: [BoundExpression], over plan: LogicalPlan,
        columns: [Identifier], isOuter: Bool, range: SourceRange
    ) throws -> LogicalLateralView {
        let constants: [Column?] = arguments.map { argument in
            guard let value = try? constantValue(argument) else { return nil }
            return value.column(type: argument.type, count: 1)
        }
        let resolved: ResolvedTableFunction
        do {
            resolved = try function.resolve(
                Functions.FunctionCall(name: name, argumentTypes: arguments.map(\.type), constants: constants))
        } catch let error as FunctionError {
            throw planError(error, name: name, arguments: arguments, at: range)
        }
        guard columns.isEmpty || columns.count == resolved.columns.count else {
            throw PlanError(
                "The number of aliases supplied in the AS clause does not match the number of columns output by the "
                    + "UDTF expected \(resolved.columns.count) aliases but got \(columns.count)", code: 10083, at: range)
        }
        let names = columns.isEmpty ? resolved.columns.map(\.name) : columns.map(\.name)
        return LogicalLateralView(
            input: plan, name: name, function: resolved,
            arguments: zip(arguments, resolved.argumentTypes).map { cast($0, to: $1) },
            generated: zip(names, resolved.columns).map { makeColumn($0, $1.type) }, isOuter: isOuter)
    }
}

/// The state of binding one SELECT.
struct SelectBinding {
    let binder: Binder
    let core: SelectCore
    let scope: Scope
    let environment: QueryEnvironment
    var plan: LogicalPlan

    /// Whether the rows are those of one table and of nothing else.
    let readsTable: Bool
    var items: [Item] = []

    struct Item {
        var name: String
        var expression: BoundExpression
        /// As it is written, where that is a column behind its table's name and nothing else.
        var qualifiedName: [Identifier]?
    }

    typealias OrderBinding = (keys: [OrderKey], joins: [PendingJoin])

    struct OrderKey {
        var key: SortKey
        /// The select item that is meant, whose value need not be computed, or drawn at random, again.
        var item: Int?
    }

    init(binder: Binder, core: SelectCore, scope: Scope, environment: QueryEnvironment, plan: LogicalPlan) {
        self.binder = binder
        self.core = core
        self.scope = scope
        self.environment = environment
        self.plan = plan
        readsTable = if case .scan = plan { true } else { false }
    }

    mutating func bind(_ query: Query) throws -> Relation {
        try bindFilter()
        let generator = try generatorItem()
        let groups = try bindGroups()
        let aggregates = AggregateCollector(groups: groups.expressions, hasGroupingSets: groups.sets != nil)
        let windows = WindowCollector(core.windows)

        let expressions = makeBinder(aggregates, windows)
        let generatorArguments = try generator.map { try expressions.bindArguments($0.call) } ?? []
        if generator == nil { try bindItems(expressions) }
        let (having, havingJoins) = try bindHaving(aggregates)
        let qualify = try bindQualify(aggregates, windows)
        var order: OrderBinding = generator == nil ? try bindOrder(query, aggregates, windows) : ([], [])

        if let having = core.having, core.groupBy == nil, aggregates.aggregates.isEmpty {
            throw PlanError("HAVING specified without GROUP BY", at: having.range)
        }
        plan = try binder.attach(aggregates.inputJoins, to: plan)
        let isAggregated = core.groupBy != nil || !aggregates.aggregates.isEmpty || core.having != nil
        var rewrite: (BoundExpression) throws -> BoundExpression = { $0 }
        if isAggregated {
            let hidden = Dictionary(plan.outputs.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
            if groups.sets != nil, aggregates.groupingID == nil {
                // Grouping sets need their number as a key of their own: a NULL of the data is not a left-out group.
                aggregates.groupingID = binder.makeColumn("grouping__id", .bigint)
            }
            plan = .aggregate(
                LogicalAggregate(
                    input: plan, groups: groups.expressions, groupingSets: groups.sets,
                    groupingID: aggregates.groupingID, aggregates: aggregates.aggregates))
            rewrite = { try Self.overGroups($0, groups: groups.expressions, hidden: hidden) }
        }
        plan = try binder.attach(expressions.pendingJoins + havingJoins, to: plan, rewriting: rewrite)
        if let having { plan = .filter(LogicalFilter(input: plan, predicate: try rewrite(having))) }
        plan = try binder.attach(order.joins + qualify.joins, to: plan, rewriting: rewrite)
        if let rowKey = windows.rowKey { plan = try RowKeyPlanner.naming(rowKey, of: plan, binder) }
        for group in windows.groups { plan = .window(try windowNode(group, rewrite)) }
        if let predicate = qualify.predicate {
            plan = .filter(LogicalFilter(input: plan, predicate: try rewrite(predicate)))
        }
        if let generator {
            try generate(generator, try generatorArguments.map(rewrite))
            order = try bindOrder(query, nil, nil)
            plan = try binder.attach(order.joins, to: plan, rewriting: rewrite)
        }
        for index in items.indices { items[index].expression = try rewrite(items[index].expression) }
        let keys = try order.keys.map { item in
            var item = item
            item.key.expression = try rewrite(item.key.expression)
            return item
        }
        return try project(keys: keys, limit: query.limit)
    }

    func makeBinder(_ aggregates: AggregateCollector?, _ windows: WindowCollector?) -> ExpressionBinder {
        let result = ExpressionBinder(binder, scope: scope, environment: environment)
        result.aggregates = aggregates
        result.windows = windows
        return result
    }

    // MARK: WHERE

    private mutating func bindFilter() throws {
        guard let filter = core.filter else { return }
        let expressions = makeBinder(nil, nil)
        var predicates: [BoundExpression] = []
        var joins: [PendingJoin] = []
        for conjunct in filter.conjuncts {
            if let join = try expressions.bindSubqueryConjunct(conjunct) {
                joins.append(join)
            } else {
                predicates.append(try expressions.bindCondition(conjunct))
            }
        }
        plan = try binder.attach(expressions.pendingJoins, to: plan)
        if !predicates.isEmpty {
            plan = .filter(LogicalFilter(input: plan, predicate: .conjunction(predicates.flatMap(\.conjuncts))))
        }
        plan = try binder.attach(joins, to: plan)
    }

    // MARK: GROUP BY and HAVING

    /// Expressions of CUBE: with each more the sets double, which plans and operators list.
    private static let mostOfCube = 16

    private func bindGroups() throws -> (expressions: [NamedExpression], sets: [[Int]]?) {
        guard let groupBy = core.groupBy else { return ([], nil) }
        if case .all = groupBy.style { return (try groupsOfItems(), nil) }
        let expressions = makeBinder(nil, nil)
        var groups: [NamedExpression] = []
        /// Which group each written expression is; a repeated one is the same group.
        var indexes: [Int] = []
        func index(of written: Expression) throws -> Int {
            let bound = try expressions.bind(try groupExpression(written))
            if let known = groups.firstIndex(where: { $0.expression == bound }) { return known }
            let output = binder.makeColumn(derivedName(written, groups.count), bound.type)
            groups.append(NamedExpression(output: output, expression: bound))
            return groups.count - 1
        }
        for written in groupBy.expressions { indexes.append(try index(of: written)) }
        guard expressions.pendingJoins.isEmpty else {
            throw PlanError.unsupported("A subquery in GROUP BY", at: groupBy.range)
        }
        if case .plain = groupBy.style { return (groups, nil) }
        // The set that a row belongs to is a number with a bit an expression.
        guard groups.count <= 64 else {
            throw PlanError("Grouping sets size cannot be greater than 64", code: 10411, at: groupBy.range)
        }
        switch groupBy.style {
        case .plain, .all: return (groups, nil)
        case .rollup:
            return (groups, (0...indexes.count).reversed().map { Array(indexes.prefix($0)) })
        case .cube:
            guard indexes.count <= Self.mostOfCube else {
                throw PlanError("CUBE takes at most \(Self.mostOfCube) expressions", at: groupBy.range)
            }
            let sets = (0..<(1 << indexes.count)).map { mask in
                indexes.enumerated().filter { mask & (1 << (indexes.count - 1 - $0.offset)) == 0 }.map(\.element)
            }
            return (groups, sets)
        case .groupingSets(let written):
            let sets = try written.map { set in
                try set.map { expression in
                    let position = try index(of: expression)
                    guard indexes.contains(position) else {
                        throw PlanError(
                            "Grouping sets expression is not in GROUP BY key", code: 10213, at: expression.range)
                    }
                    return position
                }
            }
            return (groups, sets)
        }
    }

    /// `GROUP BY ALL`: the select items without aggregates and windows, each once.
    private func groupsOfItems() throws -> [NamedExpression] {
        var groups: [NamedExpression] = []
        func add(_ name: String, _ expression: BoundExpression) {
            guard !groups.contains(where: { $0.expression == expression }) else { return }
            groups.append(NamedExpression(output: binder.makeColumn(name, expression.type), expression: expression))
        }
        for (position, item) in core.items.enumerated() {
            if case .star(let table) = item.expression.kind {
                for listed in try scope.listed(table, at: item.expression.range) { add(listed.name, listed.column.expression) }
                continue
            }
            let aggregates = AggregateCollector(groups: [], hasGroupingSets: false)
            let windows = WindowCollector(core.windows)
            let bound = try makeBinder(aggregates, windows).bind(item.expression)
            if aggregates.aggregates.isEmpty, windows.groups.isEmpty, !bound.isLiteral {
                add(derivedName(item.expression, position), bound)
            }
        }
        return groups
    }

    /// `GROUP BY 1` where positions are allowed.
    private func groupExpression(_ written: Expression) throws -> Expression {
        guard binder.settings.groupsByPosition, case .literal(.integer(let digits, .none)) = written.kind,
            let position = Int(digits)
        else { return written }
        guard (1...core.items.count).contains(position) else {
            throw PlanError(
                "Invalid position alias in Group By\n Position alias: \(digits) does not exist\n"
                    + "The Select List is indexed from 1 to \(core.items.count)", code: 10220)
        }
        return core.items[position - 1].expression
    }

    private mutating func bindHaving(
        _ aggregates: AggregateCollector
    ) throws -> (predicate: BoundExpression?, joins: [PendingJoin]) {
        guard let having = core.having else { return (nil, []) }
        let expressions = makeBinder(aggregates, nil)
        expressions.aliases = items.map { ScopeColumn(name: $0.name, expression: $0.expression) }
        expressions.isHaving = true
        var predicates: [BoundExpression] = []
        var joins: [PendingJoin] = []
        for conjunct in having.conjuncts {
            if let join = try expressions.bindSubqueryConjunct(conjunct) {
                joins.append(join)
            } else {
                predicates.append(try expressions.bindCondition(conjunct))
            }
        }
        return (predicates.isEmpty ? nil : .conjunction(predicates), expressions.pendingJoins + joins)
    }

    private func bindQualify(
        _ aggregates: AggregateCollector, _ windows: WindowCollector
    ) throws -> (predicate: BoundExpression?, joins: [PendingJoin]) {
        guard let qualify = core.qualify else { return (nil, []) }
        let expressions = makeBinder(aggregates, windows)
        expressions.aliases = items.map { ScopeColumn(name: $0.name, expression: $0.expression) }
        return (try expressions.bindCondition(qualify), expressions.pendingJoins)
    }

    /// Replaces group expressions by their columns and refuses what is left of the rows before grouping.
    private static func overGroups(
        _ expression: BoundExpression, groups: [NamedExpression], hidden: [ColumnID: String]
    ) throws -> BoundExpression {
        try expression.rewritten { node in
            if !node.isLiteral, let group = groups.first(where: { $0.expression == node }) {
                return .column(group.output)
            }
            if case .column(let id) = node.kind, let name = hidden[id] {
                // What `*` stands for has no place in the statement.
                let suffix = node.range == nil ? " \(name)" : ""
                throw PlanError("Expression not in GROUP BY key\(suffix)", code: 10025, at: node.range)
            }
            return nil
        }
    }

    private func windowNode(
        _ group: WindowCollector.Group, _ rewrite: (BoundExpression) throws -> BoundExpression
    ) throws -> LogicalWindow {
        LogicalWindow(
            input: plan, partitionBy: try group.partitionBy.map(rewrite),
            orderBy: try group.orderBy.map { key in
                var key = key
                key.expression = try rewrite(key.expression)
                return key
            },
            functions: try group.functions.map { function in
                var function = function
                function.arguments = try function.arguments.map(rewrite)
                return function
            })
    }

    // MARK: ORDER BY

    private func bindOrder(
        _ query: Query, _ aggregates: AggregateCollector?, _ windows: WindowCollector?
    ) throws -> OrderBinding {
        let written = binder.sortItems(of: query)
        guard !written.isEmpty else { return ([], []) }
        let expressions = makeBinder(aggregates, windows)
        expressions.aliases = items.map { ScopeColumn(name: $0.name, expression: $0.expression) }
        expressions.prefersAliases = true
        if let whole = binder.wholeSortItem(written) {
            let keys = try items.indices.map { place in
                OrderKey(key: try binder.sortKey(whole, of: items[place].expression), item: place)
            }
            return (keys, [])
        }
        let keys = try written.map { item -> OrderKey in
            let named = try binder.ordinal(item.expression, count: items.count) ?? selected(item.expression)
            guard let position = named else { return OrderKey(key: try bindOrderKey(item, expressions)) }
            if let name = item.expression.dottedName?.first, let names = items[position].qualifiedName {
                binder.expansion?.selected(name, as: names, in: scope)
            }
            return OrderKey(key: try binder.sortKey(item, of: items[position].expression), item: position)
        }
        return (keys, expressions.pendingJoins)
    }

    /// Of a query of groups Hive's view texts keep a name with its table as it is written, which can mean nothing else
    /// later, unless a select item is written like that.
    private func bindOrderKey(_ item: SortItem, _ expressions: ExpressionBinder) throws -> SortKey {
        let isKept =
            if core.groupBy != nil || core.isDistinct, let names = item.expression.dottedName, names.count == 2 {
                !items.contains { $0.qualifiedName?.map(\.name) == names.map(\.name) }
            } else {
                false
            }
        binder.expansionPauses += isKept ? 1 : 0
        defer { binder.expansionPauses -= isKept ? 1 : 0 }
        return try expressions.bindSortItem(item)
    }

    /// The one select item that a name means.
    private func selected(_ expression: Expression) -> Int? {
        guard case .column(let name) = expression.kind else { return nil }
        let matches = items.indices.filter { items[$0].name == name.name }
        return matches.count == 1 ? matches.first : nil
    }

    /// The select list, DISTINCT, ORDER BY and LIMIT, in this order.
    private func project(keys: [OrderKey], limit: Limit?) throws -> Relation {
        var expressions = items.map {
            NamedExpression(output: binder.makeColumn($0.name, $0.expression.type), expression: $0.expression)
        }
        let visible = expressions.map(\.output)
        var sortKeys: [SortKey] = []
        for written in keys {
            var key = written.key
            if let position = written.item {
                key.expression = .column(visible[position])
            } else if let item = expressions.first(where: { $0.expression == key.expression }) {
                key.expression = .column(item.output)
            } else if core.isDistinct {
                throw PlanError(
                    "Invalid table alias or column reference: ORDER BY of SELECT DISTINCT takes selected columns only "
                        + "(possible column names are: \(visible.map(\.name).joined(separator: ", ")))",
                    code: 10004, at: key.expression.range)
            } else {
                let hidden = NamedExpression(
                    output: binder.makeColumn("_order", key.expression.type), expression: key.expression)
                expressions.append(hidden)
                key.expression = .column(hidden.output)
            }
            sortKeys.append(key)
        }
        var relation = Relation(
            plan: .project(LogicalProject(input: plan, expressions: expressions)), columns: visible)
        if core.isDistinct {
            let before = relation.columns
            relation = binder.distinct(relation)
            let renamed = Dictionary(
                zip(before.map(\.id), relation.columns.map { BoundExpression.column($0) }), uniquingKeysWith: { a, _ in a })
            for index in sortKeys.indices {
                sortKeys[index].expression = sortKeys[index].expression.substituting(renamed)
            }
        }
        if !sortKeys.isEmpty { relation.plan = .sort(LogicalSort(input: relation.plan, keys: sortKeys)) }
        relation.plan = try binder.limited(relation.plan, limit)
        if expressions.count > visible.count {
            let shown = visible.map { NamedExpression(output: $0, expression: .column($0)) }
            relation.plan = .project(LogicalProject(input: relation.plan, expressions: shown))
        }
        return relation
    }
}

extension Expression {
    /// The operands of an AND, nested ones flattened.
    var conjuncts: [Expression] {
        if case .and(let operands) = kind { return operands.flatMap(\.conjuncts) }
        return [self]
    }
}

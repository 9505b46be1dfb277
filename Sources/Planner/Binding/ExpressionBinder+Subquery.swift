import Columnar
import Expressions
import HiveSyntax

/// A subquery's plan with the conditions on outer columns taken out of it.
struct DecorrelatedQuery {
    var plan: LogicalPlan
    var columns: [OutputColumn]
    var equalities: [LogicalJoin.Equality] = []
    var residual: [BoundExpression] = []
    /// What a column is when no row matches: COUNT is 0 where other aggregates are NULL.
    var emptyValues: [ColumnID: BoundExpression] = [:]
    /// Aggregates without GROUP BY: there is a row even where none matches.
    var isSingleRow = false
    /// See `PendingJoin.outerRows`.
    var outerRows: Int?

    var isCorrelated: Bool { !equalities.isEmpty || !residual.isEmpty }
}

extension ExpressionBinder {
    /// Binds a subquery and lifts its references to outer columns into join conditions.
    /// - Parameter onlyExistence: order and columns do not matter.
    func bindSubquery(
        _ query: Query, _ range: SourceRange, onlyExistence: Bool = false
    ) throws -> DecorrelatedQuery {
        guard allowsSubqueries else { throw PlanError("A subquery is not allowed here", at: range) }
        var inner = environment.inside
        inner.outerScope = scope
        inner.aggregatingBinder = aggregates == nil ? nil : self
        var relation = try binder.bind(query, environment: inner)
        if onlyExistence { relation.plan = relation.plan.keepingExistence }
        var decorrelated = DecorrelatedQuery(plan: relation.plan, columns: relation.columns)
        let outer = relation.plan.freeColumns
        guard !outer.isEmpty else { return decorrelated }
        var lifter = CorrelationLifter(binder: binder, outer: outer, range: range)
        decorrelated.plan = try lifter.lift(relation.plan)
        decorrelated.emptyValues = lifter.emptyValues
        decorrelated.isSingleRow = lifter.isSingleRow
        decorrelated.outerRows = lifter.outerRows
        // Whatever its values are, the one row is there.
        let isOnlyARow = onlyExistence && lifter.isSingleRow
        guard isOnlyARow || decorrelated.plan.freeColumns.isDisjoint(with: outer) else {
            throw lifter.unsupported("other than in conditions")
        }
        for predicate in lifter.predicates {
            if let equality = try binder.equality(predicate, leftColumns: outer) {
                decorrelated.equalities.append(equality)
            } else {
                decorrelated.residual.append(predicate)
            }
        }
        return decorrelated
    }

    private func pendingJoin(_ kind: LogicalJoin.Kind, _ subquery: DecorrelatedQuery) -> PendingJoin {
        PendingJoin(
            kind: kind, plan: subquery.plan, equalities: subquery.equalities, residual: subquery.residual,
            outerRows: subquery.outerRows)
    }

    // MARK: as a conjunct of WHERE or HAVING

    /// `[NOT] EXISTS (…)` and `x [NOT] IN (…)` as semi and anti joins; nil for any other conjunct.
    func bindSubqueryConjunct(_ conjunct: Expression) throws -> PendingJoin? {
        switch conjunct.kind {
        case .exists(let query): return try existsJoin(query, .leftSemi, conjunct.range)
        case .unary(.not, let operand):
            switch operand.kind {
            case .exists(let query): return try existsJoin(query, .leftAnti, conjunct.range)
            case .inSubquery(let value, let query, let negated):
                return try inJoin(value, query, negated: !negated, conjunct.range)
            default: return nil
            }
        case .inSubquery(let operand, let query, let negated):
            return try inJoin(operand, query, negated: negated, conjunct.range)
        default: return nil
        }
    }

    private func existsJoin(_ query: Query, _ kind: LogicalJoin.Kind, _ range: SourceRange) throws -> PendingJoin {
        var subquery = try bindSubquery(query, range, onlyExistence: true)
        if subquery.isSingleRow { subquery = DecorrelatedQuery(plan: binder.singleRow, columns: []) }
        if !subquery.isCorrelated { subquery.plan = .limit(LogicalLimit(input: subquery.plan, count: 1)) }
        return pendingJoin(kind, subquery)
    }

    private func inJoin(
        _ operand: Expression, _ query: Query, negated: Bool, _ range: SourceRange
    ) throws -> PendingJoin? {
        var subquery = try bindSubquery(query, range)
        if subquery.isSingleRow, subquery.isCorrelated { return nil }
        let keys = try inKeys(operand, subquery, range)
        if !negated {
            subquery.equalities += keys
            return pendingJoin(.leftSemi, subquery)
        }
        if !subquery.isCorrelated, keys.count == 1 {
            subquery.equalities = keys
            return pendingJoin(.leftAntiNullAware, subquery)
        }
        // Correlated NOT IN: a pair that is unknown keeps the row out as an equal one does.
        for key in keys {
            let same = try binder.call(.comparison(.equal), [key.left, key.right], at: range)
            subquery.residual.append(
                .disjunction([
                    same, BoundExpression(.isNull(key.left), type: .boolean),
                    BoundExpression(.isNull(key.right), type: .boolean),
                ]))
        }
        return pendingJoin(.leftAnti, subquery)
    }

    /// `x IN (SELECT y …)` as equalities; a row on the left meets as many columns.
    private func inKeys(
        _ operand: Expression, _ subquery: DecorrelatedQuery, _ range: SourceRange
    ) throws -> [LogicalJoin.Equality] {
        try inKeys(try inOperands(operand), subquery, range)
    }

    private func inOperands(_ operand: Expression) throws -> [BoundExpression] {
        if case .row(let items) = operand.kind { return try items.map { try bind($0) } }
        return [try bind(operand)]
    }

    private func inKeys(
        _ operands: [BoundExpression], _ subquery: DecorrelatedQuery, _ range: SourceRange
    ) throws -> [LogicalJoin.Equality] {
        guard subquery.columns.count == operands.count else {
            throw PlanError(
                "Invalid SubQuery expression: SubQuery can contain only \(operands.count) item"
                    + "\(operands.count == 1 ? "" : "s") in Select List.", at: range)
        }
        return try zip(operands, subquery.columns).map { left, column in
            guard let type = binder.commonComparisonType([left.type, column.type]) else {
                throw PlanError("Cannot compare \(left.type) with \(column.type) in IN", code: 10016, at: range)
            }
            return LogicalJoin.Equality(
                left: binder.cast(left, to: type), right: binder.cast(.column(column), to: type))
        }
    }

    // MARK: as a value anywhere

    func bindScalarSubquery(_ query: Query, _ range: SourceRange) throws -> BoundExpression {
        try scalar(bindSubquery(query, range), range)
    }

    private func scalar(_ subquery: DecorrelatedQuery, _ range: SourceRange) throws -> BoundExpression {
        guard subquery.columns.count == 1, let column = subquery.columns.first else {
            throw PlanError(
                "Invalid SubQuery expression: a scalar subquery must give one column, not \(subquery.columns.count)",
                at: range)
        }
        var join = pendingJoin(.left, subquery)
        join.isSingleMatch = true
        guard let emptyValue = subquery.emptyValues[column.id] else {
            pendingJoins.append(join)
            return .column(column)
        }
        let marker = addMarker(to: &join)
        pendingJoins.append(join)
        return BoundExpression(
            .conditional(
                [ConditionalBranch(condition: BoundExpression(.isNull(marker), type: .boolean), value: emptyValue)],
                otherwise: .column(column)), type: column.type)
    }

    func bindExistsValue(_ query: Query, _ range: SourceRange) throws -> BoundExpression {
        let subquery = try bindSubquery(query, range, onlyExistence: true)
        if subquery.isSingleRow { return .integer(1, type: .boolean) }
        return markJoin(subquery)
    }

    /// `x <comparison> ANY (SELECT y …)`, and IN: TRUE when a row compares TRUE, else NULL when a row compares
    /// unknown, else FALSE.
    func bindAny(
        _ operand: Expression, _ comparison: BinaryOperator, _ query: Query, _ range: SourceRange
    ) throws -> BoundExpression {
        guard comparison.negated != nil else {
            throw PlanError.unsupported("\(comparison.rawValue) ANY with a subquery", at: range)
        }
        let subquery = try bindSubquery(query, range)
        let operands = try inOperands(operand)
        let keys = try inKeys(operands, subquery, range)
        guard comparison == .equal || keys.count == 1 else {
            throw PlanError.unsupported("A comparison of rows other than by equality", at: range)
        }
        if subquery.isSingleRow, subquery.isCorrelated, keys.count == 1 {
            let value = try scalar(subquery, range)
            return try binder.call(
                comparison.function, [keys[0].left, binder.cast(value, to: keys[0].left.type)], at: range)
        }
        // Its rows are asked twice: for one that compares TRUE, and for one that compares unknown.
        var (matching, unknown) = sharing(subquery)
        if comparison == .equal {
            matching.equalities += keys
        } else {
            matching.residual.append(
                try binder.call(comparison.function, [keys[0].left, keys[0].right], at: range))
        }
        let found = markJoin(matching)
        let isUnknown: BoundExpression
        if comparison == .equal, keys.count == 1, !subquery.isCorrelated {
            isUnknown = try hasUnknownItem(keys[0], unknown, range)
        } else {
            let tests = try inKeys(operands, unknown, range).map {
                try binder.call(comparison.function, [$0.left, $0.right], at: range)
            }
            unknown.residual.append(BoundExpression(.isNull(.conjunction(tests)), type: .boolean))
            isUnknown = markJoin(unknown)
        }
        let branches = [
            ConditionalBranch(condition: found, value: .integer(1, type: .boolean)),
            ConditionalBranch(condition: isUnknown, value: .null(.boolean)),
        ]
        return BoundExpression(
            .conditional(branches, otherwise: .integer(0, type: .boolean)), type: .boolean, range: range)
    }

    /// Two readers of a subquery that is computed once.
    private func sharing(_ subquery: DecorrelatedQuery) -> (DecorrelatedQuery, DecorrelatedQuery) {
        var known: Set<ColumnID> = []
        let columns = subquery.plan.outputs.filter { known.insert($0.id).inserted }
        let subplan = binder.share(subquery.plan, name: "subquery")
        var first = subquery
        first.plan = binder.reader(of: subplan, columns.map { ($0, $0) }).plan
        var second = subquery
        let fresh = Dictionary(
            uniqueKeysWithValues: columns.map { ($0.id, binder.makeColumn($0.name, $0.type)) })
        let renamed = fresh.mapValues { BoundExpression.column($0) }
        second.plan = binder.reader(of: subplan, columns.map { ($0, fresh[$0.id] ?? $0) }).plan
        second.columns = subquery.columns.map { column in
            var column = column
            column.id = fresh[column.id]?.id ?? column.id
            return column
        }
        second.equalities = subquery.equalities.map {
            LogicalJoin.Equality(
                left: $0.left, right: $0.right.substituting(renamed), isNullSafe: $0.isNullSafe)
        }
        second.residual = subquery.residual.map { $0.substituting(renamed) }
        return (first, second)
    }

    /// Whether `x = ANY (…)` without a match is unknown: the subquery has rows, and x or one of them is NULL. Counted
    /// once for all x.
    private func hasUnknownItem(
        _ key: LogicalJoin.Equality, _ copy: DecorrelatedQuery, _ range: SourceRange
    ) throws -> BoundExpression {
        let rows = binder.makeColumn("_rows", .bigint)
        let values = binder.makeColumn("_values", .bigint)
        let counts = [
            NamedAggregate(output: rows, call: try binder.aggregate(.count, [], at: range)),
            NamedAggregate(output: values, call: try binder.aggregate(.count, [.column(copy.columns[0])], at: range)),
        ]
        pendingJoins.append(
            PendingJoin(
                kind: .left, plan: .aggregate(LogicalAggregate(input: copy.plan, groups: [], aggregates: counts)),
                isSingleMatch: true))
        let isFilled = try binder.call(.comparison(.greater), [.column(rows), .integer(0, type: .bigint)], at: range)
        let hasNull = try binder.call(.comparison(.less), [.column(values), .column(rows)], at: range)
        return .conjunction([isFilled, .disjunction([BoundExpression(.isNull(key.left), type: .boolean), hasNull])])
    }

    /// Whether the subquery has a row that meets its conditions.
    private func markJoin(_ subquery: DecorrelatedQuery) -> BoundExpression {
        var join = pendingJoin(.mark, subquery)
        if !subquery.isCorrelated { join.plan = .limit(LogicalLimit(input: subquery.plan, count: 1)) }
        let mark = binder.makeColumn("_matched", .boolean)
        join.mark = mark
        pendingJoins.append(join)
        return .column(mark)
    }

    /// Adds a column to a join's right side that is never NULL there.
    private func addMarker(to join: inout PendingJoin) -> BoundExpression {
        let output = binder.makeColumn("_matched", .boolean)
        let pass = join.plan.outputs.map { NamedExpression(output: $0, expression: .column($0)) }
        join.plan = .project(
            LogicalProject(
                input: join.plan,
                expressions: pass + [NamedExpression(output: output, expression: .integer(1, type: .boolean))]))
        return .column(output)
    }
}

/// Takes conditions on outer columns out of a subquery's plan, keeping the columns they need in reach.
private struct CorrelationLifter {
    let binder: Binder
    let outer: Set<ColumnID>
    let range: SourceRange
    var predicates: [BoundExpression] = []
    var emptyValues: [ColumnID: BoundExpression] = [:]
    var isSingleRow = false
    var outerRows: Int?

    func refersOut(_ expression: BoundExpression) -> Bool { !expression.columnIDs.isDisjoint(with: outer) }

    mutating func lift(_ plan: LogicalPlan) throws -> LogicalPlan {
        guard !plan.freeColumns.isDisjoint(with: outer) else { return plan }
        switch plan {
        case .filter(var node):
            node.input = try lift(node.input)
            guard !isSingleRow else { throw unsupported("under HAVING without GROUP BY") }
            var kept: [BoundExpression] = []
            for conjunct in node.predicate.liftedConjuncts {
                if refersOut(conjunct) { predicates.append(conjunct) } else { kept.append(conjunct) }
            }
            guard !kept.isEmpty else { return node.input }
            node.predicate = .conjunction(kept)
            return .filter(node)
        case .project(var node):
            node.input = try lift(node.input)
            for expression in node.expressions where refersOut(expression.expression) {
                throw unsupported("in its select list")
            }
            for expression in node.expressions {
                let onEmpty = expression.expression.substituting(emptyValues)
                if isSingleRow, onEmpty.columnIDs.isEmpty {
                    emptyValues[expression.output.id] = onEmpty
                }
            }
            let given = Set(node.expressions.map(\.output.id))
            let needed = predicates.reduce(into: Set<ColumnID>()) { $0.formUnion($1.columnIDs) }
            for output in node.input.outputs where needed.contains(output.id) && !given.contains(output.id) {
                node.expressions.append(NamedExpression(output: output, expression: .column(output)))
            }
            return .project(node)
        case .aggregate(var node):
            let before = predicates.count
            node.input = try lift(node.input)
            guard node.groupingSets == nil else { throw unsupported("under GROUPING SETS") }
            guard !isSingleRow else { throw unsupported("under two aggregates") }
            if node.groups.isEmpty {
                isSingleRow = true
                for aggregate in node.aggregates {
                    guard !aggregate.output.type.isComplex else { throw unsupported("under \(aggregate.call.name)") }
                    emptyValues[aggregate.output.id] =
                        aggregate.call.function.traits.valueOfNoRows == .zero
                        ? .integer(0, type: aggregate.output.type) : .null(aggregate.output.type)
                }
            }
            if try predicates[before...].contains(where: { try binder.equality($0, leftColumns: outer) == nil }) {
                try groupByOuterRows(&node, predicates: before...)
                return .aggregate(node)
            }
            for index in before..<predicates.count {
                guard let equality = try binder.equality(predicates[index], leftColumns: outer) else { continue }
                let key = NamedExpression(
                    output: binder.makeColumn("_key", equality.right.type), expression: equality.right)
                node.groups.append(key)
                predicates[index] = try binder.call(
                    .comparison(equality.comparison), [equality.left, .column(key.output)], at: range)
            }
            return .aggregate(node)
        case .join(var node):
            switch node.kind {
            case .inner, .cross:
                node.left = try lift(node.left)
                node.right = try lift(node.right)
                guard !isSingleRow else { throw unsupported("under an aggregate that is joined") }
                var kept: [LogicalJoin.Equality] = []
                for equality in node.equalities {
                    if refersOut(equality.left) || refersOut(equality.right) {
                        predicates.append(
                            try binder.call(
                                .comparison(equality.comparison), [equality.left, equality.right], at: range))
                    } else {
                        kept.append(equality)
                    }
                }
                node.equalities = kept
                let conjuncts = node.residual?.liftedConjuncts ?? []
                predicates += conjuncts.filter { refersOut($0) }
                let rest = conjuncts.filter { !refersOut($0) }
                node.residual = rest.isEmpty ? nil : .conjunction(rest)
            case .left, .leftSemi, .leftAnti, .leftAntiNullAware, .mark:
                node.left = try lift(node.left)
                guard !isSingleRow, node.right.freeColumns.isDisjoint(with: outer),
                    !(node.residual.map { refersOut($0) } ?? false),
                    !node.equalities.contains(where: { refersOut($0.left) || refersOut($0.right) })
                else { throw unsupported("inside an outer join") }
            case .right, .full: throw unsupported("inside an outer join")
            }
            return .join(node)
        case .asofJoin(var node):
            // Which right row is the nearest must not depend on the outer row.
            node.left = try lift(node.left)
            guard !isSingleRow, node.right.freeColumns.isDisjoint(with: outer), !plan.expressions.contains(where: { refersOut($0) })
            else { throw unsupported("inside an ASOF join") }
            return .asofJoin(node)
        case .sort(var node):
            guard node.limit == nil else { throw unsupported("under LIMIT") }
            node.input = try lift(node.input)
            return .sort(node)
        case .lateralView(var node):
            node.input = try lift(node.input)
            guard !isSingleRow else { throw unsupported("under an aggregate in a lateral view") }
            return .lateralView(node)
        case .union(let node): return .union(try lift(node))
        case .limit, .window, .values, .scan, .transform, .sharedScan, .with, .branches, .recursion: throw unsupported("in this place")
        }
    }

    /// Aggregates by outer values: a condition that is no equality cannot be asked of a group later. The rows are joined with the
    /// distinct values of the outer columns that the conditions read, and grouped by these.
    private mutating func groupByOuterRows(_ node: inout LogicalAggregate, predicates places: PartialRangeFrom<Int>) throws {
        let columns = outerColumns(of: predicates[places])
        let distinct = meetingOuterRows(columns, sharedOuterRows(), &node.input, predicates[places])
        predicates.removeSubrange(places)
        for (outer, value) in zip(columns, distinct) {
            let key = NamedExpression(output: binder.makeColumn("_key", value.type), expression: .column(value))
            node.groups.append(key)
            predicates.append(
                try binder.call(.comparison(.nullSafeEqual), [.column(outer), .column(key.output)], at: range))
        }
    }

    /// The outer columns that conditions read.
    private func outerColumns(of predicates: some Sequence<BoundExpression>) -> [OutputColumn] {
        var types: [ColumnID: SQLType] = [:]
        for predicate in predicates {
            predicate.forEachNode { part in
                if case .column(let id) = part.kind, outer.contains(id) { types[id] = part.type }
            }
        }
        return types.sorted { $0.key.number < $1.key.number }.map { OutputColumn(id: $0.key, name: "_outer", type: $0.value) }
    }

    /// The subplan of the outer rows, which all places of the subquery read that need their values.
    private mutating func sharedOuterRows() -> Int {
        if let outerRows { return outerRows }
        let subplan = binder.share(binder.singleRow, name: "outer rows")
        outerRows = subplan
        return subplan
    }

    /// Joins a plan with the distinct values of outer columns, by conditions that speak of both.
    /// - Returns: the columns with those values.
    private func meetingOuterRows(
        _ columns: [OutputColumn], _ subplan: Int, _ plan: inout LogicalPlan, _ predicates: some Sequence<BoundExpression>
    ) -> [OutputColumn] {
        let read = binder.reader(of: subplan, columns.map { ($0, binder.makeColumn($0.name, $0.type)) })
        let distinct = binder.distinct(read)
        let values = Dictionary(
            zip(columns.map(\.id), distinct.columns.map { BoundExpression.column($0) }), uniquingKeysWith: { $1 })
        let conditions = predicates.map { $0.substituting(values) }
        plan = .join(
            LogicalJoin(
                kind: conditions.isEmpty ? .cross : .inner, left: distinct.plan, right: plan, equalities: [],
                residual: conditions.isEmpty ? nil : .conjunction(conditions)))
        return distinct.columns
    }

    // MARK: UNION

    /// A union of branches that are joined with the outer row by the same equalities gives what they compare. Otherwise each branch
    /// is joined with the distinct outer values, which the union then gives.
    private mutating func lift(_ union: LogicalUnion) throws -> LogicalUnion {
        var node = union
        let before = predicates.count
        var conditions: [[BoundExpression]] = []
        for index in node.inputs.indices {
            node.inputs[index] = try lift(node.inputs[index])
            guard !isSingleRow else { throw unsupported("under an aggregate in a branch of UNION") }
            conditions.append(Array(predicates[before...]))
            predicates.removeSubrange(before...)
        }
        /// What branches give behind their own columns.
        var added: [[NamedExpression]] = []
        if let equalities = try commonEqualities(conditions), let first = equalities.first {
            added = equalities.map { branch in
                branch.map { NamedExpression(output: binder.makeColumn("_key", $0.right.type), expression: $0.right) }
            }
            for equality in first {
                let key = binder.makeColumn("_key", equality.right.type)
                node.outputs.append(key)
                predicates.append(
                    try binder.call(.comparison(equality.comparison), [equality.left, .column(key)], at: range))
            }
        } else {
            let columns = outerColumns(of: conditions.joined())
            let subplan = sharedOuterRows()
            for index in node.inputs.indices {
                let values = meetingOuterRows(columns, subplan, &node.inputs[index], conditions[index])
                added.append(values.map { NamedExpression(output: $0, expression: .column($0)) })
            }
            for column in columns {
                let key = binder.makeColumn("_key", column.type)
                node.outputs.append(key)
                predicates.append(
                    try binder.call(.comparison(.nullSafeEqual), [.column(column), .column(key)], at: range))
            }
        }
        for index in node.inputs.indices {
            let own = union.inputs[index].outputs.map { NamedExpression(output: $0, expression: .column($0)) }
            node.inputs[index] = .project(LogicalProject(input: node.inputs[index], expressions: own + added[index]))
        }
        return node
    }

    /// The conditions of each branch as equalities with the outer row, in one order, where all branches have the same of its values.
    private func commonEqualities(_ conditions: [[BoundExpression]]) throws -> [[LogicalJoin.Equality]]? {
        var result: [[LogicalJoin.Equality]] = []
        for branch in conditions {
            var left = try branch.compactMap { try binder.equality($0, leftColumns: outer) }
            guard left.count == branch.count else { return nil }
            guard let first = result.first else {
                result.append(left)
                continue
            }
            var ordered: [LogicalJoin.Equality] = []
            for wanted in first {
                let place = left.firstIndex {
                    $0.left == wanted.left && $0.isNullSafe == wanted.isNullSafe && $0.right.type == wanted.right.type
                }
                guard let place else { return nil }
                ordered.append(left.remove(at: place))
            }
            guard left.isEmpty else { return nil }
            result.append(ordered)
        }
        return result
    }

    func unsupported(_ place: String) -> PlanError {
        PlanError.unsupported("A subquery that refers to outer columns \(place)", at: range)
    }
}

extension LogicalPlan {
    /// Without what says nothing about whether there is a row.
    fileprivate var keepingExistence: LogicalPlan {
        switch self {
        case .limit(let node) where node.count > 0 && node.offset == 0: node.input.keepingExistence
        case .sort(let node): node.input.keepingExistence
        case .project(let node):
            switch node.input {
            case .limit, .sort: node.input.keepingExistence
            default: self
            }
        default: self
        }
    }
}

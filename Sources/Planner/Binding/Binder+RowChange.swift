import Catalog
import Columnar
import Expressions
import HiveSyntax

/// What UPDATE, DELETE and the WHEN MATCHED clauses of MERGE do to the rows of a table: a row meets the first action whose
/// condition is TRUE, and stays as it is where none is.
package struct RowChange: Sendable {
    package enum Effect: Sendable {
        case update([Assignment])
        case delete
    }

    package struct Action: Sendable {
        package var condition: Expression?
        package var effect: Effect

        package init(condition: Expression?, effect: Effect) {
            self.condition = condition
            self.effect = effect
        }
    }

    /// The rows that MERGE joins to the table's: actions are for those with a match.
    package struct Source: Sendable {
        package var reference: TableReference
        package var condition: Expression

        package init(reference: TableReference, condition: Expression) {
            self.reference = reference
            self.condition = condition
        }
    }

    package var target: TableName
    package var alias: Identifier?
    package var source: Source?
    package var actions: [Action]

    package init(target: TableName, alias: Identifier? = nil, source: Source? = nil, actions: [Action]) {
        self.target = target
        self.alias = alias
        self.source = source
        self.actions = actions
    }
}

extension Binder {
    /// Which files have rows that meet an action, and how many: a text and a BIGINT.
    package func bindAffectedFiles(_ change: RowChange) throws -> LogicalPlan {
        let rows = try bindActions(change, partitions: nil)
        // Not by the action's number, of which no partition is told.
        let met = LogicalPlan.filter(LogicalFilter(input: rows.plan, predicate: rows.isMet))
        guard let file = rows.target.columns.first(where: { $0.name == LogicalScan.VirtualColumn.inputFileName.name }) else {
            throw PlanError("The rows of \(change.target.name.text) have no file", at: change.target.range)
        }
        let group = NamedExpression(output: makeColumn("file", .string), expression: file.expression)
        let count = NamedAggregate(output: makeColumn("rows", .bigint), call: try aggregate(.count, [], at: nil))
        return finished(.aggregate(LogicalAggregate(input: met, groups: [group], aggregates: [count])))
    }

    /// The rows of some partitions as they are after the change: the table's columns, and behind them the partition columns
    /// if `withKeys`.
    /// - Throws: `PlanError`, also for assigned values that cannot be converted to their column.
    package func bindRewrite(_ change: RowChange, of partitions: [Partition], _ table: Table, withKeys: Bool) throws -> BoundQuery {
        let columns = withKeys ? table.allColumns : table.columns
        let rows = try bindActions(change, partitions: partitions)
        let deletions = change.actions.indices.filter { if case .delete = change.actions[$0].effect { true } else { false } }
        var plan = rows.plan
        if !deletions.isEmpty {
            let stays = try BoundExpression.disjunction(
                [BoundExpression(.isNull(.column(rows.action)), type: .boolean)]
                    + [
                        .conjunction(
                            deletions.map {
                                try call(
                                    .comparison(.notEqual), [.column(rows.action), .integer(Int64($0), type: .bigint)], at: nil)
                            })
                    ])
            plan = .filter(LogicalFilter(input: plan, predicate: stays))
        }
        let expressions = try columns.map { column in
            guard let before = rows.target.columns.first(where: { $0.name == column.name }) else {
                throw PlanError("Invalid column reference \(column.name)", code: 10002, at: change.target.range)
            }
            let branches = try rows.values.compactMap { value -> ConditionalBranch? in
                guard value.column == column.name else { return nil }
                return ConditionalBranch(
                    condition: try call(
                        .comparison(.equal), [.column(rows.action), .integer(Int64(value.action), type: .bigint)], at: nil),
                    value: cast(value.expression, to: column.type))
            }
            let after =
                branches.isEmpty
                ? before.expression
                : BoundExpression(.conditional(branches, otherwise: before.expression), type: column.type)
            return NamedExpression(output: makeColumn(column.name, column.type), expression: after)
        }
        return BoundQuery(
            plan: finished(.project(LogicalProject(input: plan, expressions: expressions))), columns: columns)
    }

    /// How many pairs of rows MERGE's join finds, and how many rows of the table have a match: one BIGINT each.
    package func bindMatchCounts(_ change: RowChange, _ source: RowChange.Source) throws -> (pairs: LogicalPlan, rows: LogicalPlan) {
        func count(_ kind: LogicalJoin.Kind) throws -> LogicalPlan {
            let sides = try bindSides(change, source, partitions: nil)
            let matches = try makeJoin(kind, sides.target.plan, sides.source.plan, sides.conjuncts)
            let rows = NamedAggregate(output: makeColumn("rows", .bigint), call: try aggregate(.count, [], at: nil))
            return .aggregate(LogicalAggregate(input: matches, groups: [], aggregates: [rows]))
        }
        return (finished(try count(.inner)), finished(try count(.leftSemi)))
    }

    // MARK: Rows and their actions

    private struct ActedRows {
        /// The rows, the values that are assigned to them, and the number of the action that each meets.
        var plan: LogicalPlan
        var target: ScopeTable
        /// BIGINT; NULL for rows that stay.
        var action: OutputColumn
        /// Whether a row meets any action.
        var isMet: BoundExpression
        var values: [(action: Int, column: String, expression: BoundExpression)]
    }

    private func bindActions(_ change: RowChange, partitions: [Partition]?) throws -> ActedRows {
        let joined = try bindJoined(change, partitions: partitions)
        let expressions = ExpressionBinder(
            self, scope: Scope(tables: joined.rows.scope, parent: nil), environment: QueryEnvironment())
        var branches: [ConditionalBranch] = []
        var values: [(action: Int, column: String, expression: BoundExpression)] = []
        for (number, action) in change.actions.enumerated() {
            var conditions = joined.isMatched.map { [$0] } ?? []
            if let condition = action.condition { conditions.append(try expressions.bindCondition(condition)) }
            let isMet = conditions.isEmpty ? BoundExpression(.literal(.integer(1)), type: .boolean) : .conjunction(conditions)
            branches.append(ConditionalBranch(condition: isMet, value: .integer(Int64(number), type: .bigint)))
            guard case .update(let assignments) = action.effect else { continue }
            for assignment in assignments {
                let value = try expressions.bind(assignment.value)
                try checkConversion(value, to: assignment.column, of: joined.target)
                // Of two assignments to a column the last one counts.
                values.removeAll { $0.action == number && $0.column == assignment.column.name }
                values.append((number, assignment.column.name, value))
            }
        }
        let input = try attach(expressions.pendingJoins, to: joined.rows.plan)
        let action = NamedExpression(
            output: makeColumn("_action", .bigint),
            expression: BoundExpression(.conditional(branches, otherwise: nil), type: .bigint))
        let own = input.outputs.map { NamedExpression(output: $0, expression: .column($0)) }
        return ActedRows(
            plan: .project(LogicalProject(input: input, expressions: own + [action])), target: joined.target,
            action: action.output, isMet: .disjunction(branches.map(\.condition)), values: values)
    }

    private func checkConversion(_ value: BoundExpression, to column: Identifier, of target: ScopeTable) throws {
        guard let type = target.columns.first(where: { $0.name == column.name })?.expression.type,
            value.type != type, !Cast.isAllowed(value.type, type)
        else { return }
        throw PlanError("Cannot convert the value of column \(column.name) from \(value.type) to \(type).", code: 10044, at: value.range)
    }

    /// The table's rows, each with its match if there is a source: no row more than once, since that was checked.
    private func bindJoined(
        _ change: RowChange, partitions: [Partition]?
    ) throws -> (rows: Source, target: ScopeTable, isMatched: BoundExpression?) {
        guard let source = change.source else {
            let rows = try bindTarget(change, partitions: partitions)
            return (rows, rows.scope[0], nil)
        }
        let sides = try bindSides(change, source, partitions: partitions)
        let mark = NamedExpression(
            output: makeColumn("_matched", .boolean), expression: BoundExpression(.literal(.integer(1)), type: .boolean))
        let marked = LogicalPlan.project(
            LogicalProject(
                input: sides.source.plan,
                expressions: sides.source.plan.outputs.map { NamedExpression(output: $0, expression: .column($0)) } + [mark]))
        let plan = try makeJoin(.left, sides.target.plan, marked, sides.conjuncts)
        return (
            Source(plan: plan, scope: sides.target.scope + sides.source.scope), sides.target.scope[0],
            BoundExpression(.isNotNull(.column(mark.output)), type: .boolean)
        )
    }

    private func bindSides(
        _ change: RowChange, _ source: RowChange.Source, partitions: [Partition]?
    ) throws -> (target: Source, source: Source, conjuncts: [BoundExpression]) {
        let target = try bindTarget(change, partitions: partitions)
        let rows = try bindFrom(source.reference, environment: QueryEnvironment())
        if let alias = target.scope[0].alias, rows.scope.contains(where: { $0.alias == alias }) {
            throw PlanError("Ambiguous table alias '\(alias)'", code: 10008, at: source.reference.range)
        }
        return (
            target, rows,
            try bindJoinCondition(source.condition, target.scope + rows.scope, environment: QueryEnvironment())
        )
    }

    /// - Parameter partitions: those whose rows are read; nil: all.
    private func bindTarget(_ change: RowChange, partitions: [Partition]?) throws -> Source {
        var rows = try bindTable(
            TableSource(name: change.target, alias: change.alias), environment: QueryEnvironment())
        guard case .scan(var scan) = rows.plan, !rows.scope.isEmpty else {
            throw PlanError("\(change.target.name.text) is no table whose rows can be changed", at: change.target.range)
        }
        if let partitions {
            scan.partitions = partitions
            scan.partitionsAreGiven = true
        }
        rows.plan = .scan(scan)
        return rows
    }
}

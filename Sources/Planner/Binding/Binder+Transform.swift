import Columnar
import Expressions
import HiveSyntax

/// What TRANSFORM makes of the rows of a model's query, with what it learned from those that the model was trained on.
package struct ModelTransform: Sendable {
    /// The items, each with the states of the calls of fitted functions in it, in the order in which these are written.
    package var items: [(item: SelectItem, states: [[UInt8]])]
    /// The columns of the query.
    package var inputs: [(name: String, type: SQLType)]

    package init(items: [(item: SelectItem, states: [[UInt8]])], inputs: [(name: String, type: SQLType)]) {
        self.items = items
        self.inputs = inputs
    }
}

extension Binder {
    /// One item of TRANSFORM over rows with `columns`, as expressions of these. Macros of the session and other models are not seen:
    /// a model outlives them.
    /// - Parameters:
    ///   - foldKey: a further column, BIGINT, by which rows that are learned from are in folds, NULL for others; nil: there are others only.
    ///   - states: is asked for what each call of a fitted function has learned.
    /// - Throws: `PlanError`, also for what needs other rows than the one it is about.
    package func bindTransformItem(
        _ item: SelectItem, over columns: [OutputColumn], foldKey: OutputColumn? = nil, states: @escaping FittedStateProvider
    ) throws -> [NamedExpression] {
        fittedCallCount = 0
        let known = (macros, models)
        (macros, models) = ([:], nil)
        defer { (macros, models) = known }
        let outputs = columns + (foldKey.map { [$0] } ?? [])
        let rows = LogicalPlan.values(LogicalValues(outputs: outputs, rows: []))
        let core = SelectCore(items: [item])
        let relation = try bindSelect(
            core, query: Query(body: .select(core)), environment: QueryEnvironment(fittedStates: states, foldKeys: foldKey.map { .column($0) } ?? .none),
            reading: Source(plan: rows, scope: [try scopeTable(nil, columns, renamed: [])]))
        if case .values = relation.plan { return relation.columns.map { NamedExpression(output: $0, expression: .column($0)) } }
        guard case .project(let node) = relation.plan, case .values(let inner) = node.input, inner.outputs == outputs else {
            throw PlanError(
                "TRANSFORM computes each row by itself: it takes no aggregates, windows, subqueries and functions that make rows",
                at: item.expression.range)
        }
        guard node.expressions.allSatisfy(\.expression.isDeterministic) else {
            throw PlanError("TRANSFORM takes no functions whose values differ from call to call", at: item.expression.range)
        }
        return relation.columns.compactMap { column in node.expressions.first { $0.output.id == column.id } }
    }

    /// What a transform makes of rows with `columns`, as far as these have what it needs.
    /// - Parameter wanted: names of which an error tells what is missing, and further ones; nil: all are needed.
    /// - Throws: `PlanError` at `range`.
    package func bindTransform(
        _ transform: ModelTransform, over columns: [OutputColumn], wanted: TransformedColumns?, at range: SourceRange
    ) throws -> [NamedExpression] {
        var expressions: [NamedExpression] = []
        var failure: (any Error)?
        let names = Set(columns.map(\.name))
        let missing = transform.inputs.filter { !names.contains($0.name) }.map { makeColumn($0.name, $0.type) }
        for (item, states) in transform.items {
            func bound(over columns: [OutputColumn]) throws -> [NamedExpression] {
                try bindTransformItem(item, over: columns) { call in
                    guard states.indices.contains(call.ordinal) else { throw PlanError("the model lacks a state of \(call.name)") }
                    return states[call.ordinal]
                }
            }
            do {
                expressions += try bound(over: columns)
            } catch {
                // What a function needed to learn, as a label, it does not need any more.
                let others = Set(missing.map(\.id))
                if let made = try? bound(over: columns + missing), made.allSatisfy({ $0.expression.columnIDs.isDisjoint(with: others) }) {
                    expressions += made
                } else {
                    failure = failure ?? error
                }
            }
        }
        let made = Set(expressions.map(\.output.name))
        if let failure, wanted.map({ !$0.needed.isSubset(of: made) }) ?? true {
            let reason = (failure as? PlanError)?.message ?? "\(failure)"
            throw PlanError("The rows do not fit the model's TRANSFORM: \(reason)", at: range)
        }
        guard let wanted else { return expressions }
        return expressions.filter { wanted.needed.contains($0.output.name) || wanted.useful.contains($0.output.name) }
    }

    /// The rows of `input` with what a transform makes of them behind their own columns (`bindTransform`).
    func transformed(
        _ transform: ModelTransform, _ input: Relation, wanted: TransformedColumns?, at range: SourceRange
    ) throws -> (relation: Relation, made: [OutputColumn]) {
        let expressions = try bindTransform(transform, over: input.columns, wanted: wanted, at: range)
        let own = input.columns.map { NamedExpression(output: $0, expression: .column($0)) }
        // A column that passes through unchanged gets an identity of its own.
        let made = expressions.map { NamedExpression(output: makeColumn($0.output.name, $0.output.type), expression: $0.expression) }
        let plan = LogicalPlan.project(LogicalProject(input: input.plan, expressions: own + made))
        return (Relation(plan: plan, columns: input.columns), made.map(\.output))
    }
}

import Expressions

/// Reads and computes only the columns that something above needs.
struct ColumnPruning: OptimizerRule {
    static let name = "column_pruning"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        var pruner = Pruner(context: context)
        return try pruner.prune(plan, keeping: Set(plan.outputs.map(\.id)))
    }
}

private struct Pruner {
    let context: OptimizerContext
    /// What the readers seen so far need of each shared subplan.
    private var neededOfShared: [Int: Set<ColumnID>] = [:]

    init(context: OptimizerContext) { self.context = context }

    private func columns(_ expressions: [BoundExpression]) -> Set<ColumnID> {
        expressions.reduce(into: []) { $0.formUnion($1.columnIDs) }
    }

    mutating func prune(_ plan: LogicalPlan, keeping needed: Set<ColumnID>) throws -> LogicalPlan {
        try context.checkCancellation()
        switch plan {
        case .scan(var node):
            let read = needed.union(columns(node.filters))
            node.columns.removeAll { !read.contains($0.output.id) }
            return .scan(node)
        case .values(var node):
            let kept = node.outputs.indices.filter { needed.contains(node.outputs[$0].id) }
            node.rows = node.rows.map { row in kept.map { row[$0] } }
            node.outputs = kept.map { node.outputs[$0] }
            return .values(node)
        case .filter(var node):
            node.input = try prune(node.input, keeping: needed.union(node.predicate.columnIDs))
            return .filter(node)
        case .project(var node):
            node.expressions.removeAll { !needed.contains($0.output.id) }
            node.input = try prune(node.input, keeping: columns(node.expressions.map(\.expression)))
            return .project(node)
        case .aggregate(var node):
            node.aggregates.removeAll { !needed.contains($0.output.id) }
            if let identifier = node.groupingID, node.groupingSets == nil, !needed.contains(identifier.id) {
                node.groupingID = nil
            }
            node.input = try prune(node.input, keeping: columns(LogicalPlan.aggregate(node).expressions))
            return .aggregate(node)
        case .join(var node):
            if let mark = node.mark, !needed.contains(mark.id) { return try prune(node.left, keeping: needed) }
            let read = needed.union(columns(plan.expressions))
            node.left = try prune(node.left, keeping: read)
            node.right = try prune(node.right, keeping: read)
            return .join(node)
        case .asofJoin(var node):
            let read = needed.union(columns(plan.expressions))
            node.left = try prune(node.left, keeping: read)
            node.right = try prune(node.right, keeping: read)
            return .asofJoin(node)
        case .window(var node):
            node.functions.removeAll { !needed.contains($0.output.id) }
            guard !node.functions.isEmpty else { return try prune(node.input, keeping: needed) }
            let read = needed.union(columns(LogicalPlan.window(node).expressions))
            node.input = try prune(node.input, keeping: read)
            return .window(node)
        case .sort(var node):
            node.input = try prune(node.input, keeping: needed.union(columns(plan.expressions)))
            return .sort(node)
        case .limit(var node):
            node.input = try prune(node.input, keeping: needed)
            return .limit(node)
        case .lateralView(var node):
            node.input = try prune(node.input, keeping: needed.union(columns(node.arguments)))
            return .lateralView(node)
        case .transform(var node):
            node.source = try prune(node.source, keeping: columns(node.arguments))
            return .transform(node)
        case .union(var node):
            let kept = node.outputs.indices.filter { needed.contains(node.outputs[$0].id) }
            let outputs = kept.map { node.outputs[$0] }
            node.inputs = try node.inputs.map { input in try prune(input, toJust: kept.map { input.outputs[$0] }) }
            node.outputs = outputs
            return .union(node)
        case .with(var node):
            node.input = try prune(node.input, keeping: needed)
            // Readers come before what they read.
            for index in node.subplans.indices.reversed() {
                node.subplans[index].plan = try prune(
                    node.subplans[index].plan, keeping: neededOfShared[node.subplans[index].id] ?? [])
            }
            // A join that is not needed may have been one of two readers.
            return .reading(node.subplans, in: node.input)
        case .sharedScan(var node):
            node.columns.removeAll { !needed.contains($0.output.id) }
            neededOfShared[node.subplan, default: []].formUnion(node.columns.map(\.source))
            return .sharedScan(node)
        case .branches(var node):
            node.inputs = try node.inputs.map { try prune($0, keeping: needed) }
            return .branches(node)
        case .recursion(var node):
            // The rows of the step before have all columns; its readers take what they need.
            node.anchor = try prune(node.anchor, toJust: node.anchor.outputs)
            node.step = try prune(node.step, toJust: node.step.outputs)
            return .recursion(node)
        }
    }

    /// For nodes that match columns of inputs by position: the plan with just these columns, in this order.
    private mutating func prune(_ plan: LogicalPlan, toJust columns: [OutputColumn]) throws -> LogicalPlan {
        let pruned = try prune(plan, keeping: Set(columns.map(\.id)))
        if pruned.outputs.map(\.id) == columns.map(\.id) { return pruned }
        return .project(
            LogicalProject(
                input: pruned, expressions: columns.map { NamedExpression(output: $0, expression: .column($0)) }))
    }
}

import Expressions

/// Reads and computes only the columns that something above needs.
struct ColumnPruning: OptimizerRule {
    static let name = "column_pruning"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        prune(plan, keeping: Set(plan.outputs.map(\.id)), context.binder)
    }

    private func columns(_ expressions: [BoundExpression]) -> Set<ColumnID> {
        expressions.reduce(into: []) { $0.formUnion($1.columnIDs) }
    }

    private func prune(_ plan: LogicalPlan, keeping needed: Set<ColumnID>, _ binder: Binder) -> LogicalPlan {
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
            node.input = prune(node.input, keeping: needed.union(node.predicate.columnIDs), binder)
            return .filter(node)
        case .project(var node):
            node.expressions.removeAll { !needed.contains($0.output.id) }
            node.input = prune(node.input, keeping: columns(node.expressions.map(\.expression)), binder)
            return .project(node)
        case .aggregate(var node):
            node.aggregates.removeAll { !needed.contains($0.output.id) }
            if let identifier = node.groupingID, node.groupingSets == nil, !needed.contains(identifier.id) {
                node.groupingID = nil
            }
            node.input = prune(node.input, keeping: columns(LogicalPlan.aggregate(node).expressions), binder)
            return .aggregate(node)
        case .join(var node):
            if let mark = node.mark, !needed.contains(mark.id) { return prune(node.left, keeping: needed, binder) }
            let read = needed.union(columns(plan.expressions))
            node.left = prune(node.left, keeping: read, binder)
            node.right = prune(node.right, keeping: read, binder)
            return .join(node)
        case .window(var node):
            node.functions.removeAll { !needed.contains($0.output.id) }
            guard !node.functions.isEmpty else { return prune(node.input, keeping: needed, binder) }
            let read = needed.union(columns(LogicalPlan.window(node).expressions))
            node.input = prune(node.input, keeping: read, binder)
            return .window(node)
        case .sort(var node):
            node.input = prune(node.input, keeping: needed.union(columns(plan.expressions)), binder)
            return .sort(node)
        case .limit(var node):
            node.input = prune(node.input, keeping: needed, binder)
            return .limit(node)
        case .lateralView(var node):
            node.input = prune(node.input, keeping: needed.union(columns(node.arguments)), binder)
            return .lateralView(node)
        case .union(var node):
            let kept = node.outputs.indices.filter { needed.contains(node.outputs[$0].id) }
            let outputs = kept.map { node.outputs[$0] }
            node.inputs = node.inputs.map { input in
                let columns = kept.map { input.outputs[$0] }
                let pruned = prune(input, keeping: Set(columns.map(\.id)), binder)
                // Columns of a union are matched by position, so each input must give just these, in this order.
                if pruned.outputs.map(\.id) == columns.map(\.id) { return pruned }
                return .project(
                    LogicalProject(
                        input: pruned,
                        expressions: columns.map { NamedExpression(output: $0, expression: .column($0)) }))
            }
            node.outputs = outputs
            return .union(node)
        }
    }
}

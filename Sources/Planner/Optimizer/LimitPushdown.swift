/// Tells sorts, projections and unions under a LIMIT how many rows matter.
struct LimitPushdown: OptimizerRule {
    static let name = "limit_pushdown"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try plan.transformedUp { node in
            try context.checkCancellation()
            guard case .limit(var limit) = node else { return node }
            let (rows, overflow) = limit.count.addingReportingOverflow(limit.offset)
            guard !overflow else { return node }
            limit.input = limited(limit.input, rows)
            return .limit(limit)
        }
    }

    /// `plan` with at least its first `rows` rows.
    private func limited(_ plan: LogicalPlan, _ rows: Int) -> LogicalPlan {
        switch plan {
        case .sort(var node):
            node.limit = min(rows, node.limit ?? rows)
            return .sort(node)
        case .project(var node):
            node.input = limited(node.input, rows)
            return .project(node)
        case .union(var node):
            node.inputs = node.inputs.map { .limit(LogicalLimit(input: limited($0, rows), count: rows)) }
            return .union(node)
        default: return plan
        }
    }
}

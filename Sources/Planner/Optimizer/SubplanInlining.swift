import Expressions

/// Puts shared subplans that are cheap to compute again where they are read: rows written in the statement, or those of
/// another shared subplan, with conditions and simple expressions. Keeping such rows would cost more than making them.
struct SubplanInlining: OptimizerRule {
    static let name = "subplan_inlining"

    /// What a row of a cheap subplan may cost, in the units of `filterCost`.
    private static let largestCost = 24
    /// Rows of VALUES that are not worth keeping.
    private static let fewRows = 64

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        guard case .with(var node) = plan else { return plan }
        var cheap: [Int: LogicalPlan] = [:]
        var kept: [SharedSubplan] = []
        for var subplan in node.subplans {
            subplan.plan = try inlining(cheap, in: subplan.plan, context)
            if isCheap(subplan.plan) { cheap[subplan.id] = subplan.plan } else { kept.append(subplan) }
        }
        guard !cheap.isEmpty else { return plan }
        node.input = try inlining(cheap, in: node.input, context)
        node.subplans = kept
        return .reading(kept, in: node.input)
    }

    private func inlining(
        _ plans: [Int: LogicalPlan], in plan: LogicalPlan, _ context: OptimizerContext
    ) throws -> LogicalPlan {
        guard !plans.isEmpty else { return plan }
        return try plan.transformedUp { node in
            try context.checkCancellation()
            guard case .sharedScan(let scan) = node, let subplan = plans[scan.subplan] else { return node }
            var sources: [ColumnID: ColumnID] = [:]
            let copy = subplan.withFreshColumns { column in
                let made = context.binder.makeColumn(column.name, column.type)
                sources[column.id] = made.id
                return made
            }
            var moved = scan
            for index in moved.columns.indices {
                moved.columns[index].source = sources[moved.columns[index].source] ?? moved.columns[index].source
            }
            return moved.standingFor(copy)
        }
    }

    private func isCheap(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .values(let node): node.rows.count <= Self.fewRows
        case .sharedScan: true
        case .filter(let node):
            node.predicate.isDeterministic && node.predicate.filterCost <= Self.largestCost && isCheap(node.input)
        case .project(let node):
            node.expressions.allSatisfy { $0.expression.isDeterministic }
                && node.expressions.reduce(0) { $0 + $1.expression.filterCost } <= Self.largestCost + node.expressions.count
                && isCheap(node.input)
        default: false
        }
    }
}

import Expressions
import Planner

/// Chooses the operator for each node of a logical plan.
struct PhysicalPlanner {
    /// The operators of the shared subplans met so far.
    private var subplans: [Int: SharedSubplanOperator] = [:]
    /// The columns of the recursive queries whose steps are planned, by the number under which these read them.
    private var stepColumns: [Int: [OutputColumn]] = [:]

    mutating func plan(_ plan: LogicalPlan) throws -> PhysicalOperator { try planned(plan).whole }

    /// An operator that may run for some buckets of its tables after the others.
    private struct Planned {
        let operation: PhysicalOperator
        let buckets: BucketedRows?

        /// What gives all rows, a part of the buckets at a time where that is a gain.
        var whole: PhysicalOperator { buckets?.keepsRows ?? false ? BucketwiseOperator(operation) : operation }
    }

    private mutating func planned(_ plan: LogicalPlan) throws -> Planned {
        if case .with(let node) = plan { return Planned(operation: try with(node), buckets: nil) }
        // A sort that knows which rows matter gives no others, and nobody need keep them.
        if case .limit(let node) = plan, case .sort(let sorted) = node.input, let end = sorted.limit, node.count > 0,
            node.offset >= 0, end - node.offset <= node.count
        {
            return Planned(operation: try Self.sort(sorted, from: node.offset, input: self.plan(sorted.input)), buckets: nil)
        }
        if case .recursion(let node) = plan { stepColumns[node.rows] = node.outputs }
        let inputs = try plan.inputs.map { try planned($0) }
        let buckets = BucketedRows(of: plan, inputs: inputs.map(\.buckets))
        return Planned(
            operation: try makeOperator(plan, buckets == nil ? inputs.map(\.whole) : inputs.map(\.operation)), buckets: buckets)
    }

    private mutating func with(_ node: LogicalWith) throws -> PhysicalOperator {
        let shared = try node.subplans.map { subplan in
            let made = SharedSubplanOperator(subplan, input: try plan(subplan.plan))
            subplans[subplan.id] = made
            return made
        }
        return WithOperator(shared, input: try plan(node.input))
    }

    private func makeOperator(_ plan: LogicalPlan, _ inputs: [PhysicalOperator]) throws -> PhysicalOperator {
        switch plan {
        case .scan(let node): return try TableScanOperator(node)
        case .values(let node): return try ValuesOperator(node)
        case .filter(let node): return try FilterOperator(node, input: inputs[0])
        case .project(let node): return try ProjectOperator(node, input: inputs[0])
        case .aggregate(let node): return try HashAggregateOperator(node, input: inputs[0])
        case .join(let given):
            let node = Self.spellingOutUnknowns(given)
            return node.equalities.isEmpty
                ? try NestedLoopJoinOperator(node, left: inputs[0], right: inputs[1])
                : try HashJoinOperator(node, left: inputs[0], right: inputs[1])
        case .asofJoin(let node): return try AsofJoinOperator(node, left: inputs[0], right: inputs[1])
        case .window(let node):
            let input = try node.rankLimit.map { try RankFilterOperator(node, $0, input: inputs[0]) } ?? inputs[0]
            return try WindowOperator(node, input: input)
        case .sort(let node): return try Self.sort(node, input: inputs[0])
        case .limit(let node): return LimitOperator(node, input: inputs[0])
        case .union(let node):
            return node.takesTurns ? try TurnsOperator(node, inputs: inputs) : try UnionOperator(node, inputs: inputs)
        case .lateralView(let node): return try LateralViewOperator(node, input: inputs[0])
        case .transform(let node): return try TransformOperator(node, input: inputs[0])
        case .sharedScan(let node):
            if let columns = stepColumns[node.subplan] { return try StepScanOperator(node, of: columns) }
            guard let subplan = subplans[node.subplan] else {
                throw ExecutionError.invalidPlan("nothing computes \(node.name)")
            }
            return try SharedScanOperator(node, of: subplan)
        case .branches: return BranchesOperator(inputs)
        case .recursion(let node): return try RecursionOperator(node, anchor: inputs[0], step: inputs[1])
        case .with: throw ExecutionError.invalidPlan("shared subplans are planned before their readers")
        }
    }

    /// - Parameter offset: rows of the order that are passed over.
    private static func sort(_ node: LogicalSort, from offset: Int = 0, input: PhysicalOperator) throws -> PhysicalOperator {
        if let limit = node.limit, limit <= TopNOperator.largestCount {
            return try TopNOperator(node, count: limit, offset: offset, input: input)
        }
        return try SortOperator(node, offset: offset, input: input)
    }

    /// NOT IN with further conditions: the condition for a right row to keep a left row out is written out, with
    /// "unknown" counting as a match.
    private static func spellingOutUnknowns(_ node: LogicalJoin) -> LogicalJoin {
        guard node.kind == .leftAntiNullAware, let residual = node.residual else { return node }
        var result = node
        result.kind = .leftAnti
        let tests = node.equalities.map { equality in
            BoundExpression.disjunction([
                BoundExpression(.inList(equality.left, [equality.right]), type: .boolean),
                BoundExpression(.isNull(equality.left), type: .boolean),
                BoundExpression(.isNull(equality.right), type: .boolean),
            ])
        }
        result.residual = .conjunction([residual] + tests)
        result.equalities = []
        return result
    }
}

import Expressions
import Planner

/// Chooses the operator for each node of a logical plan.
struct PhysicalPlanner {
    /// The operators of the shared subplans met so far.
    private var subplans: [Int: SharedSubplanOperator] = [:]

    mutating func plan(_ plan: LogicalPlan) throws -> PhysicalOperator {
        switch plan {
        case .scan(let node): return try TableScanOperator(node)
        case .values(let node): return try ValuesOperator(node)
        case .filter(let node): return try FilterOperator(node, input: self.plan(node.input))
        case .project(let node): return try ProjectOperator(node, input: self.plan(node.input))
        case .aggregate(let node): return try HashAggregateOperator(node, input: self.plan(node.input))
        case .join(let given):
            let node = Self.spellingOutUnknowns(given)
            let left = try self.plan(node.left)
            let right = try self.plan(node.right)
            return node.equalities.isEmpty
                ? try NestedLoopJoinOperator(node, left: left, right: right)
                : try HashJoinOperator(node, left: left, right: right)
        case .asofJoin(let node):
            return try AsofJoinOperator(node, left: self.plan(node.left), right: self.plan(node.right))
        case .window(let node): return try WindowOperator(node, input: self.plan(node.input))
        case .sort(let node): return try sort(node)
        case .limit(let node):
            // A sort that knows which rows matter gives no others, and nobody need keep them.
            if case .sort(let sorted) = node.input, let end = sorted.limit, node.count > 0, node.offset >= 0,
                end - node.offset <= node.count
            {
                return try sort(sorted, from: node.offset)
            }
            return LimitOperator(node, input: try self.plan(node.input))
        case .union(let node): return try UnionOperator(node, inputs: node.inputs.map { try self.plan($0) })
        case .lateralView(let node): return try LateralViewOperator(node, input: self.plan(node.input))
        case .with(let node):
            let shared = try node.subplans.map { subplan in
                let made = SharedSubplanOperator(subplan, input: try self.plan(subplan.plan))
                subplans[subplan.id] = made
                return made
            }
            return WithOperator(shared, input: try self.plan(node.input))
        case .sharedScan(let node):
            guard let subplan = subplans[node.subplan] else {
                throw ExecutionError.invalidPlan("nothing computes \(node.name)")
            }
            return try SharedScanOperator(node, of: subplan)
        case .branches(let node): return BranchesOperator(try node.inputs.map { try self.plan($0) })
        }
    }

    /// - Parameter offset: rows of the order that are passed over.
    private mutating func sort(_ node: LogicalSort, from offset: Int = 0) throws -> PhysicalOperator {
        let input = try plan(node.input)
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

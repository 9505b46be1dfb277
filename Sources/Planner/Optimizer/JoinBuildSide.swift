import Catalog

/// Keeps the smaller input of a join in memory, judged by file sizes.
struct JoinBuildSide: OptimizerRule {
    static let name = "join_build_side"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        let sizes = PlanSizes(plan, context)
        let recursiveRows = plan.recursiveRows
        return try plan.transformedUp { node in
            try context.checkCancellation()
            guard case .join(var join) = node else { return node }
            switch join.kind {
            case .inner where join.left.reads(recursiveRows) != join.right.reads(recursiveRows),
                .cross where join.left.reads(recursiveRows) != join.right.reads(recursiveRows):
                // What is the same in every step is kept for all of them.
                join.buildSide = join.left.reads(recursiveRows) ? .right : .left
            case .inner, .cross:
                guard let left = sizes.bytes(join.left), let right = sizes.bytes(join.right)
                else { return node }
                join.buildSide = left < right ? .left : .right
            case .right:
                // The preserved side is probed: the same join the other way round.
                join.kind = .left
                swap(&join.left, &join.right)
                join.equalities = join.equalities.map {
                    LogicalJoin.Equality(left: $0.right, right: $0.left, isNullSafe: $0.isNullSafe)
                }
                join.buildSide = .right
                let swapped = LogicalPlan.join(join)
                return .project(
                    LogicalProject(
                        input: swapped,
                        expressions: node.outputs.map { NamedExpression(output: $0, expression: .column($0)) }))
            case .left, .full, .leftSemi, .leftAnti, .leftAntiNullAware, .mark: break
            }
            return .join(join)
        }
    }
}

/// Guesses of how many bytes plans give, good enough to tell large from small.
private struct PlanSizes {
    private let context: OptimizerContext
    private var shared: [Int: Double] = [:]

    /// - Parameter plan: whose shared subplans the others may read.
    init(_ plan: LogicalPlan, _ context: OptimizerContext) {
        self.context = context
        guard case .with(let node) = plan else { return }
        for subplan in node.subplans { shared[subplan.id] = bytes(subplan.plan) }
    }

    /// nil when the sources' sizes are unknown.
    func bytes(_ plan: LogicalPlan) -> Double? {
        switch plan {
        case .scan(let node):
            guard let size = context.metadata.byteCount(of: node.table, partitions: node.partitions) else { return nil }
            let width = Double(max(node.columns.count, 1)) / Double(max(node.table.allColumns.count, 1))
            return node.filters.reduce(Double(size) * width) { size, _ in size * 0.3 }
        case .values(let node): return Double(node.rows.count * 16)
        case .filter(let node): return bytes(node.input).map { $0 * 0.3 }
        case .project(let node): return bytes(node.input)
        case .aggregate(let node):
            return node.groups.isEmpty ? 64 : bytes(node.input).map { $0 * 0.1 }
        case .join(let node):
            guard let left = bytes(node.left) else { return nil }
            switch node.kind {
            case .leftSemi, .leftAnti, .leftAntiNullAware, .mark: return left
            default: return bytes(node.right).map { $0 + left }
            }
        case .asofJoin(let node):
            guard let left = bytes(node.left) else { return nil }
            return bytes(node.right).map { $0 + left }
        case .window(let node): return bytes(node.input)
        case .sort(let node): return bytes(node.input)
        case .limit(let node):
            return bytes(node.input).map { min($0, Double(node.count + node.offset) * 64) }
        case .union(let node):
            return node.inputs.reduce(0) { sum, input in
                guard let sum, let size = bytes(input) else { return nil }
                return sum + size
            }
        case .lateralView(let node): return bytes(node.input).map { $0 * 4 }
        case .transform(let node): return bytes(node.source)
        case .with(let node): return bytes(node.input)
        case .sharedScan(let node): return shared[node.subplan]
        case .branches, .recursion: return nil
        }
    }
}

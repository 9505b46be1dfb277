import Catalog

/// Keeps the smaller input of a join in memory, judged by file sizes.
struct JoinBuildSide: OptimizerRule {
    static let name = "join_build_side"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        plan.transformedUp { node in
            guard case .join(var join) = node else { return node }
            switch join.kind {
            case .inner, .cross:
                guard let left = estimatedBytes(join.left, context), let right = estimatedBytes(join.right, context)
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

    /// A guess, good enough to tell large from small; nil when the sources' sizes are unknown.
    private func estimatedBytes(_ plan: LogicalPlan, _ context: OptimizerContext) -> Double? {
        switch plan {
        case .scan(let node):
            guard let bytes = context.metadata.byteCount(of: node.table, partitions: node.partitions) else { return nil }
            let width = Double(max(node.columns.count, 1)) / Double(max(node.table.allColumns.count, 1))
            return node.filters.reduce(Double(bytes) * width) { size, _ in size * 0.3 }
        case .values(let node): return Double(node.rows.count * 16)
        case .filter(let node): return estimatedBytes(node.input, context).map { $0 * 0.3 }
        case .project(let node): return estimatedBytes(node.input, context)
        case .aggregate(let node):
            return node.groups.isEmpty ? 64 : estimatedBytes(node.input, context).map { $0 * 0.1 }
        case .join(let node):
            guard let left = estimatedBytes(node.left, context) else { return nil }
            switch node.kind {
            case .leftSemi, .leftAnti, .leftAntiNullAware, .mark: return left
            default: return estimatedBytes(node.right, context).map { $0 + left }
            }
        case .window(let node): return estimatedBytes(node.input, context)
        case .sort(let node): return estimatedBytes(node.input, context)
        case .limit(let node):
            return estimatedBytes(node.input, context).map { min($0, Double(node.count + node.offset) * 64) }
        case .union(let node):
            return node.inputs.reduce(0) { sum, input in
                guard let sum, let bytes = estimatedBytes(input, context) else { return nil }
                return sum + bytes
            }
        case .lateralView(let node): return estimatedBytes(node.input, context).map { $0 * 4 }
        }
    }
}

import Columnar
import Expressions
import Planner

/// Leaves out rows before a window whose ranks in their partitions are surely too high to matter.
package final class RankFilterOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalWindow
    private let plan: RankFilterPlan

    init(_ node: LogicalWindow, _ limit: LogicalWindow.RankLimit, input: PhysicalOperator) throws {
        self.node = node
        plan = try RankFilterPlan(node, limit, input: input.outputs)
        super.init(outputs: input.outputs, inputs: [input])
    }

    package override var details: [String] {
        ["first: \(plan.limit.count)\(plan.limit.ofDistinctKeys ? " keys" : "")"]
            + (node.partitionBy.isEmpty ? [] : ["partition by: " + node.partitionBy.map { describe($0) }.joined(separator: ", ")])
            + ["order by: " + node.orderBy.map { describe($0) }.joined(separator: ", ")]
    }

    package override var isOrdered: Bool { inputs[0].isOrdered }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let plan = plan
        return PipelineStep(
            StageSet(downstream: target) { worker in
                RankFilterStage(plan, query, next: try target.stage(worker: worker))
            })
    }
}

/// What all workers of a rank filter share.
final class RankFilterPlan: @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`.
    let program: ExpressionProgram
    let partitionCount: Int
    let partitionLayout: KeyLayout
    let comparison: SortKeyComparison
    let limit: LogicalWindow.RankLimit

    init(_ node: LogicalWindow, _ limit: LogicalWindow.RankLimit, input: [OutputColumn]) throws {
        self.limit = limit
        partitionCount = node.partitionBy.count
        program = try ExpressionProgram(node.partitionBy + node.orderBy.map(\.expression), input: input)
        partitionLayout = KeyLayout(node.partitionBy.map(\.type))
        comparison = SortKeyComparison(
            types: node.orderBy.map(\.expression.type),
            orders: node.orderBy.map { SortOrder(ascending: $0.isAscending, nullsFirst: $0.nullsFirst) })
    }
}

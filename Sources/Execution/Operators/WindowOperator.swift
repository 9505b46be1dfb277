import Columnar
import Functions
import Planner
import Platform

/// Computes functions over windows. Rows are collected, cut into ranges of the partition keys' hashes, and every range
/// is grouped, sorted and computed by one worker; all functions of the node share that one pass.
package final class WindowOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalWindow
    private let plan: WindowPlan

    init(_ node: LogicalWindow, input: PhysicalOperator) throws {
        self.node = node
        plan = try WindowPlan(node, input: input.outputs)
        super.init(outputs: LogicalPlan.window(node).outputs, inputs: [input])
    }

    package override var details: [String] {
        var lines = ["functions: " + node.functions.map(\.name).joined(separator: ", ")]
        if !node.partitionBy.isEmpty {
            lines.append("partition by: " + node.partitionBy.map { describe($0) }.joined(separator: ", "))
        }
        if !node.orderBy.isEmpty {
            lines.append("order by: " + node.orderBy.map { describe($0) }.joined(separator: ", "))
        }
        return lines
    }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let plan = plan
        let stages = Guarded<[WindowStage]>([])
        return PipelineStep(
            StageSet { _ in
                let stage = WindowStage(plan, query)
                stages.withLock { $0.append(stage) }
                return stage
            }
        ) { try self.compute(stages.withLock { $0 }, query, into: target) }
    }

    private func compute(_ collected: [WindowStage], _ query: QueryExecution, into target: StageSet) throws {
        let plan = plan
        let begin = monotonicNanoseconds()
        profile.add(bytes: collected.reduce(0) { $0 + $1.byteCount })
        let input = try WindowInput(collected, plan, query)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        try query.drive(input.partCount, of: self, into: target) { _ in
            { part, sequence, stage in
                try input.withRows(of: part) { rows, count in
                    count == 0 ? .more : try WindowTask(input, plan, rows, count, query).run(sequence, into: stage)
                }
            }
        }
        withExtendedLifetime(collected) {}
    }
}

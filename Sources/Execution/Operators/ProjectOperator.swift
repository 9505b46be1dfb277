import Columnar
import Expressions
import Planner

/// Computes expressions over each row. Subexpressions that several of them share are computed once a batch.
package final class ProjectOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalProject
    private let program: ExpressionProgram

    init(_ node: LogicalProject, input: PhysicalOperator) throws {
        self.node = node
        program = try ExpressionProgram(node.expressions.map(\.expression), input: input.outputs)
        super.init(outputs: node.expressions.map(\.output), inputs: [input])
    }

    package override var details: [String] {
        ["expressions: " + node.expressions.map { describe($0.expression) }.joined(separator: ", ")]
    }

    package override var isOrdered: Bool { inputs[0].isOrdered }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let program = program
        return PipelineStep(
            StageSet(downstream: target) { worker in
                ProjectStage(
                    ExpressionEvaluator(program, context: query.context), next: try target.stage(worker: worker))
            })
    }
}

private final class ProjectStage: TransformStage {
    private let evaluator: ExpressionEvaluator

    init(_ evaluator: ExpressionEvaluator, next: Stage) {
        self.evaluator = evaluator
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        evaluator.begin(batch)
        defer { evaluator.end() }
        let columns = try evaluator.program.roots.indices.map { try evaluator.result($0) }
        return try next.push(
            Batch(columns: columns, capacity: batch.capacity, rows: batch.rows, sequence: batch.sequence))
    }
}

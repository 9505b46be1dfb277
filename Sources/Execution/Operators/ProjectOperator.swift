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
        let roots = program.roots.indices
        return PipelineStep(
            .running(program, query, into: target) { evaluator, batch in
                Batch(
                    columns: try roots.map { try evaluator.result($0) }, capacity: batch.capacity, rows: batch.rows,
                    sequence: batch.sequence)
            })
    }
}

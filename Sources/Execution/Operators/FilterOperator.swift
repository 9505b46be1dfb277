import Columnar
import Expressions
import Planner

/// Keeps the rows for which the predicate is TRUE. Only the selection is new.
package final class FilterOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let predicate: BoundExpression
    private let program: ExpressionProgram

    /// - Throws: `ExecutionError.invalidPlan` when the predicate is not BOOLEAN.
    init(_ node: LogicalFilter, input: PhysicalOperator) throws {
        guard node.predicate.type == .boolean else {
            throw ExecutionError.invalidPlan("a filter's predicate is \(node.predicate.type)")
        }
        predicate = node.predicate
        program = try ExpressionProgram(node.predicate.conjuncts, input: input.outputs)
        super.init(outputs: input.outputs, inputs: [input])
    }

    package override var details: [String] { ["predicate: " + describe(predicate)] }

    package override var isOrdered: Bool { inputs[0].isOrdered }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        PipelineStep(
            .running(program, query, into: target) { evaluator, batch in
                var kept = batch
                kept.rows = try evaluator.conjunction()
                return kept
            })
    }
}

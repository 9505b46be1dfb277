import Columnar
import Planner

/// UNION ALL: the rows of each input, one input after the other.
package final class UnionOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    init(_ node: LogicalUnion, inputs: [PhysicalOperator]) throws {
        guard inputs.allSatisfy({ $0.outputs.map(\.type) == node.outputs.map(\.type) }) else {
            throw ExecutionError.invalidPlan("inputs of UNION differ in their types")
        }
        super.init(outputs: node.outputs, inputs: inputs)
    }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        for input in inputs { try input.run(query, into: target) }
    }
}

import Columnar
import Planner

/// Orders all rows. Ties keep the order of the source.
package final class SortOperator: SortingOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    init(_ node: LogicalSort, offset: Int, input: PhysicalOperator) throws {
        try super.init(node, limit: node.limit, offset: offset, input: input)
    }
}

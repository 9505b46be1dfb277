import Columnar
import Planner

/// The first rows of an order. Each worker drops early what cannot be among them.
package final class TopNOperator: SortingOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    /// Above this many rows a whole sort is as good.
    static let largestCount = 200_000

    init(_ node: LogicalSort, count: Int, offset: Int, input: PhysicalOperator) throws {
        try super.init(node, limit: count, offset: offset, input: input)
    }
}

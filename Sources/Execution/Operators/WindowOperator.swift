import Planner
/// x
package final class WindowOperator: PhysicalOperator {
    init(_ node: LogicalWindow, input: PhysicalOperator) throws {
        super.init(outputs: [], inputs: [input])
    }
}

import Expressions
import Planner

extension LogicalPlan {
    /// The plan with NULL in some of its columns, which then need not be read or computed.
    func leavingAside(_ positions: Set<Int>, _ binder: Binder) -> LogicalPlan {
        let columns = outputs.enumerated().map { position, output in
            positions.contains(position)
                ? NamedExpression(output: binder.makeColumn(output.name, output.type), expression: .null(output.type))
                : NamedExpression(output: output, expression: .column(output))
        }
        return .project(LogicalProject(input: self, expressions: columns))
    }
}

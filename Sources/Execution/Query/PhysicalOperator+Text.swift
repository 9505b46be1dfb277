import Expressions
import Planner

extension PhysicalOperator {
    /// An expression over the inputs as EXPLAIN prints it.
    func describe(_ expression: BoundExpression) -> String { PlanPrinter.text(expression, columnNames) }

    func describe(_ call: AggregateCall) -> String {
        let arguments = call.arguments.map { describe($0) }.joined(separator: ", ")
        let filter = call.filter.map { " filter (where \(describe($0)))" } ?? ""
        return "\(call.name)(\(call.isDistinct ? "distinct " : "")\(arguments))\(filter)"
    }

    func describe(_ key: SortKey) -> String {
        "\(describe(key.expression)) \(key.isAscending ? "asc" : "desc") nulls \(key.nullsFirst ? "first" : "last")"
    }

    private var columnNames: [ColumnID: String] {
        Dictionary(
            (inputs.flatMap(\.outputs) + outputs).map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    }
}

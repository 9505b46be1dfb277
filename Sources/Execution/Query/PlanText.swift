import Columnar
import Planner

/// Expressions as EXPLAIN prints them.
enum PlanText {
    static func describe(_ expression: BoundExpression) -> String {
        func list(_ items: [BoundExpression], _ separator: String) -> String {
            items.map { describe($0) }.joined(separator: separator)
        }
        switch expression.kind {
        case .column(let id): return "#\(id.number)"
        case .literal(let value): return describe(value)
        case .call(let call):
            let isOperator = call.name.unicodeScalars.allSatisfy { !$0.properties.isAlphabetic && $0 != "_" }
            if isOperator, call.arguments.count == 2 {
                return "(\(describe(call.arguments[0])) \(call.name) \(describe(call.arguments[1])))"
            }
            return "\(call.name)(\(list(call.arguments, ", ")))"
        case .cast(let operand): return "cast(\(describe(operand)) as \(expression.type))"
        case .and(let operands): return "(\(list(operands, " and ")))"
        case .or(let operands): return "(\(list(operands, " or ")))"
        case .not(let operand): return "not \(describe(operand))"
        case .isNull(let operand): return "\(describe(operand)) is null"
        case .isNotNull(let operand): return "\(describe(operand)) is not null"
        case .conditional(let branches, let otherwise):
            let arms = branches.map { "when \(describe($0.condition)) then \(describe($0.value))" }
            return "case \(arms.joined(separator: " "))" + (otherwise.map { " else \(describe($0))" } ?? "") + " end"
        case .coalesce(let operands): return "coalesce(\(list(operands, ", ")))"
        case .inList(let operand, let items): return "\(describe(operand)) in (\(list(items, ", ")))"
        case .field(let operand, let index): return "\(describe(operand)).\(index)"
        }
    }

    static func describe(_ call: AggregateCall) -> String {
        let arguments = call.arguments.map { describe($0) }.joined(separator: ", ")
        let filter = call.filter.map { " filter (where \(describe($0)))" } ?? ""
        return "\(call.name)(\(call.isDistinct ? "distinct " : "")\(arguments))\(filter)"
    }

    static func describe(_ key: SortKey) -> String {
        "\(describe(key.expression)) \(key.isAscending ? "asc" : "desc") nulls \(key.nullsFirst ? "first" : "last")"
    }

    private static func describe(_ value: LiteralValue) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): "\(number)"
        case .floating(let number): "\(number)"
        case .decimal(let unscaled): "\(unscaled)"
        case .bytes(let bytes): "'\(String(decoding: bytes, as: UTF8.self))'"
        case .timestamp(let value): "\(value.seconds).\(value.nanoseconds)"
        case .complex: "<constant>"
        }
    }
}

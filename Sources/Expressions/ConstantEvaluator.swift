import Columnar
import Functions

/// Evaluates expressions without columns, on columns of one row.
package struct ConstantEvaluator {
    let context: EvaluationContext
    /// What columns that stand for a value inside the expression are.
    private var values: [ColumnID: Column] = [:]

    package init(context: EvaluationContext) { self.context = context }

    /// - Throws: what a function throws on the values; `FunctionError` when a column is met.
    package func evaluate(_ expression: BoundExpression) throws -> LiteralValue {
        if case .literal(let value) = expression.kind { return value }
        return LiteralValue(try column(expression), row: 0)
    }

    private func column(_ expression: BoundExpression) throws -> Column {
        switch expression.kind {
        case .literal(let value): return value.column(type: expression.type, count: 1)
        case .column(let id):
            guard let value = values[id] else { throw FunctionError(.argument, "The expression is not constant") }
            return value
        case .call(let call):
            let arguments = try call.arguments.map { try column($0) }
            return try call.function.kernel(
                KernelInput(arguments: arguments, rows: .all(1), count: 1, context: context))
        case .cast(let operand):
            return try Cast.apply(
                try column(operand), to: expression.type, rows: .all(1), count: 1, context: context.castContext)
        case .and(let operands):
            var result: Bool? = true
            for operand in operands {
                switch try truth(operand) {
                case false?: return boolean(false)
                case nil: result = nil
                default: break
                }
            }
            return boolean(result)
        case .or(let operands):
            var result: Bool? = false
            for operand in operands {
                switch try truth(operand) {
                case true?: return boolean(true)
                case nil: result = nil
                default: break
                }
            }
            return boolean(result)
        case .not(let operand): return boolean(try truth(operand).map { !$0 })
        case .isNull(let operand): return boolean(try column(operand).isNull(0))
        case .isNotNull(let operand): return boolean(!(try column(operand).isNull(0)))
        case .conditional(let branches, let otherwise):
            for branch in branches where try truth(branch.condition) == true { return try column(branch.value) }
            return try otherwise.map { try column($0) } ?? .nulls(expression.type, count: 1)
        case .coalesce(let operands):
            for operand in operands {
                let value = try column(operand)
                if !value.isNull(0) { return value }
            }
            return .nulls(expression.type, count: 1)
        case .inList(let operand, let list):
            let value = try column(operand)
            if value.isNull(0) { return boolean(nil) }
            var result: Bool? = false
            for item in list {
                let equal = try Comparison.apply(.equal, value, try column(item), rows: .all(1), count: 1)
                if equal.isNull(0) {
                    result = nil
                } else if equal.values(as: UInt8.self)[0] != 0 {
                    return boolean(true)
                }
            }
            return boolean(result)
        case .field(let operand, let index):
            return try column(operand).field(index, type: expression.type)
        case .letting(let id, let value, let body):
            var inner = self
            inner.values[id] = try column(value)
            return try inner.column(body)
        }
    }

    private func truth(_ expression: BoundExpression) throws -> Bool? {
        let value = try column(expression)
        return value.isNull(0) ? nil : value.values(as: UInt8.self)[value.element(of: 0)] != 0
    }

    private func boolean(_ value: Bool?) -> Column {
        guard let value else { return .nulls(.boolean, count: 1) }
        return .constant(UInt8(value ? 1 : 0), type: .boolean, count: 1)
    }
}

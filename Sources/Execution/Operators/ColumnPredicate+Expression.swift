import Columnar
import Expressions
import TableFormats

extension ColumnPredicate {
    /// What statistics can say of a conjunct; nil: nothing.
    /// - Parameter ordinals: of columns of files in the table's schema.
    init?(_ conjunct: BoundExpression, ordinals: [ColumnID: Int]) {
        func column(_ expression: BoundExpression) -> Int? {
            switch expression.kind {
            case .column(let id): return ordinals[id]
            case .cast(let inner):
                guard case .column(let id) = inner.kind, ColumnConversion.keepsOrder(inner.type, expression.type) else { return nil }
                return ordinals[id]
            default: return nil
            }
        }
        func constant(_ expression: BoundExpression) -> Column? {
            guard case .literal(let value) = expression.kind, value != .null, !expression.type.isComplex else { return nil }
            return value.column(type: expression.type, count: 1)
        }
        switch conjunct.kind {
        case .comparison(let operation, let left, let right):
            if let ordinal = column(left), let value = constant(right) {
                self.init(ordinal: ordinal, type: left.type, test: .comparison(operation, value))
            } else if let ordinal = column(right), let value = constant(left) {
                self.init(ordinal: ordinal, type: right.type, test: .comparison(operation.mirrored, value))
            } else {
                return nil
            }
        case .inList(let operand, let list):
            let values = list.compactMap(constant)
            guard let ordinal = column(operand), values.count == list.count else { return nil }
            self.init(ordinal: ordinal, type: operand.type, test: .membership(values))
        case .isNull(let operand):
            guard let ordinal = column(operand) else { return nil }
            self.init(ordinal: ordinal, type: operand.type, test: .isNull)
        case .isNotNull(let operand):
            guard let ordinal = column(operand) else { return nil }
            self.init(ordinal: ordinal, type: operand.type, test: .isNotNull)
        default: return nil
        }
    }
}

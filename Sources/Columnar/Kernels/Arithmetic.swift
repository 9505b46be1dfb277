package enum ArithmeticOperator: String, Sendable, Hashable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case integerDivide = "DIV"
    case bitwiseAnd = "&"
    case bitwiseOr = "|"
    case bitwiseXor = "^"
}

/// `+ - * / % DIV & | ^`, negation and `~` over columns, with Hive's rules: integers wrap, a zero divisor gives NULL,
/// a DECIMAL that does not fit gives NULL.
package enum Arithmetic {
    /// `left op right` for the selected rows; NULL where an operand is NULL.
    ///
    /// Integers and floating point are computed in the layout of `resultType` (operands of another numeric type are
    /// cast to it first); decimals keep their own scales; dates, timestamps and intervals combine as Hive allows.
    /// Shape: `count` rows, constant when both operands are.
    /// - Throws: `KernelError` when no rule covers the types.
    package static func apply(
        _ operation: ArithmeticOperator, _ left: Column, _ right: Column, resultType: SQLType,
        rows: RowSelection, count: Int
    ) throws -> Column {
        if isTemporal(left.type) || isTemporal(right.type) {
            return try TemporalArithmetic.apply(operation, left, right, resultType: resultType, rows: rows, count: count)
        }
        if case .decimal(let precision, let scale) = resultType {
            let frame = BinaryFrame(
                try decimalOperand(left, rows, count), try decimalOperand(right, rows, count), rows, count)
            if frame.hasConstantNull { return .nulls(resultType, count: count) }
            return try DecimalArithmetic.apply(
                operation, frame, resultType: resultType, precision: precision, scale: scale)
        }
        let frame = BinaryFrame(
            try numericOperand(left, resultType, rows, count), try numericOperand(right, resultType, rows, count),
            rows, count)
        if frame.hasConstantNull { return .nulls(resultType, count: count) }
        let result = frame.makeResult(resultType)
        switch resultType.physical {
        case .int8: try integers(operation, frame, result, Int8.self)
        case .int16: try integers(operation, frame, result, Int16.self)
        case .int32: try integers(operation, frame, result, Int32.self)
        case .int64: try integers(operation, frame, result, Int64.self)
        case .float: try floats(operation, frame, result, Float.self)
        case .double: try floats(operation, frame, result, Double.self)
        default: throw unsupported(operation, left.type, right.type)
        }
        return result
    }

    /// `-operand`, of the operand's type; character strings are taken as doubles.
    package static func negate(_ operand: Column, rows: RowSelection, count: Int) throws -> Column {
        if operand.type.isCharacter {
            return try negate(Cast.apply(operand, to: .double, rows: rows, count: count), rows: rows, count: count)
        }
        let frame = UnaryFrame(operand, rows, count)
        let result = frame.makeResult(operand.type)
        switch operand.type {
        case .tinyint: mapElements(frame, into: result, Int8.self, Int8.self) { 0 &- $0 }
        case .smallint: mapElements(frame, into: result, Int16.self, Int16.self) { 0 &- $0 }
        case .int, .intervalYearMonth: mapElements(frame, into: result, Int32.self, Int32.self) { 0 &- $0 }
        case .bigint: mapElements(frame, into: result, Int64.self, Int64.self) { 0 &- $0 }
        case .float: mapElements(frame, into: result, Float.self, Float.self) { -$0 }
        case .double: mapElements(frame, into: result, Double.self, Double.self) { -$0 }
        case .decimal: mapElements(frame, into: result, Int128.self, Int128.self) { 0 &- $0 }
        case .intervalDayTime:
            mapElements(frame, into: result, Timestamp.self, Timestamp.self) { TemporalArithmetic.negated($0) }
        case .void: return .nulls(.void, count: count)
        default: throw KernelError("no arithmetic negation of \(operand.type)")
        }
        return result
    }

    /// `~operand`, of the operand's integer type.
    package static func bitwiseNot(_ operand: Column, rows: RowSelection, count: Int) throws -> Column {
        let frame = UnaryFrame(operand, rows, count)
        let result = frame.makeResult(operand.type)
        switch operand.type {
        case .tinyint: mapElements(frame, into: result, Int8.self, Int8.self) { ~$0 }
        case .smallint: mapElements(frame, into: result, Int16.self, Int16.self) { ~$0 }
        case .int: mapElements(frame, into: result, Int32.self, Int32.self) { ~$0 }
        case .bigint: mapElements(frame, into: result, Int64.self, Int64.self) { ~$0 }
        case .void: return .nulls(.int, count: count)
        default: throw KernelError("no bitwise negation of \(operand.type)")
        }
        return result
    }

    static func unsupported(_ operation: ArithmeticOperator, _ left: SQLType, _ right: SQLType) -> KernelError {
        KernelError("no rule for \(left) \(operation.rawValue) \(right)")
    }

    static func isTemporal(_ type: SQLType) -> Bool {
        switch type {
        case .date, .timestamp, .timestampLocalTimeZone, .intervalYearMonth, .intervalDayTime: true
        default: false
        }
    }

    private static func numericOperand(
        _ column: Column, _ type: SQLType, _ rows: RowSelection, _ count: Int
    ) throws -> Column {
        column.type == type ? column : try Cast.apply(column, to: type, rows: rows, count: count)
    }

    private static func decimalOperand(_ column: Column, _ rows: RowSelection, _ count: Int) throws -> Column {
        if case .decimal = column.type { return column }
        let type = ArithmeticTypes.decimalType(of: column.type) ?? .decimal(precision: 38, scale: 18)
        return try Cast.apply(column, to: type, rows: rows, count: count)
    }

    private static func integers<T: FixedWidthInteger & ColumnElement>(
        _ operation: ArithmeticOperator, _ frame: BinaryFrame, _ result: Column, _: T.Type
    ) throws {
        switch operation {
        case .add: mapElements(frame, into: result, T.self, T.self, T.self) { $0 &+ $1 }
        case .subtract: mapElements(frame, into: result, T.self, T.self, T.self) { $0 &- $1 }
        case .multiply: mapElements(frame, into: result, T.self, T.self, T.self) { $0 &* $1 }
        case .bitwiseAnd: mapElements(frame, into: result, T.self, T.self, T.self) { $0 & $1 }
        case .bitwiseOr: mapElements(frame, into: result, T.self, T.self, T.self) { $0 | $1 }
        case .bitwiseXor: mapElements(frame, into: result, T.self, T.self, T.self) { $0 ^ $1 }
        case .remainder, .divide, .integerDivide:
            nullZeroDivisors(frame, result, T.self) { $0 == 0 }
            let minusOne: T = 0 &- 1
            // The least value divided by -1 would trap; it wraps. A zero divisor's row is NULL already.
            if operation == .remainder {
                mapElements(frame, into: result, T.self, T.self, T.self) { left, right in
                    right == 0 || right == minusOne ? 0 : left % right
                }
            } else {
                mapElements(frame, into: result, T.self, T.self, T.self) { left, right in
                    right == 0 ? 0 : right == minusOne ? 0 &- left : left / right
                }
            }
        }
    }

    private static func floats<T: BinaryFloatingPoint & ColumnElement>(
        _ operation: ArithmeticOperator, _ frame: BinaryFrame, _ result: Column, _: T.Type
    ) throws {
        switch operation {
        case .add: mapElements(frame, into: result, T.self, T.self, T.self) { $0 + $1 }
        case .subtract: mapElements(frame, into: result, T.self, T.self, T.self) { $0 - $1 }
        case .multiply: mapElements(frame, into: result, T.self, T.self, T.self) { $0 * $1 }
        case .divide:
            nullZeroDivisors(frame, result, T.self) { $0 == 0 }
            mapElements(frame, into: result, T.self, T.self, T.self) { $0 / $1 }
        case .remainder:
            nullZeroDivisors(frame, result, T.self) { $0 == 0 }
            mapElements(frame, into: result, T.self, T.self, T.self) { $0.truncatingRemainder(dividingBy: $1) }
        default: throw unsupported(operation, frame.left.type, frame.right.type)
        }
    }

    /// Makes the rows NULL whose right operand `isZero`.
    @inline(__always)
    static func nullZeroDivisors<T: ColumnElement>(
        _ frame: BinaryFrame, _ result: Column, _: T.Type, _ isZero: (T) -> Bool
    ) {
        let right = UnsafePointer(frame.right.values(as: T.self))
        if frame.rightScale == 0 {
            guard isZero(right[0]) else { return }
            for row in 0..<frame.length { result.setNull(row) }
            return
        }
        // Most columns hold no zero at all: look first, without a branch a row.
        var zeros = 0
        if frame.isDense {
            for row in 0..<frame.length { zeros &+= isZero(right[row]) ? 1 : 0 }
        } else {
            frame.rows.forEach { row in zeros &+= isZero(right[row]) ? 1 : 0 }
        }
        guard zeros > 0 else { return }
        let bits = result.makeValidity()
        frame.rows.forEach { row in if isZero(right[row]) { bits.clear(row) } }
    }
}

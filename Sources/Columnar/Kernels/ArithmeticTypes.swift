/// Result types of arithmetic, as Hive derives them.
package enum ArithmeticTypes {
    /// The result type of `left op right`; nil where Hive refuses the types.
    ///
    /// The binder casts integer and floating-point operands to `operandType(_:_:_:)`; decimals stay as they are.
    package static func resultType(_ operation: ArithmeticOperator, _ left: SQLType, _ right: SQLType) -> SQLType? {
        if Arithmetic.isTemporal(left) || Arithmetic.isTemporal(right) {
            return TemporalArithmetic.resultType(operation, left, right)
        }
        switch operation {
        case .bitwiseAnd, .bitwiseOr, .bitwiseXor:
            let types = [left, right].map { $0 == .void ? .int : $0 }
            guard types[0].isIntegral, types[1].isIntegral else { return nil }
            return wider(types[0], types[1])
        case .integerDivide:
            guard left == .void || left.isIntegral, right == .void || right.isIntegral else { return nil }
            return .bigint
        case .add, .subtract, .multiply, .divide, .remainder:
            return numericResult(operation, left, right)
        }
    }

    /// The type both operands are cast to before the kernel runs; nil: leave them as they are.
    package static func operandType(_ operation: ArithmeticOperator, _ left: SQLType, _ right: SQLType) -> SQLType? {
        guard let result = resultType(operation, left, right) else { return nil }
        switch result {
        case .tinyint, .smallint, .int, .bigint, .float, .double: return result
        default: return nil
        }
    }

    private static func numericResult(
        _ operation: ArithmeticOperator, _ left: SQLType, _ right: SQLType
    ) -> SQLType? {
        // Strings and bare NULLs count as doubles.
        let a: SQLType = left.isCharacter || left == .void ? .double : left
        let b: SQLType = right.isCharacter || right == .void ? .double : right
        guard a.isNumeric, b.isNumeric else { return nil }
        if case .decimal = a, let other = decimalType(of: b) { return decimalResult(operation, a, other) }
        if case .decimal = b, let other = decimalType(of: a) { return decimalResult(operation, other, b) }
        if operation == .divide { return .double }
        return wider(a, b)
    }

    /// The later of two types in Hive's order TINYINT < SMALLINT < INT < BIGINT < DECIMAL < FLOAT < DOUBLE.
    static func wider(_ left: SQLType, _ right: SQLType) -> SQLType { rank(left) >= rank(right) ? left : right }

    static func rank(_ type: SQLType) -> Int {
        switch type {
        case .tinyint: 1
        case .smallint: 2
        case .int: 3
        case .bigint: 4
        case .decimal: 5
        case .float: 6
        default: 7
        }
    }

    /// The DECIMAL that holds every value of an integer type; the type itself for a DECIMAL; nil for others.
    package static func decimalType(of type: SQLType) -> SQLType? {
        switch type {
        case .decimal: type
        case .tinyint: .decimal(precision: 3, scale: 0)
        case .smallint: .decimal(precision: 5, scale: 0)
        case .int: .decimal(precision: 10, scale: 0)
        case .bigint: .decimal(precision: 19, scale: 0)
        default: nil
        }
    }

    private static func decimalResult(_ operation: ArithmeticOperator, _ left: SQLType, _ right: SQLType) -> SQLType? {
        guard case .decimal(let p1, let s1) = left, case .decimal(let p2, let s2) = right else { return nil }
        switch operation {
        case .add, .subtract:
            let scale = max(s1, s2)
            return adjusted(precision: max(p1 - s1, p2 - s2) + scale + 1, scale: scale)
        case .multiply: return adjusted(precision: p1 + p2 + 1, scale: s1 + s2)
        case .divide:
            let scale = max(6, s1 + p2 + 1)
            return adjusted(precision: p1 - s1 + s2 + scale, scale: scale)
        case .remainder:
            let scale = max(s1, s2)
            return adjusted(precision: min(p1 - s1, p2 - s2) + scale, scale: scale)
        default: return nil
        }
    }

    /// Fits a result into 38 digits: integer digits are kept, and of the fraction at least six digits (or all of it).
    static func adjusted(precision: Int, scale: Int) -> SQLType {
        guard precision > Decimals.maximumPrecision else {
            return .decimal(precision: max(precision, 1), scale: min(scale, max(precision, 1)))
        }
        let fraction = max(Decimals.maximumPrecision - (precision - scale), min(scale, 6))
        return .decimal(precision: Decimals.maximumPrecision, scale: fraction)
    }
}

import Columnar
import Expressions
import Functions
import HiveSyntax
import Platform

// Hive compares a column with a literal text in the column's own type where it can: `id = '9007199254740993'` finds one
// BIGINT, which a comparison as DOUBLE would not, and a CHAR meets text that is padded. Other operands, computed ones too,
// meet in the type of `TypeCoercion.comparisonType`.

extension Binder {
    /// What a written operator of two operands means.
    func operation(
        _ operation: BinaryOperator, _ left: BoundExpression, _ right: BoundExpression, at range: SourceRange?
    ) throws -> BoundExpression {
        guard let comparison = operation.comparison else { return try call(operation.function, [left, right], at: range) }
        var operands = [left, right]
        for (column, literal) in [(0, 1), (1, 0)] {
            guard case .column = operands[column].kind, let narrowed = narrowed(operands[literal], to: operands[column].type)
            else { continue }
            switch narrowed {
            case .literal(let expression): operands[literal] = expression
            case .never where comparison == .equal || comparison == .nullSafeEqual:
                // FALSE for NULL too, as in Hive: `NOT (id = 'x')` keeps all rows.
                return BoundExpression(.literal(.integer(0)), type: .boolean, range: range)
            case .never: break
            }
        }
        return try call(operation.function, operands, at: range)
    }

    private enum NarrowedLiteral {
        case literal(BoundExpression)
        /// Text that is no number: no number equals it.
        case never
    }

    /// A literal in the type of the column that it is compared with; nil where the comparison stays as it is written.
    private func narrowed(_ literal: BoundExpression, to type: SQLType) -> NarrowedLiteral? {
        guard case .literal(let value) = literal.kind else { return nil }
        switch (value, type) {
        case (.floating(let number), .float) where literal.type == .double:
            return .literal(BoundExpression(.literal(.floating(Double(Float(number)))), type: .float, range: literal.range))
        case (.bytes(let text), _) where literal.type == .string:
            switch type {
            case .char: return .literal(cast(literal, to: type))
            case .tinyint, .smallint, .int, .bigint:
                if let number = Self.wholeNumber(text), type.holds(number) {
                    return .literal(BoundExpression(.literal(.integer(number)), type: type, range: literal.range))
                }
            case .float, .double:
                if let number = try? constantValue(cast(literal, to: type)), number != .null {
                    return .literal(BoundExpression(.literal(number), type: type, range: literal.range))
                }
            default: return nil
            }
            return JavaNumber.isNumber(text) ? nil : .never
        default: return nil
        }
    }

    /// A sign and digits; nil for anything else, and for what 64 bits do not hold.
    private static func wholeNumber(_ text: [UInt8]) -> Int64? {
        guard !text.contains(UInt8(ascii: ".")) else { return nil }
        return text.withUnsafeBufferPointer { $0.baseAddress.flatMap { TextParsing.int64($0, text.count) } }
    }
}

extension SQLType {
    /// Whether an integer type has the number.
    fileprivate func holds(_ number: Int64) -> Bool {
        switch self {
        case .tinyint: Int8(exactly: number) != nil
        case .smallint: Int16(exactly: number) != nil
        case .int: Int32(exactly: number) != nil
        default: true
        }
    }
}

/// What Java's libraries take for a number: Hive asks them whether a text can equal one.
enum JavaNumber {
    /// Digits with a point, an exponent and one of the letters `d`, `f`, `l` at the end, or `0x` and hexadecimal digits,
    /// behind a minus sign or none.
    static func isNumber(_ text: [UInt8]) -> Bool {
        var rest = text[...]
        func skip(_ letters: String) -> Bool {
            guard let first = rest.first, letters.utf8.contains(first) else { return false }
            rest.removeFirst()
            return true
        }
        func skipDigits() -> Int {
            let digits = rest.prefix { $0 &- 0x30 <= 9 }.count
            rest.removeFirst(digits)
            return digits
        }
        _ = skip("-")
        if rest.count > 1, rest.starts(with: "0x".utf8) {
            let digits = rest.dropFirst(2)
            return !digits.isEmpty && digits.allSatisfy { $0 &- 0x30 <= 9 || (0x61...0x66).contains($0 | 0x20) }
        }
        var digits = skipDigits()
        if skip(".") { digits += skipDigits() }
        guard digits > 0 else { return false }
        var hasExponent = false
        if skip("eE") {
            hasExponent = true
            _ = skip("+-")
            guard skipDigits() > 0 else { return false }
        }
        if rest.count == 1 { _ = skip("dDfF") || (!hasExponent && skip("lL")) }
        return rest.isEmpty
    }
}

import CKernels
import Columnar

/// Turns one column's fields into values. The bytes 16 before and 16 behind every field are readable.
struct FieldParser {
    let format: TextFormat
    let text: UnsafePointer<UInt8>
    let starts: UnsafeMutablePointer<UInt32>
    /// Negative: NULL.
    let lengths: UnsafeMutablePointer<Int32>
    let rows: RowSelection
    /// Rows of the batch, selected or not.
    let count: Int
    let mayBeEscaped: Bool

    /// A flat column; rows that are not selected hold placeholders.
    func column(of type: SQLType) -> Column {
        switch type {
        case .boolean:
            return format.extendedBooleanLiterals
                ? values(type, UInt8.self) { TextParsing.extendedBoolean($0, $1) }
                : values(type, UInt8.self) { TextParsing.boolean($0, $1) }
        case .tinyint: return values(type, Int8.self) { Self.integer($0, $1) }
        case .smallint: return values(type, Int16.self) { Self.integer($0, $1) }
        case .int: return values(type, Int32.self) { Self.integer($0, $1) }
        case .bigint: return values(type, Int64.self) { Self.integer($0, $1) }
        case .float: return floats(type)
        case .double: return doubles(type)
        case .decimal(let precision, let scale): return decimals(type, precision, scale)
        case .date: return values(type, Int32.self) { TextParsing.date($0, $1) }
        case .timestamp, .timestampLocalTimeZone:
            guard format.timestamps.isEmpty else {
                return values(type, Timestamp.self) { format.timestamps.parse(StringView($0, length: $1)) }
            }
            return values(type, Timestamp.self) { TextParsing.timestamp($0, $1) }
        case .string: return strings(type)
        case .varchar(let length): return characters(type, length: length, isPadded: false)
        case .char(let length): return characters(type, length: length, isPadded: true)
        case .binary: return binary(type)
        case .array, .map, .structure, .union: return nested(type)
        case .void, .intervalYearMonth, .intervalDayTime: return .nulls(type, count: count)
        }
    }

    /// The loop over rows: `body` sees the bytes of every field that is there and answers nil for NULL.
    @inline(__always)
    private func values<T: ColumnElement>(
        _ type: SQLType, _: T.Type, _ body: (UnsafePointer<UInt8>, Int) -> T?
    ) -> Column {
        let column = Column(flat: type, count: count)
        let target = column.values(as: T.self)
        if !rows.isAll { target.initialize(repeating: T.placeholder, count: count) }
        let starts = UnsafePointer(starts)
        let lengths = UnsafePointer(lengths)
        let text = text
        var validity: UnsafeMutablePointer<UInt64>?
        rows.forEach { row in
            let length = Int(lengths[row])
            if length >= 0, let value = body(text + Int(starts[row]), length) {
                target[row] = value
            } else {
                target[row] = T.placeholder
                if validity == nil { validity = column.makeValidity().words }
                validity.unsafelyUnwrapped[row >> 6] &= ~(1 << UInt64(row & 63))
            }
        }
        return column
    }

    @inline(__always)
    private static func integer<T: FixedWidthInteger & SignedInteger>(
        _ bytes: UnsafePointer<UInt8>, _ length: Int
    ) -> T? {
        let isNegative = bytes.pointee == 0x2D
        let digits = length &- (isNegative ? 1 : 0)
        if UInt(bitPattern: digits &- 1) < 16 {
            let parsed = hiveql_parse_digits(bytes + length, digits)
            if parsed.is_valid {
                let value = Int64(truncatingIfNeeded: parsed.value)
                return T(exactly: isNegative ? 0 &- value : value)
            }
        }
        return TextParsing.int64(bytes, length).flatMap { T(exactly: $0) }
    }

    /// A number of at most 16 characters whose double is one division away; nil: read it the long way.
    @inline(__always)
    private static func shortDouble(
        _ bytes: UnsafePointer<UInt8>, _ length: Int, _ powersOfTen: UnsafePointer<Double>
    ) -> Double? {
        let isNegative = bytes.pointee == 0x2D
        let digits = length &- (isNegative ? 1 : 0)
        guard UInt(bitPattern: digits &- 1) < 16 else { return nil }
        let parsed = hiveql_parse_decimal(bytes + length, digits)
        guard parsed.is_valid, parsed.mantissa <= 1 << 53 else { return nil }
        let value = Double(Int64(truncatingIfNeeded: parsed.mantissa)) / powersOfTen[Int(parsed.fraction)]
        return Double(bitPattern: value.bitPattern | (isNegative ? 1 << 63 : 0))
    }

    private func doubles(_ type: SQLType) -> Column {
        Self.powersOfTen.withUnsafeBufferPointer { powers in
            guard let powers = powers.baseAddress else { return .nulls(type, count: count) }
            return values(type, Double.self) { bytes, length in
                Self.shortDouble(bytes, length, powers) ?? TextParsing.double(bytes, length)
            }
        }
    }

    private func floats(_ type: SQLType) -> Column {
        Self.powersOfTen.withUnsafeBufferPointer { powers in
            guard let powers = powers.baseAddress else { return .nulls(type, count: count) }
            return values(type, Float.self) { bytes, length in
                if let value = Self.shortDouble(bytes, length, powers), TextParsing.isUnambiguousAsFloat(value) {
                    return Float(value)
                }
                return TextParsing.float(bytes, length)
            }
        }
    }

    /// 10^0 … 10^16, all exact.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    ]

    private func decimals(_ type: SQLType, _ precision: Int, _ scale: Int) -> Column {
        let powers = (0...19).map { exponent in (0..<exponent).reduce(UInt64(1)) { power, _ in power &* 10 } }
        // Values below this one need no further look at the precision.
        let limit = precision <= 18 ? powers[precision] : UInt64.max
        return powers.withUnsafeBufferPointer { powers in
            values(type, Int128.self) { bytes, length in
                let isNegative = bytes.pointee == 0x2D
                let digits = length &- (isNegative ? 1 : 0)
                if UInt(bitPattern: digits &- 1) < 16 {
                    let parsed = hiveql_parse_decimal(bytes + length, digits)
                    let missing = scale &- Int(parsed.fraction)
                    if parsed.is_valid, missing >= 0, missing <= 18 {
                        let (unscaled, overflow) = parsed.mantissa.multipliedReportingOverflow(by: powers[missing])
                        if !overflow, unscaled < limit {
                            return isNegative ? 0 &- Int128(unscaled) : Int128(unscaled)
                        }
                    }
                }
                return TextParsing.decimal(bytes, length, precision: precision, scale: scale)
            }
        }
    }
}

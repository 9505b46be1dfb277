import Columnar

/// How values of a type become words of 64 bits whose unsigned order is theirs, and numbers.
package enum WordForm: Sendable, Equatable {
    case boolean
    case integer
    case single
    case double
    /// Of at most 18 digits: the digits.
    case decimal(scale: Int)
    /// Of more: the nearest DOUBLE.
    case wideDecimal(scale: Int)
    /// Days.
    case date
    case months
    /// Microseconds.
    case timestamp
    case interval

    /// nil for text and nested types.
    init?(_ type: SQLType) {
        switch type {
        case .boolean: self = .boolean
        case .tinyint, .smallint, .int, .bigint: self = .integer
        case .float: self = .single
        case .double: self = .double
        case .decimal(let precision, let scale): self = precision <= 18 ? .decimal(scale: scale) : .wideDecimal(scale: scale)
        case .date: self = .date
        case .timestamp, .timestampLocalTimeZone: self = .timestamp
        case .intervalYearMonth: self = .months
        case .intervalDayTime: self = .interval
        case .void, .string, .varchar, .char, .binary, .array, .map, .structure, .union: return nil
        }
    }

    /// Whether words are those of floating-point numbers.
    var isFloating: Bool {
        switch self {
        case .single, .double, .wideDecimal: true
        default: false
        }
    }

    /// Whether values are quantities that may lie between two others that occur, so that quantiles are read as numpy does.
    var isNumeric: Bool {
        switch self {
        case .integer, .single, .double, .decimal, .wideDecimal: true
        case .boolean, .date, .months, .timestamp, .interval: false
        }
    }

    @inline(__always)
    package static func word(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ 1 << 63 }

    @inline(__always)
    package static func word(_ value: Double) -> UInt64 { NormalizedKey.sortable(value == 0 ? 0 : value) }

    /// Saturated: no timestamp of Hive's range is too far.
    @inline(__always)
    package static func word(_ value: Timestamp) -> UInt64 { word(microseconds(value)) }

    @inline(__always)
    package static func microseconds(_ value: Timestamp) -> Int64 {
        let (product, overflow) = value.seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return value.seconds < 0 ? .min : .max }
        let (sum, isTooLarge) = product.addingReportingOverflow(Int64(value.nanoseconds / 1_000))
        return isTooLarge ? .max : sum
    }

    package static func integer(_ word: UInt64) -> Int64 { Int64(bitPattern: word ^ 1 << 63) }

    package static func double(_ word: UInt64) -> Double { Double(bitPattern: word >> 63 != 0 ? word ^ 1 << 63 : ~word) }

    /// A word as a number: dates are days, times seconds since 1970-01-01.
    func number(_ word: UInt64) -> Double {
        switch self {
        case .single, .double, .wideDecimal: Self.double(word)
        case .decimal(let scale): Decimals.double(Int128(Self.integer(word)), scale: scale)
        case .timestamp, .interval: Double(Self.integer(word)) / 1e6
        case .boolean, .integer, .date, .months: Double(Self.integer(word))
        }
    }

    /// A column of one row that holds a word's value.
    func column(_ word: UInt64, type: SQLType) -> Column {
        switch type.physical {
        case .boolean: .constant(UInt8(truncatingIfNeeded: Self.integer(word)), type: type, count: 1)
        case .int8: .constant(Int8(truncatingIfNeeded: Self.integer(word)), type: type, count: 1)
        case .int16: .constant(Int16(truncatingIfNeeded: Self.integer(word)), type: type, count: 1)
        case .int32: .constant(Int32(truncatingIfNeeded: Self.integer(word)), type: type, count: 1)
        case .int64: .constant(Self.integer(word), type: type, count: 1)
        case .float: .constant(Float(Self.double(word)), type: type, count: 1)
        case .double: .constant(Self.double(word), type: type, count: 1)
        case .int128: .constant(unscaled(word, type), type: type, count: 1)
        case .timestamp: .constant(Self.timestamp(microseconds: Self.integer(word)), type: type, count: 1)
        case .string, .list, .structure, .union: .nulls(type, count: 1)
        }
    }

    private func unscaled(_ word: UInt64, _ type: SQLType) -> Int128 {
        guard case .wideDecimal(let scale) = self, case .decimal(let precision, _) = type else { return Int128(Self.integer(word)) }
        // The fewest digits that make the number, which are those of the value when it had no more than fifteen.
        var digits = "\(Self.double(word))"
        return digits.withUTF8 { bytes in
            bytes.baseAddress.flatMap { TextParsing.decimal($0, bytes.count, precision: precision, scale: scale) } ?? 0
        }
    }

    package static func timestamp(microseconds: Int64) -> Timestamp {
        let second = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let isBefore = second.remainder < 0
        return Timestamp(
            seconds: second.quotient - (isBefore ? 1 : 0),
            nanoseconds: Int32(second.remainder + (isBefore ? 1_000_000 : 0)) * 1_000)
    }
}

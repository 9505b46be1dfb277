import Columnar

/// What a file, a stripe or a row group knows of one column's values.
package struct ORCColumnStatistics: Sendable {
    /// A bound of values, as columns of the type hold them.
    package enum Bound: Sendable, Equatable {
        case integer(Int64)
        case double(Double)
        case bytes([UInt8])
        /// Unscaled, with the column's own scale.
        case decimal(Int128)
        case day(Int32)
        case timestamp(Timestamp)
    }

    /// Values that are not NULL; nil when it is not said.
    package var valueCount: Int?
    /// nil: not said.
    package var hasNull: Bool?
    /// Known of a file that was just written; files themselves only say whether there are any.
    package var nullCount: Int?
    /// No value is smaller; nil: not known. NaN has no place among bounds.
    package var minimum: Bound?
    package var maximum: Bound?
    /// Whether the bounds are values that occur; strings may be cut, and timestamps are rounded to milliseconds.
    package var hasExactBounds = true
    /// Of integers; nil when it is not known or too large.
    package var sum: Int64?
    package var trueCount: Int?
    /// Bytes in the file.
    package var byteCount: Int?

    init() {}

    init(_ message: ProtobufReader, type: SQLType, usesProlepticCalendar: Bool) throws {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: valueCount = try reader.count(field)
            case 2 where type.isIntegral: try readIntegers(reader.message(field))
            case 3 where type == .float || type == .double: try readDoubles(reader.message(field))
            case 4 where type.isCharacter: try readStrings(reader.message(field), type)
            case 5 where type == .boolean:
                var counts: [UInt64] = []
                var inner = try reader.message(field)
                while let count = try inner.next() {
                    if count.number == 1 { try inner.appendUnsigned(count, to: &counts) } else { try inner.skip(count) }
                }
                trueCount = counts.first.flatMap { Int(exactly: $0) }
            case 6:
                guard case .decimal(_, let scale) = type else { try reader.skip(field); continue }
                try readDecimals(reader.message(field), scale)
            case 7 where type == .date: try readDates(reader.message(field), usesProlepticCalendar)
            case 9 where type == .timestamp || type == .timestampLocalTimeZone:
                try readTimestamps(reader.message(field), isInstant: type != .timestamp, usesProlepticCalendar)
            case 10: hasNull = try reader.unsigned(field) != 0
            case 11: byteCount = try reader.count(field)
            default: try reader.skip(field)
            }
        }
    }

    private mutating func readIntegers(_ message: ProtobufReader) throws {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: minimum = .integer(try reader.zigzag(field))
            case 2: maximum = .integer(try reader.zigzag(field))
            case 3: sum = try reader.zigzag(field)
            default: try reader.skip(field)
            }
        }
    }

    private mutating func readDoubles(_ message: ProtobufReader) throws {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: minimum = .double(try reader.double(field))
            case 2: maximum = .double(try reader.double(field))
            default: try reader.skip(field)
            }
        }
        // A NaN that came first hid all others.
        for bound in [minimum, maximum] {
            if case .double(let value) = bound, value.isNaN { (minimum, maximum) = (nil, nil) }
        }
    }

    private mutating func readStrings(_ message: ProtobufReader, _ type: SQLType) throws {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: minimum = .bytes(Self.trimmed(try reader.bytes(field), type))
            case 2: maximum = .bytes(Self.trimmed(try reader.bytes(field), type))
            case 4:
                minimum = .bytes(Self.trimmed(try reader.bytes(field), type))
                hasExactBounds = false
            case 5:
                maximum = .bytes(Self.trimmed(try reader.bytes(field), type))
                hasExactBounds = false
            default: try reader.skip(field)
            }
        }
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer, _ type: SQLType) -> [UInt8] {
        var end = bytes.count
        if ORCStrings.isPadded(type) {
            while end > 0, bytes[end - 1] == 0x20 { end -= 1 }
        }
        return Array(bytes[0..<end])
    }

    private mutating func readDecimals(_ message: ProtobufReader, _ scale: Int) throws {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: minimum = Self.decimal(try reader.bytes(field), scale)
            case 2: maximum = Self.decimal(try reader.bytes(field), scale)
            default: try reader.skip(field)
            }
        }
    }

    private static func decimal(_ text: UnsafeRawBufferPointer, _ scale: Int) -> Bound? {
        guard let bytes = text.assumingMemoryBound(to: UInt8.self).baseAddress else { return nil }
        return TextParsing.decimal(bytes, text.count, precision: 38, scale: scale).map { .decimal($0) }
    }

    private mutating func readDates(_ message: ProtobufReader, _ usesProlepticCalendar: Bool) throws {
        var reader = message
        func day(_ value: Int64) -> Bound {
            let day = Int32(truncatingIfNeeded: value)
            return .day(usesProlepticCalendar ? day : ORCCalendar.proleptic(day))
        }
        while let field = try reader.next() {
            switch field.number {
            case 1: minimum = day(try reader.zigzag(field))
            case 2: maximum = day(try reader.zigzag(field))
            default: try reader.skip(field)
            }
        }
    }

    /// Milliseconds in UTC, and what was cut off of them plus one. Older files have the milliseconds of the writer's
    /// zone alone, which are not trusted; of an instant they are the same.
    private mutating func readTimestamps(
        _ message: ProtobufReader, isInstant: Bool, _ usesProlepticCalendar: Bool
    ) throws {
        var reader = message
        var low: Int64?
        var high: Int64?
        var lowNanoseconds: Int64 = 0
        var highNanoseconds: Int64 = 999_999
        while let field = try reader.next() {
            switch field.number {
            case 1 where isInstant && low == nil: low = try reader.zigzag(field)
            case 2 where isInstant && high == nil: high = try reader.zigzag(field)
            case 3: low = try reader.zigzag(field)
            case 4: high = try reader.zigzag(field)
            case 5: lowNanoseconds = Int64(clamping: try reader.unsigned(field)) - 1
            case 6: highNanoseconds = Int64(clamping: try reader.unsigned(field)) - 1
            default: try reader.skip(field)
            }
        }
        hasExactBounds = false
        minimum = low.flatMap { Self.timestamp($0, lowNanoseconds, usesProlepticCalendar) }
        maximum = high.flatMap { Self.timestamp($0, highNanoseconds, usesProlepticCalendar) }
    }

    private static func timestamp(_ milliseconds: Int64, _ nanoseconds: Int64, _ usesProlepticCalendar: Bool) -> Bound? {
        guard 0...999_999 ~= nanoseconds else { return nil }
        let rest = (milliseconds % 1000 + 1000) % 1000
        let seconds = (milliseconds &- rest) / 1000
        // Bounds by the old calendar are no bounds of the new one's order near its beginning.
        if !usesProlepticCalendar, seconds < Int64(ORCCalendar.gregorianStart) * 86_400 { return nil }
        return .timestamp(Timestamp(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: rest * 1_000_000 + nanoseconds)))
    }
}

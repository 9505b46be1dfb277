/// The values of Hive's function `hash()`, which are those of Java's `hashCode` of Hive's objects.
package enum HiveHash {
    /// `hash(columns…)`: an INT column, never NULL.
    package static func apply(_ columns: [Column], rows: RowSelection, count: Int) -> Column {
        let isConstant = columns.allSatisfy(\.isConstant)
        let result = isConstant ? Column(constant: .int, count: count) : Column(flat: .int, count: count)
        let target = result.values(as: Int32.self)
        let plain = columns.map { $0.decoded(rows) }
        let computed = isConstant ? RowSelection.all(1) : rows
        computed.forEach { row in
            var hash: Int32 = 0
            for column in plain { hash = hash &* 31 &+ value(column, row) }
            target[row] = hash
        }
        return result
    }

    /// The hash of one value; 0 for NULL.
    package static func value(_ column: Column, _ row: Int) -> Int32 {
        if column.isNull(row) { return 0 }
        let element = column.element(of: row)
        let column = column.encoding == .dictionary ? column.base ?? column : column
        switch column.type {
        case .void: return 0
        case .boolean: return Int32(column.values(as: UInt8.self)[element])
        case .tinyint: return Int32(column.values(as: Int8.self)[element])
        case .smallint: return Int32(column.values(as: Int16.self)[element])
        case .int, .date, .intervalYearMonth: return column.values(as: Int32.self)[element]
        case .bigint: return fold(column.values(as: Int64.self)[element])
        case .float:
            let value = column.values(as: Float.self)[element]
            return Int32(bitPattern: value != value ? 0x7fc0_0000 : value.bitPattern)
        case .double:
            let value = column.values(as: Double.self)[element]
            return fold(Int64(bitPattern: value != value ? 0x7ff8_0000_0000_0000 : value.bitPattern))
        case .decimal(_, let scale):
            let (value, scale) = Decimals.trimmed(column.values(as: Int128.self)[element], scale: scale)
            return bigInteger(value) &* 31 &+ Int32(truncatingIfNeeded: scale)
        case .string: return bytes(column.values(as: StringView.self)[element], from: 0)
        case .varchar, .char, .binary: return bytes(column.values(as: StringView.self)[element], from: 1)
        case .timestamp, .timestampLocalTimeZone:
            let value = column.values(as: Timestamp.self)[element]
            return fold(value.seconds << 30 | Int64(value.nanoseconds))
        case .intervalDayTime:
            // Java keeps seconds and nanoseconds with one sign.
            let value = column.values(as: Timestamp.self)[element]
            let isMixed = value.seconds < 0 && value.nanoseconds > 0
            let seconds = isMixed ? value.seconds + 1 : value.seconds
            let nanoseconds = isMixed ? value.nanoseconds - 1_000_000_000 : value.nanoseconds
            return ((17 &* 37) &+ Int32(truncatingIfNeeded: seconds ^ (seconds >> 32))) &* 37 &+ nanoseconds
        case .array:
            guard let items = column.children.first else { return 0 }
            let entry = column.values(as: ListEntry.self)[element]
            var hash: Int32 = 0
            for item in 0..<Int(entry.length) { hash = hash &* 31 &+ value(items, Int(entry.offset) + item) }
            return hash
        case .map:
            guard column.children.count == 2 else { return 0 }
            let entry = column.values(as: ListEntry.self)[element]
            var hash: Int32 = 0
            for item in 0..<Int(entry.length) {
                let row = Int(entry.offset) + item
                hash = hash &+ (value(column.children[0], row) ^ value(column.children[1], row))
            }
            return hash
        case .structure:
            return column.children.reduce(0) { $0 &* 31 &+ value($1, element) }
        case .union:
            let tag = Int(column.values(as: UInt8.self)[element])
            return tag < column.children.count ? value(column.children[tag], element) : 0
        }
    }

    private static func fold(_ value: Int64) -> Int32 {
        Int32(truncatingIfNeeded: Int64(bitPattern: UInt64(bitPattern: value) >> 32) ^ value)
    }

    /// `BigInteger.hashCode`: over the 32-bit words of the magnitude, highest first.
    private static func bigInteger(_ value: Int128) -> Int32 {
        let magnitude = value.magnitude
        var hash: Int32 = 0
        for shift in stride(from: 96, through: 0, by: -32) {
            hash = hash &* 31 &+ Int32(truncatingIfNeeded: magnitude >> UInt128(shift))
        }
        return value < 0 ? 0 &- hash : hash
    }

    @inline(__always)
    private static func bytes(_ text: StringView, from seed: Int32) -> Int32 {
        var hash = seed
        for byte in text.bytes { hash = hash &* 31 &+ Int32(Int8(bitPattern: byte)) }
        return hash
    }
}

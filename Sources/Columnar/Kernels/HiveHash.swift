/// Hive's hashes of rows, by which they fall into buckets: those of the columns, combined as `31 * hash + next`.
package enum HiveHash: Sendable {
    /// Java's `hashCode` of Hive's objects: the function `hash()`, and the buckets that Hive 2 writes.
    case objects
    /// Murmur3 of the values' bytes: the function `murmur_hash()`, and the buckets of tables with the property
    /// `bucketing_version` = 2, which Hive writes since version 3.
    case murmur

    /// The hash of each row: an INT column, never NULL.
    package func apply(_ columns: [Column], rows: RowSelection, count: Int) -> Column {
        let isConstant = columns.allSatisfy(\.isConstant)
        let result = isConstant ? Column(constant: .int, count: count) : Column(flat: .int, count: count)
        let target = result.values(as: Int32.self)
        let computed = isConstant ? RowSelection.all(1) : rows
        computed.forEach { target[$0] = 0 }
        for column in columns {
            let column = isConstant ? column : column.decoded(rows)
            forEach(of: column, .selected(computed)) { row, hash in target[row] = target[row] &* 31 &+ hash }
        }
        return result
    }

    /// The bucket of each row, from 0: an INT column, never NULL.
    /// - Precondition: there are buckets.
    package func buckets(of columns: [Column], rows: RowSelection, count: Int, bucketCount: Int32) -> Column {
        let result = apply(columns, rows: rows, count: count)
        let target = result.values(as: Int32.self)
        (result.isConstant ? .all(1) : rows).forEach { row in target[row] = (target[row] & .max) % bucketCount }
        return result
    }

    private enum Rows {
        case selected(RowSelection)
        case range(Range<Int>)
    }

    /// Calls `body` with rows and the hashes of their values, 0 for NULL.
    private func forEach(of column: Column, _ rows: Rows, _ body: (Int, Int32) -> Void) {
        switch (column.type, self) {
        case (.void, _): Self.loop(UInt8.self, column, rows, body) { _ in 0 }
        case (.boolean, _): Self.loop(UInt8.self, column, rows, body) { Int32($0) }
        case (.tinyint, _): Self.loop(Int8.self, column, rows, body) { Int32($0) }
        case (.smallint, .objects): Self.loop(Int16.self, column, rows, body) { Int32($0) }
        case (.smallint, .murmur):
            Self.loop(Int16.self, column, rows, body) { withUnsafeBytes(of: $0.bigEndian) { Self.mixed(bytes: $0) } }
        case (.int, .objects), (.date, .objects), (.intervalYearMonth, .objects):
            Self.loop(Int32.self, column, rows, body) { $0 }
        case (.int, .murmur), (.date, .murmur), (.intervalYearMonth, .murmur):
            Self.loop(Int32.self, column, rows, body) { Murmur3.hash($0) }
        case (.bigint, .objects): Self.loop(Int64.self, column, rows, body, Self.folded)
        case (.bigint, .murmur): Self.loop(Int64.self, column, rows, body) { Murmur3.hash($0) }
        case (.float, .objects): Self.loop(Float.self, column, rows, body, Self.bits)
        case (.float, .murmur):
            // Hive puts the bits, as a number, into a FLOAT once more.
            Self.loop(Float.self, column, rows, body) { Murmur3.hash(Int32(bitPattern: Float(Self.bits($0)).bitPattern)) }
        case (.double, .objects): Self.loop(Double.self, column, rows, body) { Self.folded(Self.bits($0)) }
        case (.double, .murmur):
            Self.loop(Double.self, column, rows, body) { Murmur3.hash(Int64(bitPattern: Double(Self.bits($0)).bitPattern)) }
        case (.decimal(_, let scale), .objects):
            Self.loop(Int128.self, column, rows, body) { value in
                let (value, scale) = Decimals.trimmed(value, scale: scale)
                return Self.bigInteger(value) &* 31 &+ Int32(truncatingIfNeeded: scale)
            }
        case (.decimal(_, let scale), .murmur):
            Self.loop(Int128.self, column, rows, body) { Self.mixed(decimal: Decimals.trimmed($0, scale: scale).0) }
        case (.string, .objects): Self.loop(StringView.self, column, rows, body) { Self.bytes($0, from: 0) }
        case (.varchar, .objects), (.char, .objects), (.binary, .objects):
            Self.loop(StringView.self, column, rows, body) { Self.bytes($0, from: 1) }
        case (.string, .murmur), (.varchar, .murmur), (.char, .murmur), (.binary, .murmur):
            Self.loop(StringView.self, column, rows, body) { Murmur3.hash($0.pointer, Int($0.length)) }
        case (.timestamp, .objects), (.timestampLocalTimeZone, .objects):
            Self.loop(Timestamp.self, column, rows, body) { Self.folded($0.seconds << 30 | Int64($0.nanoseconds)) }
        case (.timestamp, .murmur), (.timestampLocalTimeZone, .murmur):
            Self.loop(Timestamp.self, column, rows, body, Self.mixed(timestamp:))
        case (.intervalDayTime, .objects): Self.loop(Timestamp.self, column, rows, body, Self.interval)
        case (.intervalDayTime, .murmur):
            Self.loop(Timestamp.self, column, rows, body) { Murmur3.hash(Self.interval($0)) }
        case (.array, _), (.map, _):
            Self.loop(ListEntry.self, column, rows, body) { entry in
                self.list(column, Int(entry.offset)..<Int(entry.offset) + Int(entry.length))
            }
        case (.structure, _):
            Self.loopElements(column, rows, body) { source, element in
                var hash: Int32 = 0
                for child in source.children {
                    self.forEach(of: child, .range(element..<element + 1)) { hash = hash &* 31 &+ $1 }
                }
                return hash
            }
        case (.union, _):
            Self.loopElements(column, rows, body) { source, element in
                let tag = Int(source.values(as: UInt8.self)[element])
                var hash: Int32 = 0
                if tag < source.children.count {
                    self.forEach(of: source.children[tag], .range(element..<element + 1)) { hash = $1 }
                }
                return hash
            }
        }
    }

    /// The hash of the elements of an array, or of the entries of a map, whose order does not count.
    private func list(_ column: Column, _ items: Range<Int>) -> Int32 {
        let source = column.encoding == .dictionary ? column.base ?? column : column
        var hash: Int32 = 0
        guard source.children.count == 2 else {
            if let elements = source.children.first {
                forEach(of: elements, .range(items)) { hash = hash &* 31 &+ $1 }
            }
            return hash
        }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(items.count, 1)) { keys in
            let first = items.lowerBound
            forEach(of: source.children[0], .range(items)) { keys[$0 - first] = $1 }
            // So does Hive: values of a map are hashed as objects in both ways.
            HiveHash.objects.forEach(of: source.children[1], .range(items)) { hash = hash &+ (keys[$0 - first] ^ $1) }
        }
        return hash
    }

    // MARK: Loops

    @inline(__always)
    private static func loop<T: ColumnElement>(
        _: T.Type, _ column: Column, _ rows: Rows, _ body: (Int, Int32) -> Void, _ hash: (T) -> Int32
    ) {
        guard column.encoding == .flat else {
            let source = column.encoding == .dictionary ? column.base ?? column : column
            let values = UnsafePointer(source.values(as: T.self))
            return everyRow(rows) { row in body(row, column.isNull(row) ? 0 : hash(values[column.element(of: row)])) }
        }
        let values = UnsafePointer(column.values(as: T.self))
        if let validity = column.validity {
            everyRow(rows) { row in body(row, validity[row] ? hash(values[row]) : 0) }
        } else {
            everyRow(rows) { row in body(row, hash(values[row])) }
        }
    }

    /// The same for what has no values of one type: gives the column that keeps the element.
    @inline(__always)
    private static func loopElements(
        _ column: Column, _ rows: Rows, _ body: (Int, Int32) -> Void, _ hash: (Column, Int) -> Int32
    ) {
        let source = column.encoding == .dictionary ? column.base ?? column : column
        everyRow(rows) { row in body(row, column.isNull(row) ? 0 : hash(source, column.element(of: row))) }
    }

    @inline(__always)
    private static func everyRow(_ rows: Rows, _ body: (Int) -> Void) {
        switch rows {
        case .selected(let selection): selection.forEach(body)
        case .range(let range): for row in range { body(row) }
        }
    }

    // MARK: Values

    @inline(__always)
    private static func folded(_ value: Int64) -> Int32 {
        Int32(truncatingIfNeeded: Int64(bitPattern: UInt64(bitPattern: value) >> 32) ^ value)
    }

    /// Every NaN has the same bits.
    @inline(__always)
    private static func bits(_ value: Float) -> Int32 { Int32(bitPattern: value != value ? 0x7fc0_0000 : value.bitPattern) }

    @inline(__always)
    private static func bits(_ value: Double) -> Int64 {
        Int64(bitPattern: value != value ? 0x7ff8_0000_0000_0000 : value.bitPattern)
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

    private static func interval(_ value: Timestamp) -> Int32 {
        // Java keeps seconds and nanoseconds with one sign.
        let isMixed = value.seconds < 0 && value.nanoseconds > 0
        let seconds = isMixed ? value.seconds + 1 : value.seconds
        let nanoseconds = isMixed ? value.nanoseconds - 1_000_000_000 : value.nanoseconds
        return ((17 &* 37) &+ Int32(truncatingIfNeeded: seconds ^ (seconds >> 32))) &* 37 &+ nanoseconds
    }

    private static func mixed(bytes: UnsafeRawBufferPointer) -> Int32 {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
        return Murmur3.hash(start, bytes.count)
    }

    private static func mixed(decimal value: Int128) -> Int32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 17) { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            let count = value.bigEndianByteCount
            value.writeBigEndian(count, to: start)
            return Murmur3.hash(start, count)
        }
    }

    private static func mixed(timestamp value: Timestamp) -> Int32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: WritableBytes.largestTimestamp) { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return Murmur3.hash(start, WritableBytes.write(value, to: start))
        }
    }
}

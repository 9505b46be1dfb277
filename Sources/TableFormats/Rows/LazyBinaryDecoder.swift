import Columnar

/// Why bytes are no values of their type. Whoever knows file and offset makes a `TableFormatError` of it.
struct LazyBinaryDamage: Error {
    let reason: String
}

/// Reads the values of Hive's `LazyBinarySerDe`: big-endian numbers, numbers of variable length, and bits for NULLs in front
/// of what is nested.
final class LazyBinaryDecoder {
    private let memory: RowFileMemory
    /// In the file: where memory is asked for.
    var offset = 0

    init(_ memory: RowFileMemory) { self.memory = memory }

    /// A value's bytes, from `at` to `end` of `start`.
    struct Cursor {
        let start: UnsafePointer<UInt8>
        var at: Int
        let end: Int

        @inline(__always)
        mutating func take(_ count: Int) throws -> UnsafePointer<UInt8> {
            guard count >= 0, count <= end - at else { throw LazyBinaryDamage(reason: "it ends within a value") }
            at += count
            return start + (at - count)
        }

        @inline(__always)
        mutating func number() throws -> Int64 {
            guard let value = HadoopNumber.next(start, &at, end) else { throw LazyBinaryDamage(reason: "it ends within a number") }
            return value
        }

        /// A number that counts bytes or items.
        mutating func size() throws -> Int {
            let value = try number()
            guard value >= 0, value <= 1 << 40 else { throw LazyBinaryDamage(reason: "a size of \(value)") }
            return Int(value)
        }
    }

    /// Appends the value that takes all of the cursor's bytes.
    func appendWhole(_ cursor: Cursor, to builder: ColumnBuilder) throws {
        var cursor = cursor
        switch builder.type {
        case .string, .varchar, .char, .binary:
            append(UnsafeBufferPointer(start: cursor.start + cursor.at, count: cursor.end - cursor.at), to: builder)
        case .array, .map, .structure, .union: try appendNested(&cursor, to: builder)
        default: try append(&cursor, to: builder)
        }
    }

    /// Appends the fields of a row or structure, eight behind each byte of bits; what the bytes do not reach is NULL.
    func appendFields(_ cursor: inout Cursor, to builders: [ColumnBuilder]) throws {
        var bits: UInt8 = 0
        for (index, builder) in builders.enumerated() {
            if index & 7 == 0 { bits = cursor.at < cursor.end ? try cursor.take(1).pointee : 0 }
            if bits >> UInt8(index & 7) & 1 == 0 { builder.appendNull() } else { try append(&cursor, to: builder) }
        }
    }

    /// Appends a value inside another one.
    private func append(_ cursor: inout Cursor, to builder: ColumnBuilder) throws {
        switch builder.type {
        case .boolean: builder.append(UInt8(try cursor.take(1).pointee == 0 ? 0 : 1))
        case .tinyint: builder.append(Int8(bitPattern: try cursor.take(1).pointee))
        case .smallint: builder.append(try integer(&cursor, Int16.self))
        case .int, .intervalYearMonth: builder.append(Int32(truncatingIfNeeded: try cursor.number()))
        case .bigint: builder.append(try cursor.number())
        case .float: builder.append(Float(bitPattern: try integer(&cursor, UInt32.self)))
        case .double: builder.append(Double(bitPattern: try integer(&cursor, UInt64.self)))
        case .date: builder.append(ORCCalendar.proleptic(Int32(truncatingIfNeeded: try cursor.number())))
        case .timestamp: builder.append(try timestamp(&cursor))
        case .decimal(let precision, let scale): try appendDecimal(&cursor, precision, scale, builder)
        case .string, .varchar, .char, .binary:
            let count = try cursor.size()
            append(UnsafeBufferPointer(start: try cursor.take(count), count: count), to: builder)
        case .array, .map, .structure, .union:
            let size = HadoopNumber.int(try cursor.take(4))
            let bytes = try cursor.take(size)
            var inner = Cursor(start: bytes, at: 0, end: size)
            try appendNested(&inner, to: builder)
        case .void, .timestampLocalTimeZone, .intervalDayTime: builder.appendNull()
        }
    }

    @inline(__always)
    private func integer<T: FixedWidthInteger>(_ cursor: inout Cursor, _: T.Type) throws -> T {
        T(bigEndian: UnsafeRawPointer(try cursor.take(MemoryLayout<T>.size)).loadUnaligned(as: T.self))
    }

    private func append(_ bytes: UnsafeBufferPointer<UInt8>, to builder: ColumnBuilder) {
        let view = StringView(bytes.address, length: bytes.count)
        switch builder.type {
        case .varchar(let length): builder.append(FieldParser.cut(view, length: length, isPadded: false))
        case .char(let length): builder.append(FieldParser.cut(view, length: length, isPadded: true))
        default: builder.append(view)
        }
    }

    private func appendNested(_ cursor: inout Cursor, to builder: ColumnBuilder) throws {
        switch builder.type {
        case .array(let element): try appendList(&cursor, element.fixedRowBytes, builder)
        case .map(let key, let value): try appendList(&cursor, key.fixedRowBytes + value.fixedRowBytes, builder)
        case .structure:
            try appendFields(&cursor, to: builder.children)
            builder.appendStructure()
        default:
            let tag = Int(try cursor.take(1).pointee)
            guard tag < builder.children.count else {
                throw LazyBinaryDamage(reason: "a value of member \(tag) of \(builder.children.count)")
            }
            for (index, child) in builder.children.enumerated() where index != tag { child.appendNull() }
            if cursor.at < cursor.end { try append(&cursor, to: builder.children[tag]) } else { builder.children[tag].appendNull() }
            builder.appendStructure(tag: UInt8(truncatingIfNeeded: tag))
        }
    }

    /// Items, or keys and values in turn: how many, a bit each that says whether there is one, and those.
    private func appendList(_ cursor: inout Cursor, _ bytesEach: Int, _ builder: ColumnBuilder) throws {
        let count = try cursor.size()
        let parts = builder.children.count
        let bits = try cursor.take((count * parts + 7) / 8)
        try memory.growBatch(count, bytesEach: bytesEach, offset: offset)
        for item in 0..<count {
            for part in 0..<parts {
                let place = item * parts + part
                if bits[place >> 3] >> UInt8(place & 7) & 1 == 0 {
                    builder.children[part].appendNull()
                } else {
                    try append(&cursor, to: builder.children[part])
                }
            }
        }
        builder.append(listOf: count)
    }

    /// `TimestampWritable`: the lower 31 bits of the seconds; the highest bit says that the fraction's digits follow in
    /// reverse order, which are negative when the seconds' other bits follow too.
    private func timestamp(_ cursor: inout Cursor) throws -> Timestamp {
        let head = try integer(&cursor, UInt32.self)
        var seconds = Int64(head & 0x7FFF_FFFF)
        guard head >> 31 != 0 else { return Timestamp(seconds: seconds) }
        var digits = try cursor.number()
        if digits < 0 {
            digits = -(digits + 1)
            let high = try cursor.number()
            guard high.magnitude < 1 << 32 else { throw LazyBinaryDamage(reason: "a timestamp out of range") }
            seconds |= high << 31
        }
        guard digits <= 999_999_999 else { throw LazyBinaryDamage(reason: "a fraction of a second with \(digits)") }
        var nanoseconds: Int32 = 0
        for _ in 0..<9 {
            nanoseconds = nanoseconds * 10 + Int32(truncatingIfNeeded: digits % 10)
            digits /= 10
        }
        return Timestamp(seconds: ORCCalendar.prolepticSeconds(seconds), nanoseconds: nanoseconds)
    }

    /// The scale, a length, and as many bytes of two's complement. What does not fit the type is NULL.
    private func appendDecimal(_ cursor: inout Cursor, _ precision: Int, _ scale: Int, _ builder: ColumnBuilder) throws {
        let own = try cursor.size()
        let count = try cursor.size()
        let bytes = UnsafeBufferPointer(start: try cursor.take(count), count: count)
        guard own <= 38, let unscaled = Int128(bigEndianBytes: bytes),
            let value = Decimals.rescale(unscaled, from: own, to: scale, precision: precision)
        else { return builder.appendNull() }
        builder.append(value)
    }
}

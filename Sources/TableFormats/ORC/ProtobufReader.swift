/// Reads the fields of a protobuf message that stays where it is. No length is believed before it is checked.
///
/// Fields that a caller does not know are skipped; a known field of another wire type is an error.
struct ProtobufReader {
    enum WireType: UInt8 { case varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 }

    struct Field {
        var number: Int
        var wire: WireType
    }

    private let base: UnsafeRawPointer
    private var position: Int
    private let end: Int
    private let part: ORCPart

    /// - Precondition: `bytes` outlive the reader and those made from it.
    init(_ bytes: UnsafeRawBufferPointer, part: ORCPart) {
        base = bytes.baseAddress ?? UnsafeRawPointer(Self.nothing)
        position = 0
        end = bytes.count
        self.part = part
    }

    private nonisolated(unsafe) static let nothing = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)

    private init(base: UnsafeRawPointer, from position: Int, to end: Int, part: ORCPart) {
        self.base = base
        self.position = position
        self.end = end
        self.part = part
    }

    private func damaged(_ reason: String) -> TableFormatError { part.damaged("\(reason) (byte \(position) of it)") }

    /// The next field; its value must be read, or `skip`ped, before the next call. nil at the end.
    mutating func next() throws -> Field? {
        guard position < end else { return nil }
        let key = try varint()
        guard let wire = WireType(rawValue: UInt8(key & 7)), key >> 3 > 0, key >> 3 < 1 << 29 else {
            throw damaged("no field of a message begins so")
        }
        return Field(number: Int(key >> 3), wire: wire)
    }

    mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 70 {
            let byte = base.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw damaged(shift < 70 ? "a number is cut off" : "a number is too long")
    }

    private mutating func take(_ count: Int) throws -> Int {
        guard count <= end - position else { throw damaged("it ends too early") }
        defer { position += count }
        return position
    }

    mutating func skip(_ field: Field) throws {
        switch field.wire {
        case .varint: _ = try varint()
        case .fixed64: _ = try take(8)
        case .fixed32: _ = try take(4)
        case .bytes: _ = try span(field)
        }
    }

    private func expect(_ wire: WireType, _ field: Field) throws {
        guard field.wire == wire else { throw damaged("field \(field.number) has the wrong wire type") }
    }

    mutating func unsigned(_ field: Field) throws -> UInt64 {
        try expect(.varint, field)
        return try varint()
    }

    /// A number that counts or points to something, at most 2^62.
    mutating func count(_ field: Field) throws -> Int {
        let value = try unsigned(field)
        guard value < 1 << 62 else { throw damaged("field \(field.number) is too large (\(value))") }
        return Int(value)
    }

    /// `sint32` and `sint64`.
    mutating func zigzag(_ field: Field) throws -> Int64 {
        let value = try unsigned(field)
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func double(_ field: Field) throws -> Double {
        try expect(.fixed64, field)
        return Double(bitPattern: UInt64(littleEndian: base.loadUnaligned(fromByteOffset: try take(8), as: UInt64.self)))
    }

    private mutating func span(_ field: Field) throws -> Range<Int> {
        try expect(.bytes, field)
        let length = try varint()
        guard length <= UInt64(end - position) else { throw damaged("field \(field.number) is longer than the message") }
        let start = try take(Int(length))
        return start..<start + Int(length)
    }

    mutating func message(_ field: Field) throws -> ProtobufReader {
        let span = try span(field)
        return ProtobufReader(base: base, from: span.lowerBound, to: span.upperBound, part: part)
    }

    mutating func bytes(_ field: Field) throws -> UnsafeRawBufferPointer {
        let span = try span(field)
        return UnsafeRawBufferPointer(start: base + span.lowerBound, count: span.count)
    }

    mutating func string(_ field: Field) throws -> String { String(decoding: try bytes(field), as: UTF8.self) }

    /// A repeated number, packed or not.
    mutating func appendUnsigned(_ field: Field, to values: inout [UInt64]) throws {
        if field.wire == .varint { return values.append(try varint()) }
        var packed = try message(field)
        while packed.position < packed.end { values.append(try packed.varint()) }
    }

    /// A repeated `fixed64`, packed or not.
    mutating func appendFixed(_ field: Field, to values: inout [UInt64]) throws {
        var packed = self
        if field.wire == .fixed64 {
            packed = ProtobufReader(base: base, from: position, to: position + 8, part: part)
            _ = try take(8)
        } else {
            packed = try message(field)
        }
        while packed.position < packed.end {
            values.append(UInt64(littleEndian: base.loadUnaligned(fromByteOffset: try packed.take(8), as: UInt64.self)))
        }
    }
}

/// Reads Thrift's compact protocol, in which Parquet's footer and page headers are written. Every length is checked
/// against the bytes that are left before anything is made of it.
struct ThriftCompactReader {
    /// The kinds of values on the wire.
    enum Wire: UInt8 {
        case yes = 1, no, byte, i16, i32, i64, double, binary, list, set, map, structure, uuid
    }

    /// The bytes end before the value does: more of them may help.
    struct EndOfBytes: Error {}

    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0
    private var depth = 0

    /// Structures in structures; Parquet's own have seven levels.
    private static let deepest = 32

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func nextByte() throws -> UInt8 {
        guard position < bytes.count else { throw EndOfBytes() }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try nextByte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw CorruptParquet("a number takes more than ten bytes")
    }

    private mutating func zigzag() throws -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private mutating func length() throws -> Int {
        let value = try varint()
        guard value <= UInt64(Int32.max) else { throw CorruptParquet("a length of \(value) bytes") }
        return Int(value)
    }

    /// Calls `body` with the id and the kind of every field of a structure. A field that `body` does not read (it
    /// returns false) is skipped.
    mutating func fields(_ body: (inout ThriftCompactReader, Int, Wire) throws -> Bool) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw CorruptParquet("structures are nested too deeply") }
        var id = 0
        while true {
            let head = try nextByte()
            if head == 0 { return }
            guard let wire = Wire(rawValue: head & 0x0F) else { throw CorruptParquet("a field of unknown kind") }
            if head >> 4 == 0 {
                id = Int(truncatingIfNeeded: try zigzag())
            } else {
                id &+= Int(head >> 4)
            }
            if try !body(&self, id, wire) { try skip(wire) }
        }
    }

    mutating func integer(_ wire: Wire) throws -> Int {
        switch wire {
        case .byte: Int(Int8(bitPattern: try nextByte()))
        case .i16, .i32, .i64: Int(try zigzag())
        default: throw CorruptParquet("a number was expected")
        }
    }

    mutating func boolean(_ wire: Wire) throws -> Bool {
        switch wire {
        case .yes: true
        case .no: false
        default: throw CorruptParquet("true or false was expected")
        }
    }

    /// In lists a boolean takes a byte.
    mutating func booleanElement() throws -> Bool { try nextByte() == Wire.yes.rawValue }

    mutating func binary(_ wire: Wire) throws -> [UInt8] { bytes(in: try binaryRange(wire)) }

    /// Where the bytes of a value are; for `bytes(in:)`.
    mutating func binaryRange(_ wire: Wire) throws -> Range<Int> {
        guard wire == .binary else { throw CorruptParquet("bytes were expected") }
        let count = try length()
        guard count <= bytes.count - position else { throw EndOfBytes() }
        defer { position += count }
        return position..<position + count
    }

    func bytes(in range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

    mutating func string(_ wire: Wire) throws -> String { String(decoding: try binary(wire), as: UTF8.self) }

    /// Calls `body` for every element of a list.
    mutating func elements(_ wire: Wire, _ body: (inout ThriftCompactReader, Wire) throws -> Void) throws {
        guard wire == .list || wire == .set else { throw CorruptParquet("a list was expected") }
        let head = try nextByte()
        let count = head >> 4 == 15 ? try length() : Int(head >> 4)
        guard let element = Wire(rawValue: head & 0x0F) else { throw CorruptParquet("a list of unknown kind") }
        // Every element takes a byte at least.
        guard count <= bytes.count - position else { throw EndOfBytes() }
        for _ in 0..<count { try body(&self, element) }
    }

    mutating func structure(
        _ wire: Wire, _ body: (inout ThriftCompactReader, Int, Wire) throws -> Bool
    ) throws {
        guard wire == .structure else { throw CorruptParquet("a structure was expected") }
        try fields(body)
    }

    private mutating func skip(_ wire: Wire) throws {
        switch wire {
        case .yes, .no: break
        case .byte: _ = try nextByte()
        case .i16, .i32, .i64: _ = try varint()
        case .double: try skip(bytes: 8)
        case .uuid: try skip(bytes: 16)
        case .binary: try skip(bytes: try length())
        case .structure: try fields { _, _, _ in false }
        case .list, .set: try nested { reader in try reader.elements(wire) { try $0.skipElement($1) } }
        case .map: try nested { reader in try reader.skipMap() }
        }
    }

    /// In lists and maps a boolean takes a byte.
    private mutating func skipElement(_ wire: Wire) throws {
        if wire == .yes || wire == .no { _ = try nextByte() } else { try skip(wire) }
    }

    private mutating func skipMap() throws {
        let count = try length()
        if count == 0 { return }
        let kinds = try nextByte()
        guard let key = Wire(rawValue: kinds >> 4), let value = Wire(rawValue: kinds & 0x0F) else {
            throw CorruptParquet("a map of unknown kind")
        }
        guard count <= bytes.count - position else { throw EndOfBytes() }
        for _ in 0..<count {
            try skipElement(key)
            try skipElement(value)
        }
    }

    private mutating func nested(_ body: (inout ThriftCompactReader) throws -> Void) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw CorruptParquet("structures are nested too deeply") }
        try body(&self)
    }

    private mutating func skip(bytes count: Int) throws {
        guard count <= bytes.count - position else { throw EndOfBytes() }
        position += count
    }
}

/// Why bytes are no values of their schema. Whoever knows file and offset makes a `TableFormatError` of it.
struct AvroDamage: Error {
    let reason: String
}

/// Reads the binary encoding ("Primitive Types" of the specification). Nothing behind `end` is touched.
struct AvroCursor {
    var at: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        at = bytes.address
        end = at + bytes.count
    }

    var remaining: Int { end - at }

    /// A variable-length zigzag number.
    @inline(__always)
    mutating func long() throws -> Int64 {
        if at < end, at.pointee < 0x80 {
            let byte = Int64(at.pointee)
            at += 1
            return byte &>> 1 ^ (0 &- (byte & 1))
        }
        return try longOfManyBytes()
    }

    @inline(never)
    private mutating func longOfManyBytes() throws -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let byte = at.pointee
            at += 1
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: value &>> 1) ^ (0 &- Int64(bitPattern: value & 1)) }
            shift += 7
        }
        throw AvroDamage(reason: at < end ? "a number has more than 64 bits" : "it ends within a number")
    }

    @inline(__always)
    mutating func int() throws -> Int32 {
        let value = try long()
        guard let narrow = Int32(exactly: value) else { throw AvroDamage(reason: "an int has the value \(value)") }
        return narrow
    }

    /// The next `count` bytes.
    @inline(__always)
    mutating func take(_ count: Int) throws -> UnsafePointer<UInt8> {
        guard count >= 0, count <= end - at else { throw AvroDamage(reason: "it ends within a value") }
        let start = at
        at += count
        return start
    }

    /// A length, and as many bytes.
    @inline(__always)
    mutating func bytes() throws -> UnsafeBufferPointer<UInt8> {
        let count = try long()
        guard count >= 0, count <= end - at else {
            throw AvroDamage(reason: "a value has \(count) bytes, of which \(end - at) are there")
        }
        let start = at
        at += Int(count)
        return UnsafeBufferPointer(start: start, count: Int(count))
    }

    @inline(__always)
    mutating func float() throws -> Float {
        let bytes = UnsafeRawPointer(try take(4))
        return Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    }

    @inline(__always)
    mutating func double() throws -> Double {
        let bytes = UnsafeRawPointer(try take(8))
        return Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)))
    }

    @inline(__always)
    mutating func boolean() throws -> UInt8 {
        let byte = try take(1).pointee
        guard byte <= 1 else { throw AvroDamage(reason: "a boolean has the value \(byte)") }
        return byte
    }

    /// The number of the branch of a union that has `count`.
    @inline(__always)
    mutating func branch(of count: Int) throws -> Int {
        let number = try long()
        guard number >= 0, number < count else { throw AvroDamage(reason: "branch \(number) of a union that has \(count)") }
        return Int(number)
    }

    /// Some items of an array or entries of a map; none at its end.
    struct ListBlock {
        var count: Int
        /// Blocks may say it, for those who pass over them.
        var byteCount: Int?
    }

    mutating func listBlock() throws -> ListBlock {
        let count = try long()
        guard count < 0 else { return ListBlock(count: Int(count)) }
        guard count != .min else { throw AvroDamage(reason: "a list of more items than there are numbers") }
        let size = try long()
        guard size >= 0, size <= end - at else { throw AvroDamage(reason: "a list's block of \(size) bytes") }
        return ListBlock(count: Int(-count), byteCount: Int(size))
    }

    /// Items that take no bytes are as many as the file says.
    /// - Parameter byteCount: of the items, or more.
    func check(_ count: Int, leastBytes: Int, in byteCount: Int) throws {
        guard leastBytes == 0 || count <= byteCount / leastBytes else {
            throw AvroDamage(reason: "a list of \(count) items in \(byteCount) bytes")
        }
    }
}

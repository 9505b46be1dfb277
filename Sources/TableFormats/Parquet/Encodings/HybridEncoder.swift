/// Writes the hybrid of runs and bit-packed groups of eight (Encodings.md, "RLE / bit-packing hybrid").
enum HybridEncoder {
    static func append<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<T>, count: Int, bitWidth: Int, to bytes: inout ByteList
    ) {
        var literals = 0
        var at = 0
        while at < count {
            let value = values[at]
            var run = 1
            while at &+ run < count, values[at &+ run] == value { run &+= 1 }
            // Packed groups are whole: some of the run fills the last one.
            let fill = (8 &- (at &- literals) & 7) & 7
            if run &- fill >= 8 {
                if at > literals { pack(values + literals, count: at + fill - literals, bitWidth: bitWidth, to: &bytes) }
                appendRun(UInt32(truncatingIfNeeded: value), count: run - fill, bitWidth: bitWidth, to: &bytes)
                literals = at + run
            }
            at &+= run
        }
        if literals < count { pack(values + literals, count: count - literals, bitWidth: bitWidth, to: &bytes) }
    }

    static func appendRun(_ value: UInt32, count: Int, bitWidth: Int, to bytes: inout ByteList) {
        bytes.append(varint: UInt64(count) << 1)
        for byte in 0..<(bitWidth + 7) / 8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))) }
    }

    @inline(__always)
    private static func pack<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<T>, count: Int, bitWidth: Int, to bytes: inout ByteList
    ) {
        let groups = (count + 7) / 8
        bytes.append(varint: UInt64(groups) << 1 | 1)
        let target = bytes.room(groups * bitWidth + 8)
        var word: UInt64 = 0
        var bits = 0
        var used = 0
        for index in 0..<groups &* 8 {
            let value = index < count ? UInt64(truncatingIfNeeded: values[index]) : 0
            word |= value &<< UInt64(truncatingIfNeeded: bits)
            bits &+= bitWidth
            while bits >= 8 {
                target[used] = UInt8(truncatingIfNeeded: word)
                used &+= 1
                word &>>= 8
                bits &-= 8
            }
        }
        bytes.advance(used)
    }
}

/// Bytes that grow.
struct ByteList {
    private(set) var bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private(set) var capacity: Int

    init() {
        capacity = 256
        bytes = .allocate(capacity: capacity)
    }

    func deallocate() { bytes.deallocate() }

    /// Room for so many more bytes, to be followed by `advance`.
    @inline(__always)
    mutating func room(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        if more > capacity &- count { grow(more) }
        return bytes + count
    }

    @inline(__always)
    mutating func advance(_ more: Int) { count &+= more }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(count + more, capacity * 2)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        grown.update(from: bytes, count: count)
        bytes.deallocate()
        bytes = grown
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        room(1)[0] = byte
        count &+= 1
    }

    mutating func append(varint value: UInt64) {
        var value = value
        while value >= 0x80 {
            append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        append(UInt8(value))
    }

    @inline(__always)
    mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
        room(length).update(from: source, count: length)
        count &+= length
    }

    /// Four bytes, the lowest first.
    @inline(__always)
    mutating func append(length value: Int) {
        UnsafeMutableRawPointer(room(4)).storeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian, as: UInt32.self)
        count &+= 4
    }

    mutating func removeAll() { count = 0 }

    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: count) }
}

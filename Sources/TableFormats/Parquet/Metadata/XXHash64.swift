/// xxHash with 64 bits and the seed 0, as Parquet's bloom filters have it (<https://github.com/Cyan4973/xxHash>,
/// doc/xxhash_spec.md, "XXH64").
enum XXHash64 {
    private static let first: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let second: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let third: UInt64 = 0x1656_67B1_9E37_79F9
    private static let fourth: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let fifth: UInt64 = 0x27D4_EB2F_1656_67C5

    @inline(__always)
    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { value &<< count | value &>> (64 &- count) }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 { rotate(lane &+ word &* second, 31) &* first }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    static func hash(_ bytes: [UInt8]) -> UInt64 {
        // An array without elements may have no address: its hash needs none but some.
        withUnsafeBytes(of: fifth) { nothing in
            bytes.withUnsafeBytes { raw in
                (raw.baseAddress ?? nothing.baseAddress).map { hash($0, count: raw.count) } ?? fifth
            }
        }
    }

    @inline(__always)
    static func hash(_ bytes: UnsafeRawPointer, count: Int) -> UInt64 {
        var offset = 0
        var hash = fifth
        if count >= 32 { hash = stripes(bytes, count, &offset) }
        hash &+= UInt64(truncatingIfNeeded: count)
        while offset &+ 8 <= count {
            hash = rotate(hash ^ round(0, word(bytes, offset)), 27) &* first &+ fourth
            offset &+= 8
        }
        if offset &+ 4 <= count {
            let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            hash = rotate(hash ^ UInt64(half) &* first, 23) &* second &+ third
            offset &+= 4
        }
        while offset < count {
            let byte = bytes.loadUnaligned(fromByteOffset: offset, as: UInt8.self)
            hash = rotate(hash ^ UInt64(byte) &* fifth, 11) &* first
            offset &+= 1
        }
        hash = (hash ^ hash &>> 33) &* second
        hash = (hash ^ hash &>> 29) &* third
        return hash ^ hash &>> 32
    }

    /// The part of a long input that is a multiple of 32 bytes.
    private static func stripes(_ bytes: UnsafeRawPointer, _ count: Int, _ offset: inout Int) -> UInt64 {
        var (one, two, three, four) = (first &+ second, second, UInt64(0), 0 &- first)
        while offset &+ 32 <= count {
            one = round(one, word(bytes, offset))
            two = round(two, word(bytes, offset &+ 8))
            three = round(three, word(bytes, offset &+ 16))
            four = round(four, word(bytes, offset &+ 24))
            offset &+= 32
        }
        var hash = rotate(one, 1) &+ rotate(two, 7) &+ rotate(three, 12) &+ rotate(four, 18)
        for lane in [one, two, three, four] { hash = (hash ^ round(0, lane)) &* first &+ fourth }
        return hash
    }
}

import Columnar

/// MurmurHash3 of 128 bits, in Austin Appleby's variant for machines of 64 bits: what sketches of distinct values see of a value.
struct SketchHash {
    let low: UInt64
    let high: UInt64

    /// What sketches hash with unless a call says otherwise. Sketches of different seeds do not mix.
    static let usualSeed: UInt64 = 9001

    private static let first: UInt64 = 0x87c3_7b91_1142_53d5
    private static let second: UInt64 = 0x4cf5_ad43_2745_937f

    /// The hash of the eight bytes of `word`, the lowest first.
    @inline(__always)
    init(word: UInt64, seed: UInt64) {
        self.init(Self.mixed(first: word) ^ seed, seed, byteCount: 8)
    }

    init(_ bytes: UnsafeRawBufferPointer, seed: UInt64) {
        func word(_ offset: Int) -> UInt64 { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
        func partial(_ range: Range<Int>) -> UInt64 {
            var word: UInt64 = 0
            for (place, offset) in range.enumerated() { word |= UInt64(bytes[offset]) << UInt64(8 * place) }
            return word
        }
        var low = seed, high = seed
        let tail = bytes.count & ~15
        for offset in stride(from: 0, to: tail, by: 16) {
            low ^= Self.mixed(first: word(offset))
            low = Self.rotated(low, 27) &+ high
            low = low &* 5 &+ 0x52dc_e729
            high ^= Self.mixed(second: word(offset + 8))
            high = Self.rotated(high, 31) &+ low
            high = high &* 5 &+ 0x3849_5ab5
        }
        let middle = min(tail + 8, bytes.count)
        if middle < bytes.count { high ^= Self.mixed(second: partial(middle..<bytes.count)) }
        if tail < bytes.count { low ^= Self.mixed(first: partial(tail..<middle)) }
        self.init(low, high, byteCount: bytes.count)
    }

    @inline(__always)
    private init(_ low: UInt64, _ high: UInt64, byteCount: Int) {
        var first = low ^ UInt64(byteCount), second = high ^ UInt64(byteCount)
        first &+= second
        second &+= first
        first = Self.finished(first)
        second = Self.finished(second)
        first &+= second
        self.low = first
        self.high = second &+ first
    }

    @inline(__always)
    private static func mixed(first word: UInt64) -> UInt64 { rotated(word &* first, 31) &* second }

    @inline(__always)
    private static func mixed(second word: UInt64) -> UInt64 { rotated(word &* second, 33) &* first }

    @inline(__always)
    private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }

    @inline(__always)
    private static func finished(_ word: UInt64) -> UInt64 {
        var word = (word ^ word >> 33) &* 0xff51_afd7_ed55_8ccd
        word = (word ^ word >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return word ^ word >> 33
    }

    /// What a sketch keeps of the seed that it hashed with.
    static func mark(ofSeed seed: UInt64) -> UInt16 { UInt16(truncatingIfNeeded: SketchHash(word: seed, seed: 0).low) }
}

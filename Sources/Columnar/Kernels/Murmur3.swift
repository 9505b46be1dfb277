/// Murmur3 with 32 bits, as Hive computes it (bytes behind the last four count with their signs), and as all others do.
package enum Murmur3 {
    private static let seed: UInt32 = 104_729

    @inline(__always)
    static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        var hash = seed
        let tail = count & ~3
        var at = 0
        while at < tail {
            let word = UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt32.self)
            hash = mixed(hash, UInt32(littleEndian: word))
            at &+= 4
        }
        if tail < count {
            var word: Int32 = 0
            while at < count {
                word ^= Int32(Int8(bitPattern: bytes[at])) << Int32(8 &* (at &- tail))
                at &+= 1
            }
            hash ^= scrambled(UInt32(bitPattern: word))
        }
        return finished(hash, count)
    }

    /// The hash of some bytes as Appleby's MurmurHash3_x86_32 has it.
    package static func standardHash(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt32) -> Int32 {
        var hash = seed
        let tail = bytes.count & ~3
        for at in stride(from: 0, to: tail, by: 4) {
            hash = mixed(hash, UInt32(littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: at, as: UInt32.self)))
        }
        if tail < bytes.count {
            var word: UInt32 = 0
            for at in tail..<bytes.count { word |= UInt32(bytes[at]) << UInt32(8 * (at - tail)) }
            hash ^= scrambled(word)
        }
        return finished(hash, bytes.count)
    }

    /// The hash of the four bytes of `value`, the highest first.
    @inline(__always)
    static func hash(_ value: Int32) -> Int32 { finished(mixed(seed, UInt32(bitPattern: value.byteSwapped)), 4) }

    /// The hash of the eight bytes of `value`, the highest first.
    @inline(__always)
    static func hash(_ value: Int64) -> Int32 {
        let bytes = UInt64(bitPattern: value.byteSwapped)
        return finished(mixed(mixed(seed, UInt32(truncatingIfNeeded: bytes)), UInt32(truncatingIfNeeded: bytes >> 32)), 8)
    }

    @inline(__always)
    private static func scrambled(_ word: UInt32) -> UInt32 {
        let product = word &* 0xcc9e_2d51
        return (product << 15 | product >> 17) &* 0x1b87_3593
    }

    @inline(__always)
    private static func mixed(_ hash: UInt32, _ word: UInt32) -> UInt32 {
        let sum = hash ^ scrambled(word)
        return (sum << 13 | sum >> 19) &* 5 &+ 0xe654_6b64
    }

    @inline(__always)
    private static func finished(_ hash: UInt32, _ count: Int) -> Int32 {
        var hash = hash ^ UInt32(truncatingIfNeeded: count)
        hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
        hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
        return Int32(bitPattern: hash ^ hash >> 16)
    }
}

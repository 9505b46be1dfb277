#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Digests of byte strings: MD5, SHA-1, SHA-2 and CRC-32, as RFC 1321 and FIPS 180-4 define them.
enum Digests {
    static func md5(_ data: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476)
        forEachBlock(data, size: 64, lengthBytes: 8, bigEndian: false) { block in
            var (a, b, c, d) = state
            for step in 0..<64 {
                let mixed: UInt32
                let word: Int
                switch step >> 4 {
                case 0: (mixed, word) = ((b & c) | (~b & d), step)
                case 1: (mixed, word) = ((d & b) | (~d & c), (5 * step + 1) & 15)
                case 2: (mixed, word) = (b ^ c ^ d, (3 * step + 5) & 15)
                default: (mixed, word) = (c ^ (b | ~d), (7 * step) & 15)
                }
                let loaded = block.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self).littleEndian
                let sum = a &+ mixed &+ md5Constants[step] &+ loaded
                a = d
                d = c
                c = b
                b = b &+ rotateLeft(sum, md5Shifts[(step >> 4) * 4 + (step & 3)])
            }
            state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
        }
        return [state.0, state.1, state.2, state.3].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    static func sha1(_ data: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var words = [UInt32](repeating: 0, count: 80)
        forEachBlock(data, size: 64, lengthBytes: 8, bigEndian: true) { block in
            for index in 0..<16 {
                words[index] = block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self).bigEndian
            }
            for index in 16..<80 {
                words[index] = rotateLeft(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for step in 0..<80 {
                let mixed: UInt32, constant: UInt32
                switch step / 20 {
                case 0: (mixed, constant) = ((b & c) | (~b & d), 0x5A82_7999)
                case 1: (mixed, constant) = (b ^ c ^ d, 0x6ED9_EBA1)
                case 2: (mixed, constant) = ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                default: (mixed, constant) = (b ^ c ^ d, 0xCA62_C1D6)
                }
                let next = rotateLeft(a, 5) &+ mixed &+ e &+ constant &+ words[step]
                (e, d, c, b, a) = (d, c, rotateLeft(b, 30), a, next)
            }
            for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
        }
        return state.flatMap { bigEndianBytes($0) }
    }

    /// SHA-224, -256, -384 or -512; nil for another length.
    static func sha2(_ data: UnsafeBufferPointer<UInt8>, bits: Int) -> [UInt8]? {
        switch bits {
        case 224: Array(sha256(data, sha224Start).prefix(28))
        case 256: sha256(data, sha256Start)
        case 384: Array(sha512(data, sha384Start).prefix(48))
        case 512: sha512(data, sha512Start)
        default: nil
        }
    }

    private static func sha256(_ data: UnsafeBufferPointer<UInt8>, _ start: [UInt32]) -> [UInt8] {
        var state = start
        var words = [UInt32](repeating: 0, count: 64)
        forEachBlock(data, size: 64, lengthBytes: 8, bigEndian: true) { block in
            for index in 0..<16 {
                words[index] = block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self).bigEndian
            }
            for index in 16..<64 {
                let x = words[index - 15], y = words[index - 2]
                let small = rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >> 3)
                let large = rotateRight(y, 17) ^ rotateRight(y, 19) ^ (y >> 10)
                words[index] = words[index - 16] &+ small &+ words[index - 7] &+ large
            }
            var v = state
            for step in 0..<64 {
                let large = rotateRight(v[4], 6) ^ rotateRight(v[4], 11) ^ rotateRight(v[4], 25)
                let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
                let first = v[7] &+ large &+ choice &+ UInt32(truncatingIfNeeded: sha512Constants[step] >> 32) &+ words[step]
                let small = rotateRight(v[0], 2) ^ rotateRight(v[0], 13) ^ rotateRight(v[0], 22)
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
                v = [first &+ small &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
            }
            for index in 0..<8 { state[index] &+= v[index] }
        }
        return state.flatMap { bigEndianBytes($0) }
    }

    private static func sha512(_ data: UnsafeBufferPointer<UInt8>, _ start: [UInt64]) -> [UInt8] {
        var state = start
        var words = [UInt64](repeating: 0, count: 80)
        forEachBlock(data, size: 128, lengthBytes: 16, bigEndian: true) { block in
            for index in 0..<16 {
                words[index] = block.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self).bigEndian
            }
            for index in 16..<80 {
                let x = words[index - 15], y = words[index - 2]
                let small = rotateRight(x, 1) ^ rotateRight(x, 8) ^ (x >> 7)
                let large = rotateRight(y, 19) ^ rotateRight(y, 61) ^ (y >> 6)
                words[index] = words[index - 16] &+ small &+ words[index - 7] &+ large
            }
            var v = state
            for step in 0..<80 {
                let large = rotateRight(v[4], 14) ^ rotateRight(v[4], 18) ^ rotateRight(v[4], 41)
                let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
                let first = v[7] &+ large &+ choice &+ sha512Constants[step] &+ words[step]
                let small = rotateRight(v[0], 28) ^ rotateRight(v[0], 34) ^ rotateRight(v[0], 39)
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
                v = [first &+ small &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
            }
            for index in 0..<8 { state[index] &+= v[index] }
        }
        return state.flatMap { bigEndianBytes($0) }
    }

    static func crc32(_ data: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var value = ~UInt32(0)
        for byte in data { value = crcTable[Int((value ^ UInt32(byte)) & 255)] ^ (value >> 8) }
        return ~value
    }

    // MARK: parts

    /// The padded message, a block at a time.
    private static func forEachBlock(
        _ data: UnsafeBufferPointer<UInt8>, size: Int, lengthBytes: Int, bigEndian: Bool,
        _ body: (UnsafeRawPointer) -> Void
    ) {
        let whole = data.count / size
        if let base = data.baseAddress {
            for block in 0..<whole { body(UnsafeRawPointer(base + block * size)) }
        }
        var tail = Array(data[(whole * size)...])
        tail.append(0x80)
        while tail.count % size != size - lengthBytes { tail.append(0) }
        let bits = UInt64(data.count) * 8
        for index in 0..<lengthBytes {
            let place = bigEndian ? lengthBytes - 1 - index : index
            tail.append(place < 8 ? UInt8(truncatingIfNeeded: bits >> UInt64(place * 8)) : 0)
        }
        tail.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            for block in 0..<(bytes.count / size) { body(base + block * size) }
        }
    }

    @inline(__always)
    private static func rotateLeft(_ value: UInt32, _ by: UInt32) -> UInt32 { value << by | value >> (32 - by) }
    @inline(__always)
    private static func rotateRight<T: FixedWidthInteger>(_ value: T, _ by: T) -> T {
        value >> by | value << (T(T.bitWidth) - by)
    }

    private static func bigEndianBytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    private static let md5Shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

    /// floor(2^32 |sin(i + 1)|), as RFC 1321 derives them, by the fractional parts of the sines themselves.
    private static let md5Constants: [UInt32] = sineConstants()

    /// The first 64 bits of the fractional parts of the cube roots of the first eighty primes; SHA-256 takes the upper
    /// halves of the first 64.
    private static let sha512Constants: [UInt64] = primes(80).map { fractionOfRoot($0, degree: 3) }
    private static let sha512Start: [UInt64] = primes(8).map { fractionOfRoot($0, degree: 2) }
    private static let sha384Start: [UInt64] = primes(16).suffix(8).map { fractionOfRoot($0, degree: 2) }
    private static let sha256Start: [UInt32] = sha512Start.map { UInt32(truncatingIfNeeded: $0 >> 32) }
    private static let sha224Start: [UInt32] = sha384Start.map { UInt32(truncatingIfNeeded: $0) }

    private static func primes(_ count: Int) -> [UInt64] {
        var found: [UInt64] = []
        var candidate: UInt64 = 2
        while found.count < count {
            if !found.contains(where: { candidate % $0 == 0 }) { found.append(candidate) }
            candidate += 1
        }
        return found
    }

    /// The first 64 fractional bits of a root of a small prime, by bisection with exact integers: the greatest `x` with
    /// (x / 2^64)^degree <= prime.
    private static func fractionOfRoot(_ prime: UInt64, degree: Int) -> UInt64 {
        // x has up to 5 integer bits (the roots of 409 are below 32) and 64 fractional bits: at most 69 bits.
        var low = WideNumber([0]), bit = 69
        let target = WideNumber([prime]).shiftedLeft(64 * degree)
        while bit >= 0 {
            let candidate = low.adding(WideNumber([1]).shiftedLeft(bit))
            var power = candidate
            for _ in 1..<degree { power = power.multiplied(by: candidate) }
            if power <= target { low = candidate }
            bit -= 1
        }
        return low.word(0)
    }

    private static func sineConstants() -> [UInt32] {
        (0..<64).map { index in
            UInt32(truncatingIfNeeded: Int64((sin(Double(index + 1)).magnitude * 4_294_967_296).rounded(.down)))
        }
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }
}

/// Unsigned integers of any size, for the constants of SHA-2.
private struct WideNumber {
    /// 32-bit limbs, least first.
    private var limbs: [UInt64]

    init(_ words: [UInt64]) { limbs = words.flatMap { [$0 & 0xFFFF_FFFF, $0 >> 32] } }

    func word(_ index: Int) -> UInt64 {
        func limb(_ place: Int) -> UInt64 { place < limbs.count ? limbs[place] : 0 }
        return limb(index * 2) | limb(index * 2 + 1) << 32
    }

    func shiftedLeft(_ bits: Int) -> WideNumber {
        var result = WideNumber([])
        result.limbs = Array(repeating: 0, count: bits / 32)
        var carry: UInt64 = 0
        let rest = UInt64(bits % 32)
        for limb in limbs {
            let shifted = limb << rest | carry
            result.limbs.append(shifted & 0xFFFF_FFFF)
            carry = shifted >> 32
        }
        result.limbs.append(carry)
        return result
    }

    func adding(_ other: WideNumber) -> WideNumber {
        var result = WideNumber([])
        var carry: UInt64 = 0
        for place in 0...max(limbs.count, other.limbs.count) {
            let sum = (place < limbs.count ? limbs[place] : 0) + (place < other.limbs.count ? other.limbs[place] : 0) + carry
            result.limbs.append(sum & 0xFFFF_FFFF)
            carry = sum >> 32
        }
        return result
    }

    func multiplied(by other: WideNumber) -> WideNumber {
        var result = WideNumber([])
        result.limbs = Array(repeating: 0, count: limbs.count + other.limbs.count + 1)
        for (i, left) in limbs.enumerated() {
            var carry: UInt64 = 0
            for (j, right) in other.limbs.enumerated() {
                let sum = result.limbs[i + j] + left * right + carry
                result.limbs[i + j] = sum & 0xFFFF_FFFF
                carry = sum >> 32
            }
            result.limbs[i + other.limbs.count] += carry
        }
        return result
    }

    static func <= (left: WideNumber, right: WideNumber) -> Bool {
        for place in stride(from: max(left.limbs.count, right.limbs.count) - 1, through: 0, by: -1) {
            let a = place < left.limbs.count ? left.limbs[place] : 0
            let b = place < right.limbs.count ? right.limbs[place] : 0
            if a != b { return a < b }
        }
        return true
    }
}

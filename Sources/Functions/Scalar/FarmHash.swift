/// FarmHash's Fingerprint64, by its public description: what BigQuery's FARM_FINGERPRINT and ML.HASH_BUCKETIZE, and
/// TensorFlow, tell texts apart by. It is the same for ever.
enum FarmHash {
    private static let k0: UInt64 = 0xc3a5_c85c_97cb_3127
    private static let k1: UInt64 = 0xb492_b66f_be98_f273
    private static let k2: UInt64 = 0x9ae1_6a3b_2f90_404f

    static func fingerprint64(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        switch count {
        case ...16: short(bytes, count)
        case ...32: medium(bytes, count)
        case ...64: mediumLong(bytes, count)
        default: long(bytes, count)
        }
    }

    private static func word(_ bytes: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self))
    }

    private static func halfWord(_ bytes: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
        UInt64(UInt32(littleEndian: UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt32.self)))
    }

    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value >> bits | value << (64 - bits) }
    private static func shifted(_ value: UInt64) -> UInt64 { value ^ value >> 47 }

    private static func mixed(_ u: UInt64, _ v: UInt64, _ factor: UInt64) -> UInt64 {
        let a = shifted((u ^ v) &* factor)
        return shifted((v ^ a) &* factor) &* factor
    }

    private static func factor(_ count: Int) -> UInt64 { k2 &+ UInt64(truncatingIfNeeded: count) &* 2 }

    private static func short(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let length = UInt64(truncatingIfNeeded: count)
        if count >= 8 {
            let a = word(bytes, 0) &+ k2, b = word(bytes, count - 8)
            let c = rotated(b, 37) &* factor(count) &+ a
            let d = (rotated(a, 25) &+ b) &* factor(count)
            return mixed(c, d, factor(count))
        }
        if count >= 4 { return mixed(length &+ halfWord(bytes, 0) << 3, halfWord(bytes, count - 4), factor(count)) }
        guard count > 0 else { return k2 }
        let y = UInt64(bytes[0]) &+ UInt64(bytes[count >> 1]) << 8
        let z = length &+ UInt64(bytes[count - 1]) << 2
        return shifted(y &* k2 ^ z &* k0) &* k2
    }

    private static func medium(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let factor = factor(count)
        let a = word(bytes, 0) &* k1, b = word(bytes, 8)
        let c = word(bytes, count - 8) &* factor, d = word(bytes, count - 16) &* k2
        return mixed(rotated(a &+ b, 43) &+ rotated(c, 30) &+ d, a &+ rotated(b &+ k2, 18) &+ c, factor)
    }

    private static func mediumLong(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let factor = factor(count)
        let a = word(bytes, 0) &* k2, b = word(bytes, 8)
        let c = word(bytes, count - 8) &* factor, d = word(bytes, count - 16) &* k2
        let y = rotated(a &+ b, 43) &+ rotated(c, 30) &+ d
        let z = mixed(y, a &+ rotated(b &+ k2, 18) &+ c, factor)
        let e = word(bytes, 16) &* factor, f = word(bytes, 24)
        let g = (y &+ word(bytes, count - 32)) &* factor, h = (z &+ word(bytes, count - 24)) &* factor
        return mixed(rotated(e &+ f, 43) &+ rotated(g, 30) &+ h, e &+ rotated(f &+ a, 18) &+ g, factor)
    }

    /// The hash of 32 bytes, begun with two words.
    private static func weak(_ bytes: UnsafePointer<UInt8>, _ first: UInt64, _ second: UInt64) -> (UInt64, UInt64) {
        let start = first &+ word(bytes, 0), last = word(bytes, 24)
        let sum = start &+ word(bytes, 8) &+ word(bytes, 16)
        return (sum &+ last, rotated(second &+ start &+ last, 21) &+ rotated(sum, 44) &+ start)
    }

    private static func long(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let seed: UInt64 = 81
        var x = seed &* k2 &+ word(bytes, 0)
        var y = seed &* k1 &+ 113
        var z = shifted(y &* k2 &+ 113) &* k2
        var v: (UInt64, UInt64) = (0, 0)
        var w: (UInt64, UInt64) = (0, 0)
        // Blocks of 64 bytes, the last of which ends with the text and overlaps the one before.
        let end = (count - 1) / 64 * 64
        for offset in stride(from: 0, to: end, by: 64) {
            let block = bytes + offset
            x = rotated(x &+ y &+ v.0 &+ word(block, 8), 37) &* k1
            y = rotated(y &+ v.1 &+ word(block, 48), 42) &* k1
            x ^= w.1
            y = y &+ v.0 &+ word(block, 40)
            z = rotated(z &+ w.0, 33) &* k1
            v = weak(block, v.1 &* k1, x &+ w.0)
            w = weak(block + 32, z &+ w.1, y &+ word(block, 16))
            swap(&z, &x)
        }
        let factor = k1 &+ (z & 0xff) << 1
        let block = bytes + count - 64
        w.0 = w.0 &+ UInt64(truncatingIfNeeded: (count - 1) & 63)
        v.0 = v.0 &+ w.0
        w.0 = w.0 &+ v.0
        x = rotated(x &+ y &+ v.0 &+ word(block, 8), 37) &* factor
        y = rotated(y &+ v.1 &+ word(block, 48), 42) &* factor
        x ^= w.1 &* 9
        y = y &+ v.0 &* 9 &+ word(block, 40)
        z = rotated(z &+ w.0, 33) &* factor
        v = weak(block, v.1 &* factor, x &+ w.0)
        w = weak(block + 32, z &+ w.1, y &+ word(block, 16))
        swap(&z, &x)
        return mixed(
            mixed(v.0, w.0, factor) &+ shifted(y) &* k0 &+ z, mixed(v.1, w.1, factor) &+ x, factor)
    }
}

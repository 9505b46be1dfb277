import CKernels

/// Numbers of 1…64 bits, packed without gaps, the highest bit of a byte first.
enum BitUnpacking {
    /// Bytes that `count` numbers take.
    @inline(__always)
    static func byteCount(_ count: Int, width: Int) -> Int { (count &* width &+ 7) >> 3 }

    /// - Precondition: the numbers' bytes and 8 more can be read; `width` is 1…64.
    static func unpack(
        _ source: UnsafePointer<UInt8>, width: Int, count: Int, into target: UnsafeMutablePointer<Int64>
    ) {
        let raw = UnsafeRawPointer(source)
        let first = hiveql_unpack_high_first(source, byteCount(count, width: width) &+ 8, UInt32(width), count, target)
        switch width {
        case 8:
            for index in first..<count { target[index] = Int64(source[index]) }
        case 16:
            for index in first..<count {
                target[index] = Int64(UInt16(bigEndian: raw.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)))
            }
        case 32:
            for index in first..<count {
                target[index] = Int64(UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self)))
            }
        case 64:
            for index in first..<count {
                target[index] = Int64(bigEndian: raw.loadUnaligned(fromByteOffset: index &* 8, as: Int64.self))
            }
        case 57...63:
            // Up to nine bytes hold one number.
            let shift = UInt64(64 &- width)
            var bit = first &* width
            for index in first..<count {
                let word = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
                let low = UInt64(bit & 7)
                let next = low == 0 ? 0 : UInt64(source[(bit >> 3) &+ 8]) >> (8 &- low)
                target[index] = Int64(truncatingIfNeeded: (word &<< low | next) &>> shift)
                bit &+= width
            }
        default:
            let shift = UInt64(64 &- width)
            var bit = first &* width
            for index in first..<count {
                let word = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
                target[index] = Int64(truncatingIfNeeded: (word &<< UInt64(bit & 7)) &>> shift)
                bit &+= width
            }
        }
    }

    /// The width that five bits of a header stand for.
    @inline(__always)
    static func width(ofCode code: Int) -> Int {
        switch code {
        case 0...23: code &+ 1
        case 24: 26
        case 25: 28
        case 26: 30
        case 27: 32
        case 28: 40
        case 29: 48
        case 30: 56
        default: 64
        }
    }

    /// The least width that a header can state and that is not below `bits`.
    static func closestWidth(_ bits: Int) -> Int {
        switch bits {
        case ...1: 1
        case ...24: bits
        case ...26: 26
        case ...28: 28
        case ...30: 30
        case ...32: 32
        case ...40: 40
        case ...48: 48
        case ...56: 56
        default: 64
        }
    }

    /// The code of a width that `closestWidth` gives.
    static func code(ofWidth width: Int) -> Int {
        switch width {
        case ...24: width - 1
        case 26: 24
        case 28: 25
        case 30: 26
        case 32: 27
        case 40: 28
        case 48: 29
        case 56: 30
        default: 31
        }
    }
}

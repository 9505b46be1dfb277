import Columnar

/// Packs numbers as `BitUnpacking` reads them.
enum BitPacking {
    /// - Precondition: `width` is 1…64; numbers have no higher bits.
    static func append(_ values: UnsafePointer<UInt64>, count: Int, width: Int, to buffer: ByteBuffer) {
        let size = BitUnpacking.byteCount(count, width: width)
        let target = UnsafeMutableRawPointer(buffer.reserve(size + 8))
        var word: UInt64 = 0
        var used = 0
        var offset = 0
        for index in 0..<count {
            let value = values[index]
            let free = 64 &- used
            if width < free {
                word = word &<< UInt64(width) | value
                used &+= width
            } else {
                // The word is full; what does not fit begins the next one.
                let rest = width &- free
                let full = free == 64 ? value >> UInt64(rest) : word &<< UInt64(free) | value >> UInt64(rest)
                target.storeBytes(of: full.bigEndian, toByteOffset: offset, as: UInt64.self)
                offset &+= 8
                word = rest == 0 ? 0 : value & (1 &<< UInt64(rest) &- 1)
                used = rest
            }
        }
        if used > 0 {
            target.storeBytes(of: (word &<< UInt64(64 &- used)).bigEndian, toByteOffset: offset, as: UInt64.self)
        }
        buffer.advance(size)
    }
}

/// Values in the bytes of Hadoop's and Hive's `Writable` classes, as files and hashes have them.
package enum WritableBytes {
    /// Bytes that a number takes at most.
    package static let largestNumber = 9
    /// Bytes that a timestamp takes at most: four, and two numbers.
    package static let largestTimestamp = 4 + 2 * largestNumber

    /// Writes a number of variable length (`WritableUtils.writeVLong`) to `target`, which has room for `largestNumber`
    /// bytes, and returns how many it took.
    package static func write(_ value: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if value >= -112, value <= 127 {
            target[0] = UInt8(bitPattern: Int8(value))
            return 1
        }
        let magnitude = UInt64(bitPattern: value < 0 ? ~value : value)
        let count = (64 - magnitude.leadingZeroBitCount + 7) / 8
        target[0] = UInt8(bitPattern: Int8((value < 0 ? -120 : -112) - count))
        for index in 0..<count { target[1 + index] = UInt8(truncatingIfNeeded: magnitude >> UInt64(8 * (count - 1 - index))) }
        return count + 1
    }

    /// Writes a timestamp (`TimestampWritable`): the low 31 bits of the seconds, with the highest bit set when there is
    /// more; the decimal digits of the nanoseconds, last digit first, as a number, which is negative when there is still
    /// more; the rest of the seconds.
    /// - Parameter target: has room for `largestTimestamp` bytes.
    package static func write(_ value: Timestamp, to target: UnsafeMutablePointer<UInt8>) -> Int {
        let seconds = value.seconds
        let isLarge = seconds < 0 || seconds > Int64(Int32.max)
        let hasMore = isLarge || value.nanoseconds != 0
        let low = UInt32(truncatingIfNeeded: seconds & 0x7FFF_FFFF) | (hasMore ? 1 << 31 : 0)
        UnsafeMutableRawPointer(target).storeBytes(of: low.bigEndian, as: UInt32.self)
        guard hasMore else { return 4 }
        var digits: Int64 = 0
        var rest = Int64(value.nanoseconds)
        if rest != 0 {
            for _ in 0..<9 {
                digits = digits * 10 + rest % 10
                rest /= 10
            }
        }
        var count = 4
        count += write(isLarge ? -digits - 1 : digits, to: target + count)
        if isLarge { count += write(seconds >> 31, to: target + count) }
        return count
    }
}

extension Int128 {
    /// As few bytes as two's complement takes.
    package var bigEndianByteCount: Int { (129 - (self < 0 ? ~self : self).leadingZeroBitCount + 7) / 8 }

    /// The lowest `count` bytes of two's complement, the highest first; of more than 16 the first ones are the sign.
    package func writeBigEndian(_ count: Int, to target: UnsafeMutablePointer<UInt8>) {
        for index in 0..<count {
            target[index] = UInt8(truncatingIfNeeded: self >> Int128(Swift.min(8 * (count - 1 - index), 127)))
        }
    }
}

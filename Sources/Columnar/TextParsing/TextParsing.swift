/// Values from the fields of text tables, by the rules of Hive's lazy SerDe: what cannot be read is nil (NULL).
///
/// Every function takes the field's bytes and their count and reads nothing else.
package enum TextParsing {
    /// Field bytes without the characters up to U+0020 at both ends, as Java's `String.trim`.
    @inlinable @inline(__always)
    package static func trimmed(
        _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> (bytes: UnsafePointer<UInt8>, count: Int) {
        var start = 0
        var end = count
        while start < end, bytes[start] <= 0x20 { start &+= 1 }
        while end > start, bytes[end &- 1] <= 0x20 { end &-= 1 }
        return (bytes + start, end &- start)
    }

    /// 'true' or 'false' in any case.
    @inlinable
    package static func boolean(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt8? {
        if count == 4, bytes[0] | 0x20 == 0x74, bytes[1] | 0x20 == 0x72, bytes[2] | 0x20 == 0x75,
            bytes[3] | 0x20 == 0x65
        {
            return 1
        }
        if count == 5, bytes[0] | 0x20 == 0x66, bytes[1] | 0x20 == 0x61, bytes[2] | 0x20 == 0x6C,
            bytes[3] | 0x20 == 0x73, bytes[4] | 0x20 == 0x65
        {
            return 0
        }
        return nil
    }

    /// With `hive.lazysimple.extended_boolean_literal`: 't', 'T' and '1' are true too, 'f', 'F' and '0' false.
    @inlinable
    package static func extendedBoolean(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt8? {
        guard count == 1 else { return boolean(bytes, count) }
        switch bytes[0] {
        case 0x31, 0x54, 0x74: return 1
        case 0x30, 0x46, 0x66: return 0
        default: return nil
        }
    }
}

extension TextParsing {
    /// An optional sign and digits; digits behind a point are checked and cut off. nil when it does not fit.
    @inlinable
    package static func int64(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        var at = 0
        var negative = false
        if count > 0, bytes[0] == 0x2D || bytes[0] == 0x2B {
            negative = bytes[0] == 0x2D
            at = 1
        }
        let first = at
        // Eighteen digits cannot overflow; further ones are checked.
        var magnitude: UInt64 = 0
        let safeEnd = min(count, at &+ 18)
        while at < safeEnd {
            let digit = bytes[at] &- 0x30
            if digit > 9 { break }
            magnitude = magnitude &* 10 &+ UInt64(digit)
            at &+= 1
        }
        while at < count {
            let digit = bytes[at] &- 0x30
            if digit > 9 { break }
            let (scaled, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return nil }
            magnitude = sum
            at &+= 1
        }
        var digits = at &- first
        if at < count {
            guard bytes[at] == 0x2E else { return nil }
            at &+= 1
            digits &+= count &- at
            while at < count {
                if bytes[at] &- 0x30 > 9 { return nil }
                at &+= 1
            }
        }
        guard digits > 0 else { return nil }
        if negative {
            guard magnitude <= 1 << 63 else { return nil }
            return Int64(truncatingIfNeeded: 0 &- magnitude)
        }
        return magnitude < 1 << 63 ? Int64(truncatingIfNeeded: magnitude) : nil
    }

    /// As `int64`, nil when it does not fit `T`.
    @inlinable @inline(__always)
    package static func integer<T: FixedWidthInteger>(_: T.Type, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> T? {
        int64(bytes, count).flatMap { T(exactly: $0) }
    }

    @inlinable package static func int32(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
        integer(Int32.self, bytes, count)
    }

    @inlinable package static func int16(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int16? {
        integer(Int16.self, bytes, count)
    }

    @inlinable package static func int8(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int8? {
        integer(Int8.self, bytes, count)
    }
}

extension TextParsing {
    /// `yyyy-[m]m-[d]d`, nothing around it. Days up to 31 pass in every month and count on into the next one.
    @inlinable
    package static func date(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
        guard count >= 8, count <= 10, bytes[4] == 0x2D, let year = digits(bytes, 4) else { return nil }
        let second = bytes[6] == 0x2D ? 6 : 7
        guard bytes[second] == 0x2D, let month = unsigned(bytes + 5, second &- 5),
            let day = unsigned(bytes + second + 1, count &- second &- 1), month >= 1, month <= 12, day >= 1, day <= 31
        else { return nil }
        return CivilDate.day(year: year, month: month, day: day)
    }

    /// `yyyy-[m]m-[d]d h:m:s[.fffffffff]`, blanks around it allowed. Hours, minutes and seconds beyond their range count
    /// on; at most nine digits of a fraction.
    @inlinable
    package static func timestamp(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Timestamp? {
        if count == 19, bytes[0] > 0x20, bytes[18] > 0x20, let plain = plainTimestamp(bytes) { return plain }
        return generalTimestamp(bytes, count)
    }

    /// Exactly `yyyy-mm-dd hh:mm:ss`.
    @inlinable @inline(__always)
    static func plainTimestamp(_ bytes: UnsafePointer<UInt8>) -> Timestamp? {
        guard bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x20, bytes[13] == 0x3A, bytes[16] == 0x3A,
            let year = digits(bytes, 4), let month = digits(bytes + 5, 2), let day = digits(bytes + 8, 2),
            let hour = digits(bytes + 11, 2), let minute = digits(bytes + 14, 2), let second = digits(bytes + 17, 2),
            month >= 1, month <= 12, day >= 1, day <= 31
        else { return nil }
        return Timestamp(
            seconds: CivilDate.seconds(
                day: CivilDate.day(year: year, month: month, day: day), hour: hour, minute: minute, second: second))
    }

    @usableFromInline
    static func generalTimestamp(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Timestamp? {
        let (text, length) = trimmed(bytes, count)
        guard let space = index(of: 0x20, text, from: 0, to: length), let day = date(text, space),
            let firstColon = index(of: 0x3A, text, from: space + 1, to: length),
            let secondColon = index(of: 0x3A, text, from: firstColon + 1, to: length)
        else { return nil }
        let point = index(of: 0x2E, text, from: secondColon + 1, to: length)
        guard let hour = signed(text + space + 1, firstColon - space - 1),
            let minute = signed(text + firstColon + 1, secondColon - firstColon - 1),
            let second = signed(text + secondColon + 1, (point ?? length) - secondColon - 1)
        else { return nil }
        var nanoseconds = 0
        if let point {
            let size = length - point - 1
            guard size >= 1, size <= 9, let fraction = digits(text + point + 1, size) else { return nil }
            nanoseconds = fraction
            for _ in size..<9 { nanoseconds *= 10 }
        }
        return Timestamp(
            seconds: CivilDate.seconds(day: day, hour: hour, minute: minute, second: second),
            nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
    }

    private static func index(of byte: UInt8, _ text: UnsafePointer<UInt8>, from: Int, to: Int) -> Int? {
        var at = from
        while at < to {
            if text[at] == byte { return at }
            at += 1
        }
        return nil
    }

    /// `count` digits, at most eighteen.
    @inlinable @inline(__always)
    static func digits(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        var value = 0
        for at in 0..<count {
            let digit = bytes[at] &- 0x30
            if digit > 9 { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    /// One or two characters, of which the first may be a plus sign.
    @inlinable @inline(__always)
    static func unsigned(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        guard count >= 1, count <= 2 else { return nil }
        if count == 2, bytes[0] == 0x2B { return digits(bytes + 1, 1) }
        return digits(bytes, count)
    }

    /// An optional sign and up to nine digits.
    private static func signed(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        guard count >= 1, count <= 10 else { return nil }
        let negative = bytes[0] == 0x2D
        let skip = negative || bytes[0] == 0x2B ? 1 : 0
        guard count > skip, count - skip <= 9, let value = digits(bytes + skip, count - skip) else { return nil }
        return negative ? 0 - value : value
    }
}

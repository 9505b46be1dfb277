/// Intervals as they are written in literals and casts.
public enum IntervalText {
    /// `[+-]years-months` in months; months up to 11.
    public static func months(_ text: StringView) -> Int32? {
        let (bytes, count) = TextParsing.trimmed(text.pointer, Int(text.length))
        var scanner = Scanner(bytes, count)
        let negative = scanner.sign()
        guard let years = scanner.number(9), scanner.take(0x2D), let months = scanner.number(2), months <= 11,
            scanner.isAtEnd
        else { return nil }
        let total = years * 12 + months
        return Int32(exactly: negative ? -total : total)
    }

    /// `[+-]days hours:minutes:seconds[.nanoseconds]`.
    public static func dayTime(_ text: StringView) -> Timestamp? {
        let (bytes, count) = TextParsing.trimmed(text.pointer, Int(text.length))
        var scanner = Scanner(bytes, count)
        let negative = scanner.sign()
        guard let days = scanner.number(9), scanner.take(0x20), let hours = scanner.number(2), hours <= 23,
            scanner.take(0x3A), let minutes = scanner.number(2), minutes <= 59, scanner.take(0x3A),
            let seconds = scanner.number(2), seconds <= 59
        else { return nil }
        var nanoseconds = 0
        if scanner.take(0x2E) {
            let start = scanner.at
            guard let fraction = scanner.number(9) else { return nil }
            nanoseconds = fraction
            for _ in (scanner.at - start)..<9 { nanoseconds *= 10 }
        }
        guard scanner.isAtEnd else { return nil }
        let value = Timestamp(
            seconds: Int64(days) * 86_400 + Int64(hours * 3600 + minutes * 60 + seconds),
            nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
        return negative ? TemporalArithmetic.negated(value) : value
    }

    private struct Scanner {
        let bytes: UnsafePointer<UInt8>
        let count: Int
        var at = 0

        init(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
            self.bytes = bytes
            self.count = count
        }

        var isAtEnd: Bool { at == count }

        mutating func sign() -> Bool {
            guard at < count, bytes[at] == 0x2D || bytes[at] == 0x2B else { return false }
            at += 1
            return bytes[at - 1] == 0x2D
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard at < count, bytes[at] == byte else { return false }
            at += 1
            return true
        }

        /// Up to `limit` digits.
        mutating func number(_ limit: Int) -> Int? {
            let start = at
            var value = 0
            while at < count, bytes[at] &- 0x30 <= 9 {
                guard at - start < limit else { return nil }
                value = value * 10 + Int(bytes[at] &- 0x30)
                at += 1
            }
            return at > start ? value : nil
        }
    }
}

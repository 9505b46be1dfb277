/// A rule in POSIX's form for the environment's `TZ`: `CET-1CEST,M3.5.0,M10.5.0/3`, with RFC 8536's hours up to ±167.
package struct TimeZoneRule: Sendable, Equatable {
    /// A day of the year and a time of it at which the clock changes.
    package struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// 1 to 365; 29 February is not counted.
            case julian(Int)
            /// 0 to 365.
            case zeroBased(Int)
            /// Week 1 to 5 (5: the last) of a month, day 0 (Sunday) to 6.
            case weekday(month: Int, week: Int, day: Int)
        }
        var day: Day
        /// Seconds after midnight of the local time that ends; may lie in another day.
        var time: Int
    }

    package let standard: TimeZoneFile.LocalTime
    /// The other local time, with its begin and end; nil when the clock never changes.
    package let daylight: (localTime: TimeZoneFile.LocalTime, begin: Change, end: Change)?

    package static func == (left: TimeZoneRule, right: TimeZoneRule) -> Bool {
        left.standard == right.standard && left.daylight?.localTime == right.daylight?.localTime
            && left.daylight?.begin == right.daylight?.begin && left.daylight?.end == right.daylight?.end
    }

    /// nil for text of another form.
    package init?(_ text: some Collection<UInt8>) {
        var reader = RuleReader(Array(text))
        guard let name = reader.name(), let offset = reader.time(limit: 24) else { return nil }
        standard = TimeZoneFile.LocalTime(offset: Int32(-offset), isDaylight: false, abbreviation: name)
        guard !reader.isAtEnd else {
            daylight = nil
            return
        }
        guard let other = reader.name() else { return nil }
        var otherOffset = -offset + 3600
        if !reader.isAtComma {
            guard let stated = reader.time(limit: 24) else { return nil }
            otherOffset = -stated
        }
        guard let begin = reader.change(), let end = reader.change(), reader.isAtEnd else { return nil }
        daylight = (
            TimeZoneFile.LocalTime(offset: Int32(otherOffset), isDaylight: true, abbreviation: other), begin, end
        )
    }

    /// The changes of a year by the calendar, ascending: the instant and what begins there.
    package func changes(inYear year: Int) -> [(instant: Int64, localTime: TimeZoneFile.LocalTime)] {
        guard let daylight else { return [] }
        let begin = daylight.begin.localSeconds(inYear: year) - Int64(standard.offset)
        let end = daylight.end.localSeconds(inYear: year) - Int64(daylight.localTime.offset)
        let both = [(begin, daylight.localTime), (end, standard)]
        return begin <= end ? both : both.reversed()
    }
}

extension TimeZoneRule.Change {
    /// Seconds from the epoch to the change as the clock shows it.
    func localSeconds(inYear year: Int) -> Int64 {
        let first = Self.dayOfYearStart(year)
        let isLeap = Self.isLeap(year)
        let dayNumber: Int
        switch day {
        case .julian(let number): dayNumber = first + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .zeroBased(let number): dayNumber = first + number
        case .weekday(let month, let week, let weekday):
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            let monthStart = first + lengths[..<(month - 1)].reduce(0, +)
            // The epoch's day was a Thursday.
            let firstWeekday = ((monthStart + 4) % 7 + 7) % 7
            var inMonth = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            if inMonth >= lengths[month - 1] { inMonth -= 7 }
            dayNumber = monthStart + inMonth
        }
        return Int64(dayNumber) * 86_400 + Int64(time)
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// Days from the epoch to 1 January. For years of the common era.
    private static func dayOfYearStart(_ year: Int) -> Int {
        let before = year - 1
        return before * 365 + before / 4 - before / 100 + before / 400 - 719_162
    }
}

private struct RuleReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }
    var isAtComma: Bool { at < bytes.count && bytes[at] == 0x2C }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// Three or more letters, or anything in angle brackets.
    mutating func name() -> String? {
        if take("<") {
            guard let end = bytes[at...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
            defer { at = end + 1 }
            return String(decoding: bytes[at..<end], as: UTF8.self)
        }
        let start = at
        while at < bytes.count, (0x61...0x7A).contains(bytes[at] | 0x20) { at += 1 }
        return at - start >= 3 ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let start = at
        var value = 0
        while at < bytes.count, at - start < 4, bytes[at] &- 0x30 <= 9 {
            value = value * 10 + Int(bytes[at] - 0x30)
            at += 1
        }
        return at > start && range.contains(value) ? value : nil
    }

    /// `[+-]h[:m[:s]]` in seconds.
    mutating func time(limit: Int) -> Int? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard let hours = number(0...limit) else { return nil }
        var seconds = hours * 3600
        if take(":") {
            guard let minutes = number(0...59) else { return nil }
            seconds += minutes * 60
            if take(":") {
                guard let rest = number(0...59) else { return nil }
                seconds += rest
            }
        }
        return isNegative ? -seconds : seconds
    }

    /// `,Mm.w.d[/time]`, `,Jn[/time]` or `,n[/time]`.
    mutating func change() -> TimeZoneRule.Change? {
        guard take(",") else { return nil }
        let day: TimeZoneRule.Change.Day
        if take("M") {
            guard let month = number(1...12), take("."), let week = number(1...5), take("."), let weekday = number(0...6)
            else { return nil }
            day = .weekday(month: month, week: week, day: weekday)
        } else if take("J") {
            guard let number = number(1...365) else { return nil }
            day = .julian(number)
        } else {
            guard let number = number(0...365) else { return nil }
            day = .zeroBased(number)
        }
        guard take("/") else { return TimeZoneRule.Change(day: day, time: 7200) }
        return time(limit: 167).map { TimeZoneRule.Change(day: day, time: $0) }
    }
}

extension DateTimePattern {
    /// The instant that the start of `text` names, read leniently as Java reads it: fields beyond their range count on,
    /// text after the pattern's end is ignored. Without a zone in the text it is wall-clock time of `zone`. nil when the
    /// text does not match. It may lie outside of the days that DATE has (`Timestamp.isInRange`).
    /// - Throws: what `ZoneRules.named` throws, for text that names a zone.
    public func parse(_ text: StringView, zone: ZoneRules) throws -> Timestamp? {
        guard let (local, offset) = try parseLocal(text) else { return nil }
        let instant = offset.map { local.seconds &- Int64($0) } ?? zone.utc(fromLocal: local.seconds)
        return Timestamp(seconds: instant, nanoseconds: local.nanoseconds)
    }

    /// The wall-clock time as it is written, which may lie outside of the days that DATE has (`Timestamp.isInRange`), and the offset from UTC in seconds if the text has one.
    public func parseLocal(_ text: StringView) throws -> (local: Timestamp, offset: Int?)? {
        if isStandardTimestamp, text.length >= 19, let plain = TextParsing.plainTimestamp(text.pointer),
            text.length == 19 || text.pointer[19] &- 0x30 > 9
        {
            return (plain, nil)
        }
        if isStandardDate, text.length >= 10, text.pointer[7] == UInt8(ascii: "-"),
            text.length == 10 || text.pointer[10] &- 0x30 > 9, let day = TextParsing.date(text.pointer, 10)
        {
            return (Timestamp(seconds: Int64(day) &* 86_400), nil)
        }
        var reader = PatternReader(text)
        return try matches(&reader) ? reader.resolve() : nil
    }

    /// As `parseLocal`, but as Joda-Time reads: the pattern stands for the whole text, fields are in their ranges, digits after
    /// the second are a fraction, and blanks and signs count.
    /// - Parameter isAlone: no other pattern is tried; then a field beyond its range counts even in front of what is not of the
    ///   pattern.
    /// - Returns: nil when the text is not of the pattern.
    /// - Throws: `OutOfRange` for a field beyond its range.
    package func parseWhole(_ text: StringView, isAlone: Bool) throws -> (local: Timestamp, offset: Int?)? {
        var reader = PatternReader(text, isStrict: true)
        let isMatch = try matches(&reader) && reader.isAtEnd
        guard reader.isInRange else {
            if isMatch || isAlone { throw OutOfRange() }
            return nil
        }
        return isMatch ? reader.resolve() : nil
    }

    package struct OutOfRange: Error {}

    private func matches(_ reader: inout PatternReader) throws -> Bool {
        try parts.withUnsafeBufferPointer { parts in
            for part in parts {
                if let field = part.field {
                    guard try reader.read(field, count: part.count, abuts: part.abuts) else { return false }
                } else {
                    for position in part.literalStart..<part.literalStart + part.count {
                        guard reader.take(literals[position]) else { return false }
                    }
                }
            }
            return true
        }
    }
}

/// Reads one text by a pattern and gathers its fields.
struct PatternReader {
    private let bytes: UnsafePointer<UInt8>
    private let count: Int
    private var at = 0
    /// Whether the text is read as Joda-Time reads, not as `SimpleDateFormat`.
    private let isStrict: Bool

    private var isBeforeChrist = false
    private var year: Int?
    private var weekYear: Int?
    private var month: Int?
    private var dayOfMonth: Int?
    private var dayOfYear: Int?
    private var weekOfYear: Int?
    private var weekOfMonth: Int?
    private var dayOfWeekInMonth: Int?
    /// Monday is 1.
    private var dayOfWeek: Int?
    private var hourOfDay: Int?
    private var hourOfHalf: Int?
    private var isAfternoon = false
    private var minute = 0
    private var second = 0
    private var millisecond = 0
    private var offset: Int?

    init(_ text: StringView, isStrict: Bool = false) {
        bytes = text.pointer
        count = Int(text.length)
        self.isStrict = isStrict
    }

    var isAtEnd: Bool { at == count }

    /// Whether every field has a value that a calendar and a clock show.
    var isInRange: Bool {
        func holds(_ range: ClosedRange<Int>, _ value: Int?) -> Bool { value.map(range.contains) ?? true }
        let year = year ?? 1970
        // The years whose milliseconds 64 bits hold.
        guard holds(-292_275_054...292_278_993, year) else { return false }
        let (month, isLeap) = (month ?? 1, CivilDate.day(year: year, month: 3, day: 1) - CivilDate.day(year: year, month: 2, day: 1) == 29)
        guard holds(1...12, month), holds(1...(isLeap ? 366 : 365), dayOfYear) else { return false }
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return holds(1...days, dayOfMonth) && holds(0...23, hourOfDay) && holds(0...11, hourOfHalf) && holds(0...59, minute)
            && holds(0...59, second)
    }

    mutating func take(_ literal: UInt8) -> Bool {
        guard at < count, bytes[at] == literal else { return false }
        at += 1
        return true
    }

    mutating func read(_ field: DateTimePattern.Field, count letters: Int, abuts: Bool) throws -> Bool {
        let fieldStart = at
        if !isStrict { while at < count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 } }
        guard at < count else { return false }
        switch field {
        case .era: return readEra()
        case .month where letters > 2: return readMonthName(letters, abuts)
        case .dayName:
            guard let index = name(DateTimePattern.dayNames) else { return false }
            dayOfWeek = index + 1
            return true
        case .halfDay:
            if takeWord("AM") { isAfternoon = false } else if takeWord("PM") { isAfternoon = true } else { return false }
            return true
        case .zoneName where isStrict, .zoneRFC822 where isStrict:
            // Names are short ones, and offsets have a sign.
            let isSigned = bytes[at] == 0x2B || bytes[at] == 0x2D
            guard isSigned == (field == .zoneRFC822), isSigned || !(at..<count).contains(where: { bytes[$0] == 0x2F }) else { return false }
            return try readZone()
        case .zoneName, .zoneRFC822, .zoneISO8601: return try readZone()
        default: break
        }
        let start = at
        // The width of fields that abut counts the blanks before them.
        var end = abuts ? fieldStart + letters : count
        if isStrict, let most = Self.mostDigits(of: field, letters) {
            guard bytes[at] != 0x2D else { return false }
            end = min(end, at + most, count)
        }
        guard let value = number(end: end) else { return false }
        switch field {
        case .year, .weekYear:
            var value = value
            if isStrict ? letters == 2 : letters <= 2, at - start == 2, bytes[start] &- 0x30 <= 9 { value = PatternReader.century(value) }
            if field == .year { year = value } else { weekYear = value }
        case .month: month = value
        case .dayOfMonth: dayOfMonth = value
        case .dayOfYear: dayOfYear = value
        case .weekOfYear: weekOfYear = value
        case .weekOfMonth: weekOfMonth = value
        case .dayOfWeekInMonth: dayOfWeekInMonth = value
        case .dayNumber: dayOfWeek = value
        case .hour0To23: hourOfDay = value
        case .hour1To24: hourOfDay = value == 24 ? 0 : value
        case .hour0To11: hourOfHalf = value
        case .hour1To12: hourOfHalf = value == 12 ? 0 : value
        case .minute: minute = value
        case .second: second = value
        case .millisecond where isStrict:
            // The digits behind those of milliseconds are read, and say nothing.
            var (fraction, digits) = (value, at - start)
            while digits > 3 { (fraction, digits) = (fraction / 10, digits - 1) }
            while digits < 3 { (fraction, digits) = (fraction * 10, digits + 1) }
            millisecond = fraction
        case .millisecond: millisecond = value
        case .era, .dayName, .halfDay, .zoneName, .zoneRFC822, .zoneISO8601: return false
        }
        return true
    }

    /// Of fields other than years, as Joda-Time reads them.
    private static func mostDigits(of field: DateTimePattern.Field, _ letters: Int) -> Int? {
        switch field {
        case .year, .weekYear: nil
        case .dayOfYear: 3
        case .dayNumber: 1
        case .millisecond: letters
        default: 2
        }
    }

    /// Two digits mean the year from 80 years ago to 20 years ahead.
    private static func century(_ value: Int) -> Int {
        let first = currentYear - 80
        return value + first / 100 * 100 + (value < first % 100 ? 100 : 0)
    }

    private static let currentYear: Int = {
        let (day, _) = CivilDate.split(currentSeconds())
        return CivilDate.components(ofDay: day).year
    }()

    /// Digits before `end`, with a minus sign in front perhaps.
    private mutating func number(end: Int) -> Int? {
        guard at < end, end <= count else { return nil }
        var position = at
        let negative = bytes[position] == 0x2D
        if negative { position += 1 }
        let first = position
        var value = 0
        while position < end, bytes[position] &- 0x30 <= 9 {
            if value < 100_000_000_000 { value = value &* 10 &+ Int(bytes[position] &- 0x30) }
            position += 1
        }
        guard position > first else { return nil }
        at = position
        return negative ? -value : value
    }

    private mutating func readEra() -> Bool {
        if takeWord("AD") { return true }
        guard takeWord("BC") else { return false }
        isBeforeChrist = true
        return true
    }

    private mutating func readMonthName(_ letters: Int, _ abuts: Bool) -> Bool {
        guard let index = name(DateTimePattern.monthNames) else { return false }
        month = index + 1
        return true
    }

    /// The longest name, whole or its first three letters, in any case.
    private mutating func name(_ names: [StaticString]) -> Int? {
        for (index, name) in names.enumerated() where takeWord(name) { return index }
        for (index, name) in names.enumerated() where takeWord(name, length: 3) { return index }
        return nil
    }

    private mutating func takeWord(_ word: StaticString, length: Int? = nil) -> Bool {
        let size = min(length ?? word.utf8CodeUnitCount, word.utf8CodeUnitCount)
        guard count - at >= size else { return false }
        for position in 0..<size where bytes[at + position] | 0x20 != word.utf8Start[position] | 0x20 { return false }
        at += size
        return true
    }

    private mutating func readZone() throws -> Bool {
        if bytes[at] == 0x2B || bytes[at] == 0x2D {
            let start = at
            at += 1
            while at < count, bytes[at] &- 0x30 <= 9 || bytes[at] == 0x3A { at += 1 }
            while at > start {
                if let found = ZoneRules.offset(ofText: StringView(bytes + start, length: at - start).string) {
                    offset = found
                    return true
                }
                at -= 1
            }
            return false
        }
        let start = at
        while at < count, bytes[at] > 0x20, bytes[at] != 0x29, bytes[at] != 0x2C { at += 1 }
        let name = StringView(bytes + start, length: at - start).string
        guard let zone = try ZoneRules.named(name) else { return false }
        if zone.isFixed {
            offset = zone.offset(at: 0)
        } else {
            zoneOfText = zone
        }
        return true
    }

    private var zoneOfText: ZoneRules?

    func resolve() -> (local: Timestamp, offset: Int?)? {
        let day = resolvedDay()
        var hour = hourOfDay ?? 0
        if hourOfDay == nil { hour = (hourOfHalf ?? 0) + (isAfternoon ? 12 : 0) }
        // Years of twelve digits are no time at all.
        let (midnight, isTooFar) = Int64(day).multipliedReportingOverflow(by: 86_400)
        guard !isTooFar, midnight.magnitude < 1 << 62 else { return nil }
        var seconds = midnight &+ Int64(hour &* 3600 &+ minute &* 60 &+ second)
        var rest = millisecond % 1000
        seconds = seconds &+ Int64(millisecond / 1000)
        if rest < 0 {
            rest += 1000
            seconds = seconds &- 1
        }
        var offset = offset
        if let zone = zoneOfText { offset = Int(seconds &- zone.utc(fromLocal: seconds)) }
        return (Timestamp(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: rest &* 1_000_000)), offset)
    }

    private func resolvedDay() -> Int {
        var year = year ?? weekYear ?? 1970
        if isBeforeChrist { year = 1 - year }
        if let dayOfMonth { return day(year, month ?? 1, dayOfMonth) }
        if let dayOfYear, month == nil { return day(year, 1, 1) &+ dayOfYear - 1 }
        if weekOfYear != nil || weekYear != nil, month == nil {
            let start = SundayWeek.weekStart(day(weekYear ?? year, 1, 1))
            return start &+ ((weekOfYear ?? 1) - 1) * 7 + (dayOfWeek ?? 7) % 7
        }
        let first = day(year, month ?? 1, 1)
        if let weekOfMonth {
            return SundayWeek.weekStart(first) &+ (weekOfMonth - 1) * 7 + (dayOfWeek ?? 7) % 7
        }
        if let dayOfWeek {
            let ahead = (dayOfWeek % 7 - CivilDate.dayOfWeek(first) % 7 + 7) % 7
            return first &+ ahead + ((dayOfWeekInMonth ?? 1) - 1) * 7
        }
        return first
    }

    private func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // Months beyond the year count on.
        let total = year &* 12 &+ month &- 1
        let normal = total >= 0 ? total / 12 : (total &- 11) / 12
        return CivilDate.dayNumber(year: normal, month: total &- normal &* 12 &+ 1, day: day)
    }
}

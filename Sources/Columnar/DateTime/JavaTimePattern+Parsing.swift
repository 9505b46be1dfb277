extension JavaTimePattern {
    /// The instant that the whole of `text` names, as Java's formatter reads it (resolver style SMART): fields are in their ranges,
    /// but a day behind a month's last is the last. Without an offset in the text it is wall-clock time of `zone`; without a time,
    /// midnight. nil for a text that is not of the pattern, and for a pattern that says no date.
    /// - Throws: what `ZoneRules.named` throws, for text that names a zone.
    package func parse(_ text: StringView, zone: ZoneRules) throws -> Timestamp? {
        var reader = JavaTimeReader(text)
        guard try reader.read(elements[...]), reader.isAtEnd, let local = reader.resolved() else { return nil }
        // A date alone is one of the session's zone, whatever zone stands in the text.
        guard reader.hasTime else { return Timestamp(inRange: zone.utc(fromLocal: local.seconds)) }
        let seconds =
            if let offset = reader.offset {
                local.seconds &- Int64(offset)
            } else {
                (reader.zone ?? zone).utc(fromLocal: local.seconds)
            }
        return Timestamp(inRange: seconds, nanoseconds: local.nanoseconds)
    }
}

/// Reads one text by a pattern and gathers its fields.
private struct JavaTimeReader {
    private let bytes: UnsafePointer<UInt8>
    private let count: Int
    private var at = 0
    /// By letters that mean the same: numbers as they are written.
    private var values: [UInt8: Int] = [:]
    private(set) var offset: Int?
    private(set) var zone: ZoneRules?
    private(set) var hasTime = false

    init(_ text: StringView) {
        bytes = text.pointer
        count = Int(text.length)
    }

    var isAtEnd: Bool { at == count }

    mutating func read(_ elements: ArraySlice<JavaTimePattern.Element>) throws -> Bool {
        var index = elements.startIndex
        while index < elements.endIndex {
            switch elements[index] {
            case .literal(let expected):
                for byte in expected { guard take(byte) else { return false } }
            case .field(let field): guard try read(field) else { return false }
            case .optional(let end):
                // What does not fit leaves nothing behind.
                let before = self
                let section = elements[(index + 1)..<min(max(end, index + 1), elements.endIndex)]
                if try !read(section) { self = before }
                index = section.endIndex
                continue
            }
            index += 1
        }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
        guard at < count, lowered(bytes[at]) == lowered(byte) else { return false }
        at += 1
        return true
    }

    private mutating func take(_ word: StaticString, _ length: Int? = nil) -> Bool {
        let start = at
        for position in 0..<(length ?? word.utf8CodeUnitCount) where !take(word.utf8Start[position]) {
            at = start
            return false
        }
        return true
    }

    /// False for a value that another field has given otherwise.
    private mutating func set(_ letter: Character, _ value: Int) -> Bool {
        guard let key = letter.asciiValue else { return false }
        if let known = values[key], known != value { return false }
        values[key] = value
        return true
    }

    private mutating func read(_ field: JavaTimePattern.Field) throws -> Bool {
        guard field.padding > 0 else { return try readUnpadded(field) }
        // Blanks and the field fill the columns.
        let end = at + field.padding
        guard end <= count else { return false }
        while at < end, bytes[at] == UInt8(ascii: " ") { at += 1 }
        return try readUnpadded(field) && at == end
    }

    private mutating func readUnpadded(_ field: JavaTimePattern.Field) throws -> Bool {
        let letter = Character(Unicode.Scalar(field.letter))
        if field.isNumber { return readNumber(field, letter) }
        switch letter {
        case "G":
            let (after, before): (StaticString, StaticString) =
                field.count == 4 ? ("Anno Domini", "Before Christ") : field.count == 5 ? ("A", "B") : ("AD", "BC")
            if take(after) { return set("G", 1) }
            return take(before) && set("G", 0)
        case "a":
            if take("AM") { return set("a", 0) }
            return take("PM") && set("a", 1)
        case "M", "L": return readName(DateTimePattern.monthNames, field.count).map { set("M", $0 + 1) } ?? false
        case "E", "e", "c": return readName(DateTimePattern.dayNames, field.count).map { set("E", $0 + 1) } ?? false
        case "Q", "q":
            let start = at
            if field.count == 3, !take("Q") { return false }
            guard let quarter = digits(1, 1), (1...4).contains(quarter) else {
                at = start
                return false
            }
            if field.count == 4 {
                let endings: [StaticString] = ["st quarter", "nd quarter", "rd quarter", "th quarter"]
                guard take(endings[quarter - 1]) else { return false }
            }
            return set("Q", quarter)
        case "S":
            guard var fraction = digits(field.count, field.count) else { return false }
            for _ in field.count..<9 { fraction *= 10 }
            return set("n", fraction)
        case "V", "z": return try readZone()
        case "O", "Z" where field.count == 4: return readLocalizedOffset(isLong: field.count == 4)
        case "Z": return field.count == 5 ? readOffset(3, zero: true) : readOffset(2, zero: false)
        case "X": return readOffset(field.count, zero: true)
        case "x": return readOffset(field.count, zero: false)
        default: return false
        }
    }

    private mutating func readName(_ names: [StaticString], _ letters: Int) -> Int? {
        // One letter does not say which.
        guard letters < 5 else { return nil }
        for (index, name) in names.enumerated() where take(name, letters == 4 ? nil : min(3, name.utf8CodeUnitCount)) { return index }
        return nil
    }

    /// At least and at most so many digits.
    private mutating func digits(_ least: Int, _ most: Int) -> Int? {
        var value = 0
        var read = 0
        while read < most, at + read < count, case let digit = bytes[at + read] &- 0x30, digit <= 9 {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooLarge) = scaled.addingReportingOverflow(Int(digit))
            guard !overflow, !tooLarge else { return nil }
            value = sum
            read += 1
        }
        guard read >= least else { return nil }
        at += read
        return value
    }

    private mutating func readNumber(_ field: JavaTimePattern.Field, _ letter: Character) -> Bool {
        let isYear = ["u", "y", "Y"].contains(letter) && field.count != 2
        let least = field.digits.least
        var most = field.digits.most
        var isNegative = false
        var hasPlus = false
        if isYear || field.fixedWidth == nil && field.count == 1 {
            if at < count, bytes[at] == UInt8(ascii: "-") {
                isNegative = true
                at += 1
            } else if isYear, field.count >= 4, at < count, bytes[at] == UInt8(ascii: "+") {
                hasPlus = true
                at += 1
            }
        }
        if field.reserved > 0 {
            var present = 0
            while present < most + field.reserved, at + present < count, bytes[at + present] &- 0x30 <= 9 { present += 1 }
            most = max(least, min(most, present - field.reserved))
        }
        let start = at
        guard var value = digits(least, most) else { return false }
        // More digits than letters need a sign.
        if isYear, field.count >= 4, !isNegative { guard hasPlus == (at - start > field.count) else { return false } }
        if isNegative { value = -value }
        if ["u", "y", "Y"].contains(letter), field.count == 2 { value += 2000 }
        switch letter {
        case "L": return set("M", value)
        case "q": return set("Q", value)
        case "c", "e":
            // Sunday is 1 here, and Monday there.
            guard (1...7).contains(value) else { return false }
            return set("E", (value + 5) % 7 + 1)
        default: return set(letter, value)
        }
    }

    // MARK: zones

    private mutating func readOffset(_ form: Int, zero: Bool) -> Bool {
        if zero, take("Z") { return setOffset(0) }
        guard at < count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") else { return false }
        let sign = bytes[at] == UInt8(ascii: "-") ? -1 : 1
        at += 1
        guard let hours = digits(2, 2) else { return false }
        let hasColon = form == 3 || form == 5
        func part(_ reader: inout JavaTimeReader) -> Int? {
            let start = reader.at
            if hasColon, !reader.take(UInt8(ascii: ":")) { return nil }
            guard let value = reader.digits(2, 2), value < 60 else {
                reader.at = start
                return nil
            }
            return value
        }
        let minutes = part(&self)
        if form != 1, minutes == nil { return false }
        let seconds = form > 3 ? part(&self) ?? 0 : 0
        return hours <= 18 && setOffset(sign * (hours * 3600 + (minutes ?? 0) * 60 + seconds))
    }

    private mutating func readLocalizedOffset(isLong: Bool) -> Bool {
        guard take("GMT") else { return false }
        guard at < count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") else { return setOffset(0) }
        let sign = bytes[at] == UInt8(ascii: "-") ? -1 : 1
        at += 1
        guard let hours = digits(isLong ? 2 : 1, 2), hours <= 18 else { return false }
        var minutes = 0
        if take(UInt8(ascii: ":")) {
            guard let read = digits(2, 2), read < 60 else { return false }
            minutes = read
        } else if isLong {
            return false
        }
        return setOffset(sign * (hours * 3600 + minutes * 60))
    }

    private mutating func setOffset(_ value: Int) -> Bool {
        if let offset, offset != value { return false }
        offset = value
        return true
    }

    /// A zone's name: all that could be of one.
    private mutating func readZone() throws -> Bool {
        var end = at
        while end < count, case let byte = bytes[end],
            byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte &- 0x30 <= 9 || [0x2F, 0x5F, 0x2B, 0x2D, 0x3A].contains(byte)
        { end += 1 }
        guard end > at else { return false }
        let name = String(decoding: UnsafeBufferPointer(start: bytes + at, count: end - at), as: UTF8.self)
        guard let found = try ZoneRules.named(name) else { return false }
        at = end
        zone = found
        return true
    }

    // MARK: what the fields say

    private func value(_ letter: Character) -> Int? { letter.asciiValue.flatMap { values[$0] } }

    /// nil where there is no date, or fields contradict each other or their ranges.
    mutating func resolved() -> Timestamp? {
        guard let day = resolvedDay() else { return nil }
        if let weekday = value("E"), weekday != CivilDate.dayOfWeek(day) { return nil }
        if let quarter = value("Q"), quarter != (CivilDate.components(ofDay: day).month + 2) / 3 { return nil }
        guard isTimeInRange else { return nil }
        guard let (second, nanosecond, days) = resolvedTime() else { return Timestamp(seconds: Int64(day) * 86_400) }
        hasTime = true
        return Timestamp(seconds: Int64(day + days) * 86_400 + Int64(second), nanoseconds: Int32(truncatingIfNeeded: nanosecond))
    }

    private func resolvedDay() -> Int32? {
        var year = value("u")
        if let ofEra = value("y") {
            guard (1...999_999_999).contains(ofEra) else { return nil }
            let meant = value("G") == 0 ? 1 - ofEra : ofEra
            if let year, year != meant { return nil }
            year = meant
        }
        if let year {
            // The years of days that DATE has.
            guard abs(year) < 5_800_000 else { return nil }
            let isLeap = CivilDate.isLeap(year)
            if let month = value("M"), let written = value("d") {
                guard (1...12).contains(month), (1...31).contains(written) else { return nil }
                let day = CivilDate.day(year: year, month: month, day: min(written, CivilDate.daysInMonth(year: year, month: month)))
                if let ofYear = value("D"), ofYear != CivilDate.dayOfYear(day) { return nil }
                return day
            }
            if let ofYear = value("D") {
                guard (1...(isLeap ? 366 : 365)).contains(ofYear) else { return nil }
                let day = CivilDate.day(year: year, month: 1, day: 1) + Int32(ofYear - 1)
                if let month = value("M"), month != CivilDate.components(ofDay: day).month { return nil }
                return day
            }
            // The week of a month and a day of the week.
            if let month = value("M"), let week = value("W"), let weekday = value("E"), (1...12).contains(month), (1...6).contains(week) {
                let first = SundayWeek.weekStart(CivilDate.day(year: year, month: month, day: 1))
                let day = first + Int32((week - 1) * 7 + weekday % 7)
                return CivilDate.components(ofDay: day).month == month ? day : nil
            }
            return nil
        }
        guard let year = value("Y"), let week = value("w"), let weekday = value("E"), abs(year) < 5_800_000, (1...54).contains(week)
        else { return nil }
        let day = SundayWeek.weekStart(CivilDate.day(year: year, month: 1, day: 1)) + Int32((week - 1) * 7 + weekday % 7)
        return SundayWeek.ofYear(day).year == year ? day : nil
    }

    private var isTimeInRange: Bool {
        func holds(_ letter: Character, _ range: ClosedRange<Int>) -> Bool { value(letter).map(range.contains) ?? true }
        // The end of a day is the next one's start.
        if value("H") == 24, ["m", "s", "n"].contains(where: { (value($0) ?? 0) != 0 }) { return false }
        if let hour = value("H"), let other = value("k"), hour != other % 24 { return false }
        return holds("H", 0...24) && holds("k", 1...24) && holds("K", 0...11) && holds("h", 1...12) && holds("m", 0...59)
            && holds("s", 0...59) && holds("n", 0...999_999_999) && holds("A", 0...86_399_999) && holds("N", 0...86_399_999_999_999)
    }

    /// nil where the fields say no time; then it is midnight.
    private func resolvedTime() -> (second: Int, nanosecond: Int, days: Int32)? {
        if let nanoseconds = value("N") { return (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000, 0) }
        if let milliseconds = value("A") {
            return (milliseconds / 1000, milliseconds % 1000 * 1_000_000 + (value("n") ?? 0) % 1_000_000, 0)
        }
        var hour = value("H") ?? value("k").map { $0 % 24 }
        if hour == nil, let half = value("a"), let ofHalf = value("K") ?? value("h").map({ $0 % 12 }) { hour = half * 12 + ofHalf }
        guard var hour else { return nil }
        let (minute, second, fraction) = (value("m"), value("s"), value("n"))
        if minute == nil, second != nil || fraction != nil { return nil }
        if second == nil, fraction != nil { return nil }
        var days: Int32 = 0
        if hour == 24 {
            (hour, days) = (0, 1)
        }
        return (hour * 3600 + (minute ?? 0) * 60 + (second ?? 0), fraction ?? 0, days)
    }
}

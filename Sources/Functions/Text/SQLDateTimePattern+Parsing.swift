import Columnar

extension SQLDateTimePattern {
    /// The years whose first digits those of shorter years get.
    struct Today: Sendable {
        let year: Int
        let isoYear: Int

        init(_ day: Int32) {
            year = CivilDate.components(ofDay: day).year
            isoYear = SQLDateTimePattern.isoYear(of: day)
        }
    }

    /// The time that the whole of a text names; a zone in it does not count. nil when the text is not of the pattern, or there is no
    /// such time.
    func parse(_ text: StringView, today: Today) -> Timestamp? {
        var reader = SQLDateTimeReader(text, isExact: isExact, today: today)
        for (place, element) in elements.enumerated() {
            let isRead: Bool
            switch element.kind {
            case .separator:
                let isBeforeZone = place + 1 < elements.count && elements[place + 1].field == .zoneHour
                isRead = reader.takeSeparators(element, isBeforeZone: isBeforeZone)
            case .text: isRead = reader.takeText(element)
            case .name(let field): isRead = reader.takeName(field, element)
            case .number(let field): isRead = reader.takeNumber(field, element)
            }
            guard isRead else { return nil }
        }
        return reader.time
    }
}

/// Reads a text by the elements of a pattern.
private struct SQLDateTimeReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let isExact: Bool
    private let today: SQLDateTimePattern.Today
    private var at = 0
    private var values: [SQLDateTimePattern.Field: Int] = [:]

    init(_ text: StringView, isExact: Bool, today: SQLDateTimePattern.Today) {
        bytes = text.bytes
        self.isExact = isExact
        self.today = today
    }

    /// Where one text of separators ends; a minus at its end belongs to the zone behind it, unless it is alone.
    mutating func takeSeparators(_ element: SQLDateTimePattern.Element, isBeforeZone: Bool) -> Bool {
        var end = at
        while end < bytes.count, SQLDateTimePattern.separators.contains(bytes[end]) { end += 1 }
        if isBeforeZone, end - at > 1, bytes[end - 1] == UInt8(ascii: "-") { end -= 1 }
        guard end > at, !isExact || bytes[at..<end].elementsEqual(element.spelling) else { return false }
        at = end
        return true
    }

    mutating func takeText(_ element: SQLDateTimePattern.Element) -> Bool {
        guard bytes.count - at >= element.length else { return false }
        let found = String(decoding: bytes[at..<at + element.length], as: UTF8.self)
        guard found.lowercased() == String(decoding: element.spelling, as: UTF8.self).lowercased() else { return false }
        at += element.length
        return true
    }

    mutating func takeName(_ field: SQLDateTimePattern.Field, _ element: SQLDateTimePattern.Element) -> Bool {
        let rest = String(decoding: bytes[at..<min(bytes.count, at + element.length)], as: UTF8.self).lowercased()
        let names = field == .month ? SQLDateTimePattern.monthNames : SQLDateTimePattern.dayNames
        for (place, name) in names.enumerated() {
            let name = element.length == 3 ? name.prefix(3).lowercased() : name.lowercased()
            guard rest.hasPrefix(name) else { continue }
            values[field] = place + 1
            at += name.utf8.count
            return true
        }
        return false
    }

    mutating func takeNumber(_ field: SQLDateTimePattern.Field, _ element: SQLDateTimePattern.Element) -> Bool {
        if field == .halfDay { return takeHalfDay(element) }
        if field == .zoneHour {
            guard at < bytes.count else { return false }
            if bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") { at += 1 }
        }
        let most = field == .zoneHour ? 2 : element.length
        let start = at
        var value = 0
        while at < bytes.count, at - start < most, bytes[at] &- 0x30 < 10 {
            value = value * 10 + Int(bytes[at] &- 0x30)
            at += 1
        }
        let count = at - start
        if isExact, !element.isUnpadded, field != .fraction, field != .zoneHour, count != element.length { return false }
        switch field {
        case .year: value = completed(value, digits: count, today.year, isRounded: element.spelling[0] | 0x20 == UInt8(ascii: "r"))
        case .isoYear: value = completed(value, digits: count, today.isoYear, isRounded: false)
        default:
            guard count > 0 else { return false }
            if field == .fraction { for _ in count..<9 { value *= 10 } }
            if field == .halfDayHour, value == 12 { value = 0 }
        }
        values[field] = value
        return true
    }

    /// A year with the first digits of this one; of two digits that are rounded, the nearest such year of a half century.
    private func completed(_ value: Int, digits: Int, _ current: Int, isRounded: Bool) -> Int {
        if isRounded, digits == 2 {
            let century = current / 100 + (value < 50 && current % 100 >= 50 ? 1 : value >= 50 && current % 100 < 50 ? -1 : 0)
            return century * 100 + value
        }
        var power = 1
        for _ in 0..<digits { power *= 10 }
        return current / power * power + value
    }

    private mutating func takeHalfDay(_ element: SQLDateTimePattern.Element) -> Bool {
        let rest = String(decoding: bytes[at..<min(bytes.count, at + 4)], as: UTF8.self).lowercased()
        guard let found = ["am", "a.m.", "pm", "p.m."].first(where: { rest.hasPrefix($0) }),
            !isExact || found.utf8.count == element.spelling.count
        else { return false }
        values[.halfDay] = found.hasPrefix("p") ? 1 : 0
        at += found.utf8.count
        return true
    }

    /// What was read, when it is the whole text.
    var time: Timestamp? {
        guard at == bytes.count, let day, let second, (values[.zoneHour] ?? 0) <= 15, (values[.zoneMinute] ?? 0) <= 59 else { return nil }
        return Timestamp(seconds: Int64(day) * 86_400 + Int64(second), nanoseconds: Int32(values[.fraction] ?? 0))
    }

    private var day: Int32? {
        if let year = values[.isoYear] {
            guard let week = values[.isoWeek], let weekday = values[.isoWeekday], (1...53).contains(week), (1...7).contains(weekday) else {
                return nil
            }
            // The fourth of January lies in the first week.
            let fourth = CivilDate.day(year: year, month: 1, day: 4)
            let day = fourth &+ Int32((week - 1) * 7 + weekday - CivilDate.dayOfWeek(fourth))
            return SQLDateTimePattern.isoYear(of: day) == year ? day : nil
        }
        let year = values[.year] ?? 1970
        if let ordinal = values[.dayOfYear] {
            guard ordinal >= 1, ordinal <= (CivilDate.isLeap(year) ? 366 : 365) else { return nil }
            return CivilDate.day(year: year, month: 1, day: ordinal)
        }
        let month = values[.month] ?? 1, day = values[.dayOfMonth] ?? 1
        guard (1...12).contains(month), day >= 1, day <= CivilDate.daysInMonth(year: year, month: month) else { return nil }
        return CivilDate.day(year: year, month: month, day: day)
    }

    private var second: Int? {
        if let second = values[.secondOfDay] { return second < 86_400 ? second : nil }
        let half = values[.halfDayHour] ?? 0
        let hour = values[.hour] ?? (half + 12 * (values[.halfDay] ?? 0))
        let minute = values[.minute] ?? 0, second = values[.second] ?? 0
        guard half < 12, hour < 24, minute < 60, second < 60 else { return nil }
        return hour * 3600 + minute * 60 + second
    }
}

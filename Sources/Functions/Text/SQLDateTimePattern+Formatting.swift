import Columnar

extension SQLDateTimePattern {
    /// Appends a time without zone.
    func append(_ time: Timestamp, to buffer: ByteBuffer) {
        let (day, second) = CivilDate.split(time.seconds)
        for element in elements {
            switch element.kind {
            case .separator, .text: for byte in element.spelling { buffer.append(byte) }
            case .name(let field): Self.appendName(field, day, element, to: buffer)
            case .number(.halfDay): Self.appendHalfDay(isMorning: second < 43_200, element, to: buffer)
            case .number(.fraction): Self.appendFraction(time.nanoseconds, element, to: buffer)
            case .number(let field): Self.append(Self.value(field, day, second), element, to: buffer)
            }
        }
    }

    private static func value(_ field: Field, _ day: Int32, _ second: Int) -> Int {
        let date = CivilDate.components(ofDay: day)
        switch field {
        case .year: return date.year
        case .month: return date.month
        case .dayOfMonth: return date.day
        case .dayOfYear: return CivilDate.dayOfYear(day)
        case .quarter: return CivilDate.quarter(day)
        case .weekOfYear: return (CivilDate.dayOfYear(day) - 1) / 7 + 1
        case .weekOfMonth: return (date.day - 1) / 7 + 1
        case .weekday: return CivilDate.dayOfWeek(day) % 7 + 1
        case .isoYear: return isoYear(of: day)
        case .isoWeek: return CivilDate.isoWeek(day).week
        case .isoWeekday: return CivilDate.dayOfWeek(day)
        case .hour: return second / 3600
        case .halfDayHour: return (second / 3600 + 11) % 12 + 1
        case .minute: return second / 60 % 60
        case .second: return second % 60
        case .secondOfDay: return second
        case .fraction, .halfDay, .zoneHour, .zoneMinute: return 0
        }
    }

    /// The year that has a day's Thursday.
    static func isoYear(of day: Int32) -> Int { CivilDate.components(ofDay: day &+ Int32(4 - CivilDate.dayOfWeek(day))).year }

    /// Zeros in front up to the element's length, or the last digits of more.
    private static func append(_ value: Int, _ element: Element, to buffer: ByteBuffer) {
        var digits = Array(String(value).utf8)
        if digits.count > element.length { digits.removeFirst(digits.count - element.length) }
        if element.isUnpadded {
            digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
            if digits.isEmpty { digits = [UInt8(ascii: "0")] }
        } else {
            buffer.append(repeating: UInt8(ascii: "0"), count: element.length - digits.count)
        }
        for digit in digits { buffer.append(digit) }
    }

    /// Zeros in front say something here, those behind only where their number was given.
    private static func appendFraction(_ nanoseconds: Int32, _ element: Element, to buffer: ByteBuffer) {
        let start = buffer.count
        NumberFormatter.append(Int(nanoseconds), width: 9, to: buffer)
        buffer.truncate(to: start + element.length)
        guard element.spelling.count == 2 else { return }
        while buffer.count > start + 1, buffer.start[buffer.count - 1] == UInt8(ascii: "0") { buffer.truncate(to: buffer.count - 1) }
    }

    /// In the case and with the points of the pattern's.
    private static func appendHalfDay(isMorning: Bool, _ element: Element, to buffer: ByteBuffer) {
        let text = (isMorning ? "a" : "p") + (element.spelling.count == 2 ? "m" : ".m.")
        buffer.append(element.spelling[0] < UInt8(ascii: "a") ? text.uppercased() : text)
    }

    /// In the case of the pattern's, with blanks behind up to the longest name.
    private static func appendName(_ field: Field, _ day: Int32, _ element: Element, to buffer: ByteBuffer) {
        let full =
            field == .month
            ? monthNames[CivilDate.components(ofDay: day).month - 1] : dayNames[CivilDate.dayOfWeek(day) - 1]
        let name = String(full.prefix(element.length))
        let isUpper = { (place: Int) in element.spelling[place] < UInt8(ascii: "a") }
        buffer.append(isUpper(1) ? name.uppercased() : isUpper(0) ? name : name.lowercased())
        if !element.isUnpadded { buffer.append(repeating: 0x20, count: element.length - name.utf8.count) }
    }

    static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
    /// Monday first.
    static let dayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
}

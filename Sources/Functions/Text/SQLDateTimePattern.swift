import Columnar

/// A pattern of SQL:2016 for dates and times, as `CAST(… AS … FORMAT '…')` has them: `YYYY-MM-DD HH24:MI:SS.FF3`.
struct SQLDateTimePattern: Sendable {
    enum Field: Sendable, Hashable {
        case year, month, dayOfMonth, dayOfYear, quarter, weekOfYear, weekOfMonth
        /// From Sunday on.
        case weekday
        case isoYear, isoWeek, isoWeekday
        case hour, halfDayHour, halfDay, minute, second, secondOfDay, fraction
        case zoneHour, zoneMinute

        fileprivate var isISODate: Bool { self == .isoYear || self == .isoWeek || self == .isoWeekday }
        fileprivate var isOtherDate: Bool {
            switch self {
            case .year, .month, .dayOfMonth, .dayOfYear, .quarter, .weekOfYear, .weekOfMonth, .weekday: true
            default: false
            }
        }
    }

    struct Element: Sendable {
        enum Kind: Sendable, Equatable { case number(Field), name(Field), separator, text }

        var kind: Kind
        /// As the pattern has it; of a text what stands between its quotes.
        var spelling: [UInt8]
        /// Characters that are written, or read at most.
        var length: Int
        /// Behind FM: nothing is filled up.
        var isUnpadded = false

        var field: Field? {
            switch kind {
            case .number(let field), .name(let field): field
            default: nil
            }
        }
    }

    /// Why a text is no pattern.
    struct Invalid: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var elements: [Element] = []
    /// FX: what is read has all digits and the very separators.
    private(set) var isExact = false

    private static let longestPattern = 100
    static let separators = Set("-: ./;',".utf8)

    private static let numbers: [String: (field: Field, length: Int)] = {
        var numbers: [String: (field: Field, length: Int)] = [
            "yyyy": (.year, 4), "yyy": (.year, 3), "yy": (.year, 2), "y": (.year, 1), "rrrr": (.year, 4), "rr": (.year, 2),
            "mm": (.month, 2), "d": (.weekday, 1), "dd": (.dayOfMonth, 2), "ddd": (.dayOfYear, 3), "hh": (.halfDayHour, 2),
            "hh12": (.halfDayHour, 2), "hh24": (.hour, 2), "mi": (.minute, 2), "ss": (.second, 2), "sssss": (.secondOfDay, 5),
            "ff": (.fraction, 9), "ww": (.weekOfYear, 2), "w": (.weekOfMonth, 1), "q": (.quarter, 1), "iyyy": (.isoYear, 4),
            "iyy": (.isoYear, 3), "iy": (.isoYear, 2), "i": (.isoYear, 1), "iw": (.isoWeek, 2), "id": (.isoWeekday, 1),
            "a.m.": (.halfDay, 4), "am": (.halfDay, 4), "p.m.": (.halfDay, 4), "pm": (.halfDay, 4), "tzh": (.zoneHour, 3), "tzm": (.zoneMinute, 2),
        ]
        for digits in 1...9 { numbers["ff\(digits)"] = (.fraction, digits) }
        return numbers
    }()

    private static let names: [String: (field: Field, length: Int)] = [
        "month": (.month, 9), "mon": (.month, 3), "day": (.isoWeekday, 9), "dy": (.isoWeekday, 3),
    ]

    /// - Parameter isForReading: texts become times, otherwise times become texts.
    init(_ pattern: String, isForReading: Bool) throws(Invalid) {
        let bytes = Array(pattern.utf8)
        guard bytes.count < Self.longestPattern else { throw Invalid(description: "The input format is too long") }
        var at = 0
        var isUnpadded = false
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\"") {
                if isUnpadded { throw Self.strayFill(pattern, at) }
                at = try takeText(bytes, at)
            } else if Self.separators.contains(bytes[at]) {
                if isUnpadded { throw Self.strayFill(pattern, at) }
                takeSeparator(bytes[at])
                at += 1
            } else {
                at = try takeWord(pattern, bytes, at, &isUnpadded)
            }
        }
        if isUnpadded { throw Self.strayFill(pattern, at) }
        if isForReading { try checkReading() } else { try checkWriting() }
    }

    private static func strayFill(_ pattern: String, _ at: Int) -> Invalid {
        Invalid(
            description: "Bad date/time conversion pattern: \(pattern). Error at index \(at): Fill mode modifier (FM) must be followed by a temporal token.")
    }

    private mutating func takeSeparator(_ byte: UInt8) {
        if let last = elements.last, last.kind == .separator {
            elements[elements.count - 1].spelling.append(byte)
            elements[elements.count - 1].length += 1
        } else {
            elements.append(Element(kind: .separator, spelling: [byte], length: 1))
        }
    }

    /// A text between quotes; a backslash stands before a quote of its own.
    private mutating func takeText(_ bytes: [UInt8], _ opening: Int) throws(Invalid) -> Int {
        var text: [UInt8] = []
        var at = opening + 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count { at += 1 }
            text.append(bytes[at])
            at += 1
        }
        guard at < bytes.count else { throw Invalid(description: "Missing closing double quote (\") opened at index \(opening)") }
        elements.append(Element(kind: .text, spelling: text, length: text.count))
        return at + 1
    }

    /// The longest word of the pattern's language that begins here.
    private mutating func takeWord(_ pattern: String, _ bytes: [UInt8], _ at: Int, _ isUnpadded: inout Bool) throws(Invalid) -> Int {
        for length in (1...5).reversed() where at + length <= bytes.count {
            let spelling = Array(bytes[at..<at + length])
            let word = String(decoding: spelling, as: UTF8.self).lowercased()
            let kind: Element.Kind
            let width: Int
            if let number = Self.numbers[word] {
                (kind, width) = (.number(number.field), number.length)
            } else if let name = Self.names[word] {
                (kind, width) = (.name(name.field), name.length)
            } else if word == "t" || word == "z" {
                if isUnpadded { throw Self.strayFill(pattern, at) }
                elements.append(Element(kind: .text, spelling: Array(word.uppercased().utf8), length: 1))
                return at + 1
            } else if word == "fm" || word == "fx" {
                if isUnpadded { throw Self.strayFill(pattern, at) }
                if word == "fm" { isUnpadded = true } else { isExact = true }
                return at + 2
            } else {
                continue
            }
            if isUnpadded, kind == .number(.zoneHour) || kind == .number(.zoneMinute) { throw Self.strayFill(pattern, at) }
            elements.append(Element(kind: kind, spelling: spelling, length: width, isUnpadded: isUnpadded))
            isUnpadded = false
            return at + length
        }
        throw Invalid(description: "Bad date/time conversion pattern: \(pattern)")
    }

    // MARK: Checks

    private func checkWriting() throws(Invalid) {
        for element in elements {
            let spelling = String(decoding: element.spelling, as: UTF8.self)
            if element.field == .zoneHour || element.field == .zoneMinute {
                throw Invalid(description: "\(spelling.uppercased()) not a valid format for timestamp or date.")
            }
            guard case .name = element.kind else { continue }
            let accepted = [spelling.uppercased(), spelling.prefix(1).uppercased() + spelling.dropFirst().lowercased(), spelling.lowercased()]
            guard accepted.contains(spelling) else {
                throw Invalid(
                    description: "Ambiguous capitalization of token \(spelling). Accepted forms are \(accepted[0]), \(accepted[1]), or \(accepted[2]).")
            }
        }
    }

    private func checkReading() throws(Invalid) {
        let fields = elements.compactMap(\.field)
        let known = Set(fields)
        func refuse(_ isWrong: Bool, _ reason: String) throws(Invalid) { if isWrong { throw Invalid(description: reason) } }
        let hasOtherDate = known.contains(where: \.isOtherDate)
        let hasISODate = known.contains(.isoYear) || known.contains(.isoWeek)
        try refuse(known.contains(.quarter), "Illegal field: q (QuarterOfYear)")
        try refuse(known.contains(.weekday), "Illegal field: d (DayOfWeek from Sunday)")
        try refuse(known.contains(.isoWeekday) && hasOtherDate, "Illegal field: dy/day (DayOfWeek)")
        try refuse(known.contains(.weekOfMonth), "Illegal field: w (AlignedWeekOfMonth)")
        try refuse(known.contains(.weekOfYear), "Illegal field: ww (AlignedWeekOfYear)")
        try refuse(hasOtherDate && hasISODate, "Pattern cannot contain both ISO and Gregorian tokens")
        try refuse(!known.contains(.year) && !known.contains(.isoYear), "Missing year token.")
        try refuse(
            hasOtherDate && !known.contains(.dayOfYear) && !(known.contains(.month) && known.contains(.dayOfMonth)),
            "Missing day of year or (month of year + day of month) tokens.")
        try refuse(
            hasISODate && !(known.contains(.isoWeek) && known.contains(.isoWeekday)),
            "Missing week of year (iw) or day of week (id) tokens.")
        for field in fields {
            try refuse(
                fields.filter { $0 == field }.count > 1, "Invalid duplication of format element: multiple \(field) tokens provided.")
        }
        try refuse(
            known.contains(.halfDay) && !known.contains(.hour) && !known.contains(.halfDayHour), "AM/PM provided but missing hour token.")
        try refuse(known.contains(.halfDay) && known.contains(.hour), "Conflict between median indicator and hour token.")
        try refuse(known.contains(.halfDayHour) && known.contains(.hour), "Conflict between hour of day and hour of am/pm token.")
        try refuse(
            known.contains(.dayOfYear) && (known.contains(.dayOfMonth) || known.contains(.month)), "Day of year provided with day or month token.")
        try refuse(
            known.contains(.secondOfDay) && !known.isDisjoint(with: [.hour, .halfDayHour, .minute, .second]),
            "Second of day token conflicts with other token(s).")
        try refuse(
            known.contains(.zoneMinute) && !known.contains(.zoneHour), "Time zone minute token provided without time zone hour token.")
    }
}

/// A pattern of Java's `SimpleDateFormat` (English names, weeks that begin on Sunday), compiled once and applied to rows.
public struct DateTimePattern: Sendable, Hashable {
    enum Field: UInt8, Sendable {
        case era, year, weekYear, month, weekOfYear, weekOfMonth, dayOfYear, dayOfMonth, dayOfWeekInMonth
        case dayName, dayNumber, halfDay, hour0To23, hour1To24, hour0To11, hour1To12, minute, second, millisecond
        case zoneName, zoneRFC822, zoneISO8601

        init?(letter: UInt8) {
            switch letter {
            case UInt8(ascii: "G"): self = .era
            case UInt8(ascii: "y"): self = .year
            case UInt8(ascii: "Y"): self = .weekYear
            case UInt8(ascii: "M"), UInt8(ascii: "L"): self = .month
            case UInt8(ascii: "w"): self = .weekOfYear
            case UInt8(ascii: "W"): self = .weekOfMonth
            case UInt8(ascii: "D"): self = .dayOfYear
            case UInt8(ascii: "d"): self = .dayOfMonth
            case UInt8(ascii: "F"): self = .dayOfWeekInMonth
            case UInt8(ascii: "E"): self = .dayName
            case UInt8(ascii: "u"): self = .dayNumber
            case UInt8(ascii: "a"): self = .halfDay
            case UInt8(ascii: "H"): self = .hour0To23
            case UInt8(ascii: "k"): self = .hour1To24
            case UInt8(ascii: "K"): self = .hour0To11
            case UInt8(ascii: "h"): self = .hour1To12
            case UInt8(ascii: "m"): self = .minute
            case UInt8(ascii: "s"): self = .second
            case UInt8(ascii: "S"): self = .millisecond
            case UInt8(ascii: "z"): self = .zoneName
            case UInt8(ascii: "Z"): self = .zoneRFC822
            case UInt8(ascii: "X"): self = .zoneISO8601
            default: return nil
            }
        }
    }

    /// A literal (`field` is nil; its bytes lie in `literals`) or a field of `count` letters; `abuts` when another field
    /// follows without a literal between.
    struct Part: Sendable, Hashable {
        var field: Field?
        var count: Int
        var abuts = false
        var literalStart = 0
    }

    let parts: [Part]
    let literals: [UInt8]
    /// The pattern is `yyyy-MM-dd HH:mm:ss`, which has its own path.
    let isStandardTimestamp: Bool
    /// The pattern is `yyyy-MM-dd`.
    let isStandardDate: Bool

    /// Why a text is no pattern, in Java's words.
    package enum Invalid: Error, CustomStringConvertible {
        /// A letter without meaning.
        case letter(UInt8)
        case openQuote
        case zoneLength(Int)

        package var description: String {
            switch self {
            case .letter(let byte): "Illegal pattern character '\(Character(Unicode.Scalar(byte)))'"
            case .openQuote: "Unterminated quote"
            case .zoneLength(let count): "invalid ISO 8601 format: length=\(count)"
            }
        }
    }

    /// nil for a letter without meaning and for a quote that is not closed.
    public init?(_ pattern: String) {
        try? self.init(checking: Array(pattern.utf8))
    }

    package init(checking bytes: [UInt8]) throws(Invalid) {
        let quote = UInt8(ascii: "'")
        var parts: [Part] = []
        var literals: [UInt8] = []
        var literal: [UInt8] = []
        func endLiteral() {
            guard !literal.isEmpty else { return }
            parts.append(Part(field: nil, count: literal.count, literalStart: literals.count))
            literals += literal
            literal = []
        }
        var position = 0
        func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
        while position < bytes.count {
            let byte = bytes[position]
            if byte == quote {
                if position + 1 < bytes.count, bytes[position + 1] == quote {
                    literal.append(quote)
                    position += 2
                    continue
                }
                position += 1
                var isClosed = false
                while position < bytes.count {
                    if bytes[position] == quote {
                        if position + 1 < bytes.count, bytes[position + 1] == quote {
                            literal.append(quote)
                            position += 2
                            continue
                        }
                        isClosed = true
                        position += 1
                        break
                    }
                    literal.append(bytes[position])
                    position += 1
                }
                guard isClosed else { throw .openQuote }
                continue
            }
            guard isLetter(byte) else {
                literal.append(byte)
                position += 1
                continue
            }
            guard let field = Field(letter: byte) else { throw .letter(byte) }
            var count = 0
            while position < bytes.count, bytes[position] == byte {
                count += 1
                position += 1
            }
            if field == .zoneISO8601, count > 3 { throw .zoneLength(count) }
            endLiteral()
            if let previous = parts.last, previous.field != nil { parts[parts.count - 1].abuts = true }
            parts.append(Part(field: field, count: count))
        }
        endLiteral()
        self.parts = parts
        self.literals = literals
        isStandardTimestamp = bytes == Array("yyyy-MM-dd HH:mm:ss".utf8)
        isStandardDate = bytes == Array("yyyy-MM-dd".utf8)
    }

    static let monthNames: [StaticString] = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    /// Monday first.
    static let dayNames: [StaticString] = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
}

/// Weeks as Java's calendar counts them for the United States: from Sunday; week 1 has 1 January.
public enum SundayWeek {
    /// The day's week and the year that the week belongs to.
    public static func ofYear(_ day: Int32) -> (year: Int, week: Int) {
        let year = CivilDate.components(ofDay: day).year
        let nextFirst = CivilDate.day(year: year + 1, month: 1, day: 1)
        // The week of the next 1 January is that year's first.
        if day >= weekStart(nextFirst) { return (year + 1, 1) }
        let first = CivilDate.day(year: year, month: 1, day: 1)
        return (year, Int(day &- weekStart(first)) / 7 + 1)
    }

    public static func ofMonth(_ day: Int32) -> Int {
        let date = CivilDate.components(ofDay: day)
        return Int(day &- weekStart(day &- Int32(date.day - 1))) / 7 + 1
    }

    /// The Sunday on or before a day.
    public static func weekStart(_ day: Int32) -> Int32 { Int32(truncatingIfNeeded: weekStart(Int(day))) }

    static func weekStart(_ day: Int) -> Int { day &- CivilDate.dayOfWeek(day) % 7 }
}

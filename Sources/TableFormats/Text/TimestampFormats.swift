import Columnar

/// `timestamp.formats`: patterns that are tried in turn before a timestamp's usual form.
struct TimestampFormats: Sendable, Hashable {
    private enum Format: Sendable, Hashable {
        case pattern(DateTimePattern)
        /// Milliseconds since 1970, with a fraction or without.
        case milliseconds
    }

    private let formats: [Format]

    var isEmpty: Bool { formats.isEmpty }

    init() { formats = [] }

    /// - Parameter text: patterns with commas between them; a backslash takes a comma's meaning away.
    /// - Throws: `TableFormatError` for what is no pattern.
    init(_ text: String?) throws {
        var names: [String] = [""]
        var isEscaped = false
        for character in text ?? "" {
            if isEscaped || (character != "," && character != "\\") {
                names[names.count - 1].append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                names.append("")
            }
        }
        formats = try names.filter { !$0.isEmpty }.map { name in
            if name == "millis" { return .milliseconds }
            guard let pattern = DateTimePattern(name) else {
                throw TableFormatError("'\(name)' of timestamp.formats is no pattern of a timestamp", path: "")
            }
            return .pattern(pattern)
        }
    }

    func parse(_ text: StringView) -> Timestamp? {
        for format in formats {
            switch format {
            case .pattern(let pattern):
                if let (local, offset) = try? pattern.parseWhole(text) {
                    return Timestamp(seconds: local.seconds &- Int64(offset ?? 0), nanoseconds: local.nanoseconds)
                }
            case .milliseconds:
                if let value = TextParsing.decimal(text.pointer, text.count, precision: 38, scale: 6),
                    text.bytes.first.map({ $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") }) == true
                {
                    let second: Int128 = 1_000_000_000
                    var seconds = value / second
                    var rest = value % second
                    if rest < 0 {
                        seconds -= 1
                        rest += second
                    }
                    guard let whole = Int64(exactly: seconds) else { continue }
                    return Timestamp(seconds: whole, nanoseconds: Int32(truncatingIfNeeded: rest))
                }
            }
        }
        return TextParsing.timestamp(text.pointer, text.count)
    }
}

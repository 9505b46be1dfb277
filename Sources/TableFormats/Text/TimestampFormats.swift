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
        // What is shorter is no timestamp to Hive, whatever the patterns.
        guard text.length >= 8 else { return nil }
        for format in formats {
            switch format {
            case .pattern(let pattern):
                do {
                    if let (local, offset) = try pattern.parseWhole(text, isAlone: formats.count == 1) {
                        return Timestamp(inRange: local.seconds &- Int64(offset ?? 0), nanoseconds: local.nanoseconds)
                    }
                } catch is DateTimePattern.OutOfRange { return nil } catch { continue }
            case .milliseconds: if let result = Self.milliseconds(text) { return result }
            }
        }
        return TextParsing.timestamp(text.pointer, text.count)
    }

    private static let tenThousandYears: Int64 = 253_402_300_800_000

    /// A whole number that leads to no year of five digits, and a fraction that says nothing.
    private static func milliseconds(_ text: StringView) -> Timestamp? {
        let bytes = text.bytes
        var at = 0
        var value: Int64 = 0
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative { at = 1 }
        let start = at
        while at < bytes.count, bytes[at] &- 0x30 < 10 {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeSum) = product.addingReportingOverflow(Int64(bytes[at] &- 0x30))
            guard !isTooLarge, !isTooLargeSum else { return nil }
            value = sum
            at += 1
        }
        guard at > start, value < tenThousandYears else { return nil }
        if at < bytes.count {
            guard bytes[at] == UInt8(ascii: "."), at + 1 < bytes.count,
                bytes[(at + 1)...].allSatisfy({ $0 &- 0x30 < 10 })
            else { return nil }
        }
        if isNegative { value = -value }
        let second = value >= 0 ? value / 1000 : (value - 999) / 1000
        return Timestamp(seconds: second, nanoseconds: Int32(truncatingIfNeeded: value - second * 1000) * 1_000_000)
    }
}

/// `year=2024/city=a%2Fb`: a partition's name, which is also its folder below the table's.
package enum PartitionName {
    /// What NULL and the empty string become.
    package static let defaultValue = "__HIVE_DEFAULT_PARTITION__"

    package static func make(columns: [String], values: [String]) -> String {
        zip(columns, values).map { "\(escape($0))=\(escape($1))" }.joined(separator: "/")
    }

    /// Percent-escapes what Hive escapes: control bytes and `"#%'*/:=?\{[]^`.
    package static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: mustEscape) else { return text }
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            if mustEscape(byte) {
                escaped.append(UInt8(ascii: "%"))
                escaped.append(hexDigits[Int(byte >> 4)])
                escaped.append(hexDigits[Int(byte & 15)])
            } else {
                escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// Takes `%2F` for `/` and so on; a `%` without two digits stays.
    package static func unescape(_ text: some StringProtocol) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "%")) else { return String(text) }
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
            {
                plain.append(high << 4 | low)
                index += 3
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// The values of `a=1/b=2` for the columns a, b; nil when the name is not of that form.
    package static func values(of name: String, columns: [String]) -> [String]? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == columns.count else { return nil }
        var values: [String] = []
        for (part, column) in zip(parts, columns) {
            guard let equals = part.firstIndex(of: "="), unescape(part[..<equals]).lowercased() == column.lowercased()
            else { return nil }
            values.append(unescape(part[part.index(after: equals)...]))
        }
        return values
    }

    /// Key and value of a folder `key=value`; nil for any other name.
    package static func parse(_ folder: some StringProtocol) -> (key: String, value: String)? {
        guard let equals = folder.firstIndex(of: "="), equals > folder.startIndex else { return nil }
        return (unescape(folder[..<equals]).lowercased(), unescape(folder[folder.index(after: equals)...]))
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private static func mustEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<32, 127: true
        case UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "%"), UInt8(ascii: "'"), UInt8(ascii: "*"),
            UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "\\"),
            UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "^"):
            true
        default: false
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

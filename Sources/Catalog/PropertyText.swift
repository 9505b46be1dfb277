/// String dictionaries and lists as the metastore's text columns hold them: JSON objects and arrays of strings, so that
/// the file can be read with any SQLite tool.
enum PropertyText {
    static func encode(_ properties: [String: String]) -> String {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (key, value) in properties.sorted(by: { $0.key < $1.key }) {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            appendQuoted(key, to: &text)
            text.append(UInt8(ascii: ":"))
            appendQuoted(value, to: &text)
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    static func encode(_ list: [String]) -> String {
        var text: [UInt8] = [UInt8(ascii: "[")]
        for value in list {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            appendQuoted(value, to: &text)
        }
        text.append(UInt8(ascii: "]"))
        return String(decoding: text, as: UTF8.self)
    }

    /// The strings of an object as pairs; what is not of this form gives what could be read of it.
    static func decodeProperties(_ text: String) -> [String: String] {
        let strings = decodeList(text)
        var properties: [String: String] = [:]
        for index in stride(from: 0, to: strings.count - 1, by: 2) { properties[strings[index]] = strings[index + 1] }
        return properties
    }

    /// All strings in the text, in order.
    static func decodeList(_ text: String) -> [String] {
        var strings: [String] = []
        var current: [UInt8]?
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard current != nil else {
                if byte == UInt8(ascii: "\"") { current = [] }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                strings.append(String(decoding: current ?? [], as: UTF8.self))
                current = nil
            case UInt8(ascii: "\\"):
                guard let escaped = bytes.next() else { return strings }
                switch escaped {
                case UInt8(ascii: "n"): current?.append(10)
                case UInt8(ascii: "r"): current?.append(13)
                case UInt8(ascii: "t"): current?.append(9)
                case UInt8(ascii: "u"):
                    var digits: [UInt8] = []
                    for _ in 0..<4 { if let digit = bytes.next() { digits.append(digit) } }
                    let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? UInt8(ascii: "?")
                    current?.append(code)
                default: current?.append(escaped)
                }
            default: current?.append(byte)
            }
        }
        return strings
    }

    /// A string of JSON with its quotation marks.
    static func quoted(_ string: String) -> String {
        var text: [UInt8] = []
        appendQuoted(string, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func appendQuoted(_ string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case 10: text.append(contentsOf: Array(#"\n"#.utf8))
            case 13: text.append(contentsOf: Array(#"\r"#.utf8))
            case 9: text.append(contentsOf: Array(#"\t"#.utf8))
            case 0..<32, 127:
                text.append(contentsOf: Array(#"\u00"#.utf8))
                text.append(hexDigits[Int(byte >> 4)])
                text.append(hexDigits[Int(byte & 15)])
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}

/// Characters in data that would end a line, or that a terminal would obey.
package enum ControlCharacters {
    /// The bytes of a text with its control characters as `\u001b`; nil when there are none.
    /// - Parameter keepingLayout: tabs and line ends stay as they are.
    package static func shown(in bytes: UnsafeBufferPointer<UInt8>, keepingLayout: Bool) -> [UInt8]? {
        func control(at index: Int) -> (code: Int, length: Int)? {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\t"), UInt8(ascii: "\n"): return keepingLayout ? nil : (Int(byte), 1)
            case 0..<0x20, 0x7F: return (Int(byte), 1)
            // U+0080 to U+009F
            case 0xC2 where index + 1 < bytes.count && (0x80...0x9F).contains(bytes[index + 1]):
                return (Int(bytes[index + 1]), 2)
            default: return nil
            }
        }
        guard let first = bytes.indices.first(where: { control(at: $0) != nil }) else { return nil }
        var shown = Array(bytes[..<first])
        shown.reserveCapacity(bytes.count + 64)
        var index = first
        while index < bytes.count {
            guard let (code, length) = control(at: index) else {
                shown.append(bytes[index])
                index += 1
                continue
            }
            let digits = Array(String(code, radix: 16).utf8)
            shown += Array("\\u".utf8) + [UInt8](repeating: UInt8(ascii: "0"), count: 4 - digits.count) + digits
            index += length
        }
        return shown
    }
}

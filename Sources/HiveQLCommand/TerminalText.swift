/// Text of data on its way to a terminal, which obeys control characters.
enum TerminalText {
    /// The bytes with all control characters but tabs and line ends as `\\u001b`; nil when there are none.
    static func showingControls(of bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let first = bytes.indices.first(where: { control(bytes, at: $0) != nil }) else { return nil }
        var shown = Array(bytes[..<first])
        shown.reserveCapacity(bytes.count + 64)
        var index = first
        while index < bytes.count {
            guard let (code, length) = control(bytes, at: index) else {
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

    /// The control character at a place, of one byte or (U+0080 to U+009F) of two.
    private static func control(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (code: Int, length: Int)? {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "\t"), UInt8(ascii: "\n"): return nil
        case 0..<0x20, 0x7F: return (Int(byte), 1)
        case 0xC2 where index + 1 < bytes.count && (0x80...0x9F).contains(bytes[index + 1]):
            return (Int(bytes[index + 1]), 2)
        default: return nil
        }
    }
}

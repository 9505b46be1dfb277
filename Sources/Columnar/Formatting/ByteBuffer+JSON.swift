extension ByteBuffer {
    /// How the four digits of a control character's number are written: Java's libraries differ.
    package enum HexadecimalDigits {
        case lowerCase, upperCase
    }

    /// Appends a JSON string: quotes, and escapes only where JSON needs them. Other bytes stay as they are.
    package func appendJSONString(_ text: UnsafeBufferPointer<UInt8>, hexadecimalDigits: HexadecimalDigits) {
        append(UInt8(ascii: "\""))
        defer { append(UInt8(ascii: "\"")) }
        guard let bytes = text.baseAddress else { return }
        let letterA: UInt8 = hexadecimalDigits == .lowerCase ? UInt8(ascii: "a") : UInt8(ascii: "A")
        var written = 0
        for at in 0..<text.count {
            let byte = bytes[at]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            append(bytes + written, count: at - written)
            written = at + 1
            append(UInt8(ascii: "\\"))
            switch byte {
            case 0x0A: append(UInt8(ascii: "n"))
            case 0x0D: append(UInt8(ascii: "r"))
            case 0x09: append(UInt8(ascii: "t"))
            case 0x08: append(UInt8(ascii: "b"))
            case 0x0C: append(UInt8(ascii: "f"))
            case 0..<0x20:
                append("u00")
                for digit in [byte >> 4, byte & 15] { append(digit < 10 ? 0x30 + digit : letterA - 10 + digit) }
            default: append(byte)
            }
        }
        append(bytes + written, count: text.count - written)
    }
}

/// What stands between the quotes of a string literal, and back.
package enum StringLiteral {
    /// Resolves Hive's escapes in `content`, the bytes between the quotes: `\n`, `\t`, `\r`, `\b`, `\0`, `\Z`,
    /// `\uXXXX`, three octal digits; `\%` and `\_` keep their backslash; before any other character it is dropped.
    package static func unescape(_ content: ArraySlice<UInt8>) -> String {
        guard content.contains(0x5C) else { return String(decoding: content, as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var pendingSurrogate: UInt32?
        var offset = content.startIndex
        while offset < content.endIndex {
            let byte = content[offset]
            guard byte == 0x5C, offset + 1 < content.endIndex else {
                flush(&pendingSurrogate, into: &result)
                result.append(byte)
                offset += 1
                continue
            }
            if content[offset + 1] == 0x75, let unit = hexadecimal(content, at: offset + 2) {
                append(codeUnit: unit, pending: &pendingSurrogate, to: &result)
                offset += 6
                continue
            }
            flush(&pendingSurrogate, into: &result)
            if let code = octal(content, at: offset + 1) {
                append(scalar: code, to: &result)
                offset += 4
                continue
            }
            switch content[offset + 1] {
            case 0x30: result.append(0)
            case 0x62: result.append(0x08)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x74: result.append(0x09)
            case 0x5A: result.append(0x1A)
            case 0x25: result += [0x5C, 0x25]
            case 0x5F: result += [0x5C, 0x5F]
            case let other: result.append(other)
            }
            offset += 2
        }
        flush(&pendingSurrogate, into: &result)
        return String(decoding: result, as: UTF8.self)
    }

    /// A literal in single quotes that reads back as `text`.
    package static func quoted(_ text: String) -> String {
        var result: [UInt8] = [0x27]
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x27: result += [0x5C, 0x27]
            case 0x5C:
                // `\%` and `\_` read back as they are written.
                let next = index + 1 < bytes.count ? bytes[index + 1] : 0
                result += next == 0x25 || next == 0x5F ? [0x5C] : [0x5C, 0x5C]
            case 0x0A: result += [0x5C, 0x6E]
            case 0x0D: result += [0x5C, 0x72]
            case 0x09: result += [0x5C, 0x74]
            case 0x00..<0x20:
                result += [0x5C, 0x30, 0x30 + (byte >> 3), 0x30 + (byte & 7)]
            default: result.append(byte)
            }
        }
        result.append(0x27)
        return String(decoding: result, as: UTF8.self)
    }

    /// Three octal digits below 0o200, as Hive takes them.
    private static func octal(_ content: ArraySlice<UInt8>, at start: Int) -> UInt32? {
        guard start + 2 < content.endIndex else { return nil }
        let first = content[start] &- 0x30, second = content[start + 1] &- 0x30, third = content[start + 2] &- 0x30
        guard first < 2, second < 8, third < 8 else { return nil }
        return UInt32(first) * 64 + UInt32(second) * 8 + UInt32(third)
    }

    private static func hexadecimal(_ content: ArraySlice<UInt8>, at start: Int) -> UInt32? {
        guard start + 3 < content.endIndex else { return nil }
        var value: UInt32 = 0
        for index in start..<(start + 4) {
            let byte = content[index]
            guard isHexadecimal(byte) else { return nil }
            let digit = isDigit(byte) ? byte - 0x30 : (byte | 0x20) - 0x61 + 10
            value = value * 16 + UInt32(digit)
        }
        return value
    }

    /// Surrogates written as two escapes make one character; a lone one becomes U+FFFD.
    private static func append(codeUnit unit: UInt32, pending: inout UInt32?, to result: inout [UInt8]) {
        if let high = pending {
            pending = nil
            if unit >= 0xDC00, unit < 0xE000 {
                append(scalar: 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00), to: &result)
                return
            }
            append(scalar: 0xFFFD, to: &result)
        }
        if unit >= 0xD800, unit < 0xDC00 {
            pending = unit
        } else {
            append(scalar: unit, to: &result)
        }
    }

    private static func flush(_ pending: inout UInt32?, into result: inout [UInt8]) {
        if pending != nil {
            pending = nil
            append(scalar: 0xFFFD, to: &result)
        }
    }

    private static func append(scalar value: UInt32, to result: inout [UInt8]) {
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
    }
}

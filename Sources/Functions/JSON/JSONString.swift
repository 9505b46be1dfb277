import Columnar

/// What stands between the quotes of a JSON string, well-formed as `JSONText` found it.
package enum JSONString {
    /// Appends the string that `text` spells. Surrogates without their other half become question marks, as in the bytes of
    /// Hive's strings; bytes that are no UTF-8 are kept.
    package static func appendDecoded(_ text: StringView, to buffer: ByteBuffer) {
        let bytes = text.pointer, count = text.count
        var at = 0
        while at < count {
            let byte = bytes[at]
            guard byte == UInt8(ascii: "\\"), at + 1 < count else {
                buffer.append(byte)
                at += 1
                continue
            }
            let escaped = bytes[at + 1]
            at += 2
            switch escaped {
            case UInt8(ascii: "n"): buffer.append(0x0A)
            case UInt8(ascii: "t"): buffer.append(0x09)
            case UInt8(ascii: "r"): buffer.append(0x0D)
            case UInt8(ascii: "b"): buffer.append(0x08)
            case UInt8(ascii: "f"): buffer.append(0x0C)
            case UInt8(ascii: "u"):
                guard let unit = JSONText.codeUnit(bytes, at, count) else { return }
                at += 4
                guard (0xD800...0xDFFF).contains(unit) else {
                    buffer.append(character: unit)
                    continue
                }
                if unit < 0xDC00, at + 1 < count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u"),
                    let low = JSONText.codeUnit(bytes, at + 2, count), (0xDC00...0xDFFF).contains(low)
                {
                    buffer.append(character: 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
                    at += 6
                } else {
                    buffer.append(UInt8(ascii: "?"))
                }
            default: buffer.append(escaped)
            }
        }
    }

    /// The string that `text` spells: `text` itself where it stands for itself.
    @inline(__always)
    static func decoded(_ text: StringView, isEscaped: Bool, _ scratch: ByteBuffer, _ heap: StringHeap) -> StringView {
        guard isEscaped else { return UTF8Text.repaired(text, heap) }
        scratch.removeAll()
        appendDecoded(text, to: scratch)
        return UTF8Text.repaired(heap.copy(scratch.bytes), heap)
    }

    @inline(__always)
    static func equals(_ text: StringView, isEscaped: Bool, _ key: [UInt8], _ scratch: ByteBuffer) -> Bool {
        key.withUnsafeBufferPointer { key in
            guard isEscaped else { return same(text.bytes, key) }
            scratch.removeAll()
            appendDecoded(text, to: scratch)
            return same(scratch.bytes, key)
        }
    }

    @inline(__always)
    static func same(_ left: UnsafeBufferPointer<UInt8>, _ right: [UInt8]) -> Bool {
        right.withUnsafeBufferPointer { same(left, $0) }
    }

    @inline(__always)
    static func same(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        guard left.count == right.count, let first = left.baseAddress, let second = right.baseAddress else {
            return left.count == right.count
        }
        return equalBytes(first, second, left.count)
    }

    /// Appends `text`, quoted anew as Hive's writer does. `heap` takes copies of what is no UTF-8.
    static func appendQuoted(
        _ text: StringView, isEscaped: Bool, _ scratch: ByteBuffer, _ heap: StringHeap, to buffer: ByteBuffer
    ) {
        var plain = text
        if isEscaped {
            scratch.removeAll()
            appendDecoded(text, to: scratch)
            plain = scratch.view()
        }
        plain = UTF8Text.repaired(plain, heap)
        buffer.appendJSONString(plain.bytes, hexadecimalDigits: .upperCase)
    }
}

import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Questions about UTF-8 bytes that string functions share. Positions count code points, as Hive's do outside the
/// supplementary planes. Ill-formed bytes count as one character each and pass through unchanged.
package enum UTF8Text {
    /// Whether no byte is above 127.
    @inlinable @inline(__always)
    package static func isASCII(_ text: StringView) -> Bool {
        var pointer = UnsafeRawPointer(text.pointer)
        var remaining = text.count
        var seen: UInt64 = 0
        while remaining >= 8 {
            seen |= pointer.loadUnaligned(as: UInt64.self)
            pointer += 8
            remaining -= 8
        }
        while remaining > 0 {
            seen |= UInt64(pointer.load(as: UInt8.self))
            pointer += 1
            remaining -= 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }

    /// Whether a line ends with the character at `position`, as Java's expressions see it: line feed, carriage return, next
    /// line, and the separators of lines and paragraphs.
    @inline(__always)
    static func isLineEnd(_ text: StringView, _ position: Int) -> Bool {
        let pointer = text.pointer
        switch pointer[position] {
        case 0x0A, 0x0D: return true
        case 0xC2: return position + 1 < text.count && pointer[position + 1] == 0x85
        case 0xE2:
            return position + 2 < text.count && pointer[position + 1] == 0x80 && pointer[position + 2] & 0xFE == 0xA8
        default: return false
        }
    }

    static func hasLineEnd(_ text: StringView, _ range: Range<Int>) -> Bool { range.contains { isLineEnd(text, $0) } }

    @inline(__always)
    static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    /// Code points: bytes that continue none.
    @inline(__always)
    static func length(_ text: StringView) -> Int {
        let pointer = UnsafeRawPointer(text.pointer)
        let count = text.count
        var continuations = 0
        var index = 0
        // A continuation byte has its highest bit set and the next one clear.
        while index + 8 <= count {
            let word = (pointer + index).loadUnaligned(as: UInt64.self)
            continuations &+= ((word >> 7) & ~(word >> 6) & 0x0101_0101_0101_0101).nonzeroBitCount
            index &+= 8
        }
        while index < count {
            continuations &+= isContinuation(text.pointer[index]) ? 1 : 0
            index &+= 1
        }
        return count - continuations
    }

    /// Bytes of the character that starts with `lead`.
    @inline(__always)
    static func width(_ lead: UInt8) -> Int {
        lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    /// The offset in bytes of code point `index`; the text's length when it has fewer.
    @inline(__always)
    static func offset(_ text: StringView, ofCharacter index: Int) -> Int {
        let pointer = text.pointer, count = text.count
        var offset = 0, left = index
        while left > 0, offset < count {
            offset += 1
            while offset < count, isContinuation(pointer[offset]) { offset += 1 }
            left -= 1
        }
        return min(offset, count)
    }

    /// Bytes `offset ..< offset + length`, without a copy.
    @inline(__always)
    static func slice(_ text: StringView, _ offset: Int, _ length: Int) -> StringView {
        length <= 0 ? StringView() : StringView(text.pointer + offset, length: length)
    }

    /// The code point at `offset` and how many bytes it takes. Ill-formed: the byte itself, 1.
    @inline(__always)
    static func decode(_ pointer: UnsafePointer<UInt8>, _ offset: Int, _ count: Int) -> (scalar: UInt32, width: Int) {
        let lead = pointer[offset]
        if lead < 0x80 { return (UInt32(lead), 1) }
        let width = width(lead)
        guard width > 1, offset + width <= count else { return (UInt32(lead), 1) }
        var scalar = UInt32(lead) & (0x7F >> UInt32(width))
        for step in 1..<width {
            let byte = pointer[offset + step]
            guard isContinuation(byte) else { return (UInt32(lead), 1) }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        return (scalar, width)
    }

    /// Writes a code point; returns how many bytes it took (1…4).
    @inline(__always)
    static func encode(_ scalar: UInt32, _ target: UnsafeMutablePointer<UInt8>) -> Int {
        if scalar < 0x80 {
            target[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        }
        if scalar < 0x800 {
            target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
            return 2
        }
        if scalar < 0x10000 {
            target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
            target[2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
            return 3
        }
        target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18 & 0x07)
        target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F)
        target[2] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
        target[3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
        return 4
    }

    /// The offset in bytes of the first `needle` at or after `start`; nil when there is none.
    @inline(__always)
    static func find(_ needle: StringView, in text: StringView, from start: Int = 0) -> Int? {
        guard start <= text.count else { return nil }
        if needle.count == 0 { return start }
        let last = text.count - needle.count
        let first = Int32(needle.pointer[0])
        var offset = start
        while offset <= last, let hit = memchr(text.pointer + offset, first, last - offset + 1) {
            offset = UnsafeRawPointer(hit) - UnsafeRawPointer(text.pointer)
            if equalBytes(text.pointer + offset, needle.pointer, needle.count) { return offset }
            offset += 1
        }
        return nil
    }

    /// How many code points lie before byte `offset`.
    @inline(__always)
    static func characterIndex(_ text: StringView, ofByte offset: Int) -> Int {
        length(StringView(text.pointer, length: offset))
    }

    /// Calls `body` with each code point; with U+FFFD for what is none, as Java reads it.
    @inline(__always)
    static func forEachCharacter(_ text: StringView, _ body: (UInt32) -> Void) {
        var offset = 0
        while offset < text.count {
            let (width, isWellFormed) = sequence(text.pointer, offset, text.count)
            body(isWellFormed ? decode(text.pointer, offset, text.count).scalar : 0xFFFD)
            offset += width
        }
    }

    /// The upper- or lower-case form of a code point, of one code point or more.
    static func mapCase(_ scalar: UInt32, upper: Bool, _ body: (UInt32) -> Void) {
        guard let unicode = Unicode.Scalar(scalar) else { return body(scalar) }
        let mapped = upper ? unicode.properties.uppercaseMapping : unicode.properties.lowercaseMapping
        for mappedScalar in mapped.unicodeScalars { body(mappedScalar.value) }
    }
}

extension ByteBuffer {
    func append(character scalar: UInt32) { advance(UTF8Text.encode(scalar, reserve(4))) }

    /// Copies what was collected to `heap` and starts anew.
    func take(into heap: StringHeap) -> StringView {
        let result = heap.copy(bytes)
        removeAll()
        return result
    }
}

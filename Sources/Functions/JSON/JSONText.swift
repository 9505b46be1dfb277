import Columnar

/// Reads JSON texts in place as Hive's reader does: one pass, nothing copied. Positions are byte offsets; `invalid` stands
/// for a text that is no JSON from there on.
///
/// Beyond the standard, control characters stand in strings as they are and a backslash may stand before any character.
package enum JSONText {
    @inlinable package static var invalid: Int { -1 }

    @inlinable @inline(__always)
    package static func skipSpace(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var at = from
        while at < end {
            let byte = text[at]
            // Most values follow each other without space.
            if byte > 0x20 { return at }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return at }
            at &+= 1
        }
        return at
    }

    /// The position of the next quote or backslash from `from`, or `end`.
    @inlinable @inline(__always)
    package static func stringStop(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var at = from
        while at &+ 8 <= end {
            let word = UnsafeRawPointer(text + at).loadUnaligned(as: UInt64.self).littleEndian
            let quotes = word ^ 0x2222_2222_2222_2222, backslashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
            // The lowest byte that is zero is marked rightly; those above it may not be.
            let hits =
                ((quotes &- 0x0101_0101_0101_0101) & ~quotes | (backslashes &- 0x0101_0101_0101_0101) & ~backslashes)
                & 0x8080_8080_8080_8080
            if hits != 0 { return at &+ hits.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < end, text[at] != 0x22, text[at] != 0x5C { at &+= 1 }
        return at
    }

    /// A string's closing quote; `from` is behind the opening one. Whether there are escapes before it.
    @inlinable @inline(__always)
    package static func stringEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> (quote: Int, isEscaped: Bool) {
        let stop = stringStop(text, from, end)
        if stop >= end { return (invalid, false) }
        if text[stop] == 0x22 { return (stop, false) }
        return (escapedStringEnd(text, stop, end), true)
    }

    @inline(never)
    package static func escapedStringEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var at = from
        while at < end {
            if text[at] == 0x22 { return at }
            // A backslash and what it escapes.
            guard at &+ 1 < end else { return invalid }
            if text[at &+ 1] == UInt8(ascii: "u") {
                guard codeUnit(text, at &+ 2, end) != nil else { return invalid }
                at &+= 6
            } else {
                at &+= 2
            }
            at = stringStop(text, at, end)
        }
        return invalid
    }

    /// The four hexadecimal digits of a `\u` escape.
    package static func codeUnit(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> UInt32? {
        guard from &+ 4 <= end else { return nil }
        var value: UInt32 = 0
        for at in from..<(from &+ 4) {
            let byte = text[at]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte &- 0x30
            case 0x41...0x46: digit = byte &- 0x37
            case 0x61...0x66: digit = byte &- 0x57
            default: return nil
            }
            value = value &<< 4 | UInt32(digit)
        }
        return value
    }

    @inlinable @inline(__always)
    package static func digitsEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var at = from
        while at < end, text[at] &- 0x30 < 10 { at &+= 1 }
        return at
    }

    /// Behind a number; whether it has a fraction or an exponent.
    @inlinable @inline(__always)
    package static func numberEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> (end: Int, isWhole: Bool) {
        let first = text[from] == UInt8(ascii: "-") ? from &+ 1 : from
        var at = digitsEnd(text, first, end)
        // One zero stands for itself.
        guard at > first, at == first &+ 1 || text[first] != 0x30 else { return (invalid, true) }
        guard at < end, text[at] == UInt8(ascii: ".") || text[at] | 0x20 == UInt8(ascii: "e") else { return (at, true) }
        if text[at] == UInt8(ascii: ".") {
            let fraction = at &+ 1
            at = digitsEnd(text, fraction, end)
            guard at > fraction else { return (invalid, false) }
        }
        if at < end, text[at] | 0x20 == UInt8(ascii: "e") {
            at &+= 1
            if at < end, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at &+= 1 }
            let exponent = at
            at = digitsEnd(text, exponent, end)
            guard at > exponent else { return (invalid, false) }
        }
        return (at, false)
    }

    @inlinable @inline(__always)
    package static func word(
        _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int, _ word: StaticString
    ) -> Int {
        let count = word.utf8CodeUnitCount
        guard from &+ count <= end, equalBytes(text + from, word.utf8Start, count) else { return invalid }
        return from &+ count
    }

    /// Behind a string, number or word that begins at `from`, which is before `end`.
    @inlinable @inline(__always)
    package static func scalarEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        switch text[from] {
        case UInt8(ascii: "\""):
            let quote = stringEnd(text, from &+ 1, end).quote
            return quote < 0 ? invalid : quote &+ 1
        case UInt8(ascii: "t"): return word(text, from, end, "true")
        case UInt8(ascii: "f"): return word(text, from, end, "false")
        case UInt8(ascii: "n"): return word(text, from, end, "null")
        default: return numberEnd(text, from, end).end
        }
    }

    /// Behind a member's key and colon: where its value begins; the key is text[from + 1 ..< quote].
    @inlinable @inline(__always)
    package static func keyEnd(
        _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> (value: Int, quote: Int, isEscaped: Bool) {
        guard from < end, text[from] == UInt8(ascii: "\"") else { return (invalid, 0, false) }
        let (quote, isEscaped) = stringEnd(text, from &+ 1, end)
        guard quote >= 0 else { return (invalid, 0, false) }
        let colon = skipSpace(text, quote &+ 1, end)
        guard colon < end, text[colon] == UInt8(ascii: ":") else { return (invalid, 0, false) }
        return (skipSpace(text, colon &+ 1, end), quote, isEscaped)
    }

    /// Behind the value that begins at `from`. Any depth, without recursion.
    package static func valueEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        guard from < end else { return invalid }
        let first = text[from]
        if first != UInt8(ascii: "{"), first != UInt8(ascii: "[") { return scalarEnd(text, from, end) }
        var nesting = JSONNesting()
        var at = from
        while true {
            // A value begins at `at`.
            guard at < end else { return invalid }
            switch text[at] {
            case UInt8(ascii: "{"):
                at = skipSpace(text, at &+ 1, end)
                guard at < end else { return invalid }
                if text[at] == UInt8(ascii: "}") {
                    at &+= 1
                } else {
                    nesting.push(isObject: true)
                    at = keyEnd(text, at, end).value
                    if at < 0 { return invalid }
                    continue
                }
            case UInt8(ascii: "["):
                at = skipSpace(text, at &+ 1, end)
                guard at < end else { return invalid }
                if text[at] == UInt8(ascii: "]") {
                    at &+= 1
                } else {
                    nesting.push(isObject: false)
                    continue
                }
            default:
                at = scalarEnd(text, at, end)
                if at < 0 { return invalid }
            }
            // A value ends at `at`.
            while nesting.depth > 0 {
                at = skipSpace(text, at, end)
                guard at < end else { return invalid }
                let byte = text[at]
                if byte == UInt8(ascii: ",") {
                    at = skipSpace(text, at &+ 1, end)
                    if nesting.isObject {
                        at = keyEnd(text, at, end).value
                        if at < 0 { return invalid }
                    }
                    break
                }
                guard byte == (nesting.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return invalid }
                nesting.pop()
                at &+= 1
            }
            if nesting.depth == 0 { return at }
        }
    }
}

/// Which of the enclosing values are objects: one bit a level; the levels from 64 on allocate.
struct JSONNesting {
    private(set) var depth = 0
    private var current: UInt64 = 0
    private var outer: [UInt64] = []

    @inline(__always)
    var isObject: Bool { current & 1 != 0 }

    @inline(__always)
    mutating func push(isObject: Bool) {
        if depth & 63 == 0, depth > 0 { outer.append(current) }
        current = current &<< 1 | (isObject ? 1 : 0)
        depth &+= 1
    }

    @inline(__always)
    mutating func pop() {
        depth &-= 1
        current &>>= 1
        if depth & 63 == 0, depth > 0 { current = outer.removeLast() }
    }
}

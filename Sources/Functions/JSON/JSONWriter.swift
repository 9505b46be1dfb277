import Columnar

/// Writes values of a text as Hive's writer prints them: without space, strings quoted anew, numbers as Java's, and of members
/// with one key the last value at the first one's place. One worker's own; linear in the text and without recursion.
package final class JSONWriter {
    /// A value or a member's key; an object's or array's parts follow it.
    private struct Token {
        var start: Int
        /// Behind a scalar; a string's closing quote.
        var end: Int
        var isEscaped = false
        /// The token behind this one and its parts.
        var next = 0
    }

    private struct Frame {
        var isObject: Bool
        /// The next member in `members`, or the next element's token.
        var cursor: Int
        var limit: Int
        var firstMember: Int
        var isFirst = true
    }

    private var tokens: [Token] = []
    private var open: [Int] = []
    private var frames: [Frame] = []
    private var members: [(key: Int, value: Int)] = []
    private var slots: [Int] = []
    private let scratch = ByteBuffer(capacity: 64)
    private let second = ByteBuffer(capacity: 64)
    /// Strings repaired on the way.
    private let heap = StringHeap()

    package init() {}

    /// Appends the value that begins at `position` of a text that is JSON.
    package func append(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int, to buffer: ByteBuffer) {
        tokens.removeAll(keepingCapacity: true)
        tokenize(text, position, end)
        begin(text, 0, buffer)
        while let frame = frames.last {
            let top = frames.count - 1
            if frame.cursor >= frame.limit {
                buffer.append(frame.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                if frame.isObject { members.removeLast(members.count - frame.firstMember) }
                frames.removeLast()
                continue
            }
            if !frame.isFirst { buffer.append(UInt8(ascii: ",")) }
            frames[top].isFirst = false
            if frame.isObject {
                let member = members[frame.cursor]
                frames[top].cursor += 1
                appendString(text, tokens[member.key], buffer)
                buffer.append(UInt8(ascii: ":"))
                begin(text, member.value, buffer)
            } else {
                frames[top].cursor = tokens[frame.cursor].next
                begin(text, frame.cursor, buffer)
            }
        }
    }

    /// Lists the value's tokens in order.
    private func tokenize(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) {
        var at = position
        var isKey = false
        open.removeAll(keepingCapacity: true)
        while at < end {
            switch text[at] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open.append(tokens.count)
                tokens.append(Token(start: at, end: at))
                isKey = text[at] == UInt8(ascii: "{")
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard let container = open.popLast() else { return }
                tokens[container].next = tokens.count
                at += 1
                if open.isEmpty { return }
            case UInt8(ascii: ","):
                isKey = open.last.map { text[tokens[$0].start] == UInt8(ascii: "{") } ?? false
                at += 1
            case UInt8(ascii: ":"):
                isKey = false
                at += 1
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            case UInt8(ascii: "\""):
                let string = JSONText.stringEnd(text, at + 1, end)
                guard string.quote >= 0 else { return }
                tokens.append(Token(start: at, end: string.quote, isEscaped: string.isEscaped, next: tokens.count + 1))
                at = string.quote + 1
                if open.isEmpty, !isKey { return }
            default:
                let stop = JSONText.scalarEnd(text, at, end)
                guard stop >= 0 else { return }
                tokens.append(Token(start: at, end: stop, next: tokens.count + 1))
                at = stop
                if open.isEmpty { return }
            }
        }
    }

    /// Appends a scalar, or what opens an object or an array, whose frame it pushes.
    private func begin(_ text: UnsafePointer<UInt8>, _ index: Int, _ buffer: ByteBuffer) {
        guard index < tokens.count else { return }
        let token = tokens[index]
        switch text[token.start] {
        case UInt8(ascii: "{"):
            buffer.append(UInt8(ascii: "{"))
            let first = members.count
            gatherMembers(text, index)
            frames.append(Frame(isObject: true, cursor: first, limit: members.count, firstMember: first))
        case UInt8(ascii: "["):
            buffer.append(UInt8(ascii: "["))
            frames.append(Frame(isObject: false, cursor: index + 1, limit: token.next, firstMember: 0))
        case UInt8(ascii: "\""): appendString(text, token, buffer)
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            buffer.append(text + token.start, count: token.end - token.start)
        default:
            let number = StringView(text + token.start, length: token.end - token.start)
            // Numbers that JSON does not have are written as strings.
            let isFinite = JSONNumber.value(number)?.isFinite ?? true
            if !isFinite { buffer.append(UInt8(ascii: "\"")) }
            JSONNumber.append(number, to: buffer)
            if !isFinite { buffer.append(UInt8(ascii: "\"")) }
        }
    }

    private func appendString(_ text: UnsafePointer<UInt8>, _ token: Token, _ buffer: ByteBuffer) {
        JSONString.appendQuoted(view(text, token), isEscaped: token.isEscaped, scratch, heap, to: buffer)
    }

    private func view(_ text: UnsafePointer<UInt8>, _ token: Token) -> StringView {
        StringView(text + token.start + 1, length: token.end - token.start - 1)
    }

    /// Appends the members of an object to `members`, those with equal keys as one.
    private func gatherMembers(_ text: UnsafePointer<UInt8>, _ object: Int) {
        let first = members.count
        var key = object + 1
        while key + 1 < tokens[object].next {
            members.append((key, key + 1))
            key = tokens[key + 1].next
        }
        let count = members.count - first
        guard count > 1 else { return }
        var kept = first
        if count <= 8 {
            for place in first..<members.count {
                let member = members[place]
                if let known = (first..<kept).first(where: { isSameKey(text, members[$0].key, member.key) }) {
                    members[known].value = member.value
                } else {
                    members[kept] = member
                    kept += 1
                }
            }
        } else {
            var size = 32
            while size < count * 2 { size *= 2 }
            slots.removeAll(keepingCapacity: true)
            slots.append(contentsOf: repeatElement(-1, count: size))
            for place in first..<members.count {
                let member = members[place]
                var slot = hash(text, tokens[member.key]) & (size - 1)
                while slots[slot] >= 0, !isSameKey(text, members[slots[slot]].key, member.key) { slot = (slot + 1) & (size - 1) }
                if slots[slot] >= 0 {
                    members[slots[slot]].value = member.value
                } else {
                    slots[slot] = kept
                    members[kept] = member
                    kept += 1
                }
            }
        }
        members.removeLast(members.count - kept)
    }

    private func decoded(_ text: UnsafePointer<UInt8>, _ token: Token, _ buffer: ByteBuffer) -> StringView {
        guard token.isEscaped else { return view(text, token) }
        buffer.removeAll()
        JSONString.appendDecoded(view(text, token), to: buffer)
        return buffer.view()
    }

    private func isSameKey(_ text: UnsafePointer<UInt8>, _ left: Int, _ right: Int) -> Bool {
        decoded(text, tokens[left], scratch) == decoded(text, tokens[right], second)
    }

    private func hash(_ text: UnsafePointer<UInt8>, _ token: Token) -> Int { decoded(text, token, scratch).hashValue }
}

/// Numbers as Java's reader keeps them: whole ones of any size as they are, others as doubles.
package enum JSONNumber {
    private static func isWhole(_ text: StringView) -> Bool {
        !text.bytes.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
    }

    /// The double that a number with a fraction or an exponent is; nil for a whole one.
    static func value(_ text: StringView) -> Double? {
        isWhole(text) ? nil : TextParsing.double(text.pointer, text.count)
    }

    package static func append(_ text: StringView, to buffer: ByteBuffer) {
        if let value = value(text) {
            NumberFormatter.append(value, to: buffer)
        } else if isNegativeZero(text) {
            buffer.append(UInt8(ascii: "0"))
        } else {
            buffer.append(text)
        }
    }

    @inline(__always)
    static func isNegativeZero(_ text: StringView) -> Bool { text.count == 2 && text.pointer[0] == 0x2D && text.pointer[1] == 0x30 }
}

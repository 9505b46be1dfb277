// Ranges stand in bound expressions too, which know nothing of syntax; who imports the syntax has them with it.
@_exported import struct Platform.SourceRange

/// The UTF-8 text that is parsed, and where its lines are.
package struct SourceText: Sendable {
    package let bytes: [UInt8]

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The text of a range; offsets outside of the source are cut off.
    package func text(_ range: SourceRange) -> String {
        let start = min(max(range.start, 0), bytes.count)
        let end = min(max(range.end, start), bytes.count)
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Line counted from 1 and column counted from 0 in characters (code points), as Hive prints them.
    /// - Complexity: O(offset).
    package func position(of offset: Int) -> (line: Int, column: Int) {
        let end = min(max(offset, 0), bytes.count)
        var line = 1
        var column = 0
        for byte in bytes[..<end] {
            if byte == 0x0A {
                line += 1
                column = 0
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }

    /// The line that holds `offset`, without its end.
    package func line(containing offset: Int) -> String {
        let at = min(max(offset, 0), bytes.count)
        let start = bytes[..<at].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        var end = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The line that holds the range's start, and under it a caret (and tildes to the range's end on that line).
    package func excerpt(at range: SourceRange) -> String {
        let line = line(containing: range.start)
        let column = position(of: range.start).column
        let scalars = Array(line.unicodeScalars)
        // A tab stays a tab, so that the caret stands under its character whatever the tab width is.
        var marker = String.UnicodeScalarView()
        for scalar in scalars.prefix(column) { marker.append(scalar == "\t" ? "\t" : " ") }
        marker.append("^")
        let length = text(range).prefix { !$0.isNewline }.unicodeScalars.count
        let room = max(scalars.count - column - 1, 0)
        for _ in 0..<min(max(length - 1, 0), room) { marker.append("~") }
        return line + "\n" + String(marker)
    }

    /// The name that a word of the text spells.
    func identifier(_ token: Token) -> Identifier {
        guard token.kind == .quotedWord else { return Identifier(text(token.range), range: token.range) }
        let inside = bytes[(token.range.start + 1)..<(token.range.end - 1)]
        var content: [UInt8] = []
        content.reserveCapacity(inside.count)
        var skipsNext = false
        for byte in inside {
            if byte == 0x60, skipsNext {
                skipsNext = false
                continue
            }
            skipsNext = byte == 0x60
            content.append(byte)
        }
        return Identifier(String(decoding: content, as: UTF8.self), isQuoted: true, range: token.range)
    }
}

/// Cuts a script into statements at its semicolons.
///
/// A semicolon inside a string, a name in back quotes or a comment ends nothing; nor does `\;`, which stands for a
/// plain semicolon. In `dfs …` and `! …` the two characters `/*` are part of a path, not a comment.
package enum StatementSplitter {
    package struct Piece: Sendable {
        /// The statement without its semicolon, `\;` resolved outside of strings; byte for byte as written else.
        package var text: String
        /// Where it stands in the script.
        package var range: SourceRange
        /// Nothing but white space and comments.
        package var isEmpty: Bool
        /// A semicolon ended it; false for what is left at the script's end.
        package var isTerminated: Bool
    }

    package static func split(_ script: String) -> [Piece] { split(SourceText(script)) }

    /// - Complexity: O(bytes).
    package static func split(_ script: SourceText) -> [Piece] {
        var pieces: [Piece] = []
        scan(script.bytes) { range, escapes, isEmpty, state in
            pieces.append(
                Piece(
                    text: text(script.bytes, range, without: escapes), range: range, isEmpty: isEmpty,
                    isTerminated: state == .terminated))
        }
        return pieces
    }

    /// Whether a shell may run `input`: its last statement has a semicolon, or nothing but space and comments stands
    /// after the last one. An open string, name or comment asks for more.
    package static func isComplete(_ input: String) -> Bool {
        var complete = true
        scan(Array(input.utf8)) { _, _, isEmpty, state in
            switch state {
            case .terminated: complete = true
            case .ended: complete = isEmpty
            case .open: complete = false
            }
        }
        return complete
    }

    private enum State { case terminated, ended, open }

    private static func scan(_ bytes: [UInt8], _ found: (SourceRange, [Int], Bool, State) -> Void) {
        var start = 0
        var offset = 0
        var isEmpty = true
        var isOpen = false
        var isCommand = false
        var escapes: [Int] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            let next = offset + 1 < bytes.count ? bytes[offset + 1] : 0
            switch byte {
            case 0x3B:
                found(SourceRange(start: start, end: offset), escapes, isEmpty, .terminated)
                offset += 1
                start = offset
                isEmpty = true
                isCommand = false
                escapes = []
            case 0x5C where next == 0x3B:
                escapes.append(offset)
                isEmpty = false
                offset += 2
            case 0x27, 0x22, 0x60:
                isEmpty = false
                let end =
                    byte == 0x60
                    ? TextScan.endOfQuotedName(bytes, at: offset) : TextScan.endOfString(bytes, at: offset)
                if end == nil { isOpen = true }
                offset = end ?? bytes.count
            case 0x2D where next == 0x2D:
                offset = TextScan.endOfLine(bytes, at: offset)
            case 0x2F where next == 0x2A && !isCommand:
                if offset + 2 < bytes.count, bytes[offset + 2] == 0x2B { isEmpty = false }
                let end = TextScan.endOfComment(bytes, at: offset)
                if end == nil { isOpen = true }
                offset = end ?? bytes.count
            default:
                if !isSpace(byte) {
                    if isEmpty { isCommand = startsCommand(bytes, offset) }
                    isEmpty = false
                }
                offset += 1
            }
        }
        if start < bytes.count {
            found(SourceRange(start: start, end: bytes.count), escapes, isEmpty, isOpen ? .open : .ended)
        }
    }

    /// Whether a command of the file system or the system's shell begins here.
    private static func startsCommand(_ bytes: [UInt8], _ offset: Int) -> Bool {
        if bytes[offset] == 0x21 { return true }
        guard offset + 3 < bytes.count, isSpace(bytes[offset + 3]) else { return false }
        return zip(bytes[offset..<offset + 3], "dfs".utf8).allSatisfy { $0 | 0x20 == $1 }
    }

    private static func text(_ bytes: [UInt8], _ range: SourceRange, without escapes: [Int]) -> String {
        guard !escapes.isEmpty else { return String(decoding: bytes[range.start..<range.end], as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(range.end - range.start)
        var from = range.start
        for escape in escapes {
            result += bytes[from..<escape]
            from = escape + 1
        }
        result += bytes[from..<range.end]
        return String(decoding: result, as: UTF8.self)
    }
}

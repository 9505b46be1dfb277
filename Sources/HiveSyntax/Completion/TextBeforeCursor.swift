/// The tokens of a text that may end in the middle of one, and where it does.
struct TextBeforeCursor {
    enum End: Equatable {
        case plain
        case comment
        /// In a text that begins at an offset with a quote.
        case string(Int, Character)
        case quotedName(Int)
        /// Behind something that no token begins with.
        case unknown
    }

    /// Without `.endOfInput` and hints.
    var tokens: [Token] = []
    private(set) var end = End.plain

    init(_ source: SourceText) {
        var lexer = Lexer(source)
        do {
            while true {
                let token = try lexer.next()
                if token.kind == .endOfInput { break }
                if token.kind != .hint { tokens.append(token) }
            }
        } catch {
            let start = error.range.start
            switch start < source.bytes.count ? source.bytes[start] : 0 {
            case 0x27: end = .string(start, "'")
            case 0x22: end = .string(start, "\"")
            case 0x60: end = .quotedName(start)
            case 0x2F: end = .comment
            default: end = .unknown
            }
            return
        }
        if endsInLineComment(source) { end = .comment }
    }

    /// Whether a comment that a line's end would end stands behind the last token.
    private func endsInLineComment(_ source: SourceText) -> Bool {
        let bytes = source.bytes
        var offset = tokens.last?.range.end ?? 0
        while offset < bytes.count {
            if bytes[offset] == 0x2D {
                offset = TextScan.endOfLine(bytes, at: offset)
                if offset == bytes.count { return true }
            } else if bytes[offset] == 0x2F, let close = TextScan.endOfComment(bytes, at: offset) {
                offset = close
            } else {
                offset += 1
            }
        }
        return false
    }
}

/// Cuts UTF-8 bytes into tokens; white space and comments are dropped, hints kept.
package struct Lexer: Sendable {
    private let source: SourceText
    private let end: Int
    private var offset = 0

    package init(_ source: SourceText) {
        self.source = source
        self.end = source.bytes.count
    }

    /// All tokens and a last one of kind `.endOfInput`.
    /// - Throws: `SyntaxError` for a character that begins no token, and for a string, quoted name or comment that
    ///   does not end.
    package static func tokens(of source: SourceText) throws(SyntaxError) -> [Token] {
        var lexer = Lexer(source)
        var tokens: [Token] = []
        tokens.reserveCapacity(source.bytes.count / 4 + 2)
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .endOfInput { return tokens }
        }
    }

    @inline(__always) private func byte(_ at: Int) -> UInt8 { at < end && at >= 0 ? source.bytes[at] : 0 }

    package mutating func next() throws(SyntaxError) -> Token {
        let before = offset
        if let hint = try skipSpace() {
            return Token(kind: .hint, keyword: nil, range: hint, followsSpace: true)
        }
        let start = offset
        let followsSpace = start != before
        func token(_ kind: TokenKind, _ keyword: Keyword? = nil) -> Token {
            Token(kind: kind, keyword: keyword, range: SourceRange(start: start, end: offset), followsSpace: followsSpace)
        }
        guard start < end else { return token(.endOfInput) }
        let first = byte(start)
        if isLetter(first) {
            offset += 1
            skipWord()
            return token(.word, KeywordTable.shared.keyword(source.bytes[start..<offset]))
        }
        if isDigit(first) { return token(scanNumber()) }
        switch first {
        case 0x27, 0x22:
            guard let close = TextScan.endOfString(source.bytes, at: start) else { throw unterminated("string", at: start) }
            offset = close
            return token(.stringLiteral)
        case 0x60:
            guard let close = TextScan.endOfQuotedName(source.bytes, at: start) else {
                throw unterminated("quoted identifier", at: start)
            }
            offset = close
            return token(.quotedWord)
        case 0x5F:
            offset += 1
            while isCharacterSetByte(byte(offset)) { offset += 1 }
            if offset - start > 1 { return token(.characterSet) }
            offset = start
        default: break
        }
        if let (kind, length) = punctuation(at: start) {
            offset = start + length
            return token(kind)
        }
        throw unsupportedCharacter(at: start)
    }

    /// Words that the tokens of the rest of the source could not be cut out of still need an end.
    private func unterminated(_ what: String, at start: Int) -> SyntaxError {
        SyntaxError(
            message: "the \(what) that begins here does not end", range: SourceRange(start: start, end: end),
            in: source, isAtEnd: true)
    }

    private func unsupportedCharacter(at start: Int) -> SyntaxError {
        var stop = start + 1
        while stop < end, byte(stop) & 0xC0 == 0x80 { stop += 1 }
        let range = SourceRange(start: start, end: stop)
        return SyntaxError(message: "character '\(source.text(range))' not supported here", range: range, in: source)
    }

    /// Skips white space and comments; stops at a hint and returns its inside.
    private mutating func skipSpace() throws(SyntaxError) -> SourceRange? {
        while offset < end {
            let current = byte(offset)
            if isSpace(current) {
                offset += 1
            } else if current == 0x2D, byte(offset + 1) == 0x2D {
                offset = TextScan.endOfLine(source.bytes, at: offset)
            } else if current == 0x2F, byte(offset + 1) == 0x2A {
                guard let close = TextScan.endOfComment(source.bytes, at: offset) else {
                    throw unterminated("comment", at: offset)
                }
                let start = offset
                offset = close
                if byte(start + 2) == 0x2B, close - 2 >= start + 3 {
                    return SourceRange(start: start + 3, end: close - 2)
                }
            } else if current == 0xC2, byte(offset + 1) == 0xA0 {
                offset += 2
            } else if current == 0xEF, byte(offset + 1) == 0xBB, byte(offset + 2) == 0xBF {
                offset += 3
            } else {
                break
            }
        }
        return nil
    }

    private mutating func skipWord() {
        while isWordByte(byte(offset)) { offset += 1 }
    }

    /// A number, or a name that begins with a digit.
    private mutating func scanNumber() -> TokenKind {
        let start = offset
        while isDigit(byte(offset)) { offset += 1 }
        let digitsEnd = offset
        if byte(offset) == 0x2E {
            offset += 1
            while isDigit(byte(offset)) { offset += 1 }
            let hasExponent = skipExponent()
            return skipNumberSuffix() ?? (hasExponent ? .doubleLiteral : .decimalLiteral)
        }
        if !isWordByte(byte(offset)) { return .integerLiteral }
        if skipExponent() {
            if let suffix = skipNumberSuffix() { return suffix }
            if !isWordByte(byte(offset)) { return .doubleLiteral }
        }
        offset = digitsEnd
        skipWord()
        let last = upper(byte(offset - 1))
        switch offset - digitsEnd {
        case 1:
            switch last {
            case 0x4C, 0x53, 0x59: return .integerWithSuffix
            case 0x44: return .doubleWithSuffix
            case 0x42, 0x4B, 0x4D, 0x47: return .byteLength
            default: return .word
            }
        case 2 where last == 0x44 && upper(byte(digitsEnd)) == 0x42:
            return .decimalWithSuffix
        default:
            if digitsEnd - start == 1, byte(start) == 0x30, upper(byte(digitsEnd)) == 0x58,
                source.bytes[(digitsEnd + 1)..<offset].allSatisfy(isHexadecimal), offset > digitsEnd + 1
            {
                return .hexadecimal
            }
            return .word
        }
    }

    /// `e10`, `E-3`; stays where it is when there is none.
    private mutating func skipExponent() -> Bool {
        guard upper(byte(offset)) == 0x45 else { return false }
        var at = offset + 1
        if byte(at) == 0x2B || byte(at) == 0x2D { at += 1 }
        guard isDigit(byte(at)) else { return false }
        while isDigit(byte(at)) { at += 1 }
        offset = at
        return true
    }

    /// `D` or `BD` when no more of a word follows.
    private mutating func skipNumberSuffix() -> TokenKind? {
        if upper(byte(offset)) == 0x44, !isWordByte(byte(offset + 1)) {
            offset += 1
            return .doubleWithSuffix
        }
        if upper(byte(offset)) == 0x42, upper(byte(offset + 1)) == 0x44, !isWordByte(byte(offset + 2)) {
            offset += 2
            return .decimalWithSuffix
        }
        return nil
    }

    private func punctuation(at start: Int) -> (TokenKind, Int)? {
        let second = byte(start + 1)
        switch byte(start) {
        case 0x2E: return (.dot, 1)
        case 0x3A: return (.colon, 1)
        case 0x2C: return (.comma, 1)
        case 0x3B: return (.semicolon, 1)
        case 0x28: return (.leftParenthesis, 1)
        case 0x29: return (.rightParenthesis, 1)
        case 0x5B: return (.leftBracket, 1)
        case 0x5D: return (.rightBracket, 1)
        case 0x7B: return (.leftBrace, 1)
        case 0x7D: return (.rightBrace, 1)
        case 0x3D: return second == 0x3D ? (.equal, 2) : (.equal, 1)
        case 0x3C:
            if second == 0x3D { return byte(start + 2) == 0x3E ? (.nullSafeEqual, 3) : (.lessOrEqual, 2) }
            return second == 0x3E ? (.notEqual, 2) : (.lessThan, 1)
        case 0x3E: return second == 0x3D ? (.greaterOrEqual, 2) : (.greater, 1)
        case 0x21: return second == 0x3D ? (.notEqual, 2) : (.exclamation, 1)
        case 0x2B: return (.plusSign, 1)
        case 0x2D: return (.minusSign, 1)
        case 0x2A: return (.star, 1)
        case 0x2F: return (.slash, 1)
        case 0x25: return (.percentSign, 1)
        case 0x26: return (.ampersand, 1)
        case 0x7E: return (.tilde, 1)
        case 0x7C: return second == 0x7C ? (.concatenate, 2) : (.bar, 1)
        case 0x5E: return (.caret, 1)
        case 0x3F: return (.question, 1)
        case 0x24: return (.dollar, 1)
        default: return nil
        }
    }
}

@inline(__always) func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
@inline(__always) func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
@inline(__always) func isWordByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x5F }
@inline(__always) func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
@inline(__always) func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
@inline(__always) func upper(_ byte: UInt8) -> UInt8 { byte &- 0x61 < 26 ? byte - 0x20 : byte }

@inline(__always) private func isCharacterSetByte(_ byte: UInt8) -> Bool {
    isWordByte(byte) || byte == 0x2D || byte == 0x2E || byte == 0x3A
}

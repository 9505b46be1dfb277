package enum TokenKind: UInt8, Sendable {
    /// A bare word; `keyword` is set when it has a meaning.
    case word
    /// A word in back quotes.
    case quotedWord
    case stringLiteral
    /// Digits only.
    case integerLiteral
    /// Digits with `Y`, `S` or `L`.
    case integerWithSuffix
    /// Digits and a point, no exponent.
    case decimalLiteral
    /// With an exponent.
    case doubleLiteral
    /// A number ending in `BD`.
    case decimalWithSuffix
    /// A number ending in `D`.
    case doubleWithSuffix
    /// Digits ending in `B`, `K`, `M` or `G`.
    case byteLength
    /// `0xFF`, after a character set's name.
    case hexadecimal
    /// `_utf8`
    case characterSet
    /// The text of `/*+ … */`.
    case hint
    case dot, colon, comma, semicolon
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    case equal, nullSafeEqual, notEqual, lessOrEqual, lessThan, greaterOrEqual, greater
    case plusSign, minusSign, star, slash, percentSign
    case ampersand, tilde, bar, concatenate, caret, exclamation, question, dollar
    /// After the last token.
    case endOfInput
}

package struct Token: Sendable {
    package var kind: TokenKind
    package var keyword: Keyword?
    package var range: SourceRange
    /// Whether white space or a comment stands before it.
    package var followsSpace: Bool
}

/// A recursive-descent parser of HiveQL over the tokens of one source.
///
/// Nesting is bounded by `Limits` and by what is left of the thread's stack, so that no input overflows the stack of
/// the thread that parses, walks or frees the tree.
package struct Parser {
    enum Limits {
        /// Queries, expressions and types inside one another.
        static let nesting = 512
        /// Levels of a tree, left-deep chains such as `a + b + c + …` and `UNION ALL` included.
        static let height = 1000
    }

    let source: SourceText
    let tokens: [Token]
    /// For each left parenthesis the index of its right one, or -1.
    let closing: [Int32]
    var index = 0
    /// Hive's name of the innermost production, which its messages end with.
    var context = ""
    var nesting = 0
    /// Height of the highest tree since the last mark; see `measured`.
    var height = 0
    var parameterCount = 0
    /// The token of which is asked what a name means in its place, and the answer; see `StatementContext`.
    var askedPlace = -1
    var askedRole: NameRole?
    private let stack = StackSpace()

    package init(_ source: SourceText) throws(SyntaxError) {
        var tokens: [Token] = []
        for token in try Lexer.tokens(of: source) {
            // A hint means something only after SELECT; elsewhere it is a comment.
            if token.kind == .hint, tokens.last?.keyword != .select { continue }
            tokens.append(token)
        }
        self.init(source, tokens)
    }

    /// - Parameter tokens: of the source, or as if it had others; the last is the only one of kind `.endOfInput`.
    init(_ source: SourceText, _ tokens: [Token]) {
        self.source = source
        self.tokens = tokens
        closing = Parser.matchParentheses(tokens)
    }

    // MARK: Entry points

    /// One statement, with or without a semicolon after it.
    package static func parseStatement(_ text: String) throws(SyntaxError) -> Statement {
        try parseStatement(SourceText(text))
    }

    package static func parseStatement(_ source: SourceText) throws(SyntaxError) -> Statement {
        if let statement = RawStatement.parse(source) { return statement }
        var parser = try Parser(source)
        return try parser.wholeInput { (parser) throws(SyntaxError) in try parser.statement() }
    }

    /// All statements of a script, cut at semicolons by `StatementSplitter`; empty ones are left out.
    /// Positions in the statements and in the error count from the script's start.
    package static func parseScript(_ text: String) throws(SyntaxError) -> [Statement] {
        var statements: [Statement] = []
        let whole = SourceText(text)
        for piece in StatementSplitter.split(whole) where !piece.isEmpty {
            do {
                statements.append(try parseStatement(piece.text))
            } catch let error {
                var moved = error
                moved.range = SourceRange(
                    start: error.range.start + piece.range.start, end: error.range.end + piece.range.start)
                // The marked word need not be where the error is.
                let begin = whole.position(of: piece.range.start)
                if error.line == 1 { moved.column += begin.column }
                moved.line += begin.line - 1
                throw moved
            }
        }
        return statements
    }

    package static func parseExpression(_ text: String) throws(SyntaxError) -> Expression {
        var parser = try Parser(SourceText(text))
        return try parser.wholeInput { (parser) throws(SyntaxError) in try parser.expression() }
    }

    package static func parseType(_ text: String) throws(SyntaxError) -> TypeName {
        var parser = try Parser(SourceText(text))
        return try parser.wholeInput { (parser) throws(SyntaxError) in try parser.type() }
    }

    package static func parseQuery(_ text: String) throws(SyntaxError) -> Query {
        var parser = try Parser(SourceText(text))
        return try parser.wholeInput { (parser) throws(SyntaxError) in try parser.query() }
    }

    /// What may stand behind SUMMARIZE: the name of a table, with partitions, or a query.
    package static func parseSummarized(_ source: SourceText) throws(SyntaxError) -> SummarizeStatement {
        var parser = try Parser(source)
        return try parser.wholeInput { (parser) throws(SyntaxError) in try parser.summarized() }
    }

    private mutating func wholeInput<Result>(
        _ production: (inout Parser) throws(SyntaxError) -> Result
    ) throws(SyntaxError) -> Result {
        let result = try production(&self)
        while at(.semicolon) { index += 1 }
        guard at(.endOfInput) else { throw expectedEnd() }
        return result
    }

    // MARK: Bounds

    /// Enters a production that may contain itself; pair with `leave()`. A thrown error ends the parse, so only the
    /// successful way out needs the pair.
    mutating func enter() throws(SyntaxError) {
        nesting += 1
        if nesting > Limits.nesting || stack.isExhausted { throw tooDeep() }
    }

    mutating func leave() { nesting -= 1 }

    /// Counts a tree node whose children were parsed since `height` was last set to 0.
    mutating func grow() throws(SyntaxError) {
        height += 1
        if height > Limits.height { throw tooDeep() }
    }

    private func tooDeep() -> SyntaxError {
        SyntaxError(message: "the statement is nested too deeply", range: tokens[index].range, in: source)
    }

    private static func matchParentheses(_ tokens: [Token]) -> [Int32] {
        var closing = [Int32](repeating: -1, count: tokens.count)
        var open: [Int] = []
        for (index, token) in tokens.enumerated() {
            if token.kind == .leftParenthesis {
                open.append(index)
            } else if token.kind == .rightParenthesis, let start = open.popLast() {
                closing[start] = Int32(truncatingIfNeeded: index)
            }
        }
        return closing
    }
}

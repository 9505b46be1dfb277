import Platform

extension Parser {
    // MARK: Looking

    var current: Token { tokens[index] }

    /// The token `distance` ahead; the last one is `.endOfInput` and repeats.
    func peek(_ distance: Int = 1) -> Token { tokens[min(index + distance, tokens.count - 1)] }

    func at(_ kind: TokenKind) -> Bool { tokens[index].kind == kind }

    func at(_ keyword: Keyword) -> Bool { tokens[index].keyword == keyword }

    /// Whether these keywords come next, in this order.
    func at(_ keywords: Keyword...) -> Bool {
        for (distance, keyword) in keywords.enumerated() where peek(distance).keyword != keyword { return false }
        return true
    }

    func atAny(_ keywords: Keyword...) -> Bool {
        guard let keyword = tokens[index].keyword else { return false }
        return keywords.contains(keyword)
    }

    /// Whether a name may begin here.
    var atIdentifier: Bool { isIdentifier(current) }

    func isIdentifier(_ token: Token) -> Bool {
        switch token.kind {
        case .quotedWord: true
        case .word: !(token.keyword?.isReserved ?? false)
        default: false
        }
    }

    /// Range from the token at `start` to the last one taken.
    func range(from start: Int) -> SourceRange {
        let first = tokens[start].range
        let last = tokens[max(index - 1, start)].range
        return SourceRange(start: first.start, end: max(first.end, last.end))
    }

    func text(_ token: Token) -> String { source.text(token.range) }

    // MARK: Taking

    mutating func advance() {
        if index < tokens.count - 1 { index += 1 }
    }

    @discardableResult mutating func accept(_ kind: TokenKind) -> Bool {
        guard at(kind) else { return false }
        advance()
        return true
    }

    @discardableResult mutating func accept(_ keyword: Keyword) -> Bool {
        guard at(keyword) else { return false }
        index += 1
        return true
    }

    /// Takes all of these keywords or none.
    mutating func accept(_ first: Keyword, _ rest: Keyword...) -> Bool {
        guard at(first) else { return false }
        for (distance, keyword) in rest.enumerated() where peek(distance + 1).keyword != keyword { return false }
        index += rest.count + 1
        return true
    }

    mutating func expect(_ keyword: Keyword) throws(SyntaxError) {
        guard accept(keyword) else { throw expected(Parser.tokenName(keyword)) }
    }

    mutating func expect(_ kind: TokenKind) throws(SyntaxError) {
        guard at(kind) else { throw expected(Parser.tokenName(kind)) }
        advance()
    }

    mutating func expect(_ first: Keyword, _ rest: Keyword...) throws(SyntaxError) {
        try expect(first)
        for keyword in rest { try expect(keyword) }
    }

    /// Parses `(item, item, …)`.
    mutating func parenthesized<Item>(
        _ item: (inout Parser) throws(SyntaxError) -> Item
    ) throws(SyntaxError) -> [Item] {
        try expect(.leftParenthesis)
        let items = try list(item)
        try expect(.rightParenthesis)
        return items
    }

    /// Parses `item, item, …`, at least one.
    mutating func list<Item>(
        _ item: (inout Parser) throws(SyntaxError) -> Item
    ) throws(SyntaxError) -> [Item] {
        var items = [try item(&self)]
        while accept(.comma) { items.append(try item(&self)) }
        return items
    }

    // MARK: Names and plain literals

    mutating func identifier(_ role: NameRole = .other) throws(SyntaxError) -> Identifier {
        guard atIdentifier else { throw unrecognized() }
        let token = current
        note(role)
        advance()
        return identifier(of: token)
    }

    /// Answers for the token here, when it is the one that is asked for, what a name means in its place.
    mutating func note(_ role: NameRole) {
        if index == askedPlace { askedRole = role }
    }

    /// A name that may also be a reserved word, where no clause can begin.
    mutating func anyWord() throws(SyntaxError) -> Identifier {
        guard at(.word) || at(.quotedWord) else { throw unrecognized() }
        let token = current
        advance()
        return identifier(of: token)
    }

    func identifier(of token: Token) -> Identifier { source.identifier(token) }

    mutating func identifiers(_ role: NameRole = .other) throws(SyntaxError) -> [Identifier] {
        try list { (parser) throws(SyntaxError) in try parser.identifier(role) }
    }

    mutating func parenthesizedIdentifiers(_ role: NameRole = .other) throws(SyntaxError) -> [Identifier] {
        try parenthesized { (parser) throws(SyntaxError) in try parser.identifier(role) }
    }

    mutating func tableName(_ role: NameRole = .table) throws(SyntaxError) -> TableName {
        let outer = context
        context = "table name"
        let start = index
        let first = try identifier(role)
        var name = TableName(name: first)
        if accept(.dot) {
            name = TableName(database: first, name: try identifier(role))
            if at(.dot), isIdentifier(peek()) {
                advance()
                name.metadata = try identifier()
            }
        }
        name.range = range(from: start)
        context = outer
        return name
    }

    mutating func functionName(_ role: NameRole = .function) throws(SyntaxError) -> FunctionName {
        let outer = context
        context = "function identifier"
        let start = index
        let first = try identifier(role)
        var name = FunctionName(name: first)
        if accept(.dot) { name = FunctionName(database: first, name: try identifier(role)) }
        name.range = range(from: start)
        context = outer
        return name
    }

    /// One or more adjacent string literals, joined.
    mutating func string() throws(SyntaxError) -> String {
        guard at(.stringLiteral) else { throw expected("StringLiteral") }
        var text = content(of: current)
        advance()
        while at(.stringLiteral) {
            text += content(of: current)
            advance()
        }
        return text
    }

    /// One string literal, where another may follow it with a meaning of its own.
    mutating func singleString() throws(SyntaxError) -> String {
        guard at(.stringLiteral) else { throw expected("StringLiteral") }
        let text = content(of: current)
        advance()
        return text
    }

    private func content(of token: Token) -> String {
        StringLiteral.unescape(source.bytes[(token.range.start + 1)..<(token.range.end - 1)])
    }

    mutating func integer() throws(SyntaxError) -> Int {
        guard at(.integerLiteral) else { throw unrecognized() }
        guard let value = Int(text(current)) else {
            throw SyntaxError(message: "the number \(text(current)) is too large", range: current.range, in: source)
        }
        advance()
        return value
    }

    // MARK: Errors in Hive's words

    /// `cannot recognize input near 'a' 'b' 'c' in …`: the three tokens from `start` (here when nil), the position of
    /// the token that could not be used.
    func unrecognized(from start: Int? = nil, in production: String? = nil) -> SyntaxError {
        let first = start ?? index
        let near = (0..<3).map { "'\(shown(min(first + $0, tokens.count - 1)))'" }.joined(separator: " ")
        let place = production ?? context
        let message = "cannot recognize input near \(near)" + (place.isEmpty ? "" : " in \(place)")
        return error(message, at: index, meaning: misspelledExists ?? misspelled(index, among: Self.allWords))
    }

    /// A token that must stand here does not.
    func expected(_ name: String) -> SyntaxError {
        let place = context.isEmpty ? "" : " in \(context)"
        if isMissing(name) {
            return error("missing \(name) at '\(shown(index))' near '<EOF>'", at: index, meaning: meaning(missing: name))
        }
        return error(
            "mismatched input '\(shown(index))' expecting \(name) near '\(shown(max(index - 1, 0)))'\(place)", at: index,
            meaning: misspelled(index, among: [Self.word(ofTokenName: name)]) ?? misspelled(index, among: Self.allWords))
    }

    /// Whether what stands here can follow the absent token, in which case Hive calls it missing.
    private func isMissing(_ name: String) -> Bool {
        switch name {
        case "BY": atIdentifier || at(.stringLiteral) || at(.integerLiteral)
        case "AS": atAny(.select, .with)
        case "KW_EXISTS", "SET", "TABLE", "JOIN": atIdentifier
        case "INTO": atIdentifier || at(.table)
        case "NOT": at(.exists)
        case "INPATH": at(.stringLiteral)
        case "StringLiteral": at(.select)
        case "]", "KW_END": at(.from)
        case ">": at(.rightParenthesis)
        case ")": at(.comma) && context == "cast expression"
        case "(": context == "cast expression" && atIdentifier || context.isEmpty && at(.select)
        default: false
        }
    }

    func expectedEnd() -> SyntaxError {
        let token = shown(index)
        // What stands before was taken for an alias, which AS says it is; a word of one or two letters is near to too many.
        let found = [index - 1, index].lazy.filter { $0 < 1 || tokens[$0 - 1].keyword != .as }
            .compactMap { misspelled($0, among: Self.wordsOfClauses, shortest: 3) }.first
        if peek().kind == .endOfInput {
            return error("extraneous input '\(token)' expecting EOF near '<EOF>'", at: index, meaning: found)
        }
        return error("missing EOF at '\(token)' near '\(shown(max(index - 1, 0)))'", at: index, meaning: found)
    }

    /// - Parameter meaning: the word that is probably meant, whose place is marked; where the error is stays as Hive says it.
    func error(_ message: String, at place: Int, meaning: MeantWord? = nil) -> SyntaxError {
        let token = tokens[min(place, tokens.count - 1)]
        var error = SyntaxError(message: message, range: token.range, in: source, isAtEnd: token.kind == .endOfInput)
        if let meaning {
            error.range = meaning.range
            error.hint = "Did you mean '\(meaning.word)'?"
        }
        return error
    }

    // MARK: Words that were probably meant

    /// A word of the statement, and what it was probably meant to be.
    struct MeantWord {
        var word: String
        var range: SourceRange
    }

    private static var allWords: some Sequence<String> {
        Keyword.allCases.lazy.filter(\.isListed).map { $0.spelling.lowercased() }
    }

    /// What may go on where a query could end, and operators behind an operand.
    private static let wordsOfClauses = [
        "and", "as", "asof", "between", "cluster", "cross", "distribute", "except", "from", "full", "group", "having", "in", "inner",
        "intersect", "is", "join", "lateral", "left", "like", "limit", "minus", "natural", "not", "offset", "on", "or", "order",
        "pivot", "qualify", "right", "rlike", "sort", "tablesample", "union", "unpivot", "using", "values", "where", "window",
    ]

    /// The word near to what stands at a place, if that has no meaning in the grammar.
    private func misspelled(_ place: Int, among words: some Sequence<String>, shortest: Int = 1) -> MeantWord? {
        guard tokens.indices.contains(place), tokens[place].kind == .word, tokens[place].keyword == nil else { return nil }
        let written = text(tokens[place])
        guard written.utf8.count >= shortest, let word = NearestName.find(written, among: words) else { return nil }
        return MeantWord(word: word, range: tokens[place].range)
    }

    /// `exist (SELECT …`: what stands before was taken for a function.
    private var misspelledExists: MeantWord? {
        guard atAny(.select, .with, .from, .values), index >= 2, tokens[index - 1].kind == .leftParenthesis else { return nil }
        return misspelled(index - 2, among: ["exists", "in"], shortest: 3)
    }

    /// The absent word where it is misspelled, or with what asks for it: `ORDER x`.
    private func meaning(missing name: String) -> MeantWord? {
        let word = Self.word(ofTokenName: name)
        if let found = misspelled(index, among: [word]) { return found }
        guard name == "BY", index > 0 else { return nil }
        return MeantWord(word: "\(shown(index - 1).lowercased()) by", range: tokens[index - 1].range)
    }

    /// The word of a token that errors name.
    private static func word(ofTokenName name: String) -> String {
        (name.hasPrefix("KW_") ? String(name.dropFirst(3)) : name).lowercased()
    }

    private func shown(_ place: Int) -> String {
        let token = tokens[place]
        return token.kind == .endOfInput ? "<EOF>" : text(token)
    }

    static func tokenName(_ keyword: Keyword) -> String {
        switch keyword {
        case .exists, .end: "KW_\(keyword.spelling)"
        default: keyword.spelling
        }
    }

    static func tokenName(_ kind: TokenKind) -> String {
        switch kind {
        case .leftParenthesis: "("
        case .rightParenthesis: ")"
        case .leftBracket: "["
        case .rightBracket: "]"
        case .comma: ","
        case .dot: "."
        case .colon: ":"
        case .equal: "="
        case .lessThan: "<"
        case .greater: ">"
        case .stringLiteral: "StringLiteral"
        case .integerLiteral: "Number"
        case .word, .quotedWord: "Identifier"
        case .endOfInput: "EOF"
        default: "\(kind)"
        }
    }
}

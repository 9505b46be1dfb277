/// Asks the grammar what may follow the beginning of a statement, by parsing it with one more word.
///
/// So what is offered is what the parser takes, with all that it looks ahead for, and nothing has to be told twice.
struct GrammarProbe {
    /// The tokens of the beginning, without `.endOfInput`.
    private let tokens: [Token]
    private let source: SourceText
    /// Where the word is that the probes add.
    private let wordRange: SourceRange
    /// Tokens that may still be looked at: a long statement is not parsed hundreds of times.
    private var budget = 2_000_000

    /// - Parameter source: the beginning's; `tokens` are of it.
    init(_ source: SourceText, _ tokens: [Token]) {
        let word = " " + Self.word
        self.source = SourceText(bytes: source.bytes + Array(word.utf8))
        self.tokens = tokens
        wordRange = SourceRange(start: source.bytes.count + 1, end: source.bytes.count + word.utf8.count)
    }

    /// No keyword.
    private static let word = "some_name"

    /// What a name would mean next; nil where none may stand.
    mutating func role() -> NameRole? {
        let found = probe([Addition.name])
        return found.isTaken ? found.role : nil
    }

    /// The keywords that may stand next, and mean something there: most of them could be names too.
    mutating func keywords(_ candidates: some Sequence<Keyword>) -> [Keyword] {
        // What takes a brace takes everything: text that nobody looks into.
        if probe([.token(.rightBrace)]).isTaken { return [] }
        return candidates.filter { mayFollow($0) }
    }

    private mutating func mayFollow(_ keyword: Keyword) -> Bool {
        for followers in [[]] + (Self.followers[keyword] ?? []) {
            let found = probe([.keyword(keyword)] + followers)
            if found.isTaken, found.role == nil { return true }
        }
        return false
    }

    private enum Addition {
        case keyword(Keyword)
        case name
        case token(TokenKind)
    }

    /// Parses the beginning with more tokens.
    /// - Returns: whether the grammar took all of them but the end, and what the first of them is if it is a name.
    private mutating func probe(_ additions: [Addition]) -> (isTaken: Bool, role: NameRole?) {
        var probed = tokens
        for addition in additions {
            var token = Token(kind: .word, keyword: nil, range: wordRange, followsSpace: true)
            switch addition {
            case .keyword(let keyword): token.keyword = keyword
            case .name: break
            case .token(let kind): token.kind = kind
            }
            probed.append(token)
        }
        let end = probed.count
        guard budget >= end else { return (false, nil) }
        budget -= end
        let endRange = SourceRange(start: wordRange.end, end: wordRange.end)
        probed.append(Token(kind: .endOfInput, keyword: nil, range: endRange, followsSpace: false))
        var parser = Parser(source, probed)
        parser.askedPlace = tokens.count
        // A feature that is only recognized takes any words.
        if let statement = try? parser.statement(), case .unsupported = statement.kind { return (false, nil) }
        return (parser.index >= end, parser.askedRole)
    }

    /// What makes a keyword of a word that the grammar takes as a name, or not at all, when nothing follows it.
    private static let followers: [Keyword: [[Addition]]] = [
        .all: [[.token(.leftParenthesis)]],
        .any: [[.token(.leftParenthesis)]],
        .asof: [[.keyword(.join)]],
        .asymmetric: [[.name]],
        .both: [[.name]],
        .check: [[.token(.leftParenthesis)]],
        .cluster: [[.keyword(.by)]],
        .cube: [[.token(.leftParenthesis)]],
        .database: [[.name]],
        .distribute: [[.keyword(.by)]],
        .filter: [[.token(.leftParenthesis), .keyword(.where)]],
        .for: [[.keyword(.systemTime)]],
        .formatted: [[.name]],
        .grouping: [[.keyword(.sets)]],
        .if: [[.keyword(.not)]],
        .ignore: [[.keyword(.nulls)]],
        .inputformat: [[.token(.stringLiteral)]],
        .leading: [[.name]],
        .limit: [[.token(.integerLiteral)]],
        .map: [[.keyword(.keys)]],
        .matchCondition: [[.token(.leftParenthesis)]],
        .minus: [[.keyword(.select)]],
        .model: [[.name]],
        .natural: [[.keyword(.join)]],
        .not: [[.keyword(.enforced)]],
        .null: [[.keyword(.defined)]],
        .nulls: [[.keyword(.first)]],
        .offset: [[.token(.integerLiteral)]],
        .or: [[.keyword(.replace), .keyword(.view)]],
        .order: [[.keyword(.by)]],
        .partition: [[.keyword(.by)], [.token(.leftParenthesis)]],
        .pivot: [[.token(.leftParenthesis)]],
        .qualify: [[.name]],
        .recordreader: [[.token(.stringLiteral)]],
        .recordwriter: [[.token(.stringLiteral)]],
        .recursive: [[.name]],
        .replace: [[.keyword(.view)]],
        .respect: [[.keyword(.nulls)]],
        .rollup: [[.token(.leftParenthesis)]],
        .schema: [[.name]],
        .some: [[.token(.leftParenthesis)]],
        .sort: [[.keyword(.by)]],
        .stored: [[.keyword(.as), .keyword(.directories)]],
        .symmetric: [[.name]],
        .table: [[.name], [.token(.leftParenthesis)]],
        .trailing: [[.name]],
        .tryCast: [[.token(.leftParenthesis)]],
        .unique: [[.token(.leftParenthesis)]],
        .unpivot: [[.token(.leftParenthesis)]],
        .using: [[.token(.leftParenthesis)]],
        .with: [[.keyword(.rollup)], [.keyword(.serdeproperties)]],
        .within: [[.keyword(.group)]],
    ]
}

#if os(Linux)
import HiveSyntax

/// Statements as token sequences that are spoiled: what of them still parses means something that nobody meant.
struct MutatedStatement {
    /// Texts that are odd wherever they stand.
    private static let oddTokens = [
        "null", "''", "'\u{0}'", "'é\u{301}'", "0", "-1", "2147483647", "-2147483648", "9223372036854775807", "-9223372036854775808",
        "99999999999999999999999999999999999999", "1e308", "-1e308", "1e-320", "0.1", "127Y", "32767S", "1L", "1.5BD", "1D",
        "cast('NaN' as double)", "cast('Infinity' as double)", "cast(null as int)", "true", "false", "date '9999-12-31'",
        "date '0001-01-01'", "timestamp '9999-12-31 23:59:59.999999999'", "interval '1' day", "interval '-178956970-8' year to month",
        "array()", "array(null)", "map()", "map('a', null)", "named_struct('a', 1, 'b', array(1, 2))", "unhex('80')", "space(3000)",
        "current_database()", "(select 1)", "(select null)", "*", "distinct", "over ()", "over (order by 1)", "not", "-", "~", "is null",
        "in (1, null)", "between null and 1", "like '%'", "rlike '('", "group by 1", "order by 1 desc", "limit 0", "limit 2147483647",
        "union all", "lateral view explode(array(1, 2)) e as x", "cross join", "left semi join", "where", "having", "grouping sets ((), ())",
        "with rollup", "grouping__id", "[0]", "[-1]", ".a", "rows between 9223372036854775807 preceding and current row",
    ]

    private(set) var tokens: [String]

    /// The tokens of a text; words of it where it is no sequence of tokens.
    init(_ text: String) {
        let source = SourceText(text)
        if let found = try? Lexer.tokens(of: source) {
            tokens = found.filter { $0.range.end > $0.range.start }.map { String(source.text($0.range)) }
        } else {
            tokens = text.split(separator: " ").map(String.init)
        }
    }

    var text: String { tokens.joined(separator: " ") }

    mutating func mutate(with others: [MutatedStatement], _ random: inout RandomSource) {
        for _ in 0..<random.pick([1, 1, 1, 1, 1, 2, 3, 5], or: 1) { change(others, &random) }
    }

    private mutating func change(_ others: [MutatedStatement], _ random: inout RandomSource) {
        let place = tokens.isEmpty ? 0 : random.below(tokens.count)
        let span = place..<min(tokens.count, place + 1 + random.below(random.pick([1, 3, 12], or: 1)))
        switch random.below(20) {
        case 0: tokens.removeSubrange(span)
        case 1: tokens.insert(contentsOf: tokens[span], at: place)
        case 2:
            guard tokens.count > 1 else { return }
            tokens.swapAt(place, random.below(tokens.count))
        case 3, 4, 5:
            // A piece of another statement, in the place of one of this.
            guard let other = others.randomElement(using: &random), !other.tokens.isEmpty else { return }
            let start = random.below(other.tokens.count)
            let end = min(other.tokens.count, start + 1 + random.below(random.pick([1, 4, 20], or: 1)))
            tokens.replaceSubrange(random.chance(30) ? place..<place : span, with: other.tokens[start..<end])
        case 6, 7: tokens.insert(random.pick(Self.oddTokens, or: "null"), at: place)
        case 8, 9, 14, 15, 16: replaceLiteral(&random)
        case 10, 17, 18, 19:
            // The same kind of word from elsewhere in the statement.
            guard let name = tokens.filter({ $0.first?.isLetter == true }).randomElement(using: &random) else { return }
            tokens[place] = name
        case 11: nest(span, &random)
        case 12: repeatSpan(span, &random)
        default:
            let other = random.below(max(tokens.count, 1))
            tokens.insert(contentsOf: tokens[span], at: other)
        }
    }

    private mutating func replaceLiteral(_ random: inout RandomSource) {
        let literals = tokens.indices.filter { tokens[$0].first.map { $0.isNumber || $0 == "'" || $0 == "\"" } ?? false }
        guard let place = literals.randomElement(using: &random) else { return }
        tokens[place] = random.pick(Self.oddTokens, or: "null")
    }

    /// Puts part of the statement deep into something.
    private mutating func nest(_ span: Range<Int>, _ random: inout RandomSource) {
        let depth = random.pick([1, 2, 40, 400, 990, 1_100, 20_000], or: 1)
        let shells = [("(", ")"), ("(select", ")"), ("not (", ")"), ("- (", ")"), ("abs (", ")"), ("array (", ")"), ("case when", "then 1 end"), ("(select * from (", ") q)")]
        let (open, close) = random.pick(shells, or: ("(", ")"))
        let inner = tokens[span].joined(separator: " ")
        tokens.replaceSubrange(
            span, with: Array(repeating: open, count: depth) + [inner] + Array(repeating: close, count: depth))
    }

    private mutating func repeatSpan(_ span: Range<Int>, _ random: inout RandomSource) {
        let count = random.pick([2, 20, 300, 3_000], or: 2)
        let part = Array(tokens[span])
        let separator = random.pick([",", "+", "and", "or", "||", "union all", ""], or: ",")
        guard part.count * count < 20_000 else { return }
        let repeated = Array(Array(repeating: part, count: count).joined(separator: separator.isEmpty ? [] : [separator]))
        tokens.replaceSubrange(span, with: repeated)
    }
}
#endif

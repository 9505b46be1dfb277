import Foundation
import HiveSyntax
import Testing

/// Files of the repository that tests hold the code against.
enum RepositoryFiles {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The statements of all golden files: the lines of each block between its head and its answer.
    static func goldenStatements() throws -> [String] {
        let folder = root.appendingPathComponent("Tests/Golden")
        guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
        var statements: [String] = []
        for case let file as URL in files where file.pathExtension == "slt" {
            let text = try String(contentsOf: file, encoding: .utf8)
            var block: [Substring] = []
            // Names in double quotes are read by another lexer.
            var quotesNames = false
            for line in (text + "\n\n").split(separator: "\n", omittingEmptySubsequences: false) {
                if !line.allSatisfy(\.isWhitespace) {
                    block.append(line)
                    continue
                }
                if let statement = statement(of: block) {
                    if statement.hasPrefix("set hive.support.quoted.identifiers=") { quotesNames = statement.hasSuffix("=standard") }
                    if !quotesNames { statements.append(statement) }
                }
                block = []
            }
        }
        return statements
    }

    /// Nil for a statement that Hive refuses, which need not parse.
    private static func statement(of block: [Substring]) -> String? {
        var lines = block[...]
        while let first = lines.first, first.hasPrefix("#") || first.hasPrefix("skip-") { lines = lines.dropFirst() }
        guard let head = lines.first, head.hasPrefix("statement") || head.hasPrefix("query"),
            !head.hasPrefix("statement error")
        else { return nil }
        return lines.dropFirst().prefix { $0 != "----" }.joined(separator: "\n")
    }
}

@Suite struct GrammarTests {
    private static let grammar: Result<Grammar, any Error> = Result {
        try Grammar(RepositoryFiles.text("grammar/HiveQL.ebnf"))
    }

    @Test func everyNameIsDefinedAndUsed() throws {
        let grammar = try GrammarTests.grammar.get()
        #expect(grammar.undefinedNames == [])
        #expect(grammar.unreachable(from: "statement") == [])
    }

    @Test func parserTakesEverySentence() throws {
        let grammar = try GrammarTests.grammar.get()
        let seed = ProcessInfo.processInfo.environment["HIVEQL_TEST_SEED"].flatMap(UInt64.init) ?? 20_240_101
        var random = RandomSource(seed: seed)
        var failures = 0
        for round in 0..<6000 {
            let depth = 20 + round % 60
            let words = grammar.sentence(from: "statement", depth: depth, size: 60, using: &random)
            let text = words.joined(separator: " ")
            if let problem = roundTripProblem(text) {
                failures += 1
                Issue.record("seed \(seed), sentence \(round): \(problem)")
                if failures == 20 { return }
            }
        }
    }

    @Test func keywordsAreTheListedWords() throws {
        func words(_ path: String) throws -> [String] {
            try RepositoryFiles.text(path).split(whereSeparator: \.isWhitespace).map(String.init)
        }
        let reserved = try words("grammar/reserved-words.txt")
        let free = try words("grammar/nonreserved-words.txt")
        #expect(Keyword.allCases.filter { $0.isReserved }.map(\.spelling).sorted() == reserved.sorted())
        #expect(Keyword.allCases.filter { $0.isListed && !$0.isReserved }.map(\.spelling).sorted() == free.sorted())
        for word in reserved + free {
            for spelling in [word, word.lowercased(), word.capitalized] {
                let tokens = try Lexer.tokens(of: SourceText(spelling))
                #expect(tokens.count == 2 && tokens[0].kind == .word && tokens[0].keyword?.spelling == word)
            }
        }
        for word in free { for text in Self.uses(of: word) { try requireRoundTrip(text) } }
        for word in reserved {
            #expect(throws: SyntaxError.self) { try Parser.parseStatement("create table \(word) (a int)") }
        }
    }

    /// Statements in which a word that is not reserved is a name, in every place where names stand.
    private static func uses(of word: String) -> [String] {
        [
            "select \(word) from t", "select \(word), t.\(word), \(word).a from t", "select 1 as \(word)",
            "select \(word) from (select 1 \(word)) x where \(word) > 0 group by \(word) having \(word) > 0 order by \(word)",
            "select * from \(word)", "select * from \(word) as \(word)", "select \(word).a from t as \(word) join u on u.\(word) = \(word).a",
            "select abs(\(word)), f(1, \(word)), \(word) + 1, \(word)[0], s.\(word) from t", "select \(word)(a) from t",
            "create table \(word) (\(word) int)", "create table t (a int) partitioned by (\(word) string)",
            "create table t (\(word) decimal(20,4), s struct<\(word):int>)", "insert into t partition (\(word) = 1) select \(word) from u",
            "alter table t drop partition (\(word) = '1')", "create view \(word) as select \(word) from t",
            "with \(word) as (select 1 a) select * from \(word)", "select e.\(word) from t lateral view explode(a) e as \(word)",
            "alter table t change \(word) \(word) bigint", "use \(word)", "drop table if exists \(word)",
            "select sum(a) over \(word) from t window \(word) as (partition by \(word) order by \(word))",
        ]
    }

    @Test func goldenStatementsRoundTrip() throws {
        for text in try RepositoryFiles.goldenStatements() where !text.contains("${") {
            if let problem = roundTripProblem(text) { Issue.record("\(problem)") }
        }
    }
}

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
            for line in (text + "\n\n").split(separator: "\n", omittingEmptySubsequences: false) {
                if !line.allSatisfy(\.isWhitespace) {
                    block.append(line)
                    continue
                }
                if let statement = statement(of: block) { statements.append(statement) }
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
        for word in free { try requireRoundTrip("select \(word) from t") }
        for word in reserved {
            #expect(throws: SyntaxError.self) { try Parser.parseStatement("create table \(word) (a int)") }
        }
    }

    @Test func goldenStatementsRoundTrip() throws {
        for text in try RepositoryFiles.goldenStatements() where !text.contains("${") {
            if let problem = roundTripProblem(text) { Issue.record("\(problem)") }
        }
    }
}

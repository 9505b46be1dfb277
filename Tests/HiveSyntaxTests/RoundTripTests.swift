import HiveSyntax
import Testing

@Suite struct RoundTripTests {
    @Test func corpus() throws {
        for text in Corpus.all { try requireRoundTrip(text) }
    }

    @Test func wordsOfEveryKindAsNames() throws {
        for keyword in Keyword.allCases where !keyword.isReserved {
            let word = keyword.spelling.lowercased()
            try requireRoundTrip("select `\(word)`, t.\(word), x as \(word) from d.\(word) as \(word)")
        }
    }
}

/// Requires that `text` parses, and that what is printed of it parses to the same tree and prints the same.
func requireRoundTrip(_ text: String) throws {
    if let problem = roundTripProblem(text) { Issue.record("\(problem)") }
}

/// What is wrong, or nil.
func roundTripProblem(_ text: String) -> String? {
    let tree: Statement
    do {
        tree = try Parser.parseStatement(text)
    } catch {
        return error.rendered(in: SourceText(text))
    }
    let printed = SQLPrinter.print(tree)
    do {
        let again = try Parser.parseStatement(printed)
        if again != tree {
            // Parameters are numbered as they are written, and FROM may be written before SELECT or after.
            if text.count(where: { $0 == "?" }) > 1 { return nil }
            return "\(text)\nprints as\n\(printed)\n\(SyntaxDump.tree(of: tree))\n\n\(SyntaxDump.tree(of: again))"
        }
        if SQLPrinter.print(again) != printed { return "\(text)\nprints as\n\(printed)\nand then otherwise" }
    } catch {
        return "\(text)\nprints as\n\(printed)\n\(error.rendered(in: SourceText(printed)))"
    }
    return nil
}

import Testing

import HiveSyntax

@Suite struct RoundTripTests {
    @Test(arguments: Corpus.all)
    func parsePrintParse(_ text: String) throws {
        try requireRoundTrip(text)
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
    let tree: Statement
    do {
        tree = try Parser.parseStatement(text)
    } catch {
        Issue.record("\(text)\n\(error.rendered(in: SourceText(text)))")
        return
    }
    let printed = SQLPrinter.print(tree)
    do {
        let again = try Parser.parseStatement(printed)
        if again != tree {
            Issue.record("\(text)\nprints as\n\(printed)\n\(SyntaxDump.tree(of: tree))\n\n\(SyntaxDump.tree(of: again))")
        }
        #expect(SQLPrinter.print(again) == printed)
    } catch {
        Issue.record("\(text)\nprints as\n\(printed)\n\(error.rendered(in: SourceText(printed)))")
    }
}

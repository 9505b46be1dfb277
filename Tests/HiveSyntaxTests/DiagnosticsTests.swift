import HiveSyntax
import Platform
import Testing

@Suite struct DiagnosticsTests {
    /// Hive counts lines from the statement's start; these began with a line end.
    @Test func messagesAreHives() throws {
        for (statement, column, message) in HiveMessages.all {
            do {
                _ = try Parser.parseStatement("\n" + statement)
                Issue.record("\(statement) parses; Hive: \(column) \(message)")
            } catch {
                if error.message != message || error.column != column || error.line != 2 {
                    Issue.record("\(statement)\n  Hive: \(column) \(message)\n  here: \(error.column) \(error.message)")
                }
            }
        }
    }

    @Test func positionLineCaretAndHint() throws {
        let text = "select a,\n\tselct b from t where"
        do {
            _ = try Parser.parseStatement("selec 1")
            Issue.record("parsed")
        } catch {
            #expect(error.rendered(in: SourceText("selec 1")) == """
                FAILED: ParseException line 1:0 cannot recognize input near 'selec' '1' '<EOF>'
                selec 1
                ^~~~~
                Did you mean 'select'?
                """)
        }
        let source = SourceText(text)
        #expect(source.excerpt(at: SourceRange(start: 11, end: 16)) == "\tselct b from t where\n\t^~~~~")
        #expect(source.position(of: 11) == (2, 1))
        #expect(SourceText("é\nüü").position(of: 5) == (2, 1))
        let late = Diagnostic(
            category: "SemanticException [Error 10004]:", message: "Invalid table alias or column reference 'selct'",
            range: SourceRange(start: 11, end: 16), hint: "Did you mean 'b'?")
        #expect(late.rendered(in: source) == """
            FAILED: SemanticException [Error 10004]: Line 2:1 Invalid table alias or column reference 'selct'
            \tselct b from t where
            \t^~~~~
            Did you mean 'b'?
            """)
    }

    /// The misspelled word is marked, wherever the error is found.
    @Test(arguments: [
        ("select id from emp were id = 1", 24, "were", "where"), ("select * from emp wher id = 1", 23, "wher", "where"),
        ("select * form emp", 9, "form", "from"), ("select * from emp limt 3", 23, "limt", "limit"),
        ("select * from emp grup by id", 23, "grup", "group"), ("select * from emp where id = 1 oder by id", 31, "oder", "order"),
        ("select * from emp where id betwen 1 and 2", 27, "betwen", "between"), ("select * from emp order id", 24, "order", "order by"),
        ("select * from emp group id", 24, "group", "group by"), ("select * from a inner jion b", 22, "jion", "join"),
        ("select * from a where not exist (select 1)", 33, "exist", "exists"), ("create table if not exits y (a int)", 20, "exits", "exists"),
        ("selct 1", 0, "selct", "select"), ("select cast(id as itn) from emp", 18, "itn", "int"),
    ])
    func misspelledWords(statement: String, column: Int, word: String, meant: String) {
        do {
            _ = try Parser.parseStatement(statement)
            Issue.record("\(statement) parses")
        } catch {
            #expect(error.column == column, "\(statement)")
            #expect(SourceText(statement).text(error.range) == word, "\(statement)")
            #expect(error.hint == "Did you mean '\(meant)'?", "\(statement): \(error.hint ?? "")")
        }
    }

    /// Aliases and short names are not taken for misspelled words.
    @Test(arguments: ["select a b c from t", "select 1 from l1 l2 l3", "select a from emp as wher id", "select a from t x y"])
    func namesAreNoMisspelledWords(statement: String) {
        do {
            _ = try Parser.parseStatement(statement)
            Issue.record("\(statement) parses")
        } catch {
            #expect(error.hint == nil, "\(statement): \(error.hint ?? "")")
        }
    }

    @Test func placesInScriptsCountFromTheirStart() {
        do {
            _ = try Parser.parseScript("select 1;\nselect 2; select a\n from emp were id = 1")
            Issue.record("parsed")
        } catch {
            #expect((error.line, error.column) == (3, 15))
        }
    }

    @Test func nearestName() {
        let names = ["medallion", "hack_license", "tip_amount", "total_amount"]
        #expect(NearestName.find("tip_amout", among: names) == "tip_amount")
        #expect(NearestName.find("MEDALION", among: names) == "medallion")
        #expect(NearestName.find("teh", among: ["the", "a"]) == "the")
        #expect(NearestName.find("xyz", among: names) == nil)
        #expect(NearestName.find("", among: names) == nil)
        #expect(NearestName.hint(for: "hack_licence", among: names) == "Did you mean 'hack_license'?")
    }

    @Test func endsTooEarly() {
        for text in ["select", "select 'abc", "select (1", "create table t (a int", "select 1 /* x"] {
            do {
                _ = try Parser.parseStatement(text)
                Issue.record("\(text) parses")
            } catch {
                #expect(error.isAtEnd, "\(text): \(error)")
            }
        }
    }

    @Test func deepNestingIsAnError() throws {
        let depths = [10, 100, 1000, 20_000]
        for depth in depths {
            let texts = [
                "select " + String(repeating: "(", count: depth) + "1" + String(repeating: ")", count: depth),
                "select " + String(repeating: "- ", count: depth) + "1",
                "select " + String(repeating: "not ", count: depth) + "true",
                "select 1" + String(repeating: " + 1", count: depth),
                "select a" + String(repeating: ".a", count: depth),
                "select a" + String(repeating: "[0", count: depth) + String(repeating: "]", count: depth),
                "select " + String(repeating: "case when ", count: depth) + "1" + String(repeating: " then 1 end", count: depth),
                "select " + String(repeating: "f(", count: depth) + "1" + String(repeating: ")", count: depth),
                "select 1" + String(repeating: " union all select 1", count: depth),
                String(repeating: "select * from (", count: depth) + "select 1" + String(repeating: ") t", count: depth),
                String(repeating: "(", count: depth) + "select 1" + String(repeating: ")", count: depth),
                "select * from " + String(repeating: "(", count: depth) + "t" + String(repeating: ")", count: depth),
                "select * from t" + String(repeating: " join t", count: depth),
                "select * from t" + String(repeating: " lateral view f(x) y", count: depth),
                "select * from " + String(repeating: "f(on ", count: depth) + "t" + String(repeating: ")", count: depth),
                "select cast(a as " + String(repeating: "array<", count: depth) + "int" + String(repeating: ">", count: depth) + ")",
                String(repeating: "explain ", count: depth) + "select 1",
                "select a where b" + String(repeating: " in (select b", count: depth) + String(repeating: ")", count: depth),
            ]
            for text in texts {
                do {
                    let tree = try Parser.parseStatement(text)
                    #expect(SQLPrinter.print(tree).count > 0)
                } catch {
                    if depth <= 10 { Issue.record("\(text.prefix(60)): \(error)") }
                    // Anything but a clean error would have ended the process.
                    #expect(error.message.contains("nested too deeply") || depth > 10)
                }
            }
        }
        // Chains of AND and OR, lists and settings are wide, not deep.
        let wide = "select 1 where " + (0..<20_000).map { "a = \($0)" }.joined(separator: " or ")
        try requireRoundTrip(wide)
        try requireRoundTrip("select " + (0..<20_000).map { "a\($0) + 1" }.joined(separator: ", "))
    }
}

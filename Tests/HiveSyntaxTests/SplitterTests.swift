import HiveSyntax
import Testing

@Suite struct SplitterTests {
    private func pieces(_ script: String) -> [String] { StatementSplitter.split(script).map(\.text) }

    @Test func cutsAtSemicolonsOutsideOfQuotes() {
        #expect(pieces("select 1; select 2") == ["select 1", " select 2"])
        #expect(pieces("select ';', \"a;b\", `c;d`;") == ["select ';', \"a;b\", `c;d`"])
        #expect(pieces("select 1 -- a; b\n, 2; x") == ["select 1 -- a; b\n, 2", " x"])
        #expect(pieces("select /* a; /* b; */ */ 1; y") == ["select /* a; /* b; */ */ 1", " y"])
        #expect(pieces("select 'it\\'s;'; z") == ["select 'it\\'s;'", " z"])
        #expect(pieces("a\\;b; c") == ["a;b", " c"])
        #expect(pieces("select 'a\\;b'") == ["select 'a\\;b'"])
        #expect(pieces("") == [])
        #expect(pieces(";;") == ["", ""])
    }

    @Test func knowsEmptyPiecesAndOffsets() {
        let script = "-- only a comment\n;\nselect 1;  "
        let pieces = StatementSplitter.split(script)
        #expect(pieces.map(\.isEmpty) == [true, false, true])
        #expect(pieces.map(\.isTerminated) == [true, true, false])
        #expect(pieces.map(\.range.start) == [0, 19, 29])
        #expect(pieces[1].text == "\nselect 1")
    }

    @Test func completeness() {
        for text in ["select 1;", "", "  ", "select 1; -- done", "select ';';", "a; /* b */"] {
            #expect(StatementSplitter.isComplete(text), "\(text)")
        }
        for text in ["select 1", "select 'a;", "select 1; select 2", "select `a;", "select 1 /* ;", "x\\;"] {
            #expect(!StatementSplitter.isComplete(text), "\(text)")
        }
    }

    @Test func scriptPositionsCountFromItsStart() throws {
        let statements = try Parser.parseScript("set a=b;\n-- nothing;\n;select 1;\nselect 2")
        #expect(statements.count == 3)
        do {
            _ = try Parser.parseScript("select 1;\nselect 2;\n  selec 3;")
            Issue.record("parsed")
        } catch {
            #expect(error.line == 3 && error.column == 2)
        }
    }

    @Test func settingsKeepTheirText() throws {
        func kind(_ text: String) throws -> Statement.Kind { try Parser.parseStatement(text).kind }
        #expect(try kind("set a = b  c ;") == .set(name: "a", value: "b  c"))
        #expect(try kind("SET pi=radians(180)") == .set(name: "pi", value: "radians(180)"))
        #expect(try kind("set x='a' -- b") == .set(name: "x", value: "'a' -- b"))
        #expect(try kind("set") == .setShowChanged)
        #expect(try kind("set -v") == .setShowAll)
        #expect(try kind("set hive.x") == .setShow(name: "hive.x"))
        #expect(try kind("-- c\nset x=") == .set(name: "x", value: ""))
        #expect(try kind("delete jar a b") == .deleteResources(.jar, paths: ["a", "b"]))
        #expect(try kind("reset -d a") == .reset(names: ["a"], toDefault: true))
        #expect(try kind("dfs -ls 'x'") == .fileSystemCommand("-ls 'x'"))
        #expect(try kind("set role x") == .setRole(.named(Identifier("x"))))
    }
}

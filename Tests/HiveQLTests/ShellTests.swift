import Foundation
import Testing

/// The interactive shell, on a pseudo terminal.
@Suite(.serialized) struct ShellTests {
    @Test func statementsSpanLinesAndRowsAreAligned() throws {
        let shell = try CommandLineTool().startShell()
        try shell.expectPrompt()
        shell.type("select 1 as one,\n")
        try shell.expect("      > ")
        shell.type("'a\tb' as text;\n")
        try shell.expect("│ one │ text │")
        try shell.expect("Fetched: 1 row(s)")
        shell.type("quit\n")
        #expect(try shell.end() == 0)
    }

    @Test func controlCharactersOfDataDoNotSteerTheTerminal() throws {
        let shell = try CommandLineTool().startShell()
        try shell.expectPrompt()
        for output in ["tabs", "lines", "table"] {
            shell.type("set hiveql.shell.output=\(output);\n")
            try shell.expectPrompt()
            shell.type("select concat('\(output)', unhex('1b'), '[2J', unhex('c29b'), 'end');\n")
            try shell.expect("\(output)\\u001b[2J\\u009bend")
            try shell.expectPrompt()
        }
        shell.type("quit\n")
        #expect(try shell.end() == 0)
    }

    @Test func interruptsEndTheQueryAndNotTheShell() throws {
        let shell = try CommandLineTool().startShell()
        try shell.expectPrompt()
        shell.type("select 'half")
        try shell.expect("half")
        for _ in 0..<30 {
            shell.type("\u{3}")
            try shell.expectPrompt()
        }
        shell.type("create table n as select posexplode(split(space(9999), ' ')) as (pos, word);\n")
        try shell.expectPrompt()
        shell.type("select count(*) from n a cross join n b cross join n c where a.pos + b.pos + c.pos < 0;\n")
        try shell.expect("c.pos < 0;")
        Thread.sleep(forTimeInterval: 1.5)
        shell.type("\u{3}")
        try shell.expect("Query cancelled")
        try shell.expectPrompt()
        shell.type("select 40 + 2 as answer;\n")
        try shell.expect("│     42 │")
        try shell.expectPrompt()
        shell.type("\u{4}")
        #expect(try shell.end() == 0)
    }

    /// Words of psql, DuckDB and beeline do what their people expect; an unknown one says so at once.
    @Test func commandsOfOtherShells() throws {
        let tool = try CommandLineTool()
        let shell = try tool.startShell()
        try shell.expectPrompt()
        shell.type("create table rides (km int, cab string);\n")
        try shell.expectPrompt()
        for (typed, shown) in [
            ("\\dt", "rides"), (".tables", "rides"), ("!tables", "rides"), ("\\d rides", "km"), ("!describe rides;", "cab"), ("\\l", "default"),
            ("\\d+ rides", "# Storage Information"), (".schema rides", "CREATE TABLE"), ("\\df concat", "concat"), ("\\?", "^R searches"),
            ("help", "^R searches"), ("\\nonsense", "Unknown command '\\nonsense'"), (".nonsense", "Unknown command '.nonsense'"),
            ("\\timing", "Times are not told."), ("\\timing on", "Times are told."), (".mode nothing", "Unknown format 'nothing': table, lines"),
            ("\\c", "\\c takes a database"), ("!connect jdbc:hive2://x", "There is no server"), ("!echo a <b>", "a <b>"),
        ] {
            shell.type(typed + "\n")
            try shell.expect(shown)
            try shell.expectPrompt()
        }
        shell.type("\\x\n")
        try shell.expect("A column a line.")
        try shell.expectPrompt()
        shell.type("select 1 as one;\n")
        try shell.expect("─── row 1 ───")
        try shell.expectPrompt()
        shell.type(".mode csv\n")
        try shell.expectPrompt()
        shell.type("select 1 as one, 'x, y' as two;\n")
        try shell.expect("one,two")
        try shell.expect("1,\"x, y\"")
        try shell.expectPrompt()
        shell.type("\\o \(tool.folder.path)/rows.csv\n")
        try shell.expectPrompt()
        shell.type("select 41 + 1 as answer;\n")
        try shell.expect("Fetched: 1 row(s)")
        try shell.expectPrompt()
        shell.type("\\o\n")
        try shell.expectPrompt()
        #expect(try String(contentsOfFile: "\(tool.folder.path)/rows.csv", encoding: .utf8) == "answer\n42\n")
        shell.type("\\watch 0.1\n")
        try shell.expect("answer")
        try shell.expect("answer")
        shell.type("\u{3}")
        try shell.expectPrompt()
        shell.type("\\q\n")
        #expect(try shell.end() == 0)
    }

    @Test func theShellIsLeftInTheMiddleOfAStatement() throws {
        let shell = try CommandLineTool().startShell()
        try shell.expectPrompt()
        shell.type("select 1\n")
        try shell.expect("      > ")
        shell.type("\n")
        try shell.expect("The statement goes on: ';' runs it")
        shell.type("exit\n")
        #expect(try shell.end() == 0)
    }

    /// What is pasted arrives as it is: lines that begin with tabs, and texts beyond ASCII where nobody chose a locale.
    @Test func pastedStatementsAreWhole() throws {
        let shell = try CommandLineTool().startShell(without: ["LANG", "LC_ALL", "LC_CTYPE"])
        try shell.expectPrompt()
        shell.type("select\n\tlength('é中') as characters,\n\t\t'ü' as letter,\n\t1 + 1 as two;\n")
        try shell.expect("characters │ letter │ two │")
        try shell.expect("│          2 │ ü      │   2 │")
        try shell.expectPrompt()
        shell.type("select\thex('x\ty')\tas\th,\t'end'\tas\te;\n")
        try shell.expect("│ 780979 │ end │")
        try shell.expectPrompt()
        shell.type("quit\n")
        #expect(try shell.end() == 0)
    }

    @Test func historyIsKeptAndNamesAreCompleted() throws {
        let tool = try CommandLineTool()
        let first = try tool.startShell()
        try first.expectPrompt()
        first.type("create table some_rides (kilometres int);\n")
        try first.expect("Time taken")
        try first.expectPrompt()
        // A tab with more behind it would be pasted text.
        first.type("select kilom\t")
        try first.expect("etres")
        first.type(" from some_r\t")
        try first.expect("ides")
        first.type(";\n")
        try first.expect("│ kilometres │")
        try first.expectPrompt()
        first.type("select 123456 as\nnumber;\n")
        try first.expect("│ 123456 │")
        try first.expectPrompt()
        first.type("exit;\n")
        #expect(try first.end() == 0)
        let second = try tool.startShell()
        try second.expectPrompt()
        second.type("\u{1B}[A\u{1B}[A")
        try second.expect("select 123456")
        second.type("\n")
        try second.expect("│ 123456 │")
        try second.expectPrompt()
        second.type("\u{4}")
        #expect(try second.end() == 0)
    }

    /// What may stand at the cursor decides, on all lines of a statement; a list asks nothing. A tab is typed by itself, as one with more
    /// behind it would be pasted text.
    @Test func completionGoesByTheContext() throws {
        let shell = try CommandLineTool().startShell()
        try shell.expectPrompt()
        shell.type("create table some_rides (kilometres int, `my col` string) partitioned by (day string);\n")
        try shell.expectPrompt()
        shell.type("alter ta\t")
        try shell.expect("ble ")
        shell.type("\u{3}")
        try shell.expectPrompt()
        shell.type("select\n")
        try shell.expect("      > ")
        shell.type("'é', m")
        try shell.expect("m")
        shell.type("\u{1B}[D\u{1B}[C from some_rides r where r.\t")
        try shell.expect("kilometres  int")
        try shell.expect("where r.")
        shell.type("k\t")
        try shell.expect("ilometres")
        shell.type(" is null or `m\t")
        // The editor writes no more than what is new on the screen.
        try shell.expect("y col`")
        shell.type("\u{3}")
        try shell.expectPrompt()
        shell.type("select concat_ws(\t")
        try shell.expect("concat_ws(separator, [string | array(string)]+)")
        try shell.expect("select concat_ws(")
        shell.type("'', 'com', 'pleted');\n")
        try shell.expect("│ completed │")
        try shell.expectPrompt()
        shell.type("\\d some_r\t")
        try shell.expect("ides ")
        shell.type("\n")
        try shell.expect("kilometres")
        try shell.expectPrompt()
        shell.type("quit\n")
        #expect(try shell.end() == 0)
    }

    /// Shells that are open at once keep what each was told, but no secrets, and nothing that begins with a space.
    @Test func shellsShareTheirHistory() throws {
        let tool = try CommandLineTool()
        let shells = try [tool.startShell(), tool.startShell()]
        for shell in shells { try shell.expectPrompt() }
        for (place, statement) in [
            "select 'one'\n, 'é';", " select 'hidden';", "set fs.s3a.secret.key=hidden;", "select 'two';", "/* x */ SET Some.Password = 'hidden';",
            "\\set api_token hidden", "set hive.cli.print.header=true;",
        ].enumerated() {
            shells[place % 2].type(statement + "\n")
            try shells[place % 2].expectPrompt()
        }
        for shell in shells {
            shell.type("quit\n")
            #expect(try shell.end() == 0)
        }
        let kept = try String(contentsOfFile: "\(tool.folder.path)/.hiveql_history", encoding: .utf8)
        #expect(
            kept == """
                _HiStOrY_V2_
                select\\040'one'\\012,\\040'\\303\\251';
                select\\040'two';
                set\\040hive.cli.print.header=true;
                quit
                quit

                """, "\(kept)")
        let third = try tool.startShell()
        try third.expectPrompt()
        third.type("\u{12}'one")
        try third.expect("'é';")
        // One ends the search, one the statement.
        third.type("\n\n")
        try third.expect("│ one")
        try third.expectPrompt()
        third.type("\u{4}")
        #expect(try third.end() == 0)
    }
}

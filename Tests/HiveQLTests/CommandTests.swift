import Foundation
import Testing

/// What the program takes and gives: options, the two ends of output, exit status.
@Suite struct CommandTests {
    @Test func rowsGoToOutputAndTheRestToErrors() throws {
        let tool = try CommandLineTool()
        let outcome = try tool.run("-e", "select 1, null, 'a b', 1.5D; select 'a;b' -- c;d\n; create table t (a int)")
        #expect(outcome.status == 0)
        #expect(outcome.output == "1\tNULL\ta b\t1.5\na;b\n")
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        #expect(lines.count == 6)
        #expect(lines.filter { $0 == "OK" }.count == 3)
        #expect(lines[1].wholeMatch(of: /Time taken: \d+\.\d{3} seconds, Fetched: 1 row\(s\)/) != nil)
        #expect(lines[5].wholeMatch(of: /Time taken: \d+\.\d{3} seconds/) != nil)
    }

    @Test func silentModeGivesRowsOnly() throws {
        let tool = try CommandLineTool()
        let outcome = try tool.run("-S", "-e", "select 1; set x=2; select ${hiveconf:x}")
        #expect(outcome.output == "1\n2\n")
        #expect(outcome.errors == "")
    }

    @Test func variablesComeInEveryForm() throws {
        let tool = try CommandLineTool()
        let outcome = try tool.run(
            "-hiveconf", "a=1", "--hiveconf", "b=2", "--hiveconf=c=3", "-d", "d=4", "--define", "e=5", "--hivevar", "f=6",
            "-hivevar", "g=x=y", "-S", "-e",
            "select ${hiveconf:a}, ${hiveconf:b}, ${hiveconf:c}, ${d}, ${hivevar:e}, ${f}, '${g}'")
        #expect(outcome.output == "1\t2\t3\t4\t5\t6\tx=y\n")
        #expect(outcome.status == 0)
    }

    @Test func scriptsComeFromFilesAndStandardInput() throws {
        let tool = try CommandLineTool()
        let file = try tool.folder.file("s.hql", "\u{FEFF}select 1;\r\n-- two\r\nselect 2;\r\n".utf8)
        #expect(try tool.run("-S", "-f", file).output == "1\n2\n")
        #expect(try tool.run("-S", "-f", "-", input: "select 3").output == "3\n")
        #expect(try tool.run("-S", input: "select 4;\nselect\n 5;").output == "4\n5\n")
        #expect(try tool.run("-S", "-e", "select 6", "-e", "select 7").output == "6\n7\n")
        #expect(try tool.run("-S", "-e", "select 0; source s.hql; !echo from the shell;").output == "0\n1\n2\nfrom the shell\n")
        #expect(try tool.run("-S", "-e", "select 1; quit; select 2").output == "1\n")
    }

    @Test func aScriptStopsAtItsFirstError() throws {
        let tool = try CommandLineTool()
        let stopped = try tool.run("-S", "-e", "select 1; select nope; select 3")
        #expect(stopped.status == 10004 & 0xFF)
        #expect(stopped.output == "1\n")
        let went = try tool.run("-S", "-hiveconf", "hive.cli.errors.ignore=true", "-e", "select 1; select nope; select 3")
        #expect(went.status == 0)
        #expect(went.output == "1\n3\n")
        #expect(try tool.run("-e", "!exit 3;").status == 1)
        #expect(try tool.run("-e", "source missing.hql;").status == 1)
        #expect(try tool.run("-f", "missing.hql").errors.contains("missing.hql"))
        #expect(try tool.run("-f", tool.folder.path).status == 3)
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func aSignalEndsTheProgramsOfAQueryToo(_ number: Int32) throws {
        let tool = try CommandLineTool()
        let mark = "\(tool.folder.path)/mark"
        // It reads nothing, says nothing, and does not end by itself; neither does what it has started.
        let script = try tool.folder.file("endless.sh", "sleep 3217 &\necho $! $$ > \(mark).new\nmv \(mark).new \(mark)\nwait\n".utf8)
        // What is ignored from the start, as under nohup, stays so.
        let before = signal(number, SIG_DFL)
        defer { signal(number, before) }
        let process = try tool.start("-S", "-e", "select transform (1) using 'sh \(script)' as (a)")
        for _ in 0..<1000 where !FileManager.default.fileExists(atPath: mark) { usleep(10_000) }
        let started = try String(contentsOfFile: mark, encoding: .utf8).split { $0 == " " || $0 == "\n" }.compactMap { pid_t($0) }
        #expect(started.count == 2)
        kill(process.processIdentifier, number)
        for _ in 0..<1000 where process.isRunning { usleep(10_000) }
        #expect(!process.isRunning)
        guard !process.isRunning else {
            kill(process.processIdentifier, SIGKILL)
            return
        }
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
        for other in started {
            for _ in 0..<500 where !Self.hasEnded(other) { usleep(10_000) }
            #expect(Self.hasEnded(other))
        }
    }

    /// A process that is gone, or that only its parent has not asked for.
    private static func hasEnded(_ process: pid_t) -> Bool {
        if kill(process, 0) != 0 { return true }
        return (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8))?.contains(") Z ") ?? false
    }

    /// Recorded from Hive's command line.
    @Test(arguments: [
        ("selec 1", 64), ("select * from nope", 17), ("select nocol from (select 1 a) t", 20), ("use nodb", 88),
        ("create table x (a int, a int)", 52), ("drop table nope", 0),
        ("select 1; select * from nope; selec 1", 17), ("!false;", 1), ("dfs -ls /nope/nope", 1),
    ] as [(String, Int32)]) func exitStatusesAreHives(_ sql: String, _ status: Int32) throws {
        #expect(try CommandLineTool().run("-S", "-e", sql).status == status)
    }

    @Test func errorsPointAtThePlace() throws {
        let tool = try CommandLineTool()
        let outcome = try tool.run("-S", "-e", "select 1;\nselect a,\n   'é', nope from (select 1 a) t; select 2")
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("FAILED: SemanticException [Error 10004]: Line 2:8 ") == true)
        #expect(lines.dropFirst() == ["   'é', nope from (select 1 a) t", "        ^~~~"])
        let file = try tool.folder.file("s.hql", "select 1;\n\n-- words\nselect 2,\n  nope;".utf8)
        #expect(try tool.run("-S", "-f", file).errors.hasSuffix("\n(\(file), line 5)\n"))
    }

    @Test func headersAreInitializedAndEchoed() throws {
        let tool = try CommandLineTool()
        let start = try tool.folder.file("start.hql", "set hive.cli.print.header=true; set hivevar:n=7;".utf8)
        let outcome = try tool.run("-v", "-i", start, "-e", "select ${n} as seven where false;select 1 as a")
        #expect(outcome.output.hasSuffix("select ${n} as seven where false\nseven\nselect 1 as a\na\n1\n"))
        _ = try tool.folder.file(".hiverc", "add file /nope/nope; set hivevar:n=8;".utf8)
        let afterFailure = try tool.run("-S", "-e", "select ${n}")
        #expect(afterFailure.output == "8\n")
        #expect(afterFailure.errors.contains(".hiverc, line 1"))
    }

    /// Rows in the form that is asked for, by the names of Hive's, beeline's and DuckDB's shells.
    @Test(arguments: [
        ("csv", "n,text,on\n1,\"a,\"\"b\",true\n,,false\n,\"\",\n"), ("tsv2", "n\ttext\ton\n1\t\"a,\"\"b\"\ttrue\n\t\tfalse\n\t\"\"\t\n"),
        ("jsonl", "{\"n\":1,\"text\":\"a,\\\"b\",\"on\":true}\n{\"n\":null,\"text\":null,\"on\":false}\n{\"n\":null,\"text\":\"\",\"on\":null}\n"),
        ("json", "[{\"n\":1,\"text\":\"a,\\\"b\",\"on\":true}\n,{\"n\":null,\"text\":null,\"on\":false}\n,{\"n\":null,\"text\":\"\",\"on\":null}\n]\n"),
        ("markdown", "| n | text | on |\n| --: | --- | --- |\n| 1 | a,\"b | true |\n| NULL | NULL | false |\n| NULL |  | NULL |\n\n"),
        ("tabs", "1\ta,\"b\ttrue\nNULL\tNULL\tfalse\nNULL\t\tNULL\n"),
    ]) func rowsInOtherForms(_ form: String, _ expected: String) throws {
        let query = "select 1 as n, 'a,\"b' as text, true as on union all select null, null, false union all select null, '', null"
        let outcome = try CommandLineTool().run("-S", "--outputformat", form, "-e", query.replacingOccurrences(of: "as on", with: "as `on`"))
        #expect(outcome.status == 0 && outcome.output == expected, "\(outcome.output)\(outcome.errors)")
    }

    @Test func headersAndDocuments() throws {
        let tool = try CommandLineTool()
        let query = "select '<b> & 50%' as `a_b`, 2 as n"
        func rows(_ options: String...) throws -> String { try tool.run(["-S", "-e", query] + options, input: [], outputPath: nil).output }
        #expect(try rows("--outputformat=csv", "--showHeader=false") == "<b> & 50%,2\n")
        #expect(try rows("--header") == "a_b\tn\n<b> & 50%\t2\n")
        #expect(try rows("--outputformat", "html").contains("<tr><td>&lt;b&gt; &amp; 50%</td><td align=\"right\">2</td></tr>"))
        #expect(try rows("--outputformat", "latex").contains("<b> \\& 50\\% & 2 \\\\"))
        #expect(try rows("--outputformat", "vertical").contains("a_b │ <b> & 50%"))
        #expect(try rows("--outputformat", "table").contains("│ a_b       │ n │"))
        #expect(try tool.run("-S", "--outputformat", "json", "-e", "select 1 as a where false").output == "[]\n")
        let wrong = try tool.run("--outputformat", "xls", "-e", "select 1")
        #expect(wrong.status != 0 && wrong.errors.contains("--outputformat takes table, lines, tabs, csv"), "\(wrong.errors)")
        #expect(try tool.run("--showHeader", "maybe", "-e", "select 1").errors.contains("--showHeader takes true or false"))
    }

    @Test func wrongOptionsAreTold() throws {
        let tool = try CommandLineTool()
        for (arguments, message) in [
            (["--bogus"], "Unrecognized option: --bogus"), (["-e"], "Missing argument for option: -e"),
            (["-e", "select 1", "-f", "x"], "cannot be specified simultaneously"), (["word"], "Unexpected argument 'word'"),
            (["modles"], "Did you mean 'models'?"),
            (["-d", "novalue", "-e", "select 1"], "takes key=value"),
            (["--database", "nope", "-e", "select 1"], "Database does not exist: nope"),
            (["--hiveconf", "hiveql.threads=many", "-e", "select 1"], "expects INT"),
            (["--hiveconf", "hiveql.threads=1025", "-e", "select 1"], "up to 1,024"),
        ] {
            let outcome = try tool.run(arguments, input: [], outputPath: nil)
            #expect(outcome.status == (arguments.contains("nope") ? 88 : 1), "\(arguments)")
            #expect(outcome.output == "", "\(arguments)")
            #expect(outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
        }
        #expect(try tool.run("--version").output.hasPrefix("hiveql "))
        #expect(try tool.run("-H").output.hasPrefix("usage: hiveql"))
        #expect(try tool.run("train", "--help").output.contains("--rare"))
    }

    @Test func bytesPassAsTheyAre() throws {
        let tool = try CommandLineTool()
        let file = try tool.folder.file("data.txt", [0x61, 0xFF, 0x62, 10, 0xC3, 0xA9, 10])
        let outcome = try tool.run(
            "-S", "-e", "create table t (s string); load data local inpath '\(file)' into table t; select s from t; select count(*) from t")
        #expect(outcome.status == 0)
        #expect(outcome.output.hasSuffix("\n2\n"))
        #expect(outcome.output.contains("é\n"))
    }

    #if os(Linux)
    @Test func aFullDiskIsAnError() throws {
        let tool = try CommandLineTool()
        let outcome = try tool.run(["-S", "-e", "select 1"], input: [], outputPath: "/dev/full")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("No space left on device"))
    }
    #endif

    @Test func filesAreDescribed() throws {
        let tool = try CommandLineTool()
        let table = "create table t (a int, b string) stored as parquet; insert into t values (1, 'x'), (2, null)"
        #expect(try tool.run("-S", "-e", table).status == 0)
        let path = "warehouse/t/000000_0"
        let shown = try tool.run("describe-file", path)
        #expect(shown.status == 0)
        #expect(shown.lines.first == path)
        #expect(shown.lines.contains { $0.split(separator: " ") == ["rows", "2"] })
        #expect(shown.lines.contains { $0.contains("row group") && $0.contains("encodings") })
        let text = try tool.folder.file("a.csv", "a,b\n".utf8)
        let both = try tool.run("describe-file", "--json", path, text)
        #expect(both.lines.count == 2)
        let object = try JSONSerialization.jsonObject(with: Data(both.lines[0].utf8)) as? [String: Any]
        #expect(object?["format"] as? String == "Parquet")
        #expect((object?["parts"] as? [Any])?.count == 1)
        #expect(both.lines[1].contains(#""format":"text""#))
        // The others are described all the same.
        let missing = try tool.run("describe-file", "nope", text)
        #expect(missing.status == 3)
        #expect(missing.errors.contains("nope"))
        #expect(missing.output.contains("text"))
        let damaged = try tool.folder.file("d.parquet", [0x50, 0x41, 0x52, 0x31, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        let refused = try tool.run("describe-file", damaged)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("\(damaged) at byte 12"))
        #expect(try tool.run("describe-file").status == 1)
        #expect(try tool.run("describe-file", "--help").output.contains("--json"))
    }
}

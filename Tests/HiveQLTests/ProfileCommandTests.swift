import Foundation
import Testing

/// `hiveql profile`.
@Suite struct ProfileCommandTests {
    private func makeTool() throws -> CommandLineTool {
        let tool = try CommandLineTool()
        let outcome = try tool.run(
            "-e",
            """
            create table rides (id int, payment string, km double, tipped int) partitioned by (month int);
            insert into rides partition (month)
            select pos, if(pos % 3 = 0, 'cash', 'card'), if(pos % 10 = 0, null, pos % 11 * 0.5D), if(pos % 3 = 0, 0, 1), 1 + pos % 2
            from (select posexplode(split(space(399), ' ')) as (pos, word)) n
            """)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return tool
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test func tablesAreShown() throws {
        let tool = try makeTool()
        let outcome = try tool.run("profile", "rides", "--label", "tipped")
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.lines.first == "400 row(s), 5 column(s)")
        let header = try #require(outcome.lines.first { $0.hasPrefix("column ") })
        for title in ["type", "NULL", "distinct", "least", "median", "greatest", "mean", "deviation", "distribution"] {
            #expect(header.contains(title))
        }
        #expect(outcome.output.contains("card 66.5 %, cash 33.5 %") && outcome.output.contains("█"))
        #expect(outcome.output.contains("association with tipped") && outcome.output.contains("Cramér's V"))
        #expect(outcome.output.contains("payment tells the label by itself"))
        #expect(outcome.output.contains("id has 400 different values in 400 rows"))
        #expect(outcome.errors == "")
    }

    @Test func programsGetJSON() throws {
        let tool = try makeTool()
        let outcome = try tool.run("profile", "select km, payment from rides", "--json", "--top", "1", "--columns", "payment,km")
        let report = try object(outcome.output)
        #expect(report["rows"] as? Int == 400)
        let columns = try #require(report["columns"] as? [[String: Any]])
        #expect(columns.map { $0["name"] as? String } == ["payment", "km"])
        #expect((columns[0]["top"] as? [[String: Any]])?.count == 1 && columns[1]["nulls"] as? Int == 40)
        #expect(try tool.run("profile", "rides", "--json", "--hiveconf", "hiveql.threads=1").output
            == tool.run("profile", "rides", "--json", "--hiveconf", "hiveql.threads=3").output)
    }

    @Test func partitionsAreCompared() throws {
        let tool = try makeTool()
        let outcome = try tool.run(
            "profile", "rides partition (month = 1)", "--against", "select id + 1000 as id, payment, km, tipped, month from rides where month = 2")
        #expect(outcome.output.contains("difference from the other 200 row(s)"), "\(outcome.errors)")
        #expect(outcome.lines.contains { $0.hasPrefix("  id ") && $0.hasSuffix("large") })
        #expect(outcome.output.contains("id differs from the other rows"))
    }

    @Test func pagesAreWritten() throws {
        let tool = try makeTool()
        let outcome = try tool.run("profile", "rides", "--html", "page.html", "-S")
        #expect(outcome.status == 0 && outcome.output == "" && outcome.errors == "", "\(outcome.errors)")
        let page = try String(contentsOfFile: "\(tool.folder.path)/page.html", encoding: .utf8)
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("<svg") && !page.contains("<script"))
        let refused = try tool.run("profile", "rides", "--html", "warehouse/metastore.db")
        #expect(refused.status != 0 && refused.output == "")
    }

    @Test func mistakesAreTold() throws {
        let tool = try makeTool()
        for (arguments, message) in [
            ([], "profile needs a table or a query"), (["rides", "rides"], "One table or query is expected"),
            (["rides", "--top", "-1"], "--top takes a number"), (["rides", "--nope"], "Unrecognized option: --nope"),
            (["ride"], "Table not found 'ride'"), (["drop table rides"], "ParseException"), (["rides", "--label", "tip"], "no column 'tip'"),
            (["select 1 as a, 2 as a"], "two columns named 'a'"), (["rides", "--columns", "x"], "no column 'x'"),
            (["rides", "--against", "nope"], "Table not found 'nope'"), (["rides", "--html", "/missing/folder/p.html"], "No such file"),
        ] as [([String], String)] {
            let outcome = try tool.run(["profile"] + arguments, input: [], outputPath: nil)
            #expect(outcome.status != 0 && outcome.errors.contains(message) && outcome.output == "", "\(arguments): \(outcome.errors)")
        }
        let empty = try tool.run("profile", "select * from rides where false")
        #expect(empty.status == 0 && empty.lines.first == "0 row(s), 5 column(s): there is nothing to look at")
        #expect(try tool.run("profile", "--help").output.hasPrefix("usage: hiveql profile TABLE|QUERY"))
    }
}

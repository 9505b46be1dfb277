import Engine
import FeatureTables
import TestSupport
import Testing

/// Profiles of tables and queries: SUMMARIZE, and `Session.profile`.
@Suite struct SummarizeTests {
    /// 30,000 rows in three files, with more different values of some columns than are counted one by one.
    private func makeTable(_ session: Session) throws {
        try session.execute("create table readings (id bigint, x double, name string, flag boolean) stored as orc")
        for file in 0..<3 {
            try session.execute(
                """
                insert into readings
                select pos + \(file * 10_000), sin(pos * 1.7 + \(file)) * 1000, concat('n', pmod(hash(pos), 20000)), pos % 3 = 0
                from (select split(space(9999), ' ') as s) t lateral view posexplode(s) e as pos, v
                """)
        }
    }

    @Test func threadsDoNotMatter() throws {
        let temporary = try TemporaryWarehouse()
        try makeTable(try temporary.session())
        var reports: [String: Set<String>] = [:]
        let sources = [
            "readings", "select x + 1 as y, name from readings where flag", "select id, name from readings limit 20000",
            "select name, count(*) as n, min(id) as least from readings group by name",
            "select * from readings union all select id, -x, name, not flag from readings",
        ]
        for threads in [1, 2, 4] {
            let session = try temporary.session(["hiveql.threads": "\(threads)", "hiveql.split.bytes": "20000"])
            for source in sources {
                let label = source == "readings" ? "flag" : nil
                reports[source, default: []].insert(try session.profile(source, ProfileOptions(label: label)).json())
            }
        }
        for source in sources { #expect(reports[source]?.count == 1, "\(source)") }
    }

    @Test func tablesPartitionsAndQueriesAreTaken() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.runScript("""
            create table t (a int, b string) partitioned by (month int);
            insert into t partition (month) values (1, 'x', 1), (2, 'y', 1), (3, null, 2), (4, 'x', 3);
            create view v as select a from t;
            create temporary table summarize (c int);
            """)
        func rows(_ source: String) throws -> Int { try session.profile(source).rowCount }
        #expect(try rows("t") == 4 && rows("TABLE default.t") == 4 && rows("t partition (month >= 2)") == 2 && rows(" v ;") == 4)
        #expect(try rows("t partition (month = 1)") == 2 && rows("(select a from t) ") == 4 && rows("with c as (select 1) select * from c") == 1)
        #expect(try rows("summarize") == 0)
        #expect(try session.lines("summarize summarize").count == 1)
        #expect(try session.lines("explain summarize t").contains { $0.contains("TableScanOperator") })
        let chosen = try session.profile("t", ProfileOptions(columns: ["b"]))
        #expect(chosen.columns.map(\.name) == ["b"] && chosen.columns.first?.nullCount == 1)
    }

    @Test func whatIsNoTableOrQueryIsRefused() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.runScript("create table t (a int, b string) partitioned by (month int); insert into t partition (month = 1) values (1, 'x')")
        func refusal(_ source: String, _ options: ProfileOptions = ProfileOptions()) -> String {
            do { return "\(try session.profile(source, options).rowCount) rows" } catch { return "\(error)" }
        }
        #expect(refusal("tt").contains("Table not found 'tt'") && refusal("tt").contains("Did you mean 't'?"))
        #expect(refusal("drop table t").contains("ParseException") && refusal("").contains("ParseException"))
        #expect(refusal("t; drop table t").contains("ParseException") && refusal("insert into t values (1)").contains("ParseException"))
        #expect(refusal("t partition (b = 'x')").contains("contains non-partition columns"))
        #expect(refusal("select a, a from t").contains("two columns named 'a'"))
        #expect(refusal("t", ProfileOptions(label: "mnth")).contains("no column 'mnth'; did you mean 'month'?"))
        #expect(refusal("select array(1) as l, a from t", ProfileOptions(label: "l")).contains("cannot be a label"))
        #expect(refusal("select c from t").contains("Invalid table alias or column reference 'c'"))
        #expect(try session.lines("select count(*) from t") == ["1"])
    }

    @Test func memoryIsCharged() throws {
        let temporary = try TemporaryWarehouse()
        try makeTable(try temporary.session())
        let session = try temporary.session(["hiveql.memory.limit": "2m"])
        #expect(throws: HiveError.self) { try session.profile("readings") }
        let enough = try temporary.session(["hiveql.memory.limit": "64m"])
        #expect(try enough.profile("readings").rowCount == 30_000)
    }

    @Test func profilesAreCancelled() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try makeTable(session)
        session.script {
            session.cancel()
            do {
                _ = try session.profile("readings")
                Issue.record("it was not cancelled")
            } catch {
                #expect((error as? HiveError)?.isCancellation == true, "\(error)")
            }
        }
        #expect(try session.profile("readings").rowCount == 30_000)
    }
}

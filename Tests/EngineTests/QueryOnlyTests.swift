import Columnar
import Engine
import TestSupport
import Testing

/// What asks for a query takes nothing else.
@Suite struct QueryOnlyTests {
    @Test(arguments: [
        "select * from t", "SELECT a FROM t;", "/* drop table t */ select * from t", "-- drop table t\nselect * from t ; ;",
        "with c as (select a from t) select * from c", "from t select a", "from (from t select a) s select a",
        "(select a from t) union all (select a from t)", "((select a from t))", "select 'drop table t; x' from t -- ;",
        "select a from ${hivevar:source}", "t", "`t`;", "default.t", "table t", "${hivevar:source}", "-- all\nt ; ;",
    ]) func queriesRun(_ text: String) throws {
        let place = try TemporaryWarehouse()
        let session = try place.session()
        try session.execute("create table t as select 1 as a")
        session.variables["source"] = "t"
        let cursor = try session.openQuery(text)
        var count = 0
        while let batch = try cursor.next() { count += batch.rowCount }
        #expect(count >= 1)
    }

    @Test(arguments: [
        ("drop table t", "DROP"), ("/* x */ drop table t", "DROP"), ("-- x\ndrop table t", "DROP"),
        ("/* a */ /* b */\n-- c\n drop table t;", "DROP"), ("from t insert overwrite table s select a", "INSERT"),
        ("from t insert overwrite table s select a insert into table s select a", "INSERT"),
        ("with c as (select 2 as a) insert into table t select a from c", "INSERT"),
        ("with c as (select 2 as a) from c insert overwrite table t select a", "INSERT"),
        ("insert into t values (2)", "INSERT"), ("insert overwrite local directory '/tmp/hiveql-never' select 1", "INSERT"),
        ("dfs -rm -r /nowhere", "DFS"), ("  dfs -ls /", "DFS"), ("set hiveql.threads=1", "SET"), ("set", "SET"),
        ("reset", "RESET"), ("add jar /x.jar", "ADD"), ("explain select 1", "EXPLAIN"), ("show tables", "SHOW"),
        ("describe t", "DESCRIBE"), ("use default", "USE"), ("create table u as select 1 as a", "CREATE"),
        ("create view v as select 1 as a", "CREATE"), ("truncate table t", "TRUNCATE"), ("msck repair table t", "MSCK"),
        ("load data inpath '/x' into table t", "LOAD"), ("alter table t rename to u", "ALTER"),
        ("analyze table t compute statistics", "ANALYZE"), ("${hivevar:bad}", "DROP"),
        ("select 1; drop table t", "2 statements"), ("select 1 as a; select 2 as a", "2 statements"), ("t; drop table t", "2 statements"), ("", "none"),
        (" ; -- nothing\n ;", "none"), ("select 1 as a ${hivevar:tail}", "2 statements"),
    ]) func everythingElseIsRefused(_ text: String, _ kind: String) throws {
        let place = try TemporaryWarehouse()
        let session = try place.session()
        try session.execute("create table t as select 1 as a")
        try session.execute("create table s (a int)")
        session.variables["bad"] = "drop table t"
        session.variables["tail"] = "; drop table t"
        let files = place.files()
        do {
            _ = try session.openQuery(text).result()
            Issue.record("\(text) ran")
        } catch let error as HiveError {
            #expect(error.message.contains("is expected here, not \(kind)"), "\(error)")
        }
        #expect(place.files() == files)
        #expect(try session.query("select a from t").rowCount == 1)
        #expect(try session.query("show tables").rowCount == 2)
    }

    @Test func textThatIsNoStatementSaysWhere() throws {
        let session = try TemporaryWarehouse().session()
        #expect(throws: HiveError.self) { try session.openQuery("selec 1").result() }
        #expect(throws: HiveError.self) { try session.openQuery("select 1 drop table t").result() }
        #expect(throws: HiveError.self) { try session.openQuery("t drop table t").result() }
    }
}

import Columnar
import Engine
import Expressions
import TestSupport
import Testing

@Suite struct LibraryTests {
    @Test func columnsAreReadWithoutBoxing() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let result = try session.query(
            "select * from (select 1 as a, 2.5D as b, 'x' as c, true as d union all select null, null, null, null) t order by a desc")
        #expect(result.rowCount == 2)
        #expect(try result.column(named: "a", as: Int.self) == [1, nil])
        #expect(try result.column(named: "a", as: Double.self) == [1, nil])
        #expect(try result.column(named: "B", as: Double.self) == [2.5, nil])
        #expect(try result.column(named: "c", as: String.self) == ["x", nil])
        #expect(try result.column(named: "a", as: String.self) == ["1", nil])
        #expect(try result.column(named: "d", as: Bool.self) == [true, nil])
        #expect(throws: HiveError.self) { try result.column(named: "nope", as: Int.self) }
    }

    @Test func rowsAreStreamedInOrder() throws {
        struct Stop: Error {}
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.batch.size": "7"])
        var seen: [Int?] = []
        let schema = try session.stream("select pos from (select split(space(999), ' ') as s) t lateral view posexplode(s) e as pos, v order by pos") {
            seen += try $0.values(ofColumn: 0, as: Int.self)
        }
        #expect(schema.map(\.name) == ["pos"])
        #expect(seen == (0..<1000).map { $0 })
        #expect(throws: Stop.self) { try session.stream("select 1") { _ in throw Stop() } }
    }

    @Test func ownFunctionsAreCalled() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        session.register(scalarFunction: "twice") { (x: Int) in x * 2 }
        session.register(scalarFunction: "glue") { (a: String, b: String) in a + "-" + b }
        session.register(scalarFunction: "positive") { (x: Double) -> Bool? in x == 0 ? nil : x > 0 }
        session.register(scalarFunction: "negated", argumentTypes: [.double], resultType: .double) { input in
            let result = Column(flat: .double, count: input.count)
            let source = input.columns[0].values(as: Double.self)
            let target = result.values(as: Double.self)
            let scale = input.columns[0].isConstant ? 0 : 1
            input.rows.forEach { target[$0] = -source[$0 * scale] }
            return result
        }
        try session.execute("create table t (a int, b string)")
        try session.execute("insert into t values (1, 'x'), (-2, null), (0, 'z')")
        #expect(
            try session.sorted("select twice(a), glue(b, a), positive(a), negated(a) from t where twice(a) < 10")
                == ["-4\tNULL\tfalse\t2.0", "0\tz-0\tNULL\t-0.0", "2\tx-1\ttrue\t-1.0"])
        #expect(session.failure("select twice(1, 2)") != nil)
        #expect(try session.lines("show functions like 'glue'") == ["glue"])
    }

    @Test func scriptsStopAtTheFirstErrorOrGoOn() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        var seen: [String] = []
        #expect(throws: HiveError.self) {
            try session.runScript("select 1; select nope; select 'a;b'") { statement, _ in seen.append(statement) }
        }
        #expect(seen == ["select 1"])
        var errors = 0
        seen = []
        try session.runScript(
            "set hive.cli.errors.ignore=true; select nope; -- a comment; with semicolon\nselect 'a;b';"
        ) { _, result in
            seen += result.rows?.lines() ?? []
        } onError: { _ in
            errors += 1
        }
        #expect(errors == 1)
        #expect(seen == ["a;b"])
    }

    @Test func errorsSayWhere() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table trip (a int)")
        do {
            try session.execute("  -- a comment\nselect a\nfrom tripp;")
            Issue.record("no error")
        } catch let error as HiveError {
            #expect(error.message == "FAILED: SemanticException [Error 10001]: Line 2:5 Table not found 'tripp'")
            #expect(error.code == 10001)
            #expect(error.line == 2 && error.column == 5)
            #expect(error.hint == "Did you mean 'trip'?")
            #expect(error.excerpt?.contains("^") == true)
        }
    }

    @Test func explainShowsAllPlans() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (a int) partitioned by (k int)")
        try session.execute("insert into t partition (k) values (1, 1), (2, 2)")
        let lines = try session.lines("explain select a, count(*) from t where k = 1 group by a")
        #expect(lines.contains("LOGICAL PLAN:") && lines.contains("OPTIMIZED PLAN:") && lines.contains("PHYSICAL PLAN:"))
        #expect(lines.contains { $0.contains("partitions=1") })
        #expect(try session.lines("explain analyze select a from t").contains { $0.contains("rows: 2") })
        #expect(
            try session.lines("explain dependency select a from t where k = 2")
                == [#"{"input_tables":[{"tablename":"default@t","tabletype":"MANAGED_TABLE"}],"input_partitions":[{"partitionName":"default@t@k=2"}]}"#])
    }
}

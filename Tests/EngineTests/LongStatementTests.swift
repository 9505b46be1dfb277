import Engine
import TestSupport
import Testing

/// Statements that are deep or long: their plans grow with what is written, not with its power.
@Suite struct LongStatementTests {
    private static func nested(_ open: String, _ close: String, _ depth: Int = 200) -> String {
        String(repeating: open, count: depth) + "a" + String(repeating: close, count: depth)
    }

    private static func chain(_ item: String, _ separator: String, _ count: Int) -> String {
        Array(repeating: item, count: count).joined(separator: separator)
    }

    private static let deep: [String] = [
        nested("(", " between 1 and 2)"), nested("(", " between c and 2)"), nested("(", " not between c and d)"),
        nested("(1 between symmetric ", " and c)"), nested("(", " between symmetric c and 3)"),
        "b" + String(repeating: " rlike 'x'", count: 200), "b" + String(repeating: " like 'x'", count: 200),
        "b" + String(repeating: " not rlike 'x'", count: 200), nested("(b rlike ", ")", 120),
        nested("(", " in (1, 2))"), nested("(", " like any ('x', 'y'))"),
        nested("case ", " when 1 then 2 when 3 then 4 else 5 end"), nested("case when c = 1 then ", " else 2 end"),
        nested("case when c = 1 then 2 else ", " end"), nested("if(c = 1, 2, ", ")"), nested("coalesce(c, ", ")"),
        nested("coalesce(", ", c)"), nested("nvl(", ", c)"), nested("abs(", ")"), nested("concat(", ", 'x')"),
        nested("nullif(", ", 3)"), nested("(", " is null)"), nested("(", " is not true)"),
        nested("(", " is distinct from 1)"), nested("greatest(", ", c)"), nested("- ", ""), nested("not ", " = 1"),
        nested("cast(cast(", " as string) as int)", 100), "sum(" + nested("abs(", ")") + ") over (partition by c)",
    ]

    private func warehouse() throws -> (TemporaryWarehouse, Session) {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "2"])
        try session.execute("create table t (a int, b string, c int, d double)")
        try session.execute("insert into t values (1, 'x', 2, 0.5), (2, null, 3, 1.5), (null, 'y', null, null)")
        try session.execute("create table u (a int, e string, f int)")
        try session.execute("insert into u values (1, 'x', 1), (5, 'y', 2)")
        return (temporary, session)
    }

    /// What EXPLAIN writes, in bytes: the plan as bound, optimized and physical.
    private func size(_ sql: String, _ session: Session) throws -> Int {
        try session.lines("explain " + sql).reduce(0) { $0 + $1.utf8.count }
    }

    @Test(arguments: deep.indices) func deepExpressionsStaySmall(index: Int) throws {
        let (temporary, session) = try warehouse()
        let sql = "select \(Self.deep[index]) as x from t"
        // Every level has its own words and what the binder adds to them; a doubling would fill any memory.
        #expect(try size(sql, session) < 1_000_000)
        let optimized = try session.sorted(sql)
        try session.set("hiveql.optimizer", to: "false")
        #expect(try session.sorted(sql) == optimized)
        withExtendedLifetime(temporary) {}
    }

    @Test func macrosOfMacrosStaySmall() throws {
        let (temporary, session) = try warehouse()
        try session.execute("create temporary macro twice(x int) x + x")
        #expect(try size("select \(Self.nested("twice(", ")")) from t", session) < 1_000_000)
        #expect(try session.sorted("select \(Self.nested("twice(", ")", 12)) from t") == ["4096", "8192", "NULL"])
        withExtendedLifetime(temporary) {}
    }

    @Test func deepSubqueriesStaySmall() throws {
        let (temporary, session) = try warehouse()
        var text = "1"
        for _ in 0..<30 { text = "(select max(f) from u where (f in (select a from t where c = \(text))) is not null)" }
        #expect(try size("select \(text) from t", session) < 1_000_000)
        var inside = "f = 1"
        for _ in 0..<30 { inside = "(f in (select f from u where (\(inside)) is not null)) is not null" }
        #expect(try size("select \(inside) from u", session) < 1_000_000)
        #expect(try session.sorted("select \(inside) from u") == ["true", "true"])
        withExtendedLifetime(temporary) {}
    }

    @Test(arguments: [1_000, 10_000]) func flatChainsRun(count: Int) throws {
        let (temporary, session) = try warehouse()
        #expect(try session.sorted("select \(Self.chain("a", " + ", count)) from t") == ["\(count)", "\(2 * count)", "NULL"].sorted())
        #expect(try session.sorted("select \(Self.chain("1", " + ", count))") == ["\(count)"])
        #expect(try session.sorted("select a from t where \(Self.chain("a = 1", " and ", count))") == ["1"])
        #expect(try session.sorted("select a from t where \(Self.chain("a = 2", " or ", count))") == ["2"])
        #expect(try session.sorted("select length(\(Self.chain("b", " || ", count))) from t") == ["\(count)", "\(count)", "NULL"].sorted())
        #expect(try session.sorted("select sum(x) from (\(Self.chain("select 1 as x", " union all ", count))) q") == ["\(count)"])
        #expect(try session.sorted("select count(*) from (\(Self.chain("select 1 as x", " union ", count))) q") == ["1"])
        #expect(try session.sorted("select count(*) from (\(Self.chain("select a from t", " union all ", count / 10))) q")
            == ["\(3 * (count / 10))"])
        withExtendedLifetime(temporary) {}
    }

    @Test func manyGroupsAreKeys() throws {
        let (temporary, session) = try warehouse()
        let keys = (0..<150).map { "a + \($0)" }.joined(separator: ", ")
        #expect(try session.sorted("select count(*), a + 149 from t group by \(keys)") == ["1\t150", "1\t151", "1\tNULL"])
        let sets = (0..<70).map { "a + \($0)" }.joined(separator: ", ")
        #expect(session.failure("select count(*) from t group by \(sets) with rollup")?.contains("[Error 10411]") == true)
        withExtendedLifetime(temporary) {}
    }
}

import Engine
import TestSupport
import Testing

/// `hive.mapred.mode=strict` and `hive.strict.checks.…`
@Suite struct StrictCheckTests {
    private func tables(_ settings: [String: String]) throws -> Session {
        let session = try TemporaryWarehouse().session(settings)
        try session.execute("create table p (a int) partitioned by (k int)")
        try session.execute("insert into p partition (k) select 1, 1")
        try session.execute("create table t as select 1 as a")
        return session
    }

    private static let refused = [
        ("select * from p", "Queries against partitioned tables without a partition filter are disabled"),
        ("select * from p where a = 1", "without a partition filter"), ("select * from p where k = 1 or a = 1", "without a partition filter"),
        ("select count(*) from t join p on t.a = p.a", "without a partition filter"),
        ("select * from t order by a", "Order by-s without limit are disabled"),
        ("select * from (select a from t order by a) x", "Order by-s without limit"),
        ("select * from t x join t y", "Cartesian products are disabled"), ("select * from t x, t y where x.a < y.a", "Cartesian products"),
    ]
    private static let run = [
        "select * from p where k = 1", "select a from p where k > 0 and a = 1 order by a limit 3", "select * from t",
        "select * from t x join t y where x.a = y.a", "select (select max(a) from t) from t", "show partitions p",
    ]

    @Test func strictModeRefusesAll() throws {
        let session = try tables(["hive.mapred.mode": "strict"])
        for (sql, message) in Self.refused { #expect(session.failure(sql)?.contains(message) == true, "\(sql)") }
        for sql in Self.run { #expect(session.failure(sql) == nil, "\(sql)") }
    }

    @Test func settingsRefuseTheirOwn() throws {
        let session = try tables(["hive.strict.checks.large.query": "true"])
        for (sql, message) in Self.refused {
            #expect((session.failure(sql) == nil) == message.hasPrefix("Cartesian"), "\(sql)")
        }
        try session.execute("set hive.mapred.mode=nonstrict")
        for (sql, _) in Self.refused { #expect(session.failure(sql) == nil, "\(sql)") }
    }
}

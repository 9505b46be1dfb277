import Columnar
import Engine
import TestSupport
import Testing

/// A scalar subquery with a second row for some row ends the query before anybody has seen another row.
@Suite struct ScalarSubqueryTests {
    static let queries = [
        "select x, (select y from b) from a",
        "select x, (select y from b where b.x >= a.x) from a",
        "select x, (select y from b where b.x = a.x) from a",
        "select x, 0 from a where (select y from b where b.x = a.x) is null or x < 1990",
        "select x + (select y from b where b.x = a.x), 0 from a where x > 10",
        "select x, case when x < 3000 then (select y from b where b.x = a.x) end from a",
        "select (select y from b where b.x = a.x), (select max(y) from b where b.x <= a.x) from a",
    ]

    @Test(arguments: ScalarSubqueryTests.queries, [1, 3]) func noRowIsHandedOn(query: String, threads: Int) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "\(threads)", "hiveql.batch.size": "16", "hiveql.split.bytes": "500"])
        // Two rows are there for one value near the end alone.
        try StreamTests.numbers(session, table: "a", files: 2, rows: 1_000)
        try session.execute("create table b (x int, y int)")
        try session.execute("insert into b values (1990, 1), (1990, 2), (5, 3)")
        try session.execute("create table c (x int, y int)")
        var seen = 0
        do {
            try session.stream(query) { seen += $0.rowCount }
            Issue.record("\(query) gives rows")
        } catch let error as HiveError {
            #expect("\(error)".contains("Scalar subquery expression returns more than one row"))
        }
        #expect(seen == 0, "\(query)")
        #expect(session.failure("insert into c " + query)?.contains("more than one row") == true)
        #expect(try session.lines("select count(*) from c") == ["0"])
    }

    /// Rows for nobody's value are no error, and the others come all the same.
    @Test func secondRowsThatNobodyAsksForAreNone() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "3", "hiveql.batch.size": "16", "hiveql.split.bytes": "500"])
        try StreamTests.numbers(session, table: "a", files: 2, rows: 100)
        try session.execute("create table b (x int, y int)")
        try session.execute("insert into b values (1990, 1), (1990, 2), (5, 3)")
        let lines = try session.lines("select x, (select y from b where b.x = a.x) from a order by x")
        #expect(lines == (0..<200).map { $0 == 5 ? "5\t3" : "\($0)\tNULL" })
    }
}

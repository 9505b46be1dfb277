import Columnar
import Engine
import Platform
import TestSupport
import Testing

@Suite struct StreamTests {
    /// A table of `files` files of `rows` numbers each, ascending over all of them.
    static func numbers(_ session: Session, table: String = "numbers", files: Int, rows: Int) throws {
        try session.execute("create table \(table) (x int)")
        for file in 0..<files {
            try session.execute(
                """
                insert into \(table) select pos + \(file * rows) from (select split(space(\(rows - 1)), ' ') as s) t
                lateral view posexplode(s) e as pos, v
                """)
        }
    }

    /// The closure that a stream was given may not be kept by any thread beyond its end.
    @Test func resultsOfSeveralBatchesAndThreadsAreStreamed() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session([
            "hiveql.threads": "2", "hiveql.batch.size": "64", "hiveql.split.bytes": "1000",
        ])
        try Self.numbers(session, files: 3, rows: 1_000)
        for _ in 0..<300 {
            var count = 0
            var sum = 0
            try session.stream("select x from numbers") { batch in
                count += batch.rowCount
                for x in try batch.values(ofColumn: 0, as: Int.self) { sum += x ?? 0 }
            }
            #expect(count == 3_000)
            #expect(sum == 3_000 * 2_999 / 2)
        }
    }

    @Test func errorsOfTheClosureEndTheStream() throws {
        struct Stop: Error {}
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "2", "hiveql.batch.size": "64", "hiveql.split.bytes": "1000"])
        try Self.numbers(session, files: 2, rows: 1_000)
        for _ in 0..<100 {
            var seen = 0
            #expect(throws: Stop.self) {
                try session.stream("select x from numbers") { batch in
                    seen += batch.rowCount
                    if seen > 500 { throw Stop() }
                }
            }
        }
        #expect(try session.lines("select count(*) from numbers") == ["2000"])
    }

    /// Two million rows as often as `HIVEQL_STREAMS` says.
    @Test(.enabled(if: environmentNumber("HIVEQL_STREAMS") != nil))
    func largeResultsAreStreamedManyTimes() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "2"])
        try session.execute("create table large (x int)")
        try session.execute(
            """
            insert into large select a.pos * 1000 + b.pos from (select split(space(1999), ' ') as s) t
            lateral view posexplode(s) a as pos, v lateral view posexplode(split(space(999), ' ')) b as pos, v
            """)
        for _ in 0..<(environmentNumber("HIVEQL_STREAMS") ?? 0) {
            var count = 0
            try session.stream("select x from large") { count += $0.rowCount }
            #expect(count == 2_000_000)
        }
    }
}

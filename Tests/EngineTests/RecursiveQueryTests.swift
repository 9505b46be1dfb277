import Columnar
import Engine
import Platform
import TestSupport
import Testing

/// Recursive common table expressions: what golden files cannot say of them.
@Suite struct RecursiveQueryTests {
    static let settings: [[String: String]] = [
        [:], ["hiveql.threads": "1", "hiveql.batch.size": "3"], ["hiveql.optimizer": "false"], ["hiveql.threads": "4", "hiveql.split.bytes": "64"],
    ]

    /// What can be reached in graphs drawn at random, and in how many steps at least, against a search in memory.
    @Test(arguments: RecursiveQueryTests.settings) func searchesOfRandomGraphs(settings: [String: String]) throws {
        let seed = environmentNumber("HIVEQL_TEST_SEED") ?? 20_260_101
        var state = seed
        func draw(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(settings)
        for round in 0..<6 {
            let nodes = 5 + draw(40)
            let edges = (0..<nodes + draw(nodes)).map { _ in (from: draw(nodes), to: draw(nodes)) }
            try session.execute("create table e\(round) (src int, dst int)")
            try session.execute("insert into e\(round) values \(edges.map { "(\($0.from), \($0.to))" }.joined(separator: ", "))")
            var steps = [0: 0]
            var last = [0]
            while !last.isEmpty {
                var next: [Int] = []
                for edge in edges where last.contains(edge.from) && steps[edge.to] == nil {
                    steps[edge.to] = (steps[edge.from] ?? 0) + 1
                    next.append(edge.to)
                }
                last = next
            }
            let reached = try session.lines(
                "with recursive r (n) as (select 0 union select e.dst from r join e\(round) e on e.src = r.n) select n from r order by n")
            #expect(reached == steps.keys.sorted().map { "\($0)" }, "seed \(seed), round \(round)")
            let nearest = try session.lines(
                """
                with recursive r (n, s) as (
                  select 0, 0 union select e.dst, r.s + 1 from e\(round) e join r on e.src = r.n where r.s < \(nodes))
                select n, min(s) from r group by n order by n
                """)
            #expect(nearest == steps.sorted { $0.key < $1.key }.map { "\($0.key)\t\($0.value)" }, "seed \(seed), round \(round)")
        }
    }

    @Test func queriesWithoutAnEndAreCancelled() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.recursion.limit": "0"])
        try StreamTests.numbers(session, table: "n", files: 1, rows: 100)
        let canceller = try CancellationTests.onThread {
            while session.progress.map({ $0.rowsScanned > 0 }) != true { SystemThread.yield() }
            session.cancel()
        }
        do {
            try session.execute("with recursive t (x) as (select x from n union all select (x + 1) % 1000 from t) select count(*) from t")
            Issue.record("not cancelled")
        } catch let error as HiveError {
            #expect(error.isCancellation, "\(error)")
        }
        canceller.join()
    }

    @Test func rowsOfStepsAreCharged() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.memory.limit": "16m"])
        let doubling = "with recursive t (x) as (select 1L union all select x * 2 + v from t lateral view explode(array(0, 1)) e as v) "
        #expect(session.failure(doubling + "select count(*) from t")?.contains("WITH t needs") == true)
        let distinct = "with recursive t (x) as (select 1L union select x * 2 + v from t lateral view explode(array(0, 1)) e as v) "
        #expect(session.failure(distinct + "select count(*) from t")?.contains("WITH t needs") == true)
        // Only the last step is kept.
        let counted = "with recursive t (x) as (select 1 union all select x + 1 from t where x < 5000) select count(*) from t"
        #expect(try session.lines(counted) == ["5000"])
    }

    @Test func plansShowTheSteps() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table e (src int, dst int)")
        try session.execute("insert into e values (1, 2), (2, 3)")
        let query = "with recursive r (n) as (select 1 union select e.dst from r join e on e.src = r.n) select count(*) from r"
        let plan = try session.lines("explain " + query)
        #expect(plan.contains { $0.contains("RecursionOperator") })
        #expect(plan.contains { $0.contains("union: distinct") })
        #expect(plan.contains { $0.contains("StepScanOperator") })
        // The table is read once, whatever side of the join it stands on.
        for join in ["r join e on e.src = r.n", "e join r on e.src = r.n"] {
            let ran = try session.lines("explain analyze " + query.replacing("r join e on e.src = r.n", with: join))
            #expect(ran.contains { $0.contains("RecursionOperator") && $0.contains("turns: 3") }, "\(ran)")
            #expect(ran.contains { $0.contains("TableScanOperator") && $0.contains("rows: 2,") }, "\(ran)")
        }
    }

    /// Whoever reads a shared expression in every step reads what was computed once.
    @Test func sharedRowsAreKeptForAllSteps() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table e (src int, dst int)")
        try session.execute("insert into e values (1, 2), (2, 3), (2, 3)")
        let ran = try session.lines(
            """
            explain analyze with recursive d as (select src, dst, count(*) c from e group by src, dst),
            r (n) as (select 1 union all select d.dst from r, d where d.src = r.n and d.c + r.n > 0) select count(*) from r
            """)
        #expect(ran.contains { $0.contains("HashAggregateOperator") && $0.contains("rows: 2,") }, "\(ran)")
    }
}

import Columnar
import Engine
import Platform
import TestSupport
import Testing

/// One session used by many threads.
@Suite struct SharedSessionTests {
    private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let errors = Guarded<[String]>([])
        let threads = try (0..<count).map { index in
            try CancellationTests.onThread {
                do { try body(index) } catch { errors.withLock { $0.append("\(error)") } }
            }
        }
        for thread in threads { thread.join() }
        #expect(errors.value == [])
    }

    @Test func statementsOfManyThreadsRunOneAfterTheOther() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "2"])
        try session.execute("create table t (a int)")
        try onThreads(4) { index in
            for round in 0..<6 {
                try session.execute("insert into t values (\(index * 100 + round))")
                try session.execute("create temporary macro m\(index)(x int) x + \(round)")
                session.register(scalarFunction: "f\(index)") { (x: Int) in x + round }
                #expect(try session.lines("select m\(index)(1), f\(index)(2)") == ["\(1 + round)\t\(2 + round)"])
                try session.set("user.\(index)", to: "\(round)")
                #expect(session.setting("user.\(index)") == "\(round)")
                try session.execute("set hivevar:v\(index)=\(round)")
                #expect(try session.lines("select '${hivevar:v\(index)}'") == ["\(round)"])
                try session.execute("create temporary table own\(index)_\(round) (a int)")
                try session.execute("insert into own\(index)_\(round) values (\(round))")
                #expect(try session.lines("select * from own\(index)_\(round)") == ["\(round)"])
                _ = session.completions(before: "select a from ", after: "")
                _ = session.progress
                _ = session.currentDatabase
                var sum = 0
                try session.stream("select a from t") { sum += $0.rowCount }
                #expect(sum > round)
            }
        }
        #expect(try session.lines("select count(*), count(distinct a) from t") == ["24\t24"])
        #expect(session.variables.count == 4)
    }

    @Test func aChangeOfOneSettingDoesNotUndoAnother() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try onThreads(4) { index in
            for round in 0..<500 { try session.set("own.\(index).\(round)", to: "x") }
        }
        #expect(session.settings.keys.filter { $0.hasPrefix("own.") }.count == 2_000)
    }

    @Test func cancellationFromOtherThreadsLeavesTheSessionUsable() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "2", "hiveql.batch.size": "64", "hiveql.split.bytes": "1000"])
        try StreamTests.numbers(session, files: 2, rows: 1_000)
        let ended = Guarded(0)
        try onThreads(4) { index in
            defer { ended.withLock { $0 += 1 } }
            if index == 3 {
                while ended.value < 3 {
                    session.cancel()
                    SystemThread.yield()
                }
                return
            }
            for _ in 0..<30 {
                do {
                    var count = 0
                    try session.stream("select x from numbers") { count += $0.rowCount }
                    #expect(count == 2_000)
                } catch let error as HiveError where error.isCancellation {}
            }
        }
        #expect(try session.lines("select count(*) from numbers") == ["2000"])
        #expect(session.activeStatementCount == 0)
    }
}

import Columnar
import Engine
import Platform
import TestSupport
import Testing

/// Cancellation reaches a statement from the moment it is given to the session.
@Suite struct CancellationTests {
    /// More rows than any machine joins while somebody waits.
    private static let endless = "select count(*) from n a cross join n b cross join n c cross join n d where a.x + b.x + c.x + d.x < 0"

    private func session(_ temporary: TemporaryWarehouse, _ settings: [String: String] = [:]) throws -> Session {
        let session = try temporary.session(settings)
        try StreamTests.numbers(session, table: "n", files: 1, rows: 3_000)
        return session
    }

    /// Runs `body` on a thread of its own, which the result waits for. Not a task: tasks wait for a thread of the pool that
    /// other tests keep busy.
    static func onThread(_ body: @escaping @Sendable () -> Void) throws -> SystemThread {
        try #require(SystemThread(stackBytes: 1 << 20, body))
    }

    private func expectCancellation(_ body: () throws -> Void) {
        do {
            try body()
            Issue.record("not cancelled")
        } catch let error as HiveError {
            #expect(error.isCancellation)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func runningStatementsAreCancelled() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let canceller = try Self.onThread {
            // Rows come out of the scans: the query runs.
            while session.progress.map({ $0.rowsScanned > 0 }) != true { SystemThread.yield() }
            session.cancel()
        }
        expectCancellation { try session.execute(Self.endless) }
        canceller.join()
        #expect(try session.lines("select 1") == ["1"])
        #expect(session.progress == nil)
    }

    @Test func cancellationBetweenTheStatementsOfAScriptStopsIt() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        var ran: [String] = []
        expectCancellation {
            try session.runScript("select 1; select 2; select 3") { statement, _ in
                ran.append(statement)
                if ran.count == 2 { session.cancel() }
            }
        }
        #expect(ran == ["select 1", " select 2"])
        // Errors are told and passed over, cancellations not.
        expectCancellation {
            try session.runScript("set hive.cli.errors.ignore=true; select nope; select 2") { _, _ in
            } onError: { _ in
                session.cancel()
            }
        }
        #expect(try session.lines("select 1") == ["1"])
    }

    @Test func cancellationOfNothingHasNoEffect() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        session.cancel()
        #expect(try session.lines("select 1") == ["1"])
        try session.runScript("select 1; select 2")
        session.cancel()
        try session.runScript("select 1; select 2")
    }

    /// A statement that ended does not take the cancellation of another one with it.
    @Test func anotherStatementsEndDoesNotHideACancellation() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let cursor = try session.open("select a.x from n a cross join n b cross join n c")
        #expect(try cursor.next() != nil)
        #expect(try session.lines("select 1") == ["1"])
        session.cancel()
        expectCancellation { while try cursor.next() != nil {} }
        #expect(try session.lines("select 1") == ["1"])
    }

    @Test func statementsThatWaitForTheirTurnAreCancelled() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let failures = Guarded(0)
        let threads = try (0..<3).map { _ in
            try Self.onThread {
                do { try session.execute(Self.endless) } catch let error as HiveError where error.isCancellation {
                    failures.withLock { $0 += 1 }
                } catch {}
            }
        }
        // One runs, two wait.
        while session.activeStatementCount < 3 { SystemThread.yield() }
        session.cancel()
        for thread in threads { thread.join() }
        #expect(failures.value == 3)
    }

    @Test func statementsThatWaitForLocksAreCancelled() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let other = try temporary.session()
        // The insert holds the table's lock as long as its own function lets it.
        let hold = Guarded((began: false, mayEnd: false))
        other.register(scalarFunction: "hold") { (x: Int) -> Int? in
            hold.update { $0.began = true }
            _ = hold.wait { $0.mayEnd ? true : nil }
            return x
        }
        let holder = try Self.onThread { _ = try? other.execute("insert into n select hold(x) from n where x = 7") }
        _ = hold.wait { $0.began ? true : nil }
        let waiter = try Self.onThread {
            while session.activeStatementCount == 0 { SystemThread.yield() }
            session.cancel()
        }
        expectCancellation { try session.execute("truncate table n") }
        waiter.join()
        hold.update { $0.mayEnd = true }
        holder.join()
        #expect(try session.lines("select count(*) from n") == ["3001"])
    }

    /// Whoever reads slowly, or not at all, does not keep the query from being cancelled.
    @Test func queriesWhoseReaderSleepsAreCancelled() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, ["hiveql.threads": "3", "hiveql.memory.limit": "64m"])
        let cursor = try session.open("select a.x, b.x, 'some more bytes' from n a cross join n b cross join n c")
        #expect(try cursor.next() != nil)
        session.cancel()
        expectCancellation { while try cursor.next() != nil {} }
        cursor.close()
        #expect(session.activeStatementCount == 0)
    }

    /// The query may have ended before its reader: rows that wait are not read after a cancellation.
    @Test func readersOfQueriesThatHaveEndedAreCancelled() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let cursor = try session.open("select x from n")
        while session.progress != nil { SystemThread.yield() }
        session.cancel()
        expectCancellation { while try cursor.next() != nil {} }
        #expect(session.activeStatementCount == 0)
        let shown = try session.open("show tables")
        session.cancel()
        expectCancellation { while try shown.next() != nil {} }
        #expect(try session.lines("select 1") == ["1"])
    }
}

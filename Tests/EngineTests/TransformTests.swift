import Engine
import Execution
import Foundation
import Platform
import TestSupport
import Testing

/// Rows that go through programs: what the golden files cannot show.
@Suite struct TransformTests {
    private func session(_ temporary: TemporaryWarehouse, rows: Int, threads: Int = 4) throws -> Session {
        let session = try temporary.session(["hiveql.threads": "\(threads)", "hiveql.split.bytes": "64k"])
        try StreamTests.numbers(session, table: "n", files: 3, rows: rows / 3)
        return session
    }

    @Test func wordsAreTakenApartAsHiveDoes() {
        #expect(ScriptCommand.words(of: "python  a.py x") == ["python", "a.py", "x"])
        #expect(ScriptCommand.words(of: "awk '{print $1}' \"it's one\"") == ["awk", "{print $1}", "it's one"])
        // A quote ends a word, wherever it stands.
        #expect(ScriptCommand.words(of: "a'b c'd") == ["a", "b c", "d"])
        #expect(ScriptCommand.words(of: "a '' \"\"b 'open end") == ["a", "b", "open end"])
        #expect(ScriptCommand.words(of: "\ta\n") == ["\ta\n"])
        #expect(ScriptCommand.words(of: "  ").isEmpty)
    }

    @Test func allRowsComeBackWhateverTheNumberOfProcesses() throws {
        let temporary = try TemporaryWarehouse()
        for threads in [1, 4] {
            let session = try session(temporary, rows: 90_000, threads: threads)
            let sums = try session.lines("select count(*), sum(x) from n")
            let through = "(select transform (x) using 'cat' as (x bigint) from n) t"
            #expect(try session.lines("select count(*), sum(x) from \(through)") == sums)
            // Lines of more bytes than a pipe holds.
            #expect(
                try session.lines(
                    "select max(length(a)), count(*) from (select transform (repeat('y', 300000)) using 'cat' as (a) from n where x < 7) t")
                    == ["300000\t\(try session.lines("select count(*) from n where x < 7")[0])"])
            try session.execute("drop table n")
        }
    }

    @Test func aKeyIsSeenByOneProcessInOrder() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, rows: 60_000)
        let reduced = """
            select count(*), count(distinct k) from (
              from (from n map x % 100 as k using 'cat' as k cluster by k) m reduce m.k using 'uniq' as (k)) t
            """
        #expect(try session.lines(reduced.replacingOccurrences(of: "x % 100 as k", with: "x % 100")) == ["100\t100"])
        let distributed = """
            select count(*) from (
              from (select x % 10 as k from n distribute by k) m reduce m.k using 'sort -u' as (k)) t
            """
        #expect(try session.lines(distributed) == ["10"])
    }

    @Test func aProcessEndsWithItsQuery() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, rows: 30_000)
        let mark = "\(temporary.root)/mark"
        // It never ends by itself, and neither does what it has started.
        let script = temporary.file("endless.sh", "sleep 3217 &\necho $! >> \(mark)\nexec yes\n")
        let query = "select transform (x) using 'sh \(script)' as (a) from n limit 3"
        #expect(try session.lines(query) == ["y", "y", "y"])
        let started = try String(contentsOfFile: mark, encoding: .utf8).split(separator: "\n").compactMap { pid_t($0) }
        #expect(!started.isEmpty)
        for process in started { #expect(TransformTests.hasEnded(process)) }
        // Whoever reads nothing, and says nothing.
        let canceller = try CancellationTests.onThread {
            while session.progress.map({ $0.rowsScanned > 0 }) != true { SystemThread.yield() }
            session.cancel()
        }
        #expect(session.failure("select transform (x) using 'sleep 3217' as (a) from n") != nil)
        canceller.join()
        #expect(try session.lines("select 1") == ["1"])
    }

    /// A process that is gone, or that only its parent has not asked for.
    private static func hasEnded(_ process: pid_t) -> Bool {
        for _ in 0..<200 {
            if kill(process, 0) != 0 { return true }
            if let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8), status.contains(") Z ") { return true }
            usleep(10_000)
        }
        return false
    }

    @Test func aLongLineComesInManyPieces() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let long = temporary.file("long.sh", "cat >/dev/null\necho begin\nhead -c 30000000 /dev/zero | tr '\\0' x\necho\necho end\n")
        #expect(
            try session.lines("select length(a) from (select transform (1) using 'sh \(long)' as (a)) t") == ["5", "30000000", "3"])
        // Whether a carriage return ends a line alone is known with what follows.
        let split = temporary.file(
            "split.sh", "cat >/dev/null\nfor piece in 'a\\r' '\\nb\\r' 'c' '\\r' 'd'; do printf \"$piece\"; sleep 0.05; done\n")
        #expect(try session.lines("select transform (1) using 'sh \(split)' as (a)") == ["a", "b", "c", "d"])
    }

    @Test func failuresSayWhatTheProgramSaid() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, rows: 300)
        let failed = session.failure("select transform (x) using 'sh -c \"cat; echo no such luck >&2; exit 3\"' as (a) from n")
        #expect(failed?.contains("return code 2") == true)
        #expect(failed?.contains("ended with status 3") == true)
        #expect(failed?.contains("no such luck") == true)
        #expect(session.failure("select transform (x) using 'sh -c \"kill -9 $$\"' as (a) from n")?.contains("signal 9") == true)
        #expect(session.failure("select transform (x) using 'no-such-program' as (a) from n")?.contains("cannot be started") == true)
        #expect(session.failure("select transform (x) using '' as (a) from n")?.contains("cannot be started") == true)
        // A write that fails leaves nothing.
        #expect(session.failure("create table made as select transform (x) using 'false' as (a) from n") != nil)
        #expect(try session.lines("show tables 'made'").isEmpty)
    }

    @Test func inputThatIsNotReadIsAnErrorUnlessAllowed() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, rows: 90_000, threads: 1)
        let query = "select count(*) from (select transform (x) using 'head -n 2' as (a) from n) t"
        #expect(session.failure(query)?.contains("has not read all of its input") == true)
        try session.execute("set hive.exec.script.allow.partial.consumption=true")
        #expect(try session.lines(query) == ["2"])
        // Little input may stay unread.
        try session.execute("set hive.exec.script.allow.partial.consumption=false")
        #expect(try session.lines("select transform (x) using 'echo here' as (a) from n where x = 1 limit 1") == ["here"])
    }

    @Test func programsSeeTheSettings() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, rows: 3, threads: 1)
        try session.execute("set my.own-name=some value")
        #expect(
            try session.lines("select transform (x) using 'sh -c \"cat >/dev/null; echo $my_own_name\"' as (a) from n")
                == ["some value"])
    }

    @Test func explainShowsThePlan() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, rows: 3)
        let plan = try session.lines("explain select transform (x) using 'cat' as (a int) from n").joined(separator: "\n")
        #expect(plan.contains("LogicalTransform (x) using 'cat' as (a int)") || plan.contains("TransformOperator"))
    }
}

#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// Kills at every moment of every statement that changes files.
@Suite(.serialized) struct CrashTests {
    private static let uncommitted = ["staging-made", "files-staged", "files-synchronized", "before-commit"]
    private static let committed = ["committed", "files-in-place", "finished"]

    @Test(arguments: FileChangeScenario.all) func killedAtAnyMomentTheStateIsOldOrNew(_ scenario: FileChangeScenario) throws {
        let before = try FileChangeSite(scenario).state()
        let finished = try FileChangeSite(scenario)
        try finished.session().execute(finished.place(scenario.statement))
        let after = try finished.state()
        #expect(before != after)

        for point in Self.uncommitted where point != "staging-made" || scenario.stages {
            try check(scenario, killedAt: point, is: before)
        }
        for point in Self.committed { try check(scenario, killedAt: point, is: after) }
        for number in 1... {
            let site = try FileChangeSite(scenario)
            let end = try killing(site, scenario, at: "file-step-done:\(number)")
            guard end == .killed else {
                #expect(end == .exit(0))
                #expect(number > scenario.steps, "there were \(number - 1) steps")
                break
            }
            #expect(try site.state() == after, "killed after step \(number)")
            checkMarks(site, "step \(number)")
        }
    }

    @Test(arguments: FileChangeScenario.all) func recoveryThatIsKilledIsDoneAgain(_ scenario: FileChangeScenario) throws {
        let finished = try FileChangeSite(scenario)
        try finished.session().execute(finished.place(scenario.statement))
        let after = try finished.state()
        let site = try FileChangeSite(scenario)
        #expect(try killing(site, scenario, at: "committed") == .killed)
        for number in 1...scenario.steps {
            #expect(
                try ChildProcess.run(warehouse: site.warehouse, statement: "", fault: "file-step-done:\(number)") == .killed)
        }
        #expect(try ChildProcess.run(warehouse: site.warehouse, statement: "", fault: "files-in-place") == .killed)
        #expect(try site.state() == after)
    }

    private func killing(_ site: FileChangeSite, _ scenario: FileChangeScenario, at point: String) throws -> ChildProcess.End {
        try ChildProcess.run(warehouse: site.warehouse, statement: site.place(scenario.statement), fault: point)
    }

    private func check(_ scenario: FileChangeScenario, killedAt point: String, is expected: [String]) throws {
        let site = try FileChangeSite(scenario)
        // A session that is open all the time finishes or forgets the change as well as one that opens the warehouse.
        let open = try site.session()
        #expect(try killing(site, scenario, at: point) == .killed, "not killed at \(point)")
        if let table = scenario.damages { _ = open.failure("select * from \(table)") }
        #expect(try site.state() == expected, "killed at \(point)")
        checkMarks(site, point)
        #expect(try site.bystanderWorks(), "after \(point)")
    }

    private func checkMarks(_ site: FileChangeSite, _ point: String) {
        let marks = entries("\(site.warehouse)/.locks").filter { $0.hasPrefix("process-") }
        #expect(marks.isEmpty, "after \(point)")
    }

    @Test func killedAtTwentyRandomMomentsNothingIsLostOrMixed() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table s (x int)")
        try session.execute("insert into s select pos from (select split(space(999), ' ') as v) t lateral view posexplode(v) e as pos, w")
        try session.execute("create table t (n int, x int)")
        try session.execute("insert overwrite table t select 0, x from s")
        var generator = SystemRandomNumberGenerator()
        for round in 0..<20 {
            let child = try ChildProcess.start(
                warehouse: "\(temporary.root)/warehouse",
                statement: "loop:insert overwrite table t select \(round + 1) * 1000 + $n, x from s")
            let pause = UInt32.random(in: 20_000...400_000, using: &generator)
            usleep(pause)
            // Readers in this process see whole tables while the other one writes.
            let during = try session.lines("select count(*), count(distinct n), count(distinct x) from t")
            kill(child, SIGKILL)
            ChildProcess.wait(child)
            let after = try session.lines("select count(*), count(distinct n), count(distinct x) from t")
            #expect(during == ["1000\t1\t1000"], "round \(round) after \(pause) µs")
            #expect(after == ["1000\t1\t1000"], "round \(round) after \(pause) µs")
        }
        _ = try Warehouse(at: "\(temporary.root)/warehouse")
        #expect(temporary.files().allSatisfy { !$0.contains(".hive-staging") })
    }
}
#endif

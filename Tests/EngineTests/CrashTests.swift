#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// Runs statements in another process, which is this test program again with `ChildProcessTests` alone.
private enum Child {
    static let warehouseKey = "HIVEQL_TEST_CHILD_WAREHOUSE"
    static let statementKey = "HIVEQL_TEST_CHILD_STATEMENT"

    static func start(warehouse: String, statement: String, fault: String?) throws -> pid_t {
        var environment: [String] = []
        var at = environ
        while let entry = at.pointee {
            let text = String(cString: entry)
            if !text.hasPrefix("HIVEQL_") { environment.append(text) }
            at += 1
        }
        environment += ["\(warehouseKey)=\(warehouse)", "\(statementKey)=\(statement)"]
        if let fault { environment.append("HIVEQL_FAULT=\(fault)") }
        let arguments = [
            CommandLine.arguments[0], "--testing-library", "swift-testing", "--filter", "ChildProcessTests",
        ]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var child = pid_t()
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        let code = posix_spawn(&child, "/proc/self/exe", &actions, nil, argv, envp)
        guard code == 0 else { throw HiveError(message: "cannot start a process: \(code)") }
        return child
    }

    /// The signal that ended the process, or nil when it ended itself.
    @discardableResult
    static func wait(_ child: pid_t) -> Int32? {
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return status & 0x7f == 0 ? nil : status & 0x7f
    }
}

@Suite struct ChildProcessTests {
    /// `statement` runs once; one that begins with `loop:` again and again with `$n` counting up.
    @Test(.enabled(if: getenv(Child.warehouseKey) != nil)) func runStatement() throws {
        guard let folder = getenv(Child.warehouseKey), let statement = getenv(Child.statementKey) else { return }
        let session = try Session(warehouse: Warehouse(at: String(cString: folder)))
        let sql = String(cString: statement)
        guard sql.hasPrefix("loop:") else {
            try session.execute(sql)
            return
        }
        let parts = sql.dropFirst("loop:".count).split(separator: "$n", omittingEmptySubsequences: false)
        for number in 1...100_000 { try session.execute(parts.joined(separator: "\(number)")) }
    }
}

@Suite(.serialized, .enabled(if: getenv(Child.warehouseKey) == nil)) struct CrashTests {
    private struct Scenario {
        var name: String
        var setUp: [String]
        var statement: String
        var check: String
        var before: [String]
        var after: [String]
    }

    private static let table = ["create table t (a int)", "insert into t values (1), (2)"]
    private static let partitioned = [
        "create table t (a int) partitioned by (k int)", "insert into t partition (k) values (1, 1), (2, 2), (3, 3)",
    ]

    private static let scenarios = [
        Scenario(
            name: "insert into", setUp: table, statement: "insert into t values (3)", check: "select * from t",
            before: ["1", "2"], after: ["1", "2", "3"]),
        Scenario(
            name: "insert overwrite", setUp: table, statement: "insert overwrite table t select a + 10 from t",
            check: "select * from t", before: ["1", "2"], after: ["11", "12"]),
        Scenario(
            name: "dynamic partitions", setUp: partitioned,
            statement: "insert overwrite table t partition (k) select a + 10, k + 1 from t where k > 1",
            check: "select * from t", before: ["1\t1", "2\t2", "3\t3"], after: ["1\t1", "12\t3", "13\t4", "2\t2"]),
        Scenario(
            name: "create table as", setUp: table, statement: "create table c as select a from t", check: "show tables",
            before: ["t"], after: ["c", "t"]),
        Scenario(
            name: "drop table", setUp: table, statement: "drop table t", check: "show tables", before: ["t"], after: []),
        Scenario(
            name: "truncate", setUp: table, statement: "truncate table t", check: "select * from t", before: ["1", "2"],
            after: []),
        Scenario(
            name: "rename", setUp: table, statement: "alter table t rename to u",
            check: "show tables", before: ["t"], after: ["u"]),
        Scenario(
            name: "drop partitions", setUp: partitioned, statement: "alter table t drop partition (k > 1)",
            check: "select * from t", before: ["1\t1", "2\t2", "3\t3"], after: ["1\t1"]),
    ]

    /// Steps after which the statement has happened.
    private static let committed: Set<String> = ["committed", "file-step-done", "files-in-place", "finished"]

    @Test(arguments: [
        "staging-made", "files-staged", "files-synchronized", "before-commit", "committed", "file-step-done",
        "file-step-done:2", "file-step-done:3", "files-in-place", "finished",
    ])
    func killedAtEachStepTheTableIsOldOrNew(_ fault: String) throws {
        for scenario in Self.scenarios {
            let temporary = try TemporaryWarehouse()
            let session = try temporary.session()
            for statement in scenario.setUp { try session.execute(statement) }
            let child = try Child.start(
                warehouse: "\(temporary.root)/warehouse", statement: scenario.statement, fault: fault)
            let signal = Child.wait(child)
            // Statements without a query stage nothing, and short ones do not get to a third step.
            let wasKilled = signal == SIGKILL
            if scenario.name == "insert overwrite", fault != "file-step-done:3" { #expect(wasKilled, "\(fault)") }
            let step = String(fault.prefix { $0 != ":" })
            let expected = !wasKilled || Self.committed.contains(step) ? scenario.after : scenario.before
            // First the session that was open all the time, then one that opens the warehouse anew.
            let seen = try session.sorted(scenario.check)
            #expect(seen == expected, "\(scenario.name) at \(fault), killed: \(wasKilled)")
            let again = try Session(warehouse: Warehouse(at: "\(temporary.root)/warehouse"))
            #expect(try again.sorted(scenario.check) == expected, "\(scenario.name) at \(fault), opened anew")
            let leftOver = temporary.files().filter { $0.contains(".hive-staging") }
            #expect(leftOver.isEmpty, "\(scenario.name) at \(fault)")
            if scenario.name == "drop table", expected.isEmpty { #expect(temporary.files().isEmpty) }
            if scenario.name == "rename", expected == ["u"] { #expect(try again.sorted("select * from u") == ["1", "2"]) }
            if scenario.name == "create table as", expected.count == 2 {
                #expect(try again.sorted("select * from c") == ["1", "2"])
            }
            // The table can be written again.
            if scenario.check.hasPrefix("select") {
                try again.execute("insert overwrite table t \(scenario.setUp == Self.table ? "" : "partition (k = 1) ")select 7")
            }
        }
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
            let child = try Child.start(
                warehouse: "\(temporary.root)/warehouse",
                statement: "loop:insert overwrite table t select \(round + 1) * 1000 + $n, x from s", fault: nil)
            let pause = UInt32.random(in: 20_000...400_000, using: &generator)
            usleep(pause)
            // Readers in this process see whole tables while the other one writes.
            let during = try session.lines("select count(*), count(distinct n), count(distinct x) from t")
            kill(child, SIGKILL)
            Child.wait(child)
            let after = try session.lines("select count(*), count(distinct n), count(distinct x) from t")
            #expect(during == ["1000\t1\t1000"], "round \(round) after \(pause) µs")
            #expect(after == ["1000\t1\t1000"], "round \(round) after \(pause) µs")
        }
        _ = try Warehouse(at: "\(temporary.root)/warehouse")
        #expect(temporary.files().allSatisfy { !$0.contains(".hive-staging") })
    }
}
#endif

#if os(Linux)
import Engine
import FileRecorder
import Glibc
import TestSupport

/// Runs statements in another process, which is this test program again; see `runTestChild`.
enum ChildProcess {
    fileprivate static let warehouseKey = "HIVEQL_TEST_CHILD_WAREHOUSE"
    fileprivate static let statementKey = "HIVEQL_TEST_CHILD_STATEMENT"
    fileprivate static let outputKey = "HIVEQL_TEST_CHILD_OUTPUT"
    fileprivate static let userKey = "HIVEQL_TEST_CHILD_USER"
    fileprivate static let recordedKey = "HIVEQL_TEST_CHILD_RECORDED"
    fileprivate static let logKey = "HIVEQL_TEST_CHILD_LOG"
    fileprivate static let confinedKey = "HIVEQL_TEST_CHILD_CONFINED"
    fileprivate static let killKey = "HIVEQL_TEST_CHILD_KILL"
    fileprivate static let killAfterKey = "HIVEQL_TEST_CHILD_KILL_AFTER"
    fileprivate static let callCountKey = "HIVEQL_TEST_CHILD_CALLS"

    enum End: Equatable {
        case killed
        case signal(Int32)
        case exit(Int32)
    }

    /// A call of the statement that changes files, at which the process is killed.
    struct Kill {
        /// Counted from 1; 0 kills at none.
        var call: Int
        var afterIt = false
        /// A file that takes the number of calls, where the process lives on.
        var count: String?
    }

    /// - Parameters:
    ///   - statement: runs once; one that begins with `loop:` again and again with `$n` counting up; an empty one only
    ///     opens the warehouse.
    ///   - output: a file that takes the rows, or the error.
    ///   - user: the user to become first, when this process is root's.
    ///   - recording: folders, as `file_recorder_start` takes them, and the file for what is done to them.
    ///   - confined: folders outside of which it can change nothing, as `file_gate_confine` takes them.
    ///   - kill: counts from when the warehouse is open.
    static func start(
        warehouse: String, statement: String, fault: String? = nil, output: String? = nil, user: uid_t? = nil,
        recording: (folders: String, log: String)? = nil, confined: String? = nil, kill: Kill? = nil
    ) throws -> pid_t {
        var environment = [warehouseKey: warehouse, statementKey: statement]
        if let fault { environment["HIVEQL_FAULT"] = fault }
        if let output { environment[outputKey] = output }
        if let user { environment[userKey] = "\(user)" }
        if let recording {
            environment[recordedKey] = recording.folders
            environment[logKey] = recording.log
        }
        if let confined { environment[confinedKey] = confined }
        if let kill {
            environment[killKey] = "\(kill.call)"
            if kill.afterIt { environment[killAfterKey] = "1" }
            if let count = kill.count { environment[callCountKey] = count }
        }
        return try start(arguments: [], environment: environment)
    }

    /// Starts this test program again.
    /// - Parameters:
    ///   - arguments: which tests it runs.
    ///   - environment: beside what this process has, without the product's own variables.
    ///   - errors: a file that takes what it says of its end.
    ///   - hasGroup: the process and those that it starts are a group, which one signal ends.
    static func start(
        arguments: [String], environment added: [String: String], errors: String = "/dev/null", hasGroup: Bool = false
    ) throws -> pid_t {
        var environment: [String] = []
        var at = environ
        while let entry = at.pointee {
            let text = String(cString: entry)
            if !text.hasPrefix("HIVEQL_"), added[String(text.prefix { $0 != "=" })] == nil { environment.append(text) }
            at += 1
        }
        environment += added.map { "\($0)=\($1)" }
        let arguments = [CommandLine.arguments[0], "--testing-library", "swift-testing"] + arguments
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        if hasGroup { posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP)) }
        var child = pid_t()
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        let code = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, argv, envp)
        guard code == 0 else { throw HiveError(message: "cannot start a process: \(code)") }
        return child
    }

    @discardableResult
    static func wait(_ child: pid_t) -> End {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return end(status)
    }

    /// Nil while it runs.
    static func endIfEnded(_ child: pid_t) -> End? {
        var status: Int32 = 0
        return waitpid(child, &status, WNOHANG) == child ? end(status) : nil
    }

    private static func end(_ status: Int32) -> End {
        let signal = status & 0x7f
        if signal == 0 { return .exit((status >> 8) & 0xff) }
        return signal == SIGKILL ? .killed : .signal(signal)
    }

    @discardableResult
    static func run(
        warehouse: String, statement: String, fault: String? = nil, output: String? = nil, user: uid_t? = nil,
        recording: (folders: String, log: String)? = nil, confined: String? = nil, kill: Kill? = nil
    ) throws -> End {
        wait(
            try start(
                warehouse: warehouse, statement: statement, fault: fault, output: output, user: user, recording: recording,
                confined: confined, kill: kill))
    }
}

/// What the child does instead of running tests: `FileRecorder` calls it before the program begins.
@_cdecl("hiveql_run_test_child")
func runTestChild() {
    do {
        try ChildProcess.runStatement()
        exit(0)
    } catch {
        exit(1)
    }
}

extension ChildProcess {
    fileprivate static func runStatement() throws {
        guard let folder = getenv(warehouseKey), let statement = getenv(statementKey) else {
            throw HiveError(message: "nothing to run")
        }
        if let user = environmentNumber(userKey) { try check(setgid(gid_t(user)) == 0 && setuid(uid_t(user)) == 0, "setuid") }
        if let folders = getenv(confinedKey) { try check(file_gate_confine(folders) == 0, "confine") }
        if getenv(killKey) != nil { file_gate_forgo_durability() }
        if let folders = getenv(recordedKey) {
            try check(file_recorder_start(folders, getenv(logKey)) == 0, "record")
        }
        let sql = String(cString: statement)
        do {
            // With one thread the names of written files are always the same.
            let session = try Session(
                warehouse: Warehouse(at: String(cString: folder)), settings: ["hiveql.threads": "1", "hive.archive.enabled": "true"])
            guard sql.hasPrefix("loop:") else {
                if let call = environmentNumber(killKey) {
                    file_gate_kill_at(call, getenv(killAfterKey) == nil ? 0 : 1)
                }
                defer { reportCalls() }
                if !sql.isEmpty { report(try session.lines(sql).joined(separator: "\n")) }
                file_recorder_report_success()
                return withExtendedLifetime(session) {}
            }
            let parts = sql.dropFirst("loop:".count).split(separator: "$n", omittingEmptySubsequences: false)
            for number in 1...100_000 { try session.execute(parts.joined(separator: "\(number)")) }
        } catch {
            report("\(error)")
            throw error
        }
    }

    private static func check(_ holds: Bool, _ what: String) throws {
        guard holds else { throw HiveError(message: "the child cannot \(what)") }
    }

    private static func reportCalls() {
        let count = file_gate_calls()
        guard let path = getenv(callCountKey), let file = fopen(path, "w") else { return }
        fputs("\(count)", file)
        fclose(file)
    }

    private static func report(_ text: String) {
        guard let path = getenv(outputKey), let file = fopen(path, "w") else { return }
        fputs(text, file)
        fclose(file)
    }
}
#endif

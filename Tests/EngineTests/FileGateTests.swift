#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// What the harnesses of this folder rely on.
@Suite struct FileGateTests {
    private static let scenario = FileChangeScenario(
        name: "gate", files: ["$root/kept/f.txt": "7\n", "$root/warehouse/g.txt": "8\n"],
        setUp: ["create table t (a int)", "insert into t values (1)"], statement: "insert into t values (2)")

    /// Where it may not write a statement fails, whatever it is, and changes nothing there. What is committed is finished by
    /// who opens the warehouse next.
    @Test(arguments: [
        "insert overwrite directory '$root/kept' select 1", "dfs -rm -r $root/kept", "dfs -mkdir $root/made", "dfs -rm -r $root/warehouse",
        "dfs -mv $root/kept/f.txt $root/warehouse/f.txt", "dfs -cp $root/warehouse/g.txt $root/kept/h.txt",
        "create table u (a int) location '$root/kept/../made'", "load data inpath '$root/kept/f.txt' into table t",
        "create table u (a int) location '$root/link/made'", "dfs -touchz $root/warehouse/../made",
    ]) func confinedProcessesChangeNothingElsewhere(_ statement: String) throws {
        let site = try FileChangeSite(Self.scenario)
        symlink("\(site.root)/kept", "\(site.root)/link")
        func outside() -> [String] { site.files().filter { !$0.hasPrefix("$root/warehouse/") || $0 == "$root/warehouse/" } }
        let before = outside()
        let end = try ChildProcess.run(
            warehouse: site.warehouse, statement: site.place(statement), confined: site.warehouse)
        #expect(end != .exit(0))
        #expect(outside() == before)
    }

    @Test func confinedProcessesWorkInside() throws {
        let site = try FileChangeSite(Self.scenario)
        let end = try ChildProcess.run(
            warehouse: site.warehouse, statement: "insert overwrite table t select a + 1 from t", confined: site.warehouse)
        #expect(end == .exit(0))
        #expect(try site.session().lines("select a from t") == ["2"])
    }

    /// Every call is counted, and each can be the last one.
    @Test func processesDieAtTheCallTheyAreToldTo() throws {
        let site = try FileChangeSite(Self.scenario)
        let count = "\(site.root)/count"
        #expect(
            try ChildProcess.run(
                warehouse: site.warehouse, statement: Self.scenario.statement, kill: .init(call: 0, count: count))
                == .exit(0))
        let file = try #require(fopen(count, "r"))
        var text = [CChar](repeating: 0, count: 64)
        fgets(&text, 64, file)
        fclose(file)
        let calls = try #require(Int(String(cString: text)))
        #expect(calls > 20)
        for call in [1, calls / 2, calls] {
            for afterIt in [false, true] {
                let site = try FileChangeSite(Self.scenario)
                let end = try ChildProcess.run(
                    warehouse: site.warehouse, statement: Self.scenario.statement, kill: .init(call: call, afterIt: afterIt))
                #expect(end == .killed, "call \(call) of \(calls)")
            }
        }
    }
}
#endif

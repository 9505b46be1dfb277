#if os(Linux)
import Catalog
import Engine
import Glibc
import Platform
import TestSupport
import Testing

/// What processes and users do to a warehouse that others use too.
@Suite(.serialized) struct WarehouseSharingTests {
    private static let scenario = FileChangeScenario(
        name: "", setUp: ["create table t (a int)", "insert into t values (1), (2)"], statement: "insert into t values (3)",
        damages: "t")

    // MARK: Locks

    /// A process that is being started has copies of all files that are open, until its program is loaded.
    @Test func locksAreGivenBackWhileProcessesStart() throws {
        let site = try FileChangeSite(Self.scenario)
        let sessions = try (0..<2).map { _ in try site.session(["hive.lock.numretries": "0"]) }
        let isDone = Guarded(false)
        let starter = try CancellationTests.onThread { while !isDone.withLock({ $0 }) { _ = runCommand(["true"]) } }
        for number in 0..<200 {
            let failure = sessions[number % 2].failure("alter table t set tblproperties ('n' = '\(number)')")
            #expect(failure == nil)
        }
        isDone.withLock { $0 = true }
        starter.join()
    }

    // MARK: Read-only

    /// Runs a statement as a user who may not write the warehouse; gives its rows or its error.
    private func asReader(_ site: FileChangeSite, _ statement: String) throws -> String {
        let output = "\(site.root)/output"
        let file = fopen(output, "w")
        fclose(file)
        chmod(output, 0o666)
        let isRoot = geteuid() == 0
        let modes: [(String, mode_t)] = [(site.root, 0o755), (site.warehouse, isRoot ? 0o755 : 0o555)]
        for (path, mode) in modes { chmod(path, mode) }
        if !isRoot { for name in entries(site.warehouse) where name.hasPrefix("metastore") { chmod("\(site.warehouse)/\(name)", 0o444) } }
        defer { if !isRoot { chmod(site.warehouse, 0o755) } }
        try ChildProcess.run(
            warehouse: site.warehouse, statement: statement, output: output, user: isRoot ? 65534 : nil)
        let read = fopen(output, "r")
        defer { fclose(read) }
        var buffer = [UInt8](repeating: 0, count: 10_000)
        return String(decoding: buffer[..<fread(&buffer, 1, buffer.count, read)], as: UTF8.self)
    }

    private func checkReader(_ site: FileChangeSite, _ rows: String, _ what: Comment) throws {
        #expect(try asReader(site, "select a from t order by a") == rows, what)
        for statement in [
            "insert into t values (4)", "create table u (a int)", "drop table t", "create temporary table x (a int)",
            "alter table t set tblproperties ('a' = 'b')", "create database d",
        ] {
            let refusal = try asReader(site, statement)
            #expect(refusal.contains("can only be read"), "\(statement): \(refusal)")
        }
    }

    @Test func warehouseThatMayNotBeWrittenIsQueried() throws {
        let closed = try FileChangeSite(Self.scenario)
        let before = closed.files()
        try checkReader(closed, "1\n2", "closed")
        #expect(closed.files().filter { $0 != "$root/output" } == before)

        // While its owner has it open, and after the owner was killed, with and without the file of shared memory.
        let open = try FileChangeSite(Self.scenario)
        let session = try open.session()
        try session.execute("insert into t values (9)")
        try checkReader(open, "1\n2\n9", "open")

        let killed = try FileChangeSite(Self.scenario)
        #expect(
            try ChildProcess.run(warehouse: killed.warehouse, statement: Self.scenario.statement, fault: "finished") == .killed)
        try checkReader(killed, "1\n2\n3", "killed")
        unlink("\(killed.warehouse)/metastore.db-shm")
        try checkReader(killed, "1\n2\n3", "killed, without shared memory")
    }

    @Test func unfinishedChangeOfAReadOnlyWarehouseIsSaid() throws {
        let site = try FileChangeSite(Self.scenario)
        #expect(
            try ChildProcess.run(warehouse: site.warehouse, statement: Self.scenario.statement, fault: "committed") == .killed)
        #expect(try asReader(site, "select * from t").contains("not finished"))
        #expect(try asReader(site, "select * from bystander") == "1")
    }

    // MARK: A lost metastore

    @Test func emptyMetastoreIsNoNewWarehouse() throws {
        let site = try FileChangeSite(Self.scenario)
        for suffix in ["-wal", "-shm"] { unlink("\(site.warehouse)/metastore.db\(suffix)") }
        truncate("\(site.warehouse)/metastore.db", 0)
        let error = #expect(throws: HiveError.self) { _ = try Warehouse(at: site.warehouse) }
        #expect(error?.message.contains("is empty") == true)
        // Without tables there is nothing to lose.
        mkdir("\(site.root)/fresh", 0o777)
        let file = fopen("\(site.root)/fresh/metastore.db", "w")
        fclose(file)
        _ = try Warehouse(at: "\(site.root)/fresh")
    }

    // MARK: Simultaneous starts

    @Test func manyStartsAfterKilledWritersAllSucceed() throws {
        let site = try FileChangeSite(Self.scenario)
        for round in 0..<4 {
            // The one that is killed as it commits comes last: the next start finishes its change.
            for point in ["files-staged", "file-step-done", "committed"] {
                #expect(
                    try ChildProcess.run(warehouse: site.warehouse, statement: Self.scenario.statement, fault: point) == .killed)
            }
            let children = try (0..<8).map { _ in
                try ChildProcess.start(warehouse: site.warehouse, statement: "select count(*) from bystander")
            }
            for child in children { #expect(ChildProcess.wait(child) == .exit(0)) }
            #expect(try site.session().lines("select count(*) from t") == ["\(2 + 2 * (round + 1))"])
            #expect(entries("\(site.warehouse)/.locks").filter { $0.hasPrefix("process-") }.isEmpty)
            #expect(site.files().filter { $0.contains("staging") }.isEmpty)
        }
    }

    @Test func writingProcessLeavesNoMark() throws {
        let site = try FileChangeSite(Self.scenario)
        #expect(try ChildProcess.run(warehouse: site.warehouse, statement: Self.scenario.statement) == .exit(0))
        #expect(entries("\(site.warehouse)/.locks").filter { $0.hasPrefix("process-") }.isEmpty)
    }

    // MARK: Read under the lock

    /// Runs a statement that has to wait for a lock, and `meanwhile` while it waits.
    private func waiting(
        _ site: FileChangeSite, lock: String, _ statement: String, meanwhile: (Warehouse) throws -> Void
    ) throws -> String? {
        let warehouse = try Warehouse(at: site.warehouse)
        mkdir("\(site.warehouse)/.locks", 0o777)
        let handle = open("\(site.warehouse)/.locks/\(lock).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        #expect(handle >= 0 && flock(handle, LOCK_EX) == 0)
        let output = "\(site.root)/output"
        let child = try ChildProcess.start(warehouse: site.warehouse, statement: statement, output: output)
        // Were it not to wait yet the statement would see the later state: the answer is the same.
        usleep(300_000)
        try meanwhile(warehouse)
        close(handle)
        let end = ChildProcess.wait(child)
        guard end != .exit(0) else { return nil }
        let file = fopen(output, "r")
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 10_000)
        return String(decoding: buffer[..<fread(&buffer, 1, buffer.count, file)], as: UTF8.self)
    }

    @Test func droppedIsWhatIsThereUnderTheLock() throws {
        let site = try FileChangeSite(Self.scenario)
        let session = try site.session()
        try session.execute("create view v as select 1 as one")
        let table = try waiting(site, lock: "default.v", "drop view v") { warehouse in
            try warehouse.metastore.dropTable(database: "default", name: "v")
            var made = try #require(try warehouse.metastore.table(database: "default", name: "t"))
            made.name = "v"
            try warehouse.metastore.createTable(made)
        }
        #expect(table?.contains("Cannot drop a base table with DROP VIEW") == true)
        #expect(try session.lines("select * from v").count == 2)

        let view = try waiting(site, lock: "default.v", "drop table v") { warehouse in
            try warehouse.metastore.dropTable(database: "default", name: "v")
            var made = try #require(try warehouse.metastore.table(database: "default", name: "t"))
            made.name = "v"
            made.kind = .view
            made.viewText = "select 1 as a"
            try warehouse.metastore.createTable(made)
        }
        #expect(view?.contains("Cannot drop a view with DROP TABLE") == true)
    }

    @Test func alteredIsTheDatabaseUnderTheLock() throws {
        let site = try FileChangeSite(Self.scenario)
        let session = try site.session()
        try session.execute("create database d")
        let error = try waiting(site, lock: "d", "alter database d set dbproperties ('x' = '1')") { warehouse in
            var record = try #require(try warehouse.metastore.databaseRecord("d"))
            record.properties["y"] = "2"
            try warehouse.metastore.updateDatabase(record)
        }
        #expect(error == nil)
        let properties = try session.warehouse.metastore.databaseRecord("d")?.properties
        #expect(properties == ["x": "1", "y": "2"])
    }
}
#endif

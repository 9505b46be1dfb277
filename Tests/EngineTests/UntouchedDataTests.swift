#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// What statements must leave alone that look as if they might take it, or that find less than there is.
@Suite struct UntouchedDataTests {
    private func prepared(_ statements: String...) throws -> (TemporaryWarehouse, Session) {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1", "hive.exec.dynamic.partition.mode": "nonstrict"])
        for sql in statements { try session.execute(sql) }
        return (temporary, session)
    }

    /// Whether the metastore that `damage` has changed is refused, with its files left as they are.
    private func refusal(after damage: (_ path: String) -> Void) throws -> String? {
        let (temporary, session) = try prepared("create table t (a int)", "insert into t values (1)")
        withExtendedLifetime(session) {}
        let copy = "\(temporary.root)/copy"
        mkdir(copy, 0o777)
        mkdir("\(copy)/t", 0o777)
        damage("\(copy)/metastore.db")
        defer { #expect(entries("\(copy)/t") == []) }
        do {
            _ = try Session(warehouse: Warehouse(at: copy), settings: [:]).lines("show tables")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func aMetastoreThatWasCutIsNoNewOne() throws {
        func write(_ path: String, _ count: Int) {
            let file = fopen(path, "w")
            for _ in 0..<count { fputc(0, file) }
            fclose(file)
        }
        for count in [0, 1, 20, 49, 99] {
            #expect(try refusal { write($0, count) }?.contains("Bring the file back") == true, "\(count) bytes")
            // The log of the file that stood there is of no use.
            let withLog = try refusal {
                write($0, count)
                write($0 + "-wal", 4096)
            }
            #expect(withLog?.contains("Bring the file back") == true, "\(count) bytes beside a log")
        }
    }

    @Test func aTableMadeOfRowsNeedsAFolderWithoutFiles() throws {
        let (temporary, session) = try prepared()
        mkdir("\(temporary.root)/full", 0o777)
        _ = temporary.file("full/precious", "x\n")
        #expect(session.failure("create table c location '\(temporary.root)/full' as select 1 a")?.contains("[Error 10304]") == true)
        #expect(entries("\(temporary.root)/full") == ["precious"])
        mkdir("\(temporary.root)/void", 0o777)
        try session.execute("create table c location '\(temporary.root)/void' as select 1 a")
        #expect(try session.lines("select * from c") == ["1"])
    }

    @Test func anEmptyTextIsNotThePartitionOfNull() throws {
        let (temporary, session) = try prepared(
            "create table p (a int) partitioned by (k string)",
            "insert into p partition (k) select stack(2, 1, cast(null as string), 2, 'x')")
        defer { withExtendedLifetime(temporary) {} }
        try session.execute("alter table p drop if exists partition (k = '')")
        #expect(try session.sorted("select a from p") == ["1", "2"])
        try session.execute("alter table p drop partition (k = '__HIVE_DEFAULT_PARTITION__')")
        #expect(try session.sorted("select a from p") == ["2"])
    }

    @Test func aLinkThatLeadsNowhereIsNoEmptyFolder() throws {
        let (temporary, session) = try prepared(
            "create table l (a int)", "insert into l values (1)", "create table p (a int) partitioned by (k int)",
            "insert into p partition (k) values (1, 1), (2, 2)")
        // As when the file system that holds the files is not mounted.
        let warehouse = "\(temporary.root)/warehouse"
        for (folder, name) in [("\(warehouse)/l", "l"), ("\(warehouse)/p/k=1", "k")] {
            #expect(rename(folder, "\(temporary.root)/\(name)") == 0)
            #expect(symlink("\(temporary.root)/away/\(name)", folder) == 0)
        }
        for sql in [
            "select count(*) from l", "select * from p", "truncate table l", "insert into l values (2)",
            "insert overwrite table l select 3", "insert into p partition (k = 1) values (3)",
        ] {
            #expect(session.failure(sql)?.contains("follow the link") == true, "\(sql): \(session.failure(sql) ?? "runs")")
        }
        #expect(try session.lines("select * from p where k = 2") == ["2\t2"])
        mkdir("\(temporary.root)/away", 0o777)
        for name in ["l", "k"] { rename("\(temporary.root)/\(name)", "\(temporary.root)/away/\(name)") }
        #expect(try session.lines("select * from l") == ["1"])
        #expect(try session.sorted("select * from p") == ["1\t1", "2\t2"])
    }

    @Test func settingsWithoutMeaningAreRefused() throws {
        let (temporary, session) = try prepared()
        defer { withExtendedLifetime(temporary) {} }
        for (name, values) in ["hiveql.threads": ["-1", "1000000"], "hiveql.batch.size": ["0", "-5"]] {
            for value in values { #expect(session.failure("set \(name)=\(value)")?.contains(name) == true, "\(name)=\(value)") }
        }
        #expect(try session.lines("select 1") == ["1"])
    }

    @Test func aModelDoesNotReplaceTheMetastore() throws {
        let (temporary, session) = try prepared("create table t (a int)")
        for name in ["metastore.db", "metastore.db-wal", ".locks/default.t.lock"] {
            #expect(throws: HiveError.self) { try session.checkMayReplace("\(temporary.root)/warehouse/\(name)") }
        }
        try session.checkMayReplace("\(temporary.root)/model.json")
    }

    /// Neither does it replace rows of a table, nor become some, by whatever path.
    @Test func aFileForOthersIsNoTablesFile() throws {
        let (temporary, session) = try prepared("create table t (a int)", "insert into t values (1)")
        try session.execute("create external table outside (a int) location 'file://\(temporary.root)/outside'")
        try session.execute("insert into outside values (2)")
        let rows = "\(temporary.root)/warehouse/t/000000_0"
        symlink(rows, "\(temporary.root)/link.csv")
        for path in [
            rows, "\(temporary.root)/warehouse/t/new.csv", "\(temporary.root)/warehouse/free.csv", "\(temporary.root)/link.csv",
            "\(temporary.root)/outside/000000_0", "\(temporary.root)/outside/new.csv",
        ] {
            #expect(throws: HiveError.self, "\(path)") { try session.checkMayReplace(path) }
        }
        for path in ["\(temporary.root)/free.csv", "/dev/null"] { try session.checkMayReplace(path) }
    }

    @Test func hiddenFilesAreNotLoaded() throws {
        let (temporary, session) = try prepared("create table t (a string)")
        for name in ["_x", ".h"] {
            let path = temporary.file(name, "1\n")
            for sql in ["load data inpath '\(path)' into table t", "load data local inpath '\(path)' into table t"] {
                #expect(session.failure(sql)?.contains("No files matching path") == true, "\(sql)")
            }
            #expect(access(path, F_OK) == 0)
        }
    }

    @Test func anotherWarehouseIsNotRemoved() throws {
        let (temporary, session) = try prepared()
        let other = "\(temporary.root)/other"
        let second = try Session(warehouse: Warehouse(at: other), settings: [:])
        try second.execute("create table keep (a int)")
        try second.execute("insert into keep values (1)")
        try session.execute("create table x (a int) location '\(other)'")
        #expect(try session.execute("drop table x").warnings.contains { $0.contains("stay") })
        #expect(session.failure("insert overwrite directory '\(other)' select 1")?.contains("Cannot overwrite") == true)
        #expect(try second.lines("select * from keep") == ["1"])
    }

    /// Both run at once: one of the two results stands, whole.
    @Test func aFolderThatTwoOverwriteHasTheRowsOfOne() throws {
        let (temporary, session) = try prepared(
            "create table s as select p a from (select 1) o lateral view posexplode(split(space(5000), ' ')) e as p, x")
        withExtendedLifetime(session) {}
        let warehouse = "\(temporary.root)/warehouse"
        for _ in 0..<4 {
            let children = try ["A", "B"].map {
                try ChildProcess.start(
                    warehouse: warehouse, statement: "insert overwrite directory '\(temporary.root)/out' select '\($0)', a from s")
            }
            for child in children { #expect(ChildProcess.wait(child) == .exit(0)) }
            try session.execute("create external table o (l string) location '\(temporary.root)/out'")
            #expect(try session.lines("select count(*), count(distinct substr(l, 1, 1)) from o") == ["5001\t1"])
            try session.execute("drop table o")
        }
        #expect(entries("\(warehouse)/.locks").allSatisfy { !$0.hasPrefix("folder-") })
    }

    @Test func aFileThatTwoLoadGoesToOne() throws {
        let (temporary, session) = try prepared("create table a (x string)", "create table b (x string)")
        let warehouse = "\(temporary.root)/warehouse"
        for round in 1...4 {
            let path = temporary.file("one", "r\n")
            let children = try ["a", "b"].map {
                try ChildProcess.start(warehouse: warehouse, statement: "load data inpath '\(path)' into table \($0)")
            }
            let ends = children.map { ChildProcess.wait($0) }
            #expect(ends.count(where: { $0 == .exit(0) }) == 1)
            let rows = try session.lines("select count(*) from a") + session.lines("select count(*) from b")
            #expect(rows.compactMap { Int($0) }.reduce(0, +) == round)
        }
    }
}
#endif

import Catalog
import Engine
import HiveQL
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What is not a statement's own stays, whatever locations say.
@Suite struct RemovalGuardTests {
    /// A warehouse with tables of others: `default.a` and `d.p` (managed), `default.e` (external, outside).
    private struct Place {
        let temporary: TemporaryWarehouse
        let session: Session

        init() throws {
            temporary = try TemporaryWarehouse()
            session = try temporary.session(["hiveql.threads": "1"])
            try run(
                """
                create table a (x int); insert into a values (1);
                create database d; create table d.p (x int) partitioned by (k int, l int);
                insert into d.p partition (k = 1, l = 1) values (11); insert into d.p partition (k = 1, l = 2) values (12);
                create external table e (x int) location '\(root)/outside/e'; insert into e values (5);
                create external table ep (x int) partitioned by (k int) location '\(root)/outside/ep';
                alter table ep add partition (k = 1) location '\(root)/elsewhere/one'; insert into ep partition (k = 1) values (7)
                """)
        }

        var root: String { temporary.root }
        var warehouse: String { "\(temporary.root)/warehouse" }

        func run(_ script: String) throws {
            for statement in script.split(separator: ";") where !statement.allSatisfy(\.isWhitespace) {
                try session.execute(String(statement))
            }
        }

        /// What must never change.
        func check(_ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let fresh = try Session(warehouse: Warehouse(at: warehouse))
            func rows(_ sql: String) throws -> [String] { try fresh.sorted(sql) }
            #expect(try rows("select * from a") == ["1"], comment, sourceLocation: sourceLocation)
            #expect(try rows("select * from d.p") == ["11\t1\t1", "12\t1\t2"], comment, sourceLocation: sourceLocation)
            #expect(try rows("select * from e") == ["5"], comment, sourceLocation: sourceLocation)
            #expect(try rows("select * from ep") == ["7\t1"], comment, sourceLocation: sourceLocation)
        }

        /// Places that belong to others, with what an error calls them; none outside the test's folder, so that a guard
        /// that fails does no harm.
        var foreign: [(path: String, name: String)] {
            symlink(warehouse, "\(root)/link")
            symlink("\(root)/link/a", "\(root)/second")
            return [
                (root, "the warehouse"), (warehouse, "the warehouse"),
                ("\(warehouse)/a", "table default.a"), ("\(warehouse)/d.db", "database d"),
                ("\(warehouse)/d.db/p", "table d.p"), ("\(warehouse)/d.db/p/k=1/l=1", "partition k=1/l=1 of table d.p"),
                ("\(warehouse)/d.db/p/k=1", "partition k=1/l=1 of table d.p"),
                ("\(root)/outside/e", "table default.e"), ("\(root)/outside", "table default.e"),
                ("\(root)/elsewhere", "partition k=1 of table default.ep"),
                ("\(root)/elsewhere/one", "partition k=1 of table default.ep"),
                ("\(warehouse)/.locks", "the locks of the warehouse"),
                ("\(root)/link", "the warehouse"), ("\(root)/second", "table default.a"),
                ("\(root)/link/d.db/p/k=1/l=2", "partition k=1/l=2 of table d.p"),
            ]
        }
    }

    @Test func dropKeepsWhatIsForeign() throws {
        let place = try Place()
        for (path, name) in place.foreign {
            try place.run("create table t (x int) partitioned by (k int); alter table t add partition (k = 1) location '\(path)'")
            let result = try place.session.execute("drop table t")
            // A link is taken away as a link.
            if !path.hasSuffix("/link"), !path.hasSuffix("/second") {
                #expect(result.warnings.contains { $0.contains("The files in \(path) stay") && $0.contains(name) }, "\(path): \(result.warnings)")
            }
            #expect(place.session.failure("select * from t")?.contains("Table not found") == true)
            _ = place.foreign
            try place.check("drop table, \(path)")
            try place.run("create table t (x int) partitioned by (k int); alter table t add partition (k = 1) location '\(path)'")
            try place.session.execute("alter table t drop partition (k = 1)")
            #expect(try place.session.lines("show partitions t") == [])
            _ = place.foreign
            try place.check("drop partition, \(path)")
            try place.run("drop table t; create database x; create table x.t (x int) location '\(path)'; drop database x cascade")
            _ = place.foreign
            try place.check("drop database, \(path)")
            try place.run("create temporary table t (x int) location '\(path)'; drop table t")
            _ = place.foreign
            try place.check("drop temporary table, \(path)")
        }
    }

    @Test func overwritingIsRefusedBeforeAnythingHappens() throws {
        let place = try Place()
        for (path, name) in place.foreign {
            try place.run("create table t (x int) partitioned by (k int); alter table t add partition (k = 1) location '\(path)'")
            for sql in [
                "insert overwrite table t partition (k = 1) select 9", "truncate table t partition (k = 1)", "truncate table t",
                "insert overwrite table t partition (k) select 9, 1", "insert overwrite directory '\(path)' select 9",
                "insert overwrite local directory '\(path)' select 9",
                "load data local inpath '\(place.temporary.file("in.txt", "9\n"))' overwrite into table t partition (k = 1)",
            ] {
                let failure = place.session.failure(sql)
                #expect(failure?.contains("Cannot overwrite") == true, "\(sql) at \(path): \(failure ?? "runs")")
                // A folder of several is called by the first.
                #expect(failure?.contains(sql.contains("directory") ? "it " : name) == true, "\(sql): \(failure ?? "runs")")
                try place.check("\(sql)")
            }
            try place.run("drop table t")
            _ = place.foreign
            try place.run("create table t (x int) location '\(path)'")
            for sql in ["insert overwrite table t select 9", "truncate table t"] {
                let failure = place.session.failure(sql)
                #expect(failure?.contains("Cannot overwrite") == true && failure?.contains(name) == true, "\(sql), \(path): \(failure ?? "runs")")
                try place.check("\(sql) at \(path)")
            }
            try place.run("drop table t")
            _ = place.foreign
        }
        #expect(entries(place.root).sorted() == ["elsewhere", "in.txt", "link", "outside", "second", "warehouse"])
    }

    @Test func partitionsOfOneTableProtectEachOther() throws {
        let place = try Place()
        try place.run(
            """
            create table t (x int) partitioned by (k int); insert into t partition (k = 1) values (1);
            alter table t add partition (k = 2) location '\(place.warehouse)/t/k=1';
            alter table t add partition (k = 3) location '\(place.warehouse)/t';
            alter table t add partition (k = 4) location '\(place.warehouse)/t/k=1/sub'; insert into t partition (k = 4) values (4)
            """)
        for sql in [
            "insert overwrite table t partition (k = 2) select 9", "insert overwrite table t partition (k = 3) select 9",
            "truncate table t partition (k = 4)",
        ] { #expect(place.session.failure(sql)?.contains("Cannot overwrite") == true, "\(sql)") }
        try place.run("alter table t drop partition (k = 2), partition (k = 3), partition (k = 4)")
        #expect(try place.session.sorted("select * from t") == ["1\t1", "4\t1"])
        // All of its own may go at once.
        try place.run(
            """
            alter table t add partition (k = 3) location '\(place.warehouse)/t'; truncate table t;
            insert into t partition (k = 1) values (1); drop table t
            """)
        #expect(entries(place.warehouse).filter { !$0.hasPrefix(".") && !$0.hasPrefix("metastore") } == ["a", "d.db"])
    }

    @Test func whatStandsInAnotherTablesFolderIsThatTables() throws {
        let place = try Place()
        try place.run("create table t (x int) location '\(place.warehouse)/a/sub'; insert into t values (2)")
        #expect(try place.session.sorted("select * from a") == ["1", "2"])
        #expect(place.session.failure("truncate table t")?.contains("is inside table default.a") == true)
        #expect(try place.session.execute("drop table t").warnings.first?.contains("is inside table default.a") == true)
        #expect(try place.session.sorted("select * from a") == ["1", "2"])
        // A folder that the user names is the user's.
        try place.run("insert overwrite directory '\(place.warehouse)/a/sub' select 3; dfs -rm -r \(place.warehouse)/a/sub")
        try place.check()
        // An external table over the warehouse does not hold its tables up.
        try place.run("create external table all_files (s string) location '\(place.root)'; create table u (x int); insert into u values (1)")
        try place.run("insert overwrite table u select 2; truncate table u; drop table u; drop table all_files")
        try place.check()
    }

    @Test func renameDoesNotCarryOthersAway() throws {
        let place = try Place()
        try place.run("create table t (x int); create external table u (x int) location '\(place.warehouse)/t/u'")
        let failure = place.session.failure("alter table t rename to v")
        #expect(failure?.contains("/t: it holds table default.u") == true, "\(failure ?? "runs")")
        try place.run(
            """
            drop table u; create table w (x int) partitioned by (k int); insert into w partition (k = 1) values (1);
            alter table w add partition (k = 2) location '\(place.warehouse)/t/two';
            """)
        #expect(place.session.failure("alter table t rename to v")?.contains("holds partition k=2 of table default.w") == true)
        try place.run("alter table w drop partition (k = 2); alter table t rename to v")
        // Its own move with it, however their locations are written.
        try place.run(
            """
            alter table w add partition (k = 3) location '\(place.warehouse)/w/three'; insert into w partition (k = 3) values (3);
            alter table w rename to d.w2
            """)
        #expect(try place.session.sorted("select * from d.w2") == ["1\t1", "3\t3"])
        #expect(place.temporary.files(under: "warehouse/d.db/w2") == ["k=1/000000_0", "three/000000_0"])
        try place.check()
    }

    @Test func partitionsStayWhenTheirTableGetsAnotherLocation() throws {
        let place = try Place()
        try place.run(
            """
            create table t (x int) partitioned by (k int); insert into t partition (k = 1) values (1);
            alter table t set location '\(place.root)/new'; insert into t partition (k = 2) values (2)
            """)
        #expect(try place.session.sorted("select * from t") == ["1\t1", "2\t2"])
        #expect(place.temporary.files(under: "new") == ["k=2/000000_0"])
        try place.run("drop table t")
        #expect(place.temporary.files(under: "warehouse/t") == [])
        #expect(!entries(place.root).contains("new"))
        try place.check()
    }

    @Test func databasesGoWithoutWhatIsNotTheirs() throws {
        let place = try Place()
        try place.run(
            """
            create database x; create table x.t (i int); insert into x.t values (1); create external table x.e (i int);
            insert into x.e values (2); drop database x cascade
            """)
        #expect(place.temporary.files(under: "warehouse/x.db") == ["e/000000_0"])
        try place.run("create database y; create table y.t (i int); drop database y cascade")
        #expect(!entries(place.warehouse).contains("y.db"))
        try place.run("create database z location '\(place.root)/outside'; drop database z cascade; create database w location '\(place.root)'; drop database w cascade")
        try place.check()
    }

    @Test func linksAreNotFollowedByRemovals() throws {
        let place = try Place()
        mkdir("\(place.root)/real", 0o777)
        symlink("\(place.root)/real", "\(place.root)/link")
        try place.run("create table t (x int) location '\(place.root)/link'; insert into t values (1); insert overwrite table t select 2")
        #expect(place.temporary.files(under: "real") == ["000000_0"])
        try place.run("drop table t")
        #expect(place.temporary.files(under: "real") == ["000000_0"])
        #expect(!entries(place.root).contains("link"))
        try place.run("create table t (x int); insert into t values (3)")
        symlink("\(place.root)/real", "\(place.warehouse)/t/more")
        #expect(try place.session.sorted("select * from t") == ["2", "3"])
        try place.run("truncate table t")
        #expect(place.temporary.files(under: "real") == ["000000_0"])
        #expect(entries("\(place.warehouse)/t") == [])
        symlink("\(place.root)/nowhere", "\(place.warehouse)/t/no")
        #expect(place.session.failure("select * from t")?.contains("cannot follow the link \(place.warehouse)/t/no") == true)
        try place.run("insert overwrite table t select 4")
        #expect(try place.session.lines("select * from t") == ["4"])
    }

    @Test func changesThatAreWorkedThroughLater() throws {
        let place = try Place()
        for path in [
            place.root, "\(place.warehouse)/a", "\(place.warehouse)/d.db/p/k=1", "\(place.root)/outside", "\(place.root)/elsewhere/one",
            "\(place.warehouse)/.locks",
        ] {
            _ = try place.temporary.warehouse.metastore.addFileChange(
                FileChange(description: "DROP TABLE other", tables: ["default.other"], steps: [FileChange.Step(.remove(path))]))
            try place.temporary.warehouse.metastore.addScratchFolder(
                ScratchFolder(path: path, process: "process-0-0", home: nil))
        }
        try place.check()
        #expect(try place.temporary.warehouse.metastore.pendingFileChanges() == [])
        #expect(try place.temporary.warehouse.metastore.scratchFolders().isEmpty)
    }

    /// Asked only: nothing here would be removed.
    @Test func theMachinesOwnFolders() throws {
        let place = try Place()
        let removals = RemovalGuard(metastore: place.temporary.warehouse.metastore) { $0 }
        let home = getenv("HOME").map { String(cString: $0) } ?? "/"
        for path in ["/", "/etc/..", "/usr/bin", "/usr", home] {
            for owner in [RemovalOwner.namedPath, RemovalOwner(committed: ["default.a"])] {
                #expect(try removals.refusal(removing: path, owner: owner) != nil, "\(path)")
                #expect(try removals.refusal(emptying: path, owner: owner) != nil, "\(path)")
            }
        }
        #expect(try removals.refusal(removing: "/", owner: .namedPath)?.description == "/ is the place of the root folder")
        #expect(try removals.refusal(removing: "\(place.root)/nothing", owner: .namedPath) == nil)
        // What no session's settings map to a folder is no reason to fail.
        try place.run("set hiveql.fs.wasb.root=\(place.root)/blobs; create table w (x int) location 'wasb://c@h/w'")
        #expect(try removals.refusal(removing: "\(place.root)/blobs", owner: .namedPath) == nil)
        try place.run("insert into w values (1)")
        #expect(place.session.failure("insert overwrite directory '\(place.root)/blobs' select 1")?.contains("it holds table default.w") == true)
    }

    #if os(Linux)
    /// A folder that is mounted into another, of one file system.
    private final class Mount {
        let place: String

        init?(_ source: String, at place: String) {
            self.place = place
            guard runCommand(["mount", "--bind", source, place]) == 0 else { return nil }
        }

        func undo() { #expect(runCommand(["umount", place]) == 0) }
        deinit { _ = runCommand(["umount", "-l", place]) }
    }

    /// Who mounts something inside a table's folder has not given it to the table.
    @Test(.enabled(if: geteuid() == 0)) func whatIsMountedStays() throws {
        let place = try Place()
        mkdir("\(place.root)/data", 0o777)
        let data = place.temporary.file("data/file", "1\n")
        try place.run(
            """
            create table t (x int); create table p (x int) partitioned by (k int); alter table p add partition (k = 1);
            insert into p partition (k = 2) values (2)
            """)
        mkdir("\(place.warehouse)/t/in side", 0o777)
        mkdir("\(place.root)/out", 0o777)
        mkdir("\(place.root)/out/in", 0o777)
        let (t, p, out) = ("\(place.warehouse)/t", "\(place.warehouse)/p", "\(place.root)/out")
        for (folder, statements) in [
            ("\(t)/in side", ["truncate table t", "insert overwrite table t select 1", "drop table t"]),
            ("\(p)/k=1", ["dfs -rm -r \(p)/k=1", "alter table p drop partition (k = 1)"]),
            ("\(out)/in", ["insert overwrite directory '\(out)' select 1", "dfs -rm -r \(out)"]),
        ] {
            // Where the system lets nobody mount there is nothing to lose.
            guard let mount = Mount("\(place.root)/data", at: folder) else { return }
            defer { mount.undo() }
            for statement in statements {
                // What is dropped leaves its files and says so; all else is refused.
                let told: String
                do { told = try place.session.execute(statement).warnings.joined() } catch { told = "\(error)" }
                #expect(told.contains("the mount point \(folder)"), "\(statement): \(told)")
                #expect(access(data, F_OK) == 0, "\(statement)")
            }
        }
        // A partition may have a file system of its own; its rows are its own.
        guard let mount = Mount("\(place.root)/data", at: "\(p)/k=1") else { return }
        try place.run("alter table p add if not exists partition (k = 1)")
        #expect(try place.session.sorted("select * from p") == ["1\t1", "2\t2"])
        try place.run("insert overwrite table p partition (k = 1) select 5")
        #expect(try place.session.sorted("select * from p") == ["2\t2", "5\t1"])
        mount.undo()
        try place.run("drop table p")
        try place.check()
    }
    #endif

    #if os(Linux)
    /// Who drops a table on a full disk wants to make room.
    @Test(.enabled(if: geteuid() == 0)) func aFullDiskCanBeMadeRoomOn() throws {
        let place = try Place()
        let disk = "\(place.root)/disk"
        mkdir(disk, 0o777)
        guard runCommand(["mount", "-t", "tmpfs", "-o", "size=4m", "none", disk]) == 0 else { return }
        defer { #expect(runCommand(["umount", disk]) == 0) }
        let warehouse = "\(disk)/warehouse"
        for statement in [
            "create table t as select pos, space(100) as s from (select posexplode(split(space(9999), ' ')) as (pos, w)) n",
            "create table u (a int)", "insert into u values (1)",
        ] { try Session(warehouse: Warehouse(at: warehouse)).execute(statement) }
        let file = fopen("\(disk)/filler", "w")
        let block = [UInt8](repeating: 1, count: 4096)
        while fwrite(block, 1, block.count, file) == block.count, fflush(file) == 0 {}
        fclose(file)
        let session = try Session(warehouse: Warehouse(at: warehouse))
        #expect(session.failure("create table v as select * from t")?.contains("No space left") == true)
        #expect(try session.lines("select * from u") == ["1"])
        try session.execute("drop table t")
        try session.execute("insert into u values (2)")
        #expect(try session.sorted("select * from u") == ["1", "2"])
        #expect(entries(warehouse).filter { !$0.hasPrefix("metastore.db") }.sorted() == [".locks", "u"])
    }
    #endif

    /// Another warehouse may stand deep in a folder.
    @Test func otherWarehousesBelow() throws {
        let place = try Place()
        mkdir("\(place.root)/out", 0o777)
        mkdir("\(place.root)/out/some", 0o777)
        let other = "\(place.root)/out/some/where"
        try Session(warehouse: Warehouse(at: other)).execute("create table o as select 9 as x")
        // A copy by names may lack the hidden folder.
        let bare = "\(place.warehouse)/a/inner/bare"
        #expect(runCommand(["mkdir", "-p", "\(place.warehouse)/a/inner"]) == 0 && runCommand(["cp", "-a", other, bare]) == 0)
        removeTree("\(bare)/.locks")
        for statement in ["dfs -rm -r \(bare)", "drop table a"] {
            #expect(place.session.failure(statement)?.contains("bare") == true, "\(statement)")
            #expect(access("\(bare)/o/000000_0", F_OK) == 0)
        }
        removeTree("\(place.warehouse)/a/inner")
        try place.run("msck repair table a; create table if not exists a (x int); insert overwrite table a values (1)")
        for statement in ["dfs -rm -r \(place.root)/out", "insert overwrite directory '\(place.root)/out' select 1"] {
            let failure = place.session.failure(statement)
            #expect(failure?.contains("\(other)") == true, "\(statement): \(failure ?? "runs")")
            #expect(try Session(warehouse: Warehouse(at: other)).lines("select * from o") == ["9"])
        }
        try place.check()
    }

    @Test func manyPartitionsAreCheap() throws {
        let place = try Place()
        let metastore = place.temporary.warehouse.metastore
        try place.run("create table many (x int) partitioned by (k int); create table t (x int); insert into t values (1)")
        let table = try #require(try metastore.table(database: "default", name: "many"))
        try metastore.addPartitions(
            (0..<20_000).map {
                Partition(values: ["\($0)"], storage: StorageDescriptor(location: "many/k=\($0)"))
            }, to: table)
        // Only databases, tables and partitions with locations of their own are looked up.
        #expect(try metastore.knownLocations().count == 9)
        mkdir("\(place.warehouse)/many/k=7", 0o777)
        #expect(
            place.session.failure("insert overwrite directory '\(place.warehouse)/many/k=7' select 1")?
                .contains("it is the place of partition k=7 of table default.many") == true)
    }

    @Test func fileSystemCommands() throws {
        let place = try Place()
        for (path, name) in place.foreign where !path.hasSuffix("/link") && !path.hasSuffix("/second") {
            for command in ["-rm -r", "-rmr", "-rm -r -f"] where !name.hasSuffix("of table d.p") {
                let failure = place.session.failure("dfs \(command) \(path)")
                #expect(failure?.contains("Cannot remove \(path)") == true && failure?.contains(name) == true, "\(command) \(path): \(failure ?? "runs")")
            }
            #expect(place.session.failure("dfs -mv \(path) \(place.root)/moved")?.isEmpty == false)
            try place.check("dfs \(path)")
        }
        // Partitions at their usual places go, and nothing beside them.
        try place.run("dfs -rm -r \(place.root)/link/d.db/p/k=1/l=2")
        #expect(try place.session.sorted("select * from d.p") == ["11\t1\t1"])
        try place.run("dfs -mkdir \(place.warehouse)/d.db/p/k=1/l=2; insert into d.p partition (k = 1, l = 2) values (12)")
        try place.check("dfs -rm of a partition")
        for name in ["metastore.db", "metastore.db-wal", "metastore.db-shm", ".locks/default.a.lock"] {
            let path = "\(place.warehouse)/\(name)"
            #expect(place.session.failure("dfs -rm \(path)")?.contains("Cannot remove \(path)") == true, "\(name)")
            #expect(place.session.failure("dfs -mv \(path) \(place.root)/moved")?.contains("Cannot move \(path)") == true)
            let other = place.temporary.file("other", "x")
            #expect(place.session.failure("dfs -cp -f \(other) \(path)")?.contains("Cannot overwrite \(path)") == true)
            #expect(place.session.failure("dfs -mv -f \(other) \(path)")?.contains("Cannot overwrite \(path)") == true)
            for local in ["local ", ""] {
                #expect(place.session.failure("load data \(local)inpath '\(path)' into table a")?.contains("Cannot load \(path)") == true)
            }
        }
        #expect(place.session.failure("load data inpath '\(place.warehouse)/.locks' into table a")?.contains("No files matching path") == true)
        symlink("\(place.warehouse)/metastore.db", "\(place.root)/innocent")
        #expect(place.session.failure("load data inpath '\(place.root)/innocent' into table a")?.contains("the metastore") == true)
        #expect(place.session.failure("load data inpath '\(place.warehouse)/a/000000_0' into table a")?.contains("is inside the folder") == true)
        #expect(place.session.failure("load data inpath '\(place.warehouse)/a' overwrite into table a")?.contains("is inside the folder") == true)
        #expect(
            place.session.failure("load data inpath '\(place.warehouse)/d.db/p/k=1/l=1' into table d.p partition (k = 1, l = 1)")?
                .contains("is inside the folder") == true)
        try place.check()
        // Files of tables that the user names, and links, may go.
        try place.run("dfs -cp \(place.warehouse)/a/000000_0 \(place.warehouse)/a/copy; dfs -rm \(place.warehouse)/a/copy")
        symlink("\(place.warehouse)/a", "\(place.root)/toa")
        try place.run("dfs -rm \(place.root)/toa; create table t (x int); load data inpath '\(place.warehouse)/a/000000_0' into table t")
        #expect(try place.session.lines("select * from t") == ["1"])
        try place.run("dfs -mv \(place.warehouse)/t/000000_0 \(place.warehouse)/a/000000_0")
        try place.check()
        #expect(place.session.failure("dfs -cp \(place.root)/outside \(place.root)/outside/inner")?.contains("is a subdirectory of itself") == true)
        #expect(place.session.failure("dfs -cp \(place.root)/other \(place.root)/innocent")?.contains("File exists") == true)
    }

    @Test func onlyRegularFilesAreData() throws {
        let place = try Place()
        let pipe = "\(place.root)/pipe"
        mkfifo(pipe, 0o666)
        #expect(
            place.session.failure("load data local inpath '\(pipe)' into table a")?
                .hasSuffix("Invalid path ''\(pipe)'': file:\(pipe) is a named pipe, not a regular file") == true)
        #expect(place.session.failure("load data inpath '\(pipe)' into table a")?.contains("named pipe") == true)
        #expect(place.session.failure("dfs -cat \(pipe)")?.contains("cannot read \(pipe): it is a named pipe, not a regular file") == true)
        #expect(place.session.failure("dfs -cp \(pipe) \(place.root)/copy")?.contains("named pipe") == true)
        #expect(place.session.failure("dfs -cat /dev/zero")?.contains("it is a device") == true)
        try place.check()
        try place.run("create table t (x int); insert into t values (1)")
        mkfifo("\(place.warehouse)/t/pipe", 0o666)
        #expect(place.session.failure("select * from t")?.contains("\(place.warehouse)/t/pipe: it is a named pipe") == true)
        try place.run("insert overwrite table t select 2")
        #expect(try place.session.lines("select * from t") == ["2"])
    }

    @Test func loopsOfLinksCountRowsOnce() throws {
        let place = try Place()
        symlink(".", "\(place.warehouse)/a/self")
        mkdir("\(place.warehouse)/a/sub", 0o777)
        symlink("../sub", "\(place.warehouse)/a/sub/back")
        symlink("../..", "\(place.warehouse)/a/sub/.up")
        symlink("..", "\(place.warehouse)/a/sub/up")
        #expect(try place.session.lines("select count(*) from a") == ["1"])
        symlink("loop", "\(place.warehouse)/a/loop")
        let failure = place.session.failure("select * from a")
        #expect(failure?.contains("\(place.warehouse)/a/loop") == true, "\(failure ?? "runs")")
        #expect(place.session.failure("analyze table a compute statistics")?.contains("a/loop") == true)
    }
}

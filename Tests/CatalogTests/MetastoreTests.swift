import Catalog
import Columnar
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A metastore in a folder of its own that goes when the test ends.
private final class Scratch {
    let folder: String

    init() {
        var template = Array("/tmp/hiveql-metastore-XXXXXX".utf8CString)
        folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    }

    var path: String { "\(folder)/metastore.db" }
    func open() throws -> Metastore { try Metastore(path: path) }
    var logByteCount: Int {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    deinit {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        rmdir(folder)
    }
}

private func trip(_ name: String = "trip") -> Table {
    Table(
        database: "default", name: name,
        columns: [
            SchemaColumn(name: "medallion", type: .string, comment: "the 'number'"),
            SchemaColumn(
                name: "stops",
                type: .map(key: .string, value: .array(.structure([StructField(name: "at", type: .decimal(precision: 10, scale: 2))])))),
        ],
        partitionColumns: [SchemaColumn(name: "month", type: .int), SchemaColumn(name: "city", type: .string)],
        storage: StorageDescriptor(
            location: name, serdeProperties: ["field.delim": "\u{1}", "escape.delim": "\\", "line.delim": "\n"],
            bucketColumns: ["medallion"], bucketCount: 4,
            sortColumns: [.init(name: "medallion", isAscending: false)]),
        properties: ["skip.header.line.count": "1", "text": "ü \"quoted\" \t"], comment: "trips", owner: "me",
        createTime: 1234)
}

private func partition(_ table: Table, _ month: Int, _ city: String) -> Partition {
    var storage = table.storage
    let values = ["\(month)", city]
    storage.location = "\(table.storage.location)/\(PartitionName.make(columns: ["month", "city"], values: values))"
    return Partition(values: values, storage: storage, properties: ["numFiles": "1"], createTime: 5)
}

/// The tables as the first version made them.
private let firstSchema = """
    CREATE TABLE databases (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, comment TEXT, location TEXT NOT NULL,
        owner TEXT NOT NULL, owner_type TEXT NOT NULL, properties TEXT NOT NULL);
    CREATE TABLE storage_formats (
        id INTEGER PRIMARY KEY, format TEXT NOT NULL, serde TEXT NOT NULL, serde_properties TEXT NOT NULL,
        bucket_columns TEXT NOT NULL, bucket_count INTEGER NOT NULL, sort_columns TEXT NOT NULL,
        UNIQUE (format, serde, serde_properties, bucket_columns, bucket_count, sort_columns));
    CREATE TABLE tables (
        id INTEGER PRIMARY KEY, database_id INTEGER NOT NULL REFERENCES databases(id), name TEXT NOT NULL,
        kind TEXT NOT NULL, comment TEXT, owner TEXT NOT NULL, create_time INTEGER NOT NULL,
        location TEXT NOT NULL, storage_format_id INTEGER NOT NULL REFERENCES storage_formats(id),
        properties TEXT NOT NULL, view_text TEXT, view_expanded_text TEXT, UNIQUE (database_id, name));
    CREATE TABLE columns (
        table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE, is_partition INTEGER NOT NULL,
        position INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, comment TEXT,
        PRIMARY KEY (table_id, is_partition, position)) WITHOUT ROWID;
    CREATE TABLE partitions (
        table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE, name TEXT NOT NULL,
        location TEXT, storage_format_id INTEGER NOT NULL REFERENCES storage_formats(id),
        properties TEXT NOT NULL, create_time INTEGER NOT NULL,
        PRIMARY KEY (table_id, name)) WITHOUT ROWID;
    CREATE TABLE file_changes (
        id INTEGER PRIMARY KEY AUTOINCREMENT, description TEXT NOT NULL);
    CREATE TABLE file_change_tables (
        change_id INTEGER NOT NULL REFERENCES file_changes(id) ON DELETE CASCADE, name TEXT NOT NULL,
        PRIMARY KEY (change_id, name)) WITHOUT ROWID;
    CREATE TABLE file_change_steps (
        change_id INTEGER NOT NULL REFERENCES file_changes(id) ON DELETE CASCADE, position INTEGER NOT NULL,
        kind TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
        PRIMARY KEY (change_id, position)) WITHOUT ROWID;
    CREATE TABLE scratch_folders (
        path TEXT PRIMARY KEY, process TEXT NOT NULL) WITHOUT ROWID;
    """

@Suite struct MetastoreTests {
    @Test func newMetastoreHasDefaultDatabase() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        #expect(try store.databaseNames() == ["default"])
        #expect(try store.databaseRecord("default")?.ownerType == "ROLE")
        #expect(try store.databaseRecord("nope") == nil)
    }

    @Test func namesAreFoundByHowTheyBegin() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        for name in ["trip", "trips", "trip_é", "trap", "tr%p"] { try store.createTable(trip(name)) }
        func names(_ prefix: String, limit: Int = 10) throws -> [String] {
            try store.tables(database: "default", beginningWith: prefix, limit: limit).map(\.name)
        }
        #expect(try names("trip") == ["trip", "trip_é", "trips"])
        #expect(try names("tr%") == ["tr%p"] && names("trip_") == ["trip_é"] && names("x").isEmpty)
        #expect(try names("", limit: 2) == ["tr%p", "trap"])
        #expect(try store.databaseNames(beginningWith: "de", limit: 5) == ["default"])
        #expect(try store.databaseNames(beginningWith: "x", limit: 5).isEmpty)
        let table = trip()
        try store.addPartitions([partition(table, 1, "x"), partition(table, 10, "x"), partition(table, 2, "y")], to: table)
        #expect(try store.partitionNames(of: table, beginningWith: "month=1", limit: 5) == ["month=1/city=x", "month=10/city=x"])
        #expect(try store.partitionNames(of: table, beginningWith: "", limit: 1) == ["month=1/city=x"])
    }

    @Test func databasesAreMadeChangedAndDropped() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        var record = DatabaseRecord(name: "taxi", comment: "c", location: "taxi.db", owner: "me", properties: ["a": "b"])
        try store.createDatabase(record)
        #expect(throws: MetastoreError.self) { try store.createDatabase(record) }
        record.properties["c"] = "d"
        try store.updateDatabase(record)
        #expect(try store.databaseRecord("taxi") == record)
        try store.dropDatabase("taxi")
        #expect(try store.databaseNames() == ["default"])
        #expect(throws: MetastoreError.self) { try store.dropDatabase("taxi") }
    }

    @Test func tablesComeBackAsTheyWereWritten() throws {
        let scratch = Scratch()
        let table = trip()
        try scratch.open().createTable(table)
        let store = try scratch.open()
        #expect(try store.table(database: "default", name: "trip") == table)
        #expect(try store.tableNames(database: "default") == ["trip"])
        #expect(throws: MetastoreError.self) { try store.createTable(table) }
        var changed = table
        changed.name = "ride"
        changed.columns.append(SchemaColumn(name: "z", type: .timestamp))
        changed.comment = nil
        try store.updateTable(database: "default", name: "trip", to: changed)
        #expect(try store.table(database: "default", name: "trip") == nil)
        #expect(try store.table(database: "default", name: "ride") == changed)
        try store.dropTable(database: "default", name: "ride")
        #expect(try store.table(database: "default", name: "ride") == nil)
    }

    @Test func partitionsKeepTheirOwnStorage() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        var table = trip()
        try store.createTable(table)
        var elsewhere = partition(table, 2, "a/b=c")
        elsewhere.storage.location = "/data/x"
        elsewhere.storage.serdeProperties["field.delim"] = "|"
        try store.addPartitions([partition(table, 1, "x"), elsewhere, partition(table, 10, "x")], to: table)
        #expect(try store.partitions(of: table).map(\.values) == [["1", "x"], ["10", "x"], ["2", "a/b=c"]])
        #expect(try store.partition(of: table, values: ["2", "a/b=c"]) == elsewhere)
        #expect(throws: MetastoreError.self) { try store.addPartitions([elsewhere], to: table) }

        // The table moves: partitions at their usual place follow it, their format stays.
        let old = table
        table.name = "ride"
        table.storage.location = "ride"
        table.storage.serdeProperties["field.delim"] = ","
        try store.updateTable(database: "default", name: "trip", to: table)
        let first = try #require(try store.partition(of: table, values: ["1", "x"]))
        #expect(first.storage.location == "ride/month=1/city=x")
        #expect(first.storage.serdeProperties == old.storage.serdeProperties)
        #expect(try store.partition(of: table, values: ["2", "a/b=c"])?.storage.location == "/data/x")

        try store.dropPartitions([["1", "x"]], of: table)
        #expect(throws: MetastoreError.self) { try store.dropPartitions([["1", "x"]], of: table) }
        #expect(try store.partitions(of: table).count == 2)
    }

    @Test func twentyThousandPartitionsAreFast() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let table = trip()
        try store.createTable(table)
        try store.addPartitions((0..<20_000).map { partition(table, $0, "x") }, to: table)
        let clock = ContinuousClock()
        #expect(try scratch.open().partitions(of: table).count == 20_000)
        let cold = try clock.measure { _ = try store.partitions(of: table) }
        // The best of many: the machine has other work.
        var cached = Duration.seconds(1)
        for _ in 0..<20 { cached = min(cached, try clock.measure { _ = try store.partitions(of: table) }) }
        #expect(cached < cold / 10)
    }

    @Test func failedTransactionLeavesNothing() throws {
        struct Stop: Error {}
        let scratch = Scratch()
        let store = try scratch.open()
        #expect(throws: Stop.self) {
            try store.write {
                try store.createTable(trip())
                _ = try store.addFileChange(
                    FileChange(description: "x", tables: ["default.trip"], steps: [FileChange.Step(.remove("/x"))]))
                throw Stop()
            }
        }
        #expect(try store.tableNames(database: "default").isEmpty)
        #expect(try store.pendingFileChanges().isEmpty)
    }

    @Test func longLogIsMovedIntoTheFile() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let table = trip()
        try store.createTable(table)
        let short = scratch.logByteCount
        #expect(short > 0)
        try store.addPartitions((0..<20_000).map { partition(table, $0, "x") }, to: table)
        #expect(scratch.logByteCount == 0)
        #expect(try scratch.open().partitions(of: table).count == 20_000)
        #expect(try store.partitions(of: table).count == 20_000)
    }

    @Test func whoReadsKeepsTheLogAndIsNotWaitedFor() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let table = trip()
        try store.createTable(table)
        let reader = try SQLiteDatabase(path: scratch.path)
        try reader.execute("BEGIN")
        #expect(try reader.integer("SELECT count(*) FROM partitions") == 0)
        let clock = ContinuousClock()
        let time = try clock.measure {
            try store.addPartitions((0..<20_000).map { partition(table, $0, "x") }, to: table)
        }
        // A writer would wait for a minute.
        #expect(time < .seconds(30))
        #expect(scratch.logByteCount > 0)
        #expect(try reader.integer("SELECT count(*) FROM partitions") == 0)
        try reader.execute("COMMIT")
        try store.addPartitions([partition(table, 20_000, "x")], to: table)
        #expect(scratch.logByteCount == 0)
        #expect(try reader.integer("SELECT count(*) FROM partitions") == 20_001)
    }

    @Test func twoConnectionsSeeEachOther() throws {
        let scratch = Scratch()
        let one = try scratch.open()
        let two = try scratch.open()
        #expect(try two.table(database: "default", name: "trip") == nil)
        let before = try two.generation()
        try one.createTable(trip())
        #expect(try two.generation() != before)
        #expect(try two.table(database: "default", name: "trip") != nil)
        try two.addPartitions([partition(trip(), 1, "x")], to: trip())
        #expect(try one.partitions(of: trip()).count == 1)
    }

    @Test func fileChangesAreKeptUntilRemoved() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let identity = FileIdentity(
            kind: .file, device: .max, inode: 7, byteCount: 1 << 40, modified: -1, born: nil)
        var replaced = identity
        replaced.born = 12
        let steps = [
            FileChange.Step(.makeFolder("/a")),
            FileChange.Step(.move(from: "/b", to: "/c"), identity: identity, replaced: replaced),
            FileChange.Step(.remove("/d")),
        ]
        var change = FileChange(description: "insert", tables: ["default.t", "default.u"], steps: steps)
        change.home = WarehouseIdentity(folder: identity, metastore: replaced)
        change.id = try store.addFileChange(change)
        #expect(try scratch.open().pendingFileChanges(table: "default.u") == [change])
        #expect(try store.pendingFileChanges(table: "default.v").isEmpty)
        try store.setFailure("no space", ofFileChange: change.id)
        change.failure = "no space"
        #expect(try scratch.open().pendingFileChanges() == [change])
        change.tables = ["default.u"]
        change.steps.removeLast()
        try store.updateFileChange(change)
        #expect(try scratch.open().pendingFileChanges() == [change])
        try store.removeFileChange(change.id)
        #expect(try store.pendingFileChanges().isEmpty)
    }

    @Test func filesAreToldApartByTheirBirth() {
        let file = FileIdentity(kind: .file, device: 1, inode: 7, byteCount: 10, modified: 5, born: 3)
        var other = file
        other.device = 2
        other.byteCount = 20
        other.modified = 6
        #expect(other.isSameFile(as: file))
        other.born = 4
        #expect(!other.isSameFile(as: file))
        other.born = nil
        #expect(!other.isSameFile(as: file))
        other = file
        other.born = nil
        #expect(other.isSameFile(as: file))
        other.modified = 6
        #expect(!other.isSameFile(as: file))
        other = file
        other.kind = .folder
        #expect(!other.isSameFile(as: file))
        #expect(FileIdentity(text: file.text) == file)
        #expect(FileIdentity(text: "file 1 2") == nil)
    }

    @Test func metastoreOfTheFirstVersionIsUpgraded() throws {
        let scratch = Scratch()
        do {
            let old = try SQLiteDatabase(path: scratch.path)
            try old.execute(firstSchema)
            try old.execute(
                """
                INSERT INTO databases VALUES (1, 'default', 'Default Hive database', '', 'public', 'ROLE', '{}');
                INSERT INTO storage_formats VALUES (1, 'text', 's', '{}', '[]', -1, '[]');
                INSERT INTO tables VALUES (1, 1, 't', 'MANAGED_TABLE', NULL, 'me', 1, 't', 1, '{}', NULL, NULL);
                INSERT INTO columns VALUES (1, 0, 0, 'a', 'int', NULL);
                INSERT INTO file_changes VALUES (1, 'INSERT INTO default.t');
                INSERT INTO file_change_tables VALUES (1, 'default.t');
                INSERT INTO file_change_steps VALUES (1, 0, 'move', '/b', '/c'), (1, 1, 'remove', '/d', '');
                INSERT INTO scratch_folders VALUES ('/d', 'process-1-2');
                PRAGMA user_version = 1;
                """)
        }
        for _ in 0..<2 {
            let store = try scratch.open()
            #expect(try store.table(database: "default", name: "t")?.columns.map(\.name) == ["a"])
            let steps = [FileChange.Step(.move(from: "/b", to: "/c")), FileChange.Step(.remove("/d"))]
            #expect(
                try store.pendingFileChanges()
                    == [FileChange(id: 1, description: "INSERT INTO default.t", tables: ["default.t"], steps: steps)])
            #expect(try store.scratchFolders().map(\.path) == ["/d"])
        }
    }

    /// What is in the warehouse goes with it.
    @Test func pathsInAMovedWarehouseAreThoseOfItsNewPlace() throws {
        let scratch = Scratch()
        let folder = String(scratch.path.dropLast("/metastore.db".count))
        let steps = [
            FileChange.Step(.makeFolder("\(folder)/a")), FileChange.Step(.move(from: "\(folder)/b/c", to: "/outside/c")),
            FileChange.Step(.remove("\(folder)-2/d")),
        ]
        do {
            let store = try scratch.open()
            _ = try store.addFileChange(FileChange(description: "x", tables: [], steps: steps))
            for path in ["\(folder)/t/staged", "/outside/staged"] {
                try store.addScratchFolder(ScratchFolder(path: path, process: "p", home: nil))
            }
        }
        let moved = "\(folder)-moved"
        #expect(rename(folder, moved) == 0)
        defer { rename(moved, folder) }
        let store = try Metastore(path: "\(moved)/metastore.db")
        #expect(
            try store.pendingFileChanges().first?.steps.map(\.action) == [
                .makeFolder("\(moved)/a"), .move(from: "\(moved)/b/c", to: "/outside/c"), .remove("\(folder)-2/d"),
            ])
        #expect(try store.scratchFolders().map(\.path) == ["/outside/staged", "\(moved)/t/staged"])
        try store.removeScratchFolder("\(moved)/t/staged")
        #expect(try store.scratchFolders().map(\.path) == ["/outside/staged"])
    }

    @Test func metastoreOfALaterVersionIsRefused() throws {
        let scratch = Scratch()
        _ = try scratch.open()
        try SQLiteDatabase(path: scratch.path).execute("PRAGMA user_version = 1000")
        #expect(throws: MetastoreError.self) { try scratch.open() }
    }

    @Test func damagedFileIsAnError() throws {
        let scratch = Scratch()
        let file = fopen(scratch.path, "w")
        fputs(String(repeating: "this is no database ", count: 100), file)
        fclose(file)
        #expect(throws: MetastoreError.self) { try scratch.open() }
    }
}

@Suite struct NamesAndTypesTests {
    @Test func partitionNamesAreEscapedAsHiveDoes() {
        #expect(PartitionName.escape("a/b c:d=e%") == "a%2Fb c%3Ad%3De%25")
        #expect(PartitionName.unescape("a%2Fb c%3Ad%3De%25") == "a/b c:d=e%")
        #expect(PartitionName.unescape("100%") == "100%")
        #expect(PartitionName.values(of: "a=1/b=x%2Fy", columns: ["a", "b"]) == ["1", "x/y"])
        #expect(PartitionName.values(of: "a=1", columns: ["a", "b"]) == nil)
        #expect(PartitionName.values(of: "c=1", columns: ["a"]) == nil)
    }

    @Test(arguments: [
        "int", "bigint", "decimal(38,10)", "varchar(20)", "char(3)", "array<map<string,double>>",
        "struct<a:int,b c:array<timestamp>>", "uniontype<int,string,struct<x:date>>", "timestamp with local time zone",
        "interval_year_month", "binary",
    ])
    func typeTextsRoundTrip(_ text: String) {
        #expect(SQLType(typeText: text)?.description == text)
    }

    @Test(arguments: ["", "in", "array<int", "decimal(50,2)", "map<int>", "int>", "struct<a>", "varchar(0)"])
    func wrongTypeTextsAreRefused(_ text: String) {
        #expect(SQLType(typeText: text) == nil)
    }

    @Test func deepTypeTextsDoNotOverflow() {
        #expect(SQLType(typeText: String(repeating: "array<", count: 100_000)) == nil)
    }
}

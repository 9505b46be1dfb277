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

@Suite struct MetastoreTests {
    @Test func newMetastoreHasDefaultDatabase() throws {
        let scratch = Scratch()
        let store = try scratch.open()
        #expect(try store.databaseNames() == ["default"])
        #expect(try store.databaseRecord("default")?.ownerType == "ROLE")
        #expect(try store.databaseRecord("nope") == nil)
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
        var count = 0
        let cold = try clock.measure { count = try scratch.open().partitions(of: table).count }
        #expect(count == 20_000)
        #expect(cold < .seconds(2))
        _ = try store.partitions(of: table)
        let cached = try clock.measure { count = try store.partitions(of: table).count }
        #expect(cached < .milliseconds(50))
    }

    @Test func failedTransactionLeavesNothing() throws {
        struct Stop: Error {}
        let scratch = Scratch()
        let store = try scratch.open()
        #expect(throws: Stop.self) {
            try store.write {
                try store.createTable(trip())
                _ = try store.addFileChange(description: "x", tables: ["default.trip"], steps: [.remove("/x")])
                throw Stop()
            }
        }
        #expect(try store.tableNames(database: "default").isEmpty)
        #expect(try store.pendingFileChanges().isEmpty)
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
        let steps: [FileChange.Step] = [.makeFolder("/a"), .move(from: "/b", to: "/c"), .remove("/d")]
        let id = try store.addFileChange(description: "insert", tables: ["default.t", "default.u"], steps: steps)
        let found = try scratch.open().pendingFileChanges(table: "default.u")
        #expect(found == [FileChange(id: id, description: "insert", tables: ["default.t", "default.u"], steps: steps)])
        #expect(try store.pendingFileChanges(table: "default.v").isEmpty)
        try store.removeFileChange(id)
        #expect(try store.pendingFileChanges().isEmpty)
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

import Columnar
import TableFormats
import Testing

/// Reads files through the seam of formats.
struct TableFormatScan {
    var storage: TableStorage
    var schema: [SchemaColumn]
    /// Of the files, where it is another one.
    var storedSchema: [SchemaColumn]?

    /// Rows as Hive prints them.
    func lines(
        _ path: String, columns: [Int]? = nil, splitBytes: Int = 1 << 20, batch: Int = 2048, filter: (any ScanFilter)? = nil,
        memory: Int? = nil
    ) throws -> [String] {
        var lines: [String] = []
        try scan(path, columns: columns, splitBytes: splitBytes, batch: batch, filter: filter, memory: memory) {
            lines += ORCFixtures.lines($0)
        }
        return lines
    }

    func count(_ path: String, splitBytes: Int = 1 << 20) throws -> Int {
        var count = 0
        try scan(path, columns: [], splitBytes: splitBytes) { count += $0.rowCount }
        return count
    }

    func scan(
        _ path: String, columns: [Int]?, fields: [Int: FieldSelection] = [:], splitBytes: Int = 1 << 20, batch: Int = 2048,
        filter: (any ScanFilter)? = nil, memory: Int? = nil, _ emit: (Batch) throws -> Void
    ) throws {
        let format = try TableFormatRegistry.format(of: storage)
        let request = ScanRequest(
            schema: schema, storedSchema: storedSchema, columns: columns ?? Array(schema.indices), fields: fields,
            filter: filter, batchCapacity: batch,
            makeMemory: memory.map { limit in { _ in LimitedMemory(limit) } })
        let reader = try format.makeReader(request)
        for split in try format.splits(of: DataFiles.list(in: path), for: request, splitBytes: splitBytes).splits {
            try reader.scan(split, isCancelled: { false }, emit: emit)
        }
    }

    /// Copies the rows of a file of this storage into a file of another one.
    func copy(_ path: String, to storage: TableStorage, _ output: OutputFile, batch: Int = 70) throws {
        let writer = try TableFormatRegistry.format(of: storage).makeWriter(schema: schema)
        let file = try writer.open(output)
        try scan(path, columns: nil, batch: batch) { batch in
            try writer.begin(batch)
            try file.append(nil)
        }
        _ = try file.close()
    }

    /// Holds a recorded file against its rows: in batches of several sizes, each column alone, counted.
    func expectRecorded(_ name: String, of set: FixtureSet, batches: [Int]) throws {
        let expected = try set.rows(name)
        try RecordedRows.expect(expected, batches: batches) { try lines(set.path(name), batch: $0) }
        #expect(try count(set.path(name)) == expected.count)
        try RecordedRows.expectColumns(expected, schema) { try lines(set.path(name), columns: [$0], batch: 33) }
    }

    /// Cut into ranges of any size, a recorded file has the same rows.
    func expectRanges(_ name: String, of set: FixtureSet) throws {
        let expected = try set.rows(name)
        for step in [7, 64, 333, 5000] {
            #expect(try lines(set.path(name), splitBytes: step) == expected, "ranges of \(step) bytes")
            #expect(try count(set.path(name), splitBytes: step) == expected.count)
        }
    }

    /// The rows of a recorded file come back from a file that is written of them.
    func expectRoundTrip(_ name: String, of set: FixtureSet) throws {
        let expected = try set.rows(name)
        let target = try ORCTestFile()
        try copy(set.path(name), to: storage, target.output())
        #expect(try lines(target.path) == expected, "\(storage.settings)")
        #expect(try lines(target.path, splitBytes: 3000) == expected, "\(storage.settings)")
    }

    /// The columns of the tables that `Tests/Fixtures/hive_tables.py` makes.
    static func hiveColumns(nested: Bool) -> [SchemaColumn] {
        let structure = SQLType.structure([StructField(name: "a", type: .array(.int)), StructField(name: "b", type: .timestamp)])
        let types: [(String, SQLType)] =
            nested
            ? [
                ("items", .array(.int)), ("pairs", .map(key: .string, value: .double)),
                ("point", .structure([StructField(name: "x", type: .int), StructField(name: "y", type: .string)])),
                ("either", .union([.int, .string, .array(.int)])), ("deep", .array(.map(key: .string, value: structure))),
            ]
            : [
                ("flag", .boolean), ("tiny", .tinyint), ("small", .smallint), ("number", .int), ("large", .bigint),
                ("single", .float), ("twice", .double), ("money", .decimal(precision: 10, scale: 2)),
                ("huge", .decimal(precision: 38, scale: 18)), ("word", .string), ("short", .varchar(length: 10)),
                ("padded", .char(length: 6)), ("raw", .binary), ("day", .date), ("moment", .timestamp),
            ]
        return types.map { SchemaColumn(name: $0.0, type: $0.1) }
    }
}

import Columnar
import TableFormats

/// Reads files through the seam of formats.
struct TableFormatScan {
    var storage: TableStorage
    var schema: [SchemaColumn]

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
        _ path: String, columns: [Int]?, splitBytes: Int = 1 << 20, batch: Int = 2048, filter: (any ScanFilter)? = nil,
        memory: Int? = nil, _ emit: (Batch) throws -> Void
    ) throws {
        let format = try TableFormatRegistry.format(of: storage)
        let request = ScanRequest(
            schema: schema, columns: columns ?? Array(schema.indices), filter: filter, batchCapacity: batch,
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

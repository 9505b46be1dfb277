import Columnar
import Foundation
import TableFormats

/// Text tables of any SerDe for one test.
struct TextStorage {
    var serde = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    var properties: [String: String] = [:]
    var settings: [String: String] = [:]
    var schema: [SchemaColumn]

    static let csv = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    static let regex = "org.apache.hadoop.hive.serde2.RegexSerDe"
    static let json = "org.apache.hadoop.hive.serde2.JsonSerDe"
    static let strictJSON = "org.apache.hive.hcatalog.data.JsonSerDe"
    static let multiDelimit = "org.apache.hadoop.hive.serde2.MultiDelimitSerDe"

    var storage: TableStorage {
        TableStorage(format: "text", serde: serde, serdeProperties: properties, settings: settings)
    }

    func format() throws -> any TableFormat { try TableFormatRegistry.format(of: storage) }

    /// Every row's values of the wanted columns, as Hive prints them.
    func rows(
        _ table: TextTable, columns: [Int]? = nil, splitBytes: Int = 1 << 20, capacity: Int = 1024,
        memory: (any ScanMemory)? = nil
    ) throws -> [[String]] {
        let format = try format()
        let request = ScanRequest(
            schema: schema, columns: columns ?? Array(schema.indices), batchCapacity: capacity,
            makeMemory: memory.map { memory in { _ in memory } })
        let reader = try format.makeReader(request)
        var rows: [[String]] = []
        for split in try format.splits(of: DataFiles.list(in: table.directory), for: request, splitBytes: splitBytes).splits {
            try reader.scan(split, isCancelled: { false }) { batch in
                rows += batch.texts
            }
        }
        return rows
    }

    /// The bytes of a file with the rows of `batches`.
    func written(_ batches: [Batch]) throws -> [UInt8] {
        let table = try TextTable([], name: "unused")
        let path = table.directory + "/written"
        let files = OutputFileSet(maximumOpen: 4, maximumBufferBytes: 1 << 20)
        let writer = try format().makeWriter(schema: schema)
        let file = try writer.open(files.add(path: path))
        for batch in batches {
            try writer.begin(batch)
            try file.append(nil)
        }
        _ = try file.close()
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func batch(_ columns: [Column]) -> Batch {
        Batch(columns: columns, capacity: columns[0].count, sequence: BatchSequence(morsel: 0, position: 0))
    }

    static func strings(_ values: [String?]) -> Column {
        let builder = ColumnBuilder(.string)
        for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
        return builder.finish()
    }
}

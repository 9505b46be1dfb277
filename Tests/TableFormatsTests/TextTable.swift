import Columnar
import Foundation
import TableFormats

/// A text file for one test, and what the scanner reads from it.
final class TextTable {
    let directory: String
    let path: String

    init(_ bytes: [UInt8], name: String = "000000_0") throws {
        directory = NSTemporaryDirectory() + "text-\(UUID().uuidString)"
        path = directory + "/" + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    convenience init(_ text: String, name: String = "000000_0") throws { try self.init(Array(text.utf8), name: name) }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    static func schema(_ types: [SQLType]) -> [SchemaColumn] {
        types.enumerated().map { SchemaColumn(name: "c\($0.offset)", type: $0.element) }
    }

    static func format(_ properties: [String: String] = [:]) throws -> TextFormat {
        try TextFormat(serdeProperties: ["field.delim": "|"].merging(properties) { $1 })
    }

    /// Every row's values of the wanted columns, as Hive prints them.
    func rows(
        _ types: [SQLType], columns: [Int]? = nil, format: TextFormat, splitBytes: Int = 1 << 20,
        chunkBytes: Int = 1 << 16, capacity: Int = 2048, filter: (any ScanFilter)? = nil
    ) throws -> [[String]] {
        let wanted = columns ?? Array(types.indices)
        let scanner = TextScanner(
            schema: Self.schema(types), columns: wanted, format: format, batchCapacity: capacity, filter: filter,
            chunkBytes: chunkBytes)
        var rows: [[String]] = []
        for split in try TextSplitter.splits(of: DataFiles.list(in: directory), format: format, splitBytes: splitBytes) {
            try scanner.scan(split) { batch in
                rows += batch.texts
            }
        }
        return rows
    }

    /// How many rows a scan without columns counts.
    func count(format: TextFormat, splitBytes: Int = 1 << 20, chunkBytes: Int = 1 << 16) throws -> Int {
        let scanner = TextScanner(schema: [], columns: [], format: format, chunkBytes: chunkBytes)
        var count = 0
        for split in try TextSplitter.splits(of: DataFiles.list(in: directory), format: format, splitBytes: splitBytes) {
            try scanner.scan(split) { count += $0.rowCount }
        }
        return count
    }
}

extension Batch {
    /// The values of the selected rows, as Hive prints them.
    var texts: [[String]] {
        let buffer = ByteBuffer()
        var texts: [[String]] = []
        rows.forEach { row in
            texts.append(
                columns.map { column in
                    buffer.removeAll()
                    if column.isNull(row) { return "NULL" }
                    TextFormatter(.output).append(column, row: row, to: buffer)
                    return buffer.string
                })
        }
        return texts
    }
}

import Columnar
import Platform

/// A Parquet file whose footer has been read: its schema, its row groups and their statistics. Any number of readers
/// share one.
package final class ParquetFile: Sendable {
    package let reader: FileReader
    package let byteCount: Int
    package let schema: ParquetSchema
    package let rowCount: Int
    package let createdBy: String?
    let metadata: ParquetFileMetadata
    /// Where the footer begins: no page goes beyond.
    let dataEnd: Int

    package var path: String { reader.path }

    /// Larger footers are refused.
    private static let largestFooter = 1 << 30

    /// Reads the footer of the file at `path`.
    /// - Throws: `FileError` when it cannot be opened; `TableFormatError` when it is no Parquet file, or encrypted.
    package convenience init(path: String) throws {
        guard let status = try FileStatus.of(path) else { throw TableFormatError("there is no such file", path: path) }
        try self.init(ScanFile(path: path, byteCount: status.byteCount))
    }

    package init(_ file: ScanFile) throws {
        let reader = try file.openForLong()
        self.reader = reader
        let path = reader.path
        let byteCount = file.byteCount
        self.byteCount = byteCount
        func bytes(_ count: Int, at offset: Int) throws -> [UInt8] {
            var got = 0
            let bytes = try [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, used in
                got = try buffer.baseAddress.map { try reader.read(into: $0, count: count, at: offset) } ?? 0
                used = got
            }
            guard got == count else {
                throw TableFormatError("the file became shorter while it was read", path: path, offset: offset + got)
            }
            return bytes
        }
        // The magic at both ends and the footer's length.
        guard byteCount >= 12 else { throw TableFormatError("no Parquet file: it has \(byteCount) bytes", path: path) }
        let tail = try bytes(8, at: byteCount - 8)
        let magic = Array(tail[4...])
        if magic == Array("PARE".utf8) { throw TableFormatError("encrypted Parquet files cannot be read", path: path) }
        guard magic == Array("PAR1".utf8), try bytes(4, at: 0) == magic else {
            throw TableFormatError("no Parquet file: the mark PAR1 is missing", path: path, offset: byteCount - 4)
        }
        let length = tail[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= byteCount - 12, length <= Self.largestFooter else {
            throw TableFormatError("the Parquet footer has \(length) bytes", path: path, offset: byteCount - 8)
        }
        dataEnd = byteCount - 8 - length
        let footer = try bytes(length, at: dataEnd)
        do {
            metadata = try footer.withUnsafeBufferPointer { footer in
                var reader = ThriftCompactReader(footer)
                do { return try ParquetFileMetadata(decoding: &reader) } catch is ThriftCompactReader.EndOfBytes {
                    throw CorruptParquet("it ends inside a value")
                }
            }
            if metadata.isEncrypted { throw TableFormatError("encrypted Parquet files cannot be read", path: path) }
            schema = try ParquetSchema(metadata.schema)
            try Self.check(metadata, schema)
        } catch let error as CorruptParquet {
            throw TableFormatError("corrupt Parquet footer: \(error.reason)", path: path, offset: dataEnd)
        }
        rowCount = metadata.rowGroups.reduce(0) { $0 + $1.rowCount }
        createdBy = metadata.createdBy
    }

    private static func check(_ metadata: ParquetFileMetadata, _ schema: ParquetSchema) throws {
        var rows = 0
        for group in metadata.rowGroups {
            guard group.columns.count == schema.leaves.count else {
                throw CorruptParquet("a row group has \(group.columns.count) columns, the schema \(schema.leaves.count)")
            }
            let (sum, isTooLarge) = rows.addingReportingOverflow(group.rowCount)
            guard group.rowCount >= 0, !isTooLarge else { throw CorruptParquet("a row group has \(group.rowCount) rows") }
            rows = sum
        }
    }

    /// The file's columns in order, as Hive names their types.
    package var columns: [SchemaColumn] { schema.columns.map { SchemaColumn(name: $0.name, type: $0.type) } }

    /// What the writer noted beside the schema.
    package var keyValues: [(key: String, value: String?)] { metadata.keyValues }

    package var rowGroupCount: Int { metadata.rowGroups.count }

    package func rowCount(ofRowGroup ordinal: Int) -> Int { metadata.rowGroups[ordinal].rowCount }

    /// Bytes in the file of the columns' chunks in a row group, for the cost of reading them.
    package func byteCount(ofRowGroup ordinal: Int, columns: [ParquetNode]) -> Int {
        columns.reduce(0) { sum, column in
            column.leafOrdinals.reduce(sum) {
                $0 &+ max(metadata.rowGroups[ordinal].columns[$1].compressedByteCount, 0)
            }
        }
    }
}

import Columnar

/// What the footer of a Parquet file says. It holds nothing of the open file, so that it serves all who read the same bytes.
package final class ParquetFooter: Sendable {
    let metadata: ParquetFileMetadata
    let schema: ParquetSchema
    let rowCount: Int
    /// Where the footer begins: no page goes beyond.
    let dataEnd: Int
    /// Bytes that it takes in memory, about.
    let heldBytes: Int

    /// Larger footers are refused.
    private static let largestFooter = 1 << 30
    private static let bytesHeldPerByte = 10
    /// Bytes at the end of a file that are read first.
    private static let usualFooter = 8192

    /// - Throws: `TableFormatError` when the file is no Parquet file, or encrypted.
    init(_ reader: FileReader, byteCount: Int) throws {
        let path = reader.path
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
        // The magic at both ends and the footer's length; most footers come with them.
        guard byteCount >= 12 else { throw TableFormatError("no Parquet file: it has \(byteCount) bytes", path: path) }
        let end = try bytes(min(byteCount, Self.usualFooter), at: byteCount - min(byteCount, Self.usualFooter))
        let tail = Array(end.suffix(8))
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
        let footer = length + 8 <= end.count ? end.suffix(length + 8).dropLast(8) : try bytes(length, at: dataEnd)[...]
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
        heldBytes = 4096 + length * Self.bytesHeldPerByte
        rowCount = metadata.rowGroups.reduce(0) { $0 + $1.rowCount }
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
}

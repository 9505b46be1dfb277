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

    private static let bytesHeldPerByte = 10

    /// - Throws: `TableFormatError` when the file is no Parquet file, or encrypted.
    init(_ reader: FileReader, byteCount: Int) throws {
        let bytes = try ParquetFooterBytes(reader, byteCount: byteCount)
        (metadata, schema) = try bytes.decoded { reader in
            let metadata = try ParquetFileMetadata(decoding: &reader)
            if metadata.isEncrypted { throw bytes.encryption }
            let schema = try ParquetSchema(metadata.schema)
            try Self.check(metadata, schema)
            return (metadata, schema)
        }
        dataEnd = bytes.start
        heldBytes = 4096 + bytes.count * Self.bytesHeldPerByte
        rowCount = metadata.rowGroups.reduce(0) { $0 + $1.rowCount }
    }

    private static func check(_ metadata: ParquetFileMetadata, _ schema: ParquetSchema) throws {
        for group in metadata.rowGroups where group.columns.count != schema.leaves.count {
            throw CorruptParquet("a row group has \(group.columns.count) columns, the schema \(schema.leaves.count)")
        }
        try ParquetRowCounts.check(metadata.rowGroups.map(\.rowCount), total: metadata.rowCount)
    }
}

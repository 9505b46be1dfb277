import Columnar
import Platform

/// A Parquet file whose footer has been read: its schema, its row groups and their statistics. Any number of readers
/// share one.
package final class ParquetFile: Sendable {
    package let reader: FileReader
    package let byteCount: Int
    package let footer: ParquetFooter

    package var path: String { reader.path }
    package var schema: ParquetSchema { footer.schema }
    package var rowCount: Int { footer.rowCount }
    package var createdBy: String? { footer.metadata.createdBy }
    var metadata: ParquetFileMetadata { footer.metadata }
    /// Where the footer begins: no page goes beyond.
    var dataEnd: Int { footer.dataEnd }

    /// Reads the footer of the file at `path`.
    /// - Throws: `FileError` when it cannot be opened; `TableFormatError` when it is no Parquet file, or encrypted.
    package convenience init(path: String) throws {
        guard let status = try FileStatus.of(path) else { throw TableFormatError("there is no such file", path: path) }
        try self.init(ScanFile(path: path, byteCount: status.byteCount))
    }

    package init(_ file: ScanFile) throws {
        let reader = try file.openForLong()
        self.reader = reader
        byteCount = file.byteCount
        footer = try FooterCache.shared.footer(of: reader, byteCount: file.byteCount) {
            let footer = try ParquetFooter(reader, byteCount: file.byteCount)
            return (footer, footer.heldBytes)
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

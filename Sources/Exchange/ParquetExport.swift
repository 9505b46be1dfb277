import Columnar
import TableFormats

/// Parquet, by the writer of tables.
struct ParquetExport: RowFormat {
    let name = "parquet"
    let suffixes = [".parquet"]
    let summary = "Apache Parquet, compressed by Snappy"

    /// Every column keeps buffers of its own.
    static let mostColumns = 50_000

    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter {
        guard schema.columns.count <= Self.mostColumns else {
            throw ExportError(
                path: file.path,
                "Parquet keeps buffers for each column, and there are \(schema.columns.count): another format has no such limit")
        }
        return try ParquetRowWriter(schema, file)
    }
}

private final class ParquetRowWriter: RowWriter {
    private let path: String
    private let files = OutputFileSet(maximumOpen: 1, maximumBufferBytes: 1 << 20)
    private let writer: ParquetWriter

    init(_ schema: RowSchema, _ file: ExportFile) throws {
        path = file.path
        let output = files.add(appendingTo: file.stagingPath)
        do { writer = try ParquetWriter(schema: schema.columns, file: output) } catch let error as TableFormatError {
            throw ExportError(path: file.path, error.message)
        }
    }

    func write(_ batch: Batch) throws { try located { try writer.write(batch) } }

    func finish() throws { try located { _ = try writer.close() } }

    private func located(_ body: () throws -> Void) throws {
        do { try body() } catch let error as TableFormatError { throw ExportError(path: path, error.message) }
    }
}

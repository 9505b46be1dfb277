import Columnar

/// Writes one Parquet file from batches. One worker's own.
package final class ParquetWriter {
    private let schema: [SchemaColumn]
    private let file: OutputFile
    private let options: ParquetWriteOptions
    private let memory: (any ScanMemory)?
    private let elements: [ParquetSchemaElement]
    private let columns: [NodeWriter]
    private let leaves: [LeafWriter]
    private var rowGroups: [ParquetRowGroupMetadata] = []
    /// Of each row group those of its columns.
    private var pageIndexes: [[WrittenPageIndex]] = []
    private var groupRows = 0
    private var rowCount = 0
    private var hasBegun = false
    private var isClosed = false

    package static let createdBy = "hiveql version 1.0.0 (build 0)"
    private static let mark = Array("PAR1".utf8)

    /// - Parameter memory: asked before the buffers grow.
    /// - Throws: `TableFormatError` for a type that Parquet has not (INTERVAL, UNIONTYPE, the type of NULL), or when the
    ///   codec's library is missing.
    package init(
        schema: [SchemaColumn], file: OutputFile, options: ParquetWriteOptions = ParquetWriteOptions(),
        memory: (any ScanMemory)? = nil
    ) throws {
        self.schema = schema
        self.memory = memory
        self.file = file
        self.options = options
        do {
            var writer = try ParquetSchemaWriter(options, columns: schema.count)
            columns = try schema.map { try writer.column($0) }
            elements = writer.elements
        } catch let error as CorruptParquet {
            throw TableFormatError("cannot write Parquet: \(error.reason)", path: file.path)
        } catch let error as BlockCodecError {
            throw TableFormatError("cannot write Parquet: \(error.description)", path: file.path)
        }
        leaves = columns.flatMap(\.leaves)
    }

    /// Appends the selected rows of a batch.
    /// - Precondition: the batch has the schema's columns.
    /// - Throws: `TableFormatError` when the file cannot be written, or a map has a NULL as key.
    package func write(_ batch: Batch) throws {
        precondition(batch.columns.count == columns.count, "a batch must have the file's columns")
        precondition(!isClosed, "the file is closed")
        try begin()
        try located {
            for (writer, column) in zip(columns, batch.columns) { try writer.append(column, rows: batch.rows) }
        }
        groupRows += batch.rowCount
        rowCount += batch.rowCount
        try memory?.update(to: leaves.reduce(0) { $0 + $1.byteCount })
        if groupRows >= options.rowGroupRows || leaves.reduce(0, { $0 + $1.fileBytes }) >= options.rowGroupBytes {
            try endRowGroup()
        }
    }

    private func located(_ body: () throws -> Void) throws {
        do { try body() } catch let error as CorruptParquet {
            throw TableFormatError("cannot write Parquet: \(error.reason)", path: file.path, offset: file.byteCount)
        } catch let error as BlockCodecError {
            throw TableFormatError("cannot write Parquet: \(error.description)", path: file.path, offset: file.byteCount)
        }
    }

    private func begin() throws {
        guard !hasBegun else { return }
        hasBegun = true
        try append(Self.mark)
    }

    private func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { try file.append(start, bytes.count) }
        }
    }

    /// Bytes that wait for the end of the row group.
    var bufferedBytes: Int { leaves.reduce(0) { $0 + $1.byteCount } }

    /// Writes what waits as a row group.
    func endRowGroup() throws {
        guard groupRows > 0 else { return }
        var group = ParquetRowGroupMetadata()
        try located {
            let written = try leaves.map { try $0.endChunk(to: file) }
            group.columns = written.map(\.chunk)
            pageIndexes.append(written.map(\.index))
            for (column, leaf) in leaves.enumerated() { try leaf.writeBloomFilter(of: &group.columns[column], to: file) }
        }
        group.rowCount = groupRows
        group.byteCount = group.columns.reduce(0) { $0 + $1.byteCount }
        group.compressedByteCount = group.columns.reduce(0) { $0 + $1.compressedByteCount }
        rowGroups.append(group)
        groupRows = 0
        try memory?.update(to: leaves.reduce(0) { $0 + $1.byteCount })
    }

    /// Writes the indexes of all pages: first what is in them, then where they are.
    private func writePageIndexes() throws {
        for (group, indexes) in pageIndexes.enumerated() {
            for (column, index) in indexes.enumerated() {
                guard let bytes = index.columnIndex?.encoded() else { continue }
                rowGroups[group].columns[column].columnIndexOffset = file.byteCount
                rowGroups[group].columns[column].columnIndexByteCount = bytes.count
                try append(bytes)
            }
        }
        for (group, indexes) in pageIndexes.enumerated() {
            for (column, index) in indexes.enumerated() {
                let bytes = ParquetOffsetIndex.encoded(index.pages)
                rowGroups[group].columns[column].offsetIndexOffset = file.byteCount
                rowGroups[group].columns[column].offsetIndexByteCount = bytes.count
                try append(bytes)
            }
        }
        pageIndexes = []
    }

    /// Writes what is left, the indexes and the footer, and closes the file.
    package func close() throws -> ParquetWriteResult {
        precondition(!isClosed, "the file is closed")
        try begin()
        try endRowGroup()
        try writePageIndexes()
        isClosed = true
        var metadata = ParquetFileMetadata()
        metadata.schema = elements
        metadata.rowCount = rowCount
        metadata.rowGroups = rowGroups
        metadata.keyValues = options.keyValues
        metadata.createdBy = Self.createdBy
        metadata.typeDefinedOrders = leaves.map { _ in true }
        let footer = metadata.encoded()
        try append(footer)
        try append((0..<4).map { UInt8(truncatingIfNeeded: footer.count >> (8 * $0)) } + Self.mark)
        let byteCount = file.byteCount
        try file.close()
        try? memory?.update(to: 0)
        return ParquetWriteResult(
            rowCount: rowCount, byteCount: byteCount, rowGroupCount: rowGroups.count,
            columns: zip(schema, columns).map(Self.summary))
    }

    private static func summary(_ column: SchemaColumn, _ node: NodeWriter) -> ParquetWriteResult.ColumnSummary {
        let minimum = ColumnBuilder(column.type)
        let maximum = ColumnBuilder(column.type)
        if !column.type.isComplex, let leaf = node.leaves.first {
            leaf.appendBounds(minimum: minimum, maximum: maximum)
        } else {
            minimum.appendNull()
            maximum.appendNull()
        }
        return ParquetWriteResult.ColumnSummary(
            minimum: minimum.finish(), maximum: maximum.finish(),
            nullCount: column.type.isComplex ? 0 : node.leaves.first?.totalNulls ?? 0)
    }

    /// Gives up: nothing more is written. What is there of the file is no Parquet file; whoever staged it removes it.
    package func abort() {
        isClosed = true
        try? file.close()
        try? memory?.update(to: 0)
    }
}

extension ParquetWriter: BatchFileWriter {
    func endPart() throws { try endRowGroup() }
    func finish() throws -> Int { try close().byteCount }
}

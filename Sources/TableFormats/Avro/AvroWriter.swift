import Columnar

package struct AvroWriteOptions: Sendable {
    package var codec = AvroCodec.null
    /// As the codec's own levels go; nil: its usual one.
    package var level: Int?
    /// A block ends when its rows have about so many bytes.
    package var blockSize = 64_000

    package init() {}
}

/// What a finished file holds.
package struct AvroWriteSummary: Sendable {
    package var rowCount: Int
    package var byteCount: Int
}

/// Writes batches as one Avro object container file. One worker's own.
package final class AvroWriter {
    private let file: OutputFile
    private let options: AvroWriteOptions
    private let codec: BlockCodec?
    private let columns: [AvroEncoding]
    private let encoder: AvroEncoder
    private let sync: [UInt8]
    private var blockRows = 0
    private var rowCount = 0

    /// - Parameters:
    ///   - columns: of the batches.
    ///   - schemaText: JSON of the record that rows are written as, a field a column: the table's own, or what
    ///     `AvroSchema.text(of:name:namespace:)` makes of the columns.
    /// - Throws: `TableFormatError` when the schema is none, or has no place for the columns' values.
    package init(
        columns: [SchemaColumn], schemaText: String, options: AvroWriteOptions = AvroWriteOptions(), to file: OutputFile
    ) throws {
        self.file = file
        self.options = options
        do {
            codec = try options.codec.blockCodec()
            let fields = try AvroSchema(Array(schemaText.utf8)).fields ?? []
            guard fields.count == columns.count else {
                throw AvroSchemaError(reason: "it has \(fields.count) fields, and the table \(columns.count) columns")
            }
            self.columns = try zip(fields, columns).map { try AvroEncoding($0.schema, $1.type, place: "column \($1.name)") }
        } catch { throw TableFormatError("\(error)", path: file.path) }
        encoder = AvroEncoder(buffer: ByteBuffer(capacity: 1 << 16), path: file.path)
        var random = SystemRandomNumberGenerator()
        sync = (0..<AvroFile.syncLength).map { _ in UInt8.random(in: 0...255, using: &random) }
        try writeHeader(schemaText)
    }

    private func writeHeader(_ schemaText: String) throws {
        let buffer = encoder.buffer
        buffer.append("Obj\u{1}")
        // Days before 1582 are those of the proleptic Gregorian calendar: Hive asks for this.
        let metadata = [
            ("avro.schema", schemaText), ("avro.codec", options.codec.rawValue), ("writer.proleptic", "true"),
            ("writer.time.zone", "UTC"),
        ]
        encoder.append(Int64(metadata.count))
        for (key, value) in metadata {
            for text in [key, value] {
                encoder.append(Int64(text.utf8.count))
                buffer.append(text)
            }
        }
        encoder.append(0)
        sync.withUnsafeBufferPointer { buffer.append($0) }
        try file.append(UnsafePointer(buffer.start), buffer.count)
        buffer.removeAll()
    }

    /// Bytes that wait for the end of the block.
    package var bufferedBytes: Int { encoder.buffer.count }

    /// Appends all rows of a batch in order.
    /// - Precondition: the batch has the schema's columns.
    package func write(_ batch: Batch) throws {
        try write(batch, batch.rowCount) { batch.rows[$0] }
    }

    /// Appends the rows with these ordinals of the batch's selection.
    package func write(_ batch: Batch, ordinals: UnsafePointer<Int32>, count: Int) throws {
        try write(batch, count) { batch.rows[Int(ordinals[$0])] }
    }

    @inline(__always)
    private func write(_ batch: Batch, _ count: Int, _ row: (Int) -> Int) throws {
        precondition(batch.columns.count == columns.count, "a batch must have the file's columns")
        for index in 0..<count {
            let row = row(index)
            for (column, encoding) in zip(batch.columns, columns) { try encoder.append(column, row: row, encoding) }
            blockRows += 1
            if encoder.buffer.count >= options.blockSize { try endBlock() }
        }
    }

    /// Writes the rows that wait as a block.
    package func endBlock() throws {
        guard blockRows > 0 else { return }
        let rows = UnsafeRawBufferPointer(encoder.buffer.bytes)
        let head = AvroEncoder(buffer: ByteBuffer(capacity: 64), path: file.path)
        head.append(Int64(blockRows))
        if let codec {
            var block: [UInt8]
            do { block = try codec.compress(rows, level: options.level) } catch let error as BlockCodecError {
                throw TableFormatError("\(error)", path: file.path, offset: file.byteCount)
            }
            if options.codec == .snappy {
                withUnsafeBytes(of: AvroCodec.checksum(rows).bigEndian) { block.append(contentsOf: $0) }
            }
            head.append(Int64(block.count))
            try file.append(UnsafePointer(head.buffer.start), head.buffer.count)
            try block.withUnsafeBufferPointer { try file.append($0.address, $0.count) }
        } else {
            head.append(Int64(rows.count))
            try file.append(UnsafePointer(head.buffer.start), head.buffer.count)
            try file.append(UnsafePointer(encoder.buffer.start), rows.count)
        }
        try sync.withUnsafeBufferPointer { try file.append($0.address, $0.count) }
        encoder.buffer.removeAll()
        rowCount += blockRows
        blockRows = 0
    }

    /// Writes what is left, and closes the file.
    package func close() throws -> AvroWriteSummary {
        try endBlock()
        try file.close()
        return AvroWriteSummary(rowCount: rowCount, byteCount: file.byteCount)
    }

    /// Forgets what waits. What was written of the file stays until it is removed.
    package func abort() {
        encoder.buffer.removeAll()
        blockRows = 0
    }
}

extension AvroWriter: BatchFileWriter {
    func endPart() throws { try endBlock() }
    func finish() throws -> Int { try close().byteCount }
}

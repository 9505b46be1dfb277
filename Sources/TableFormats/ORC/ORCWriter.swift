import Columnar

/// What a finished file holds.
package struct ORCWriteSummary: Sendable {
    package var rowCount: Int
    package var byteCount: Int
    /// One a column of the schema. Bounds of strings are whole; doubles with a NaN among them have none.
    package var columns: [ORCColumnStatistics]
}

/// Writes batches as one ORC file of version 0.12. One worker's own.
///
/// A stripe is written when it has about `stripeSize` bytes. Before `close` the file is none: who gives up calls `abort`
/// and removes it.
package final class ORCWriter {
    private let file: OutputFile
    private let schema: [SchemaColumn]
    private let options: ORCWriteOptions
    private let compressor: ORCCompressor?
    private let rows: ORCStructureWriter
    private var stripes: [ORCStripe] = []
    private var metadata = ProtobufWriter()
    private var rowCount = 0
    private var stripeRows = 0
    private var groupRows = 0
    private var isGroupOpen = false
    private let ordinals = ORCElementList()

    /// Rows of a group where there is no index: encoders end their runs there.
    private var groupSize: Int { options.rowIndexStride > 0 ? options.rowIndexStride : 10_000 }

    /// - Throws: `TableFormatError` for a type that ORC has not, and a compression that cannot be written.
    package init(schema: [SchemaColumn], options: ORCWriteOptions = ORCWriteOptions(), to file: OutputFile) throws {
        self.file = file
        self.schema = schema
        self.options = options
        compressor = try ORCCompressor(options, path: file.path)
        var factory = ORCColumnWriterFactory(
            compressor: compressor, dictionaryThreshold: options.dictionaryThreshold,
            bloomFilters: options.rowIndexStride > 0 ? options.bloomFilters : ORCBloomFilterOptions(),
            rowIndexStride: options.rowIndexStride, path: file.path)
        let type = SQLType.structure(schema.map { StructField(name: $0.name, type: $0.type) })
        rows = try factory.rowWriter(type)
        try append(Array("ORC".utf8))
    }

    /// Bytes that wait for the end of the stripe.
    package var bufferedBytes: Int { rows.stripeBytes }

    /// Appends all rows of a batch in order.
    /// - Precondition: the batch has the schema's columns.
    package func write(_ batch: Batch) throws {
        try write(batch, batch.rowCount) { batch.rows[$0] }
    }

    /// Appends the rows with these ordinals of the batch's selection.
    package func write(_ batch: Batch, ordinals: UnsafePointer<Int32>, count: Int) throws {
        try write(batch, count) { batch.rows[Int(ordinals[$0])] }
    }

    private func write(_ batch: Batch, _ count: Int, _ row: (Int) -> Int) throws {
        precondition(batch.columns.count == schema.count, "a batch must have the file's columns")
        var done = 0
        while done < count {
            if !isGroupOpen {
                rows.beginGroup()
                isGroupOpen = true
            }
            let piece = min(count - done, groupSize - groupRows)
            let selected = ordinals.fill(piece) { target in
                for index in 0..<piece { target[index] = row(done + index) }
                return piece
            }
            try rows.writeRows(batch.columns, selected)
            done += piece
            groupRows += piece
            stripeRows += piece
            rowCount += piece
            if groupRows == groupSize { try endGroup() }
            if stripeRows & 1023 < piece, rows.stripeBytes >= options.stripeSize { try endStripe() }
        }
    }

    private func endGroup() throws {
        guard isGroupOpen else { return }
        try rows.endGroup()
        isGroupOpen = false
        groupRows = 0
    }

    // MARK: Stripes

    /// Writes what waits as a stripe.
    func endStripe() throws {
        try endGroup()
        guard stripeRows > 0 else { return }
        var builder = ORCStripeBuilder()
        try rows.finishStripe(&builder)
        var stripe = ORCStripe(offset: file.byteCount, rowCount: stripeRows)
        var footer = ProtobufWriter()
        func stream(_ kind: ORCStripeFooter.StreamKind, _ column: Int, _ length: Int) {
            footer.message(1) {
                $0.count(1, kind.rawValue)
                $0.count(2, column)
                $0.count(3, length)
            }
        }
        if options.rowIndexStride > 0 {
            for index in builder.indexes {
                let length = try appendPart(index.message)
                stream(.rowIndex, index.column, length)
                stripe.indexLength += length
                guard let filters = index.bloomFilters else { continue }
                let filterLength = try appendPart(filters)
                stream(.bloomFilterUTF8, index.column, filterLength)
                stripe.indexLength += filterLength
            }
        }
        for data in builder.streams {
            try file.append(UnsafePointer(data.bytes.start), data.bytes.count)
            stream(data.kind, data.column, data.bytes.count)
            stripe.dataLength += data.bytes.count
        }
        for (encoding, index) in zip(builder.encodings, builder.indexes) {
            footer.message(2) {
                $0.count(1, encoding.kind.rawValue)
                if encoding.isDictionary { $0.count(2, encoding.dictionarySize) }
                // Filters hash UTF-8, and times in UTC.
                if index.bloomFilters != nil { $0.count(3, 1) }
            }
        }
        footer.string(3, "UTC")
        stripe.footerLength = try appendPart(footer.bytes)
        metadata.bytes(1, builder.statistics.bytes)
        stripes.append(stripe)
        stripeRows = 0
        rows.beginStripe()
    }

    private func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { try file.append(start, bytes.count) }
        }
    }

    /// Appends a part that is compressed by itself, and returns how long it became.
    private func appendPart(_ bytes: [UInt8]) throws -> Int {
        guard let compressor else {
            try append(bytes)
            return bytes.count
        }
        let blocks = try compressor.blocks(of: bytes)
        try file.append(UnsafePointer(blocks.start), blocks.count)
        return blocks.count
    }

    // MARK: End

    /// Writes what is left and the tail, and closes the file.
    package func close() throws -> ORCWriteSummary {
        try endStripe()
        let contentLength = file.byteCount
        let metadataLength = metadata.bytes.isEmpty ? 0 : try appendPart(metadata.bytes)
        let footerLength = try appendPart(footer(contentLength: contentLength).bytes)
        var postscript = ProtobufWriter()
        postscript.count(1, footerLength)
        postscript.count(2, options.compression.rawValue)
        if let compressor { postscript.count(3, compressor.blockSize) }
        postscript.packed(4, [0, 12])
        postscript.count(5, metadataLength)
        // The version in which statistics of timestamps count in UTC.
        postscript.count(6, 6)
        postscript.string(8000, "ORC")
        try append(postscript.bytes + [UInt8(postscript.bytes.count)])
        try file.close()
        return ORCWriteSummary(
            rowCount: rowCount, byteCount: file.byteCount,
            columns: rows.children.map { ORCColumnStatistics(written: $0.fileStatistics) })
    }

    /// Forgets what waits. What was written of the file stays until it is removed.
    package func abort() { rows.beginStripe() }

    private func footer(contentLength: Int) -> ProtobufWriter {
        var footer = ProtobufWriter()
        footer.count(1, 3)
        footer.count(2, contentLength)
        for stripe in stripes {
            footer.message(3) {
                $0.count(1, stripe.offset)
                $0.count(2, stripe.indexLength)
                $0.count(3, stripe.dataLength)
                $0.count(4, stripe.footerLength)
                $0.count(5, stripe.rowCount)
            }
        }
        for writer in rows.preOrder { footer.message(4) { ORCTypeEncoding.encode(writer, to: &$0) } }
        for (name, value) in options.userMetadata.sorted(by: { $0.key < $1.key }) {
            footer.message(5) {
                $0.string(1, name)
                $0.bytes(2, value)
            }
        }
        footer.count(6, rowCount)
        for writer in rows.preOrder { footer.message(7) { writer.fileStatistics.encode(writer.type, to: &$0) } }
        footer.count(8, options.rowIndexStride)
        // Days before 1582 are those of the proleptic Gregorian calendar.
        footer.count(11, 2)
        footer.string(12, "hiveql")
        return footer
    }
}

extension ORCColumnStatistics {
    /// What a writer knows of its column.
    init(written builder: ORCStatisticsBuilder) {
        valueCount = builder.valueCount
        hasNull = builder.hasNull
        nullCount = builder.nullCount
        if !builder.hasNaN { (minimum, maximum) = (builder.minimum, builder.maximum) }
    }
}

extension ORCWriter: BatchFileWriter {
    func endPart() throws { try endStripe() }
    func finish() throws -> Int { try close().byteCount }
}

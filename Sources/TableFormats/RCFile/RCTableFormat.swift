import Columnar

/// RCFILE: a morsel is a range of bytes.
final class RCTableFormat: TableFormat {
    private let serde: RCSerDe
    private let options: RCWriteOptions

    init(_ storage: TableStorage) throws {
        if storage.serde.hasSuffix("LazyBinaryColumnarSerDe") {
            serde = .binary
        } else if storage.serde.hasSuffix("ColumnarSerDe") {
            serde = .text(try TextFormat(storage))
        } else {
            throw UnsupportedTableFormat(name: "RCFILE with SerDe \(storage.serde)")
        }
        options = try RCWriteOptions(storage)
    }

    func splits(of files: [ScanFile], for request: ScanRequest, splitBytes: Int) throws -> FileSplits {
        var result = FileSplits()
        for file in files where file.byteCount > 0 {
            let opened = try RCFile(file, memory: request.makeMemory?("the header of an RCFile"))
            result.splits += ByteRangeSplit.splits(of: file, opened: opened, splitBytes: splitBytes)
        }
        return result
    }

    func makeReader(_ request: ScanRequest) throws -> any SplitReader { RCSplitReader(request, serde) }

    func makeWriter(schema: [SchemaColumn]) throws -> any TableFileWriter {
        try RCTableWriter(schema: schema, serde: serde, options: options)
    }
}

/// How the bytes of a field become a value.
enum RCSerDe: Sendable {
    /// `ColumnarSerDe`: text as in a line of `LazySimpleSerDe`.
    case text(TextFormat)
    /// `LazyBinaryColumnarSerDe`
    case binary

    /// What a STRING without characters is written as, so that it is no NULL: a byte that no UTF-8 begins with.
    static let emptyString: UInt8 = 0xBF
}

extension RCWriteOptions {
    /// As the session has it.
    /// - Throws: `TableFormatError` for a codec that is unknown.
    init(_ storage: TableStorage) throws {
        self.init()
        if let size = storage.option("hive.io.rcfile.record.buffer.size").flatMap({ Int($0) }), size > 0 { groupSize = size }
        if let rows = storage.option("hive.io.rcfile.record.interval").flatMap({ Int($0) }), rows > 0 { groupRows = rows }
        guard storage.option("hive.exec.compress.output")?.lowercased() == "true" else { return }
        let name = storage.option(
            "mapreduce.output.fileoutputformat.compress.codec", settings: ["mapred.output.compression.codec"])
        codecClass = name ?? HadoopCodec.zlib.className
        if let name { _ = try HadoopCodec.blockKind(ofClass: name, path: "") }
    }
}

/// Reads the columns of a row group when they are first needed: those of the filter, and the others only when it selects a row.
private final class RCSplitReader: SplitReader {
    private let request: ScanRequest
    private let serde: RCSerDe
    private let columns: StoredColumns
    private let spans: FieldSpans
    private let hasUsualNull: Bool
    private let capacity: Int
    private(set) var statistics = ScanStatistics()

    init(_ request: ScanRequest, _ serde: RCSerDe) {
        self.request = request
        self.serde = serde
        columns = StoredColumns(request)
        capacity = max(request.batchCapacity, 1)
        spans = FieldSpans()
        spans.reserve(capacity)
        if case .text(let format) = serde { hasUsualNull = format.nullSequence == Array(#"\N"#.utf8) } else { hasUsualNull = false }
    }

    func scan(_ split: any FileSplit, isCancelled: () -> Bool, emit: (Batch) throws -> Void) throws {
        guard let split = split as? ByteRangeSplit<RCFile> else {
            throw TableFormatError("a split of another format than RCFile", path: split.file.path)
        }
        statistics.byteCount += split.byteCount
        let reader = try RCFileReader(
            split.opened, range: split.range, memory: request.makeMemory?("row groups of an RCFile"))
        let decoder = reader.makeDecoder()
        var position = 0
        while !isCancelled(), try reader.next() {
            decoder.offset = reader.offset
            statistics.rowCount += reader.rowCount
            var row = 0
            while row < reader.rowCount, !isCancelled() {
                let count = min(capacity, reader.rowCount - row)
                reader.beginBatch()
                let first = row
                let batch = try columns.batch(count: count, position: position, offset: { _ in reader.offset }) { ordinals, rows in
                    try ordinals.map {
                        try self.column($0, reader, decoder, first: first, count: count, rows: rows, split.opened)
                    }
                }
                if let batch {
                    statistics.selectedRowCount += batch.rowCount
                    try emit(batch)
                }
                row += count
                position += 1
            }
        }
    }

    private func column(
        _ ordinal: Int, _ reader: RCFileReader, _ decoder: LazyBinaryDecoder, first: Int, count: Int, rows: RowSelection,
        _ file: RCFile
    ) throws -> Column {
        let type = request.storedSchema[ordinal].type
        guard ordinal < file.columnCount else { return Column.nulls(type, count: count).flattened(.all(count)) }
        let stored = try reader.column(ordinal)
        guard stored.locate(count, from: first, in: spans) else {
            throw reader.damaged("the lengths of column \(ordinal) do not fit to its values")
        }
        switch serde {
        case .text(let format):
            if !hasUsualNull || type.physical == .string || type.physical == .boolean || type.isComplex {
                spans.markNulls(format.nullSequence, in: stored.values.bytes, rows: rows)
            }
            let column = FieldParser(
                format: format, text: stored.values.bytes, starts: spans.starts, lengths: spans.lengths, rows: rows,
                count: count, mayBeEscaped: format.escape != nil
            ).column(of: type)
            // Strings point into the group's bytes.
            let heap = column.heap ?? StringHeap()
            heap.retain(stored.values)
            column.heap = heap
            return column
        case .binary:
            do { return try binary(stored, type, decoder, count: count, rows: rows) } catch let damage as LazyBinaryDamage {
                throw reader.damaged("column \(ordinal): \(damage.reason)")
            }
        }
    }

    /// A field without bytes is NULL.
    private func binary(
        _ stored: RCColumn, _ type: SQLType, _ decoder: LazyBinaryDecoder, count: Int, rows: RowSelection
    ) throws -> Column {
        let builder = ColumnBuilder(type, capacity: count)
        let bytes = UnsafePointer(stored.values.bytes)
        let starts = spans.starts
        let lengths = spans.lengths
        let isString = type == .string
        var next = 0
        try rows.forEach { row in
            while next < row {
                builder.appendNull()
                next += 1
            }
            next += 1
            let start = Int(starts[row])
            let length = Int(lengths[row])
            if length == 0 {
                builder.appendNull()
            } else if isString, length == 1, bytes[start] == RCSerDe.emptyString {
                builder.append(StringView())
            } else {
                try decoder.appendWhole(LazyBinaryDecoder.Cursor(start: bytes, at: start, end: start + length), to: builder)
            }
        }
        while next < count {
            builder.appendNull()
            next += 1
        }
        return builder.finish()
    }
}

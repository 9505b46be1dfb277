import Columnar

/// Reads records as rows.
final class SequenceSplitReader: SplitReader {
    private let request: ScanRequest
    private let columns: StoredColumns
    private let serde: SequenceSerDe
    private(set) var statistics = ScanStatistics()

    init(_ request: ScanRequest, _ serde: SequenceSerDe) {
        self.request = request
        self.serde = serde
        columns = StoredColumns(request)
    }

    func scan(_ split: any FileSplit, isCancelled: () -> Bool, emit: (Batch) throws -> Void) throws {
        guard let split = split as? ByteRangeSplit<SequenceFile> else {
            throw TableFormatError("a split of another format than a sequence file", path: split.file.path)
        }
        statistics.byteCount += split.byteCount
        let memory = request.makeMemory?("records of a sequence file")
        let reader = try SequenceReader(split.opened, range: split.range, memory: memory)
        let capacity = max(request.batchCapacity, 1)
        if request.columns.isEmpty, request.filter == nil {
            return try emitCount(reader.countRows(), capacity, isCancelled: isCancelled, emit: emit)
        }
        let records = reader.makeBuffer(capacity: capacity)
        let rows: any RecordDeserializer =
            switch serde {
            case .text(_, let serde):
                TextRecords(
                    try serde.makeDeserializer(schema: request.storedSchema, fields: request.storedFields),
                    path: split.file.path,
                    lines: TextLines(
                        capacity: capacity, memory: ScanMemoryUse(request.makeMemory?("fields of a sequence file"))))
            case .binary: LazyBinaryRecords(schema: request.storedSchema, reader: reader, path: split.file.path)
            }
        var position = 0
        while !isCancelled(), try reader.fill(records) {
            let offset = reader.offset
            statistics.rowCount += records.count
            try rows.take(records, offset: offset)
            let batch = try columns.batch(count: records.count, position: position, offset: { _ in offset }) {
                try rows.columns($0, rows: $1)
            }
            if let batch {
                statistics.selectedRowCount += batch.rowCount
                try emit(batch)
            }
            position += 1
        }
    }

    private func emitCount(
        _ count: Int, _ capacity: Int, isCancelled: () -> Bool, emit: (Batch) throws -> Void
    ) throws {
        statistics.rowCount += count
        statistics.selectedRowCount += count
        var left = count
        var position = 0
        while left > 0, !isCancelled() {
            let size = min(left, capacity)
            try emit(Batch(columns: [], capacity: size, sequence: BatchSequence(morsel: 0, position: position)))
            position += 1
            left -= size
        }
    }
}

/// Makes columns of records.
private protocol RecordDeserializer: AnyObject {
    /// Takes the records whose columns are asked for next; they stay until then.
    /// - Parameter offset: in the file.
    func take(_ records: RecordBuffer, offset: Int) throws

    /// The columns with these ordinals in the files' schema, for the selected rows at least.
    func columns(_ ordinals: [Int], rows: RowSelection) throws -> [Column]
}

/// What a SerDe of lines reads.
private final class TextRecords: RecordDeserializer {
    private let deserializer: any LineDeserializer
    private let lines: TextLines
    private let path: String
    private var batch: LineBatch?

    init(_ deserializer: any LineDeserializer, path: String, lines: TextLines) {
        self.deserializer = deserializer
        self.lines = lines
        self.path = path
    }

    func take(_ records: RecordBuffer, offset: Int) throws {
        try lines.take(records, structure: deserializer.structure, path: path, offset: offset)
        batch = LineBatch(lines, text: records.bytes, path: path, offset: offset)
    }

    func columns(_ ordinals: [Int], rows: RowSelection) throws -> [Column] {
        guard let batch else { return [] }
        return try deserializer.columns(ordinals, of: batch, rows: rows)
    }
}

/// `LazyBinarySerDe`: all fields of a row one behind the other.
private final class LazyBinaryRecords: RecordDeserializer {
    private let schema: [SchemaColumn]
    private let decoder: LazyBinaryDecoder
    private let reader: SequenceReader
    private let path: String
    private var made: [Column] = []

    init(schema: [SchemaColumn], reader: SequenceReader, path: String) {
        self.schema = schema
        self.reader = reader
        self.path = path
        decoder = reader.makeDecoder()
    }

    /// A field can only be found behind those before it: all are read.
    func take(_ records: RecordBuffer, offset: Int) throws {
        reader.beginBatch()
        decoder.offset = offset
        let builders = schema.map { ColumnBuilder($0.type, capacity: records.count) }
        for record in 0..<records.count {
            var cursor = LazyBinaryDecoder.Cursor(
                start: records.bytes, at: Int(records.starts[record]), end: Int(records.ends[record]))
            do { try decoder.appendFields(&cursor, to: builders) } catch let damage as LazyBinaryDamage {
                throw TableFormatError("damaged sequence file: \(damage.reason)", path: path, offset: offset)
            }
        }
        made = builders.map { $0.finish() }
    }

    func columns(_ ordinals: [Int], rows: RowSelection) -> [Column] { ordinals.map { made[$0] } }
}

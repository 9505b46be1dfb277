import Columnar

/// Writes rows as the SerDe does, a record each.
final class SequenceTableWriter: TableFileWriter {
    private let columnCount: Int
    private let serde: SequenceSerDe
    /// Text of columns, where that is what is written.
    private let texts: [TextFieldWriter]
    private let options: SequenceWriteOptions
    private let record = ByteBuffer()
    private var fields: [UnsafePointer<StringView>] = []
    private var batch: Batch?

    /// - Throws: `TableFormatError` for types that cannot be written.
    init(schema: [SchemaColumn], serde: SequenceSerDe, options: SequenceWriteOptions) throws {
        columnCount = schema.count
        self.serde = serde
        self.options = options
        switch serde {
        case .text(let format, let serde):
            guard serde is LazySimpleSerDe else {
                throw TableFormatError("sequence files with this SerDe can be read, and not written", path: "")
            }
            texts = schema.map { TextFieldWriter(type: $0.type, format: format) }
        case .binary:
            texts = []
            if let column = schema.first(where: { !LazyBinaryEncoder.canWrite($0.type) }) {
                throw TableFormatError("column \(column.name) of type \(column.type) cannot be written as SEQUENCEFILE", path: "")
            }
        }
    }

    func open(_ file: OutputFile) throws -> any TableFile {
        SequenceTableFile(self, file, try SequenceWriter(options: options, to: file))
    }

    func begin(_ batch: Batch) {
        precondition(batch.columns.count == columnCount, "a batch must have the file's columns")
        self.batch = batch
        fields = zip(texts, batch.columns).map { $0.fields(of: $1, rows: batch.rows) }
    }

    /// Appends the rows with these ordinals of the batch's selection; all for nil.
    func append(_ ordinals: UnsafeBufferPointer<Int32>?, to writer: SequenceWriter) throws {
        guard let batch else { return }
        for index in 0..<(ordinals?.count ?? batch.rowCount) {
            let ordinal = ordinals.map { Int($0[index]) } ?? index
            record.removeAll()
            switch serde {
            case .text(let format, _):
                for (column, values) in fields.enumerated() {
                    if column > 0 { record.append(format.fieldDelimiter) }
                    record.append(values[ordinal])
                }
            case .binary: LazyBinaryEncoder(buffer: record).appendFields(batch.columns, row: batch.rows[ordinal])
            }
            try writer.append(record.bytes)
        }
    }
}

private final class SequenceTableFile: TableFile {
    private let owner: SequenceTableWriter
    private let file: OutputFile
    private let writer: SequenceWriter

    init(_ owner: SequenceTableWriter, _ file: OutputFile, _ writer: SequenceWriter) {
        self.owner = owner
        self.file = file
        self.writer = writer
    }

    var path: String { file.path }
    var bufferedBytes: Int { writer.bufferedBytes }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?) throws { try owner.append(ordinals, to: writer) }

    func flush() throws { try writer.endBlock() }

    func close() throws -> WrittenTableFile { WrittenTableFile(byteCount: try writer.close()) }
}

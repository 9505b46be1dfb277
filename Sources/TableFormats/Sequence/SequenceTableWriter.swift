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
        let writer = try SequenceWriter(options: options, to: file)
        return BufferedTableFile(file.path, writer) { [self] in try append($0, to: writer) }
    }

    func begin(_ batch: Batch) {
        precondition(batch.columns.count == columnCount, "a batch must have the file's columns")
        self.batch = batch
        fields = zip(texts, batch.columns).map { $0.fields(of: $1, rows: batch.rows) }
    }

    /// Appends the rows with these ordinals of the batch's selection; all for nil.
    private func append(_ ordinals: UnsafeBufferPointer<Int32>?, to writer: SequenceWriter) throws {
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

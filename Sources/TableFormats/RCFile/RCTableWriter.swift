import Columnar

final class RCTableWriter: TableFileWriter {
    private let schema: [SchemaColumn]
    private let serde: RCSerDe
    private let options: RCWriteOptions
    /// Text of columns, where that is what is written.
    private let texts: [TextFieldWriter]
    private var fields: [UnsafePointer<StringView>] = []
    private var batch: Batch?

    /// - Throws: `TableFormatError` for types that cannot be written.
    init(schema: [SchemaColumn], serde: RCSerDe, options: RCWriteOptions) throws {
        self.schema = schema
        self.serde = serde
        self.options = options
        switch serde {
        case .text(let format): texts = schema.map { TextFieldWriter(type: $0.type, format: format) }
        case .binary:
            texts = []
            if let column = schema.first(where: { !LazyBinaryEncoder.canWrite($0.type) }) {
                throw TableFormatError("column \(column.name) of type \(column.type) cannot be written as RCFILE", path: "")
            }
        }
    }

    func open(_ file: OutputFile) throws -> any TableFile {
        let writer = try RCFileWriter(columnCount: schema.count, options: options, to: file)
        return BufferedTableFile(file.path, writer) { [self] in try append($0, to: writer, path: file.path) }
    }

    func begin(_ batch: Batch) {
        precondition(batch.columns.count == schema.count, "a batch must have the file's columns")
        self.batch = batch
        fields = zip(texts, batch.columns).map { $0.fields(of: $1, rows: batch.rows) }
    }

    /// Appends the rows with these ordinals of the batch's selection; all for nil.
    private func append(_ ordinals: UnsafeBufferPointer<Int32>?, to writer: RCFileWriter, path: String) throws {
        guard let batch else { return }
        for index in 0..<(ordinals?.count ?? batch.rowCount) {
            let ordinal = ordinals.map { Int($0[index]) } ?? index
            switch serde {
            case .text:
                for (column, values) in fields.enumerated() {
                    let buffer = writer.buffer(column)
                    let start = buffer.count
                    buffer.append(values[ordinal])
                    writer.endField(column, from: start)
                }
            case .binary:
                let row = batch.rows[ordinal]
                for (number, column) in batch.columns.enumerated() {
                    let buffer = writer.buffer(number)
                    let start = buffer.count
                    if !column.isNull(row) {
                        LazyBinaryEncoder(buffer: buffer).append(column, row: row, isWhole: true)
                        // A NULL has no bytes; of a VARCHAR without characters Hive makes a NULL too.
                        if buffer.count == start {
                            switch schema[number].type {
                            case .string: buffer.append(RCSerDe.emptyString)
                            case .binary:
                                throw TableFormatError(
                                    "LazyBinaryColumnarSerde cannot serialize a non-null zero length binary field. Consider "
                                        + "using either LazyBinarySerde or ColumnarSerde", path: path)
                            default: break
                            }
                        }
                    }
                    writer.endField(number, from: start)
                }
            }
            try writer.endRow()
        }
    }
}

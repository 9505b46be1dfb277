import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes batches as lines of text files, byte for byte as Hive's SerDes do. One worker's own; it writes any number of files
/// of one schema, since a batch's values become text once, whatever files its rows go to.
package final class TextWriter: TableFileWriter {
    private let serializer: any LineSerializer
    private let makeStages: () throws -> TextStages?

    /// - Parameter makeStages: made for each file.
    init(_ serializer: any LineSerializer, makeStages: @escaping () throws -> TextStages? = { nil }) {
        self.serializer = serializer
        self.makeStages = makeStages
    }

    /// Writes what `LazySimpleSerDe` writes.
    package convenience init(schema: [SchemaColumn], format: TextFormat) {
        self.init(DelimitedSerializer(schema: schema, format: format, delimiter: [format.fieldDelimiter]))
    }

    /// Appends all rows of a batch in order.
    /// - Precondition: the batch has the schema's columns.
    package func write(_ batch: Batch, to file: OutputFile) throws {
        try serializer.begin(batch)
        try serializer.append(nil, to: TextOutput(file))
    }

    package func begin(_ batch: Batch) throws { try serializer.begin(batch) }

    package func open(_ file: OutputFile) throws -> any TableFile {
        do { return TextTableFile(serializer, TextOutput(file, stages: try makeStages())) } catch let error as BlockCodecError {
            throw TableFormatError(error.description, path: file.path)
        }
    }
}

/// One file of lines.
private final class TextTableFile: TableFile {
    private let serializer: any LineSerializer
    private let output: TextOutput

    init(_ serializer: any LineSerializer, _ output: TextOutput) {
        self.serializer = serializer
        self.output = output
    }

    var path: String { output.path }
    var bufferedBytes: Int { output.bufferedBytes }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?) throws { try serializer.append(ordinals, to: output) }

    func flush() throws { try output.flush() }

    func close() throws -> WrittenTableFile { try output.close() }
}

/// Lines of fields with a delimiter between them.
final class DelimitedSerializer: LineSerializer {
    private let delimiter: [UInt8]
    private let columns: [TextFieldWriter]
    /// Of the batch being written: each column's fields.
    private let fields: UnsafeMutablePointer<UnsafePointer<StringView>>
    private var rowCount = 0

    /// - Parameter delimiter: one byte or more between fields.
    init(schema: [SchemaColumn], format: TextFormat, delimiter: [UInt8]) {
        self.delimiter = delimiter
        columns = schema.map { TextFieldWriter(type: $0.type, format: format) }
        fields = .allocate(capacity: max(schema.count, 1))
    }

    deinit { fields.deallocate() }

    func begin(_ batch: Batch) {
        precondition(batch.columns.count == columns.count, "a batch must have the file's columns")
        for (index, column) in batch.columns.enumerated() {
            fields[index] = columns[index].fields(of: column, rows: batch.rows)
        }
        rowCount = batch.rowCount
    }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?, to output: TextOutput) throws {
        try delimiter.withUnsafeBufferPointer { delimiter in
            guard let ordinals else { return try appendLines(rowCount, delimiter, to: output) { $0 } }
            try appendLines(ordinals.count, delimiter, to: output) { Int(ordinals[$0]) }
        }
    }

    @inline(__always)
    private func appendLines(
        _ count: Int, _ delimiter: UnsafeBufferPointer<UInt8>, to output: TextOutput, _ ordinal: (Int) -> Int
    ) throws {
        guard let first = delimiter.first else { return }
        let fields = fields
        let columnCount = columns.count
        let width = delimiter.count
        for index in 0..<count {
            let row = ordinal(index)
            // The delimiters and the line's end.
            var size = columnCount &* width
            for column in 0..<columnCount { size &+= Int(fields[column][row].length) }
            guard let place = try output.room(max(size, 1)) else {
                try appendLongLine(row, delimiter, to: output)
                continue
            }
            var used = 0
            for column in 0..<columnCount {
                let field = fields[column][row]
                let length = Int(field.length)
                if column > 0 {
                    place[used] = first
                    used &+= 1
                    for byte in 1..<max(width, 1) {
                        place[used] = delimiter[byte]
                        used &+= 1
                    }
                }
                memcpy(place + used, field.pointer, length)
                used &+= length
            }
            place[used] = 0x0A
            output.advance(used &+ 1)
        }
    }

    /// A line that no buffer takes.
    private func appendLongLine(_ row: Int, _ delimiter: UnsafeBufferPointer<UInt8>, to output: TextOutput) throws {
        for column in 0..<columns.count {
            if column > 0, let bytes = delimiter.baseAddress { try output.append(bytes, delimiter.count) }
            let field = fields[column][row]
            try output.append(field.pointer, Int(field.length))
        }
        var end: UInt8 = 0x0A
        try output.append(&end, 1)
    }
}

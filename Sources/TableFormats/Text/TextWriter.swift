import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes batches as lines of text files, byte for byte as `LazySimpleSerDe` does. One worker's own; it writes any
/// number of files of one schema, since a batch's values become text once, whatever files its rows go to.
package final class TextWriter: TableFileWriter {
    private let format: TextFormat
    private let columns: [TextFieldWriter]
    /// Of the batch being written: each column's fields.
    private let fields: UnsafeMutablePointer<UnsafePointer<StringView>>
    private var rowCount = 0

    package init(schema: [SchemaColumn], format: TextFormat) {
        self.format = format
        columns = schema.map { TextFieldWriter(type: $0.type, format: format) }
        fields = .allocate(capacity: max(schema.count, 1))
    }

    deinit { fields.deallocate() }

    /// Appends all rows of a batch in order.
    /// - Precondition: the batch has the schema's columns.
    package func write(_ batch: Batch, to file: OutputFile) throws {
        begin(batch)
        try appendLines(rowCount, to: file) { $0 }
    }

    /// Makes text of a batch's values.
    package func begin(_ batch: Batch) {
        precondition(batch.columns.count == columns.count, "a batch must have the file's columns")
        for (index, column) in batch.columns.enumerated() {
            fields[index] = columns[index].fields(of: column, rows: batch.rows)
        }
        rowCount = batch.rowCount
    }

    package func open(_ file: OutputFile) -> any TableFile { TextTableFile(self, file) }

    /// Appends the rows with these ordinals of the batch's selection; all for nil.
    fileprivate func append(_ ordinals: UnsafeBufferPointer<Int32>?, to file: OutputFile) throws {
        guard let ordinals else { return try appendLines(rowCount, to: file) { $0 } }
        try appendLines(ordinals.count, to: file) { Int(ordinals[$0]) }
    }

    @inline(__always)
    private func appendLines(_ count: Int, to file: OutputFile, _ ordinal: (Int) -> Int) throws {
        let fields = fields
        let columnCount = columns.count
        let delimiter = format.fieldDelimiter
        for index in 0..<count {
            let row = ordinal(index)
            // The delimiters and the line's end.
            var size = columnCount
            for column in 0..<columnCount { size &+= Int(fields[column][row].length) }
            guard let place = try file.room(max(size, 1)) else {
                try appendLongLine(row, to: file)
                continue
            }
            var used = 0
            for column in 0..<columnCount {
                let field = fields[column][row]
                let length = Int(field.length)
                if column > 0 {
                    place[used] = delimiter
                    used &+= 1
                }
                memcpy(place + used, field.pointer, length)
                used &+= length
            }
            place[used] = 0x0A
            file.advance(used &+ 1)
        }
    }

    /// A line that no buffer takes.
    private func appendLongLine(_ row: Int, to file: OutputFile) throws {
        var delimiter = format.fieldDelimiter
        for column in 0..<columns.count {
            if column > 0 { try file.append(&delimiter, 1) }
            let field = fields[column][row]
            try file.append(field.pointer, Int(field.length))
        }
        var end: UInt8 = 0x0A
        try file.append(&end, 1)
    }
}

/// One file of lines.
private final class TextTableFile: TableFile {
    private let writer: TextWriter
    private let file: OutputFile

    init(_ writer: TextWriter, _ file: OutputFile) {
        self.writer = writer
        self.file = file
    }

    var path: String { file.path }
    var bufferedBytes: Int { 0 }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?) throws { try writer.append(ordinals, to: file) }

    func flush() {}

    func close() throws -> WrittenTableFile {
        try file.close()
        return WrittenTableFile(byteCount: file.byteCount)
    }
}

import Columnar

/// Lines that are made row by row, column by column.
class RowSerializer: LineSerializer {
    let schema: [SchemaColumn]
    private let buffer = ByteBuffer()
    private var columns: [Column] = []
    private var rows = RowSelection.all(0)
    private static let flushSize = 48 << 10

    init(schema: [SchemaColumn]) { self.schema = schema }

    /// Appends the line of a row without its end.
    /// - Parameter columns: flat or constant.
    func appendLine(_ columns: [Column], row: Int, to buffer: ByteBuffer) throws {}

    func begin(_ batch: Batch) throws {
        precondition(batch.columns.count == schema.count, "a batch must have the file's columns")
        columns = batch.columns.map { $0.decoded(batch.rows) }
        rows = batch.rows
    }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?, to output: TextOutput) throws {
        let count = ordinals?.count ?? rows.count
        buffer.removeAll()
        for index in 0..<count {
            try appendLine(columns, row: rows[ordinals.map { Int($0[index]) } ?? index], to: buffer)
            buffer.append(UInt8(ascii: "\n"))
            if buffer.count > Self.flushSize {
                try output.append(buffer.start, buffer.count)
                buffer.removeAll()
            }
        }
        if buffer.count > 0 { try output.append(buffer.start, buffer.count) }
    }
}

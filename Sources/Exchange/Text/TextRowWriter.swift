import Columnar

/// How a format of lines of text writes what each such format has a way of its own for.
struct TextStyle {
    var separator: UInt8
    var null: StaticString
    /// Appends a text, in quotes where something in it would not stand for itself.
    var appendText: (_ bytes: UnsafeBufferPointer<UInt8>, _ line: ByteBuffer) -> Void
    /// Appends a DATE or TIMESTAMP that is not NULL, of a flat or constant column.
    var appendTime: (_ column: Column, _ row: Int, _ line: ByteBuffer) -> Void
}

/// Writes rows as lines of text: numbers so that they read back to the same bits, times as the style has them, all else as
/// Hive prints it, in the style's quotes.
final class TextRowWriter: RowWriter {
    private let style: TextStyle
    private let lines: ExportLines
    private let value = ByteBuffer()
    private let formatter = TextFormatter(.output)

    /// - Parameter lines: with what stands in front of the rows.
    init(_ style: TextStyle, _ lines: ExportLines) {
        self.style = style
        self.lines = lines
    }

    func write(_ batch: Batch) throws {
        let text = lines.text
        let columns = batch.columns.map { $0.decoded(batch.rows) }
        for ordinal in 0..<batch.rowCount {
            let row = batch.rows[ordinal]
            for (position, column) in columns.enumerated() {
                if position > 0 { text.append(style.separator) }
                if column.isNull(row) { text.append(style.null) } else { append(column, row, to: text) }
            }
            try lines.endLine()
        }
    }

    func finish() throws { try lines.flush() }

    private func append(_ column: Column, _ row: Int, to text: ByteBuffer) {
        let element = column.element(of: row)
        switch column.type {
        case .double: PlainNumber.append(column.values(as: Double.self)[element], to: text)
        case .float: PlainNumber.append(column.values(as: Float.self)[element], to: text)
        case .boolean, .tinyint, .smallint, .int, .bigint, .decimal: formatter.append(column, row: row, to: text)
        case .date, .timestamp: style.appendTime(column, row, text)
        case .string, .varchar, .binary: style.appendText(column.values(as: StringView.self)[element].bytes, text)
        default:
            formatter.append(column, row: row, to: value)
            style.appendText(value.bytes, text)
            value.removeAll()
        }
    }
}

import Columnar

/// A header line, then a line a row, with RFC 4180's quotes. NULL is empty, the empty text `""`; other values are as Hive
/// prints them, numbers so that they read back to the same bits.
struct DelimitedText: RowFormat {
    let name: String
    let suffixes: [String]
    let separator: UInt8
    let summary: String

    static let csv = DelimitedText(
        name: "csv", suffixes: [".csv"], separator: UInt8(ascii: ","), summary: "lines of values with commas between them")
    static let tsv = DelimitedText(
        name: "tsv", suffixes: [".tsv"], separator: UInt8(ascii: "\t"), summary: "lines of values with tabs between them")

    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter {
        try DelimitedTextWriter(schema, separator, file)
    }
}

private final class DelimitedTextWriter: RowWriter {
    private let separator: UInt8
    private let file: ExportFile
    private let text = ByteBuffer(capacity: 80_000)
    private let value = ByteBuffer()
    private let formatter = TextFormatter(.output)

    init(_ schema: RowSchema, _ separator: UInt8, _ file: ExportFile) throws {
        self.separator = separator
        self.file = file
        for (position, column) in schema.columns.enumerated() {
            if position > 0 { text.append(separator) }
            value.append(column.name)
            appendField(value.bytes)
            value.removeAll()
        }
        text.append(10)
    }

    func write(_ batch: Batch) throws {
        let columns = batch.columns.map { $0.decoded(batch.rows) }
        // A line without a byte is no row to most readers.
        let null: StaticString = columns.count == 1 ? "\"\"" : ""
        for ordinal in 0..<batch.rowCount {
            let row = batch.rows[ordinal]
            for (position, column) in columns.enumerated() {
                if position > 0 { text.append(separator) }
                if column.isNull(row) { text.append(null) } else { append(column, row) }
            }
            text.append(10)
            if text.count > 65_536 { try file.take(text) }
        }
    }

    func finish() throws { try file.take(text) }

    private func append(_ column: Column, _ row: Int) {
        let element = column.element(of: row)
        switch column.type {
        case .double: PlainNumber.append(column.values(as: Double.self)[element], to: text)
        case .float: PlainNumber.append(column.values(as: Float.self)[element], to: text)
        case .boolean, .tinyint, .smallint, .int, .bigint, .decimal, .date, .timestamp:
            formatter.append(column, row: row, to: text)
        case .string, .varchar, .binary: appendField(column.values(as: StringView.self)[element].bytes)
        default:
            formatter.append(column, row: row, to: value)
            appendField(value.bytes)
            value.removeAll()
        }
    }

    private func appendField(_ bytes: UnsafeBufferPointer<UInt8>) {
        // Some readers cut blanks at the ends, and an empty field is NULL.
        let isPlain =
            !bytes.isEmpty && bytes.first != 0x20 && bytes.last != 0x20
            && !bytes.contains { $0 == 34 || $0 == separator || $0 == 10 || $0 == 13 }
        guard !isPlain else { return text.append(bytes) }
        text.append(34)
        for byte in bytes {
            if byte == 34 { text.append(34) }
            text.append(byte)
        }
        text.append(34)
    }
}

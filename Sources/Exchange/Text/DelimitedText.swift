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
        let lines = ExportLines(file)
        for (position, column) in schema.columns.enumerated() {
            if position > 0 { lines.text.append(separator) }
            var name = column.name
            name.withUTF8 { append(field: $0, to: lines.text) }
        }
        try lines.endLine()
        let formatter = TextFormatter(.output)
        let style = TextStyle(
            separator: separator,
            // A line without a byte is no row to most readers.
            null: schema.columns.count == 1 ? "\"\"" : "",
            appendText: { append(field: $0, to: $1) },
            appendTime: { formatter.append($0, row: $1, to: $2) })
        return TextRowWriter(style, lines)
    }

    private func append(field bytes: UnsafeBufferPointer<UInt8>, to text: ByteBuffer) {
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

import Columnar

/// Weka's format: typed attributes, then a line a row; NULL is `?`.
///
/// Numbers are `numeric`; BOOLEAN and the classes of a label nominal; DATE and TIMESTAMP `date` (Weka has milliseconds);
/// everything else is `string`.
struct ARFFFormat: RowFormat {
    let name = "arff"
    let suffixes = [".arff"]
    let summary = "Weka's format"

    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter {
        let lines = ExportLines(file)
        ARFFHeader.append(schema, to: lines.text)
        let formatter = TextFormatter(.output)
        let style = TextStyle(
            separator: 0x2C, null: "?",
            appendText: { ARFFHeader.append(quoting: $0, to: $1) },
            appendTime: { column, row, text in
                text.append(0x22)
                if column.type == .timestamp {
                    Self.append(milliseconds: column.values(as: Timestamp.self)[column.element(of: row)], to: text)
                } else {
                    formatter.append(column, row: row, to: text)
                }
                text.append(0x22)
            })
        return TextRowWriter(style, lines)
    }

    private static func append(milliseconds time: Timestamp, to text: ByteBuffer) {
        DateTimeFormatter.append(Timestamp(seconds: time.seconds), to: text)
        // Whole seconds may print with a fraction of their own.
        if text.bytes.suffix(2).elementsEqual(".0".utf8) { text.truncate(to: text.count - 2) }
        text.append(0x2E)
        NumberFormatter.append(Int(time.nanoseconds) / 1_000_000, width: 3, to: text)
    }
}

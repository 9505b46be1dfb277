import Columnar

/// A header line, then a line a row. Values are as Hive prints them, numbers so that they read back to the same bits.
struct DelimitedText: RowFormat {
    let name: String
    let suffixes: [String]
    let field: DelimitedField
    let summary: String

    static let csv = DelimitedText(
        name: "csv", suffixes: [".csv"], field: .comma, summary: "lines of values with commas between them")
    static let tsv = DelimitedText(
        name: "tsv", suffixes: [".tsv"], field: .tab, summary: "lines of values with tabs between them")

    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter {
        let lines = ExportLines(file)
        for (position, column) in schema.columns.enumerated() {
            if position > 0 { lines.text.append(field.separator) }
            var name = column.name
            name.withUTF8 { field.append($0, to: lines.text) }
        }
        try lines.endLine()
        let formatter = TextFormatter(.output)
        let style = TextStyle(
            separator: field.separator, null: DelimitedField.null(fieldCount: schema.columns.count),
            appendText: { field.append($0, to: $1) },
            appendTime: { formatter.append($0, row: $1, to: $2) })
        return TextRowWriter(style, lines)
    }
}

/// How rows are written on standard output.
enum OutputStyle: String, CaseIterable {
    /// Aligned columns, for eyes.
    case table
    /// A line a column, under the row's number.
    case lines
    /// Values separated by tabs, as Hive's command line writes them.
    case tabs
    case csv, tsv
    /// An array of objects, and an object a line.
    case json, jsonl
    case markdown, html, latex

    /// By its name, or one that beeline, psql or DuckDB has for it.
    init?(named name: String) {
        let name = name.lowercased()
        if let style = OutputStyle(rawValue: name) {
            self = style
            return
        }
        switch name {
        case "vertical", "line", "expanded": self = .lines
        case "csv2": self = .csv
        case "tsv2": self = .tsv
        case "jsonfile", "jsonlines", "ndjson": self = .jsonl
        case "duckbox", "box", "aligned", "column": self = .table
        case "list", "unaligned": self = .tabs
        default: return nil
        }
    }

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// - Parameter printsHeader: nil: as usual, which is none with tabs alone.
    func makePrinter(printsHeader: Bool?) -> any RowPrinter {
        switch self {
        case .table: TablePrinter(width: Console.width)
        case .lines: RecordPrinter()
        case .tabs: TabPrinter(printsHeader: printsHeader ?? false)
        case .csv: DelimitedPrinter(.comma, printsHeader: printsHeader ?? true)
        case .tsv: DelimitedPrinter(.tab, printsHeader: printsHeader ?? true)
        case .json: JSONPrinter(isArray: true)
        case .jsonl: JSONPrinter(isArray: false)
        case .markdown: MarkupPrinter(.markdown)
        case .html: MarkupPrinter(.html)
        case .latex: MarkupPrinter(.latex)
        }
    }
}

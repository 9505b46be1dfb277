import HiveQL
import Platform

/// A header, then a line a row.
final class DelimitedPrinter: RowPrinter {
    private let field: DelimitedField
    private let printsHeader: Bool
    private let isForTerminal = Console.outputIsTerminal

    init(_ field: DelimitedField, printsHeader: Bool) {
        self.field = field
        self.printsHeader = printsHeader
    }

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws {
        if printsHeader, hasHeader { Console.print(line(schema.map(\.name))) }
    }

    func consume(_ batch: Batch) throws {
        try batch.printLines(line)
    }

    func finish() throws {}

    private func line(_ values: [String?]) -> String {
        let null = "\(DelimitedField.null(fieldCount: values.count))"
        let fields = values.map { value in value.map { field.quoted(isForTerminal ? $0.withoutControls : $0) } ?? null }
        return fields.joined(separator: String(UnicodeScalar(field.separator)))
    }
}

/// A JSON object a row, each on a line: by themselves, or as the elements of an array.
final class JSONPrinter: RowPrinter {
    private let isArray: Bool
    private var objects: RowObjects?
    private var hasRows = false

    init(isArray: Bool) { self.isArray = isArray }

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws { objects = RowObjects(schema) }

    func consume(_ batch: Batch) throws {
        guard let objects, batch.rowCount > 0 else { return }
        var lines = try objects.lines(of: batch)
        if isArray {
            lines[0] = (hasRows ? "," : "[") + lines[0]
            for place in lines.indices.dropFirst() { lines[place] = "," + lines[place] }
        }
        hasRows = true
        Console.print(lines)
    }

    func finish() throws {
        if isArray { Console.print(hasRows ? "]" : "[]") }
    }
}

/// Rows as JSON objects: numbers and booleans as such, NULL as null, everything else as the text that Hive's command line prints.
struct RowObjects {
    private let names: [String]
    private let types: [SQLType]
    private let isForTerminal = Console.outputIsTerminal

    init(_ schema: [SchemaColumn]) {
        names = schema.map { JSON.quoted($0.name) }
        types = schema.map(\.type)
    }

    func lines(of batch: Batch) throws -> [String] {
        let texts = try batch.columns.indices.map { try batch.texts(ofColumn: $0) }
        return (0..<batch.rowCount).map { row in
            let members = names.indices.map { index -> String in
                if batch.columns[index].isNull(batch.rows[row]) { return "\(names[index]):null" }
                let text = texts[index][row]
                return "\(names[index]):\(value(isForTerminal ? text.withoutControls : text, types[index]))"
            }
            return "{\(members.joined(separator: ","))}"
        }
    }

    private func value(_ text: String, _ type: SQLType) -> String {
        if type == .boolean { return text }
        // NaN and the infinities are no numbers in JSON.
        let isNumber = type.isNumeric && text.utf8.last.map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } == true
        return isNumber ? text : JSON.quoted(text)
    }
}

/// A table in a language of documents.
final class MarkupPrinter: RowPrinter {
    enum Language {
        case markdown, html, latex
    }

    private let language: Language
    private var isNumeric: [Bool] = []

    init(_ language: Language) { self.language = language }

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws {
        isNumeric = schema.map(\.type.isNumeric)
        let names = schema.map { escaped($0.name) }
        switch language {
        case .markdown:
            Console.print([row(names), row(isNumeric.map { $0 ? "--:" : "---" })])
        case .html:
            let cells = names.map { "<th>\($0)</th>" }.joined()
            Console.print(["<table>", "<thead><tr>\(cells)</tr></thead>", "<tbody>"])
        case .latex:
            let columns = isNumeric.map { $0 ? "r" : "l" }.joined()
            Console.print(["\\begin{tabular}{\(columns)}", "\\hline", row(names), "\\hline"])
        }
    }

    func consume(_ batch: Batch) throws {
        try batch.printLines { cells in row(cells.map { escaped($0 ?? "NULL") }) }
    }

    func finish() throws {
        switch language {
        // Tables that follow each other would be one.
        case .markdown: Console.print()
        case .html: Console.print(["</tbody>", "</table>"])
        case .latex: Console.print(["\\hline", "\\end{tabular}", ""])
        }
    }

    private func row(_ cells: [String]) -> String {
        switch language {
        case .markdown: return "| \(cells.joined(separator: " | ")) |"
        case .latex: return cells.joined(separator: " & ") + " \\\\"
        case .html:
            let all = zip(cells, isNumeric).map { $1 ? "<td align=\"right\">\($0)</td>" : "<td>\($0)</td>" }
            return "<tr>\(all.joined())</tr>"
        }
    }

    private func escaped(_ text: String) -> String {
        text.withoutControls.reduce(into: "") { $0 += escape($1) }
    }

    private func escape(_ character: Character) -> String {
        switch (language, character) {
        case (.markdown, "|"), (.markdown, "\\"), (.markdown, "`"), (.markdown, "*"), (.markdown, "_"): "\\\(character)"
        case (.markdown, "<"), (.html, "<"): "&lt;"
        case (.html, ">"): "&gt;"
        case (.html, "&"), (.markdown, "&"): "&amp;"
        case (.html, "\""): "&quot;"
        case (.latex, "\\"): "\\textbackslash{}"
        case (.latex, "~"): "\\textasciitilde{}"
        case (.latex, "^"): "\\textasciicircum{}"
        case (.latex, "&"), (.latex, "%"), (.latex, "$"), (.latex, "#"), (.latex, "_"), (.latex, "{"), (.latex, "}"): "\\\(character)"
        default: String(character)
        }
    }
}

extension Batch {
    /// Prints a line for each row.
    /// - Parameter line: makes it of the row's values, nil for NULL.
    fileprivate func printLines(_ line: (_ row: [String?]) -> String) throws {
        let texts = try columns.indices.map { try self.texts(ofColumn: $0) }
        Console.print(
            (0..<rowCount).map { row in
                line(columns.indices.map { columns[$0].isNull(rows[row]) ? nil : texts[$0][row] })
            })
    }
}

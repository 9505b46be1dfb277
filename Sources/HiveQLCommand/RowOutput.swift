import HiveQL
import Platform

/// Where the rows go that a subcommand tells of a query's rows: to standard output, or to a file for other programs.
struct RowOutput {
    private var target = ExportTarget()
    private var printsHeader = false

    static let help = """
            --header                      Print the names of the columns first
            --output <file>               Write the rows to a file for other programs instead
            --format <name>               Its format, where the file's suffix does not say it: 'hiveql export --help' lists them
        """

    /// The file; nil: standard output.
    var path: String? { target.path }

    /// Takes one option; false when it is none of these.
    mutating func take(_ name: String, _ reader: inout ArgumentReader) throws -> Bool {
        switch name {
        case "--header": printsHeader = true
        case "--output": target.path = HomeFolder.expanding(try reader.value(of: name))
        default: return try target.take(name, &reader)
        }
        return true
    }

    /// - Throws: `UsageError`, `ExportError` when the file cannot be written, as far as can be told before.
    func check() throws { _ = try target.checkedFormat() }

    /// - Parameter asJSON: on standard output an object a row.
    func write(_ rows: Batch, schema: [SchemaColumn], asJSON: Bool) throws {
        if let path, let format = try target.checkedFormat() {
            let export = try RowExport(schema: schema, to: path, format: format)
            try export.write(rows)
            try export.finish()
        } else {
            let printer = (asJSON ? OutputStyle.jsonl : .tabs).makePrinter(printsHeader: printsHeader)
            try printer.begin(schema, hasHeader: true)
            try printer.consume(rows)
            try printer.finish()
        }
    }
}

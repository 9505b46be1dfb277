import Columnar
import FeatureTables

/// A file format of feature tables that other programs read.
protocol FeatureFormat: Sendable {
    /// As `--format` names it.
    var name: String { get }
    /// With their dots. A file with one of them is of this format where none is named; a format may have none.
    var suffixes: [String] { get }
    /// For a person: what is written, and who reads it.
    var summary: String { get }

    /// Writes all of a table.
    /// - Parameter check: called now and then; throws when the user gave up.
    func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws
}

/// A file format that rows of any columns can be written in.
protocol RowFormat: FeatureFormat {
    /// - Throws: `ExportError` for columns that the format has no place for.
    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter
}

/// Writes rows into one file. One thread's own.
protocol RowWriter: AnyObject {
    /// Appends the selected rows, which are at most `RowExport.rowsTogether`.
    /// - Precondition: the batch has the schema's columns.
    func write(_ batch: Batch) throws
    /// Writes what belongs behind the rows. The file is not committed.
    func finish() throws
}

/// The columns of rows, with what formats besides want to know of them.
struct RowSchema: Sendable {
    var columns: [SchemaColumn]
    /// The values that a text column can have, in order, by the column's position.
    var levels: [Int: [String]] = [:]
    /// Positions of columns that are never NULL.
    var required: Set<Int> = []

    init(_ columns: [SchemaColumn]) { self.columns = columns }
}

extension RowFormat {
    /// Rows of the table's features, label and weight.
    func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws {
        try write(FeatureRows(table), to: file, check: check)
    }

    func write(_ rows: FeatureRows, to file: ExportFile, check: () throws -> Void) throws {
        let writer = try makeWriter(rows.schema, to: file)
        try rows.forEachBatch {
            try check()
            try writer.write($0)
        }
        try writer.finish()
    }
}

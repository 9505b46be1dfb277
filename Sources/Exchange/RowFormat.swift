import Columnar
import FeatureTables

/// A file format of rows that other programs read.
package protocol RowFormat: Sendable {
    /// As `--format` names it.
    var name: String { get }
    /// With their dots. A file with one of them is of this format where none is named; a format may have none.
    var suffixes: [String] { get }
    /// For a person: what is written, and who reads it.
    var summary: String { get }
    /// Whether rows of any columns can be written; otherwise features of a table alone.
    var takesRows: Bool { get }

    /// - Throws: `ExportError` for columns that the format has no place for.
    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter

    /// Writes all of a table.
    /// - Parameter check: called now and then; throws when the user gave up.
    func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws
}

/// Writes rows into one file. One thread's own.
package protocol RowWriter: AnyObject {
    /// Appends the selected rows, which are at most `RowExport.rowsTogether`.
    /// - Precondition: the batch has the schema's columns.
    func write(_ batch: Batch) throws
    /// Writes what belongs behind the rows. The file is not committed.
    func finish() throws
}

/// The columns of rows, with what formats besides want to know of them.
package struct RowSchema: Sendable {
    package var columns: [SchemaColumn]
    /// The values that a text column can have, in order, by the column's position.
    package var levels: [Int: [String]] = [:]
    /// Positions of columns that are never NULL.
    package var required: Set<Int> = []

    package init(_ columns: [SchemaColumn]) { self.columns = columns }
}

extension RowFormat {
    package var takesRows: Bool { true }

    /// Rows of the table's features, label and weight.
    package func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws {
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

import Columnar
import FeatureTables
import Learners

/// Rows on their way into a file, which is there once `finish` returns, and not before.
public final class RowExport {
    /// Rows that writers get at once: the most of a large batch that is held in another form.
    static let rowsTogether = 1 << 16

    private let file: ExportFile
    private let writer: any RowWriter

    /// - Throws: `ExportError` when the file cannot be written, or the format has no place for a column.
    public init(schema: [SchemaColumn], to path: String, format: ExportFormat) throws {
        guard let rowFormat = format.format as? any RowFormat else {
            throw ExportError(path: path, "\(format.name) holds features alone, not rows of a query")
        }
        file = try ExportFile(path)
        writer = try rowFormat.makeWriter(RowSchema(schema), to: file)
    }

    /// Whether a file could be written, before the query runs.
    /// - Throws: `ExportError`.
    public static func check(_ path: String) throws { try ExportFile.check(path) }

    /// Appends rows.
    /// - Precondition: the batch has the schema's columns.
    public func write(_ batch: Batch) throws {
        guard batch.rowCount > Self.rowsTogether else { return try writer.write(batch) }
        var start = 0
        while start < batch.rowCount {
            let count = min(Self.rowsTogether, batch.rowCount - start)
            let some = SelectionVector(capacity: count)
            for place in 0..<count { some.indices[place] = Int32(truncatingIfNeeded: batch.rows[start + place]) }
            some.setCount(count)
            try writer.write(Batch(columns: batch.columns, capacity: batch.capacity, rows: RowSelection(some)))
            start += count
        }
    }

    /// Completes the file and gives it its name.
    public func finish() throws {
        try writer.finish()
        try file.commit()
    }
}

extension FeatureTable {
    /// Writes the table to a file, replacing it as a whole: features, then the label, then the weight.
    /// - Parameter isCancelled: asked now and then.
    /// - Throws: `ExportError`; `LearnerError.cancelled`; `FeatureError.missingLabel` for libsvm without labels.
    public func export(to path: String, format: ExportFormat, isCancelled: () -> Bool = { false }) throws {
        let file = try ExportFile(path)
        try format.format.write(self, to: file) { if isCancelled() { throw LearnerError.cancelled } }
        try file.commit()
    }
}

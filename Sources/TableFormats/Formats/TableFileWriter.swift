import Columnar

/// Writes batches of one schema to any number of files: what all of them need is made of a batch once. One worker's own.
package protocol TableFileWriter: AnyObject {
    /// Begins a file.
    func open(_ file: OutputFile) throws -> any TableFile

    /// Takes the batch whose rows `TableFile.append` then appends to files. It must live until the last one is.
    /// - Precondition: it has the schema's columns.
    func begin(_ batch: Batch) throws
}

/// A file of a table that is being written. Before `close` it may be none: who gives up removes it.
package protocol TableFile: AnyObject {
    var path: String { get }
    /// Bytes that wait in memory beside the buffer of the output file.
    var bufferedBytes: Int { get }

    /// Appends rows of the writer's batch.
    /// - Parameter ordinals: of the batch's selection; nil: all.
    func append(_ ordinals: UnsafeBufferPointer<Int32>?) throws

    /// Writes what waits in memory, when there is too much of it.
    func flush() throws

    /// Writes what is left and closes the file. It is durable once its file system is synchronized.
    func close() throws -> WrittenTableFile
}

/// What was written.
package struct WrittenTableFile: Sendable {
    package var byteCount: Int

    package init(byteCount: Int) { self.byteCount = byteCount }
}

extension Batch {
    /// Some of the rows; all for nil.
    /// - Parameter ordinals: of the selection, ascending.
    func choosing(_ ordinals: UnsafeBufferPointer<Int32>?) -> Batch {
        guard let ordinals else { return self }
        let chosen = SelectionVector(capacity: max(ordinals.count, 1))
        for (index, ordinal) in ordinals.enumerated() {
            chosen.indices[index] = Int32(truncatingIfNeeded: rows[Int(ordinal)])
        }
        chosen.setCount(ordinals.count)
        return Batch(columns: columns, capacity: capacity, rows: RowSelection(chosen), sequence: sequence)
    }
}

import Columnar

/// Writes one file of a format that gathers rows in memory until a part of the file is whole.
protocol BufferedFileWriter: AnyObject {
    /// Bytes that wait for the end of the part.
    var bufferedBytes: Int { get }

    /// Writes what waits as a part of its own.
    func endPart() throws

    /// Writes what is left and closes the file.
    /// - Returns: bytes of the file.
    func finish() throws -> Int
}

/// One that takes batches.
protocol BatchFileWriter: BufferedFileWriter {
    /// Appends the selected rows.
    func write(_ batch: Batch) throws
}

/// A file of a table behind such a writer.
final class BufferedTableFile: TableFile {
    let path: String
    private let writer: any BufferedFileWriter
    private let appendRows: (UnsafeBufferPointer<Int32>?) throws -> Void

    /// - Parameter append: gives the writer rows of the current batch, as `TableFile.append`.
    init(
        _ path: String, _ writer: any BufferedFileWriter, append: @escaping (UnsafeBufferPointer<Int32>?) throws -> Void
    ) {
        self.path = path
        self.writer = writer
        appendRows = append
    }

    var bufferedBytes: Int { writer.bufferedBytes }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?) throws { try appendRows(ordinals) }

    func flush() throws { try writer.endPart() }

    func close() throws -> WrittenTableFile { WrittenTableFile(byteCount: try writer.finish()) }
}

/// Writes the files of a format whose writers take batches.
final class BatchTableWriter: TableFileWriter {
    private let makeWriter: (OutputFile) throws -> any BatchFileWriter
    private var batch: Batch?

    init(_ makeWriter: @escaping (OutputFile) throws -> any BatchFileWriter) { self.makeWriter = makeWriter }

    func open(_ file: OutputFile) throws -> any TableFile {
        let writer = try makeWriter(file)
        return BufferedTableFile(file.path, writer) { [self] ordinals in
            if let batch { try writer.write(batch.choosing(ordinals)) }
        }
    }

    func begin(_ batch: Batch) { self.batch = batch }
}

import Columnar

/// Makes columns of lines, as one of Hive's SerDes does. One worker's own: it may reuse buffers from batch to batch.
protocol LineDeserializer: AnyObject {
    /// What is found in lines when they are cut.
    var structure: LineStructure { get }

    /// The columns with these ordinals in the files' schema, a row a line, flat or constant. Rows that are not selected
    /// hold placeholders. Strings may point into the lines.
    /// - Throws: `TableFormatError` for lines that Hive refuses.
    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) throws -> [Column]
}

/// The byte whose places are listed while lines are cut, for a deserializer that splits lines at one byte.
struct LineStructure {
    var delimiter: UInt8
    /// The byte that takes away the special meaning of the next one.
    var escape: UInt8?

    /// Lines only.
    static let none = LineStructure(delimiter: 0x0A, escape: nil)
}

/// Some lines of a file. Its bytes are valid until the deserializer returns and the batch has been emitted; 16 bytes before
/// and behind every line are readable.
struct LineBatch {
    let lines: TextLines
    private let chunk: TextChunk

    init(_ lines: TextLines, in chunk: TextChunk) {
        self.lines = lines
        self.chunk = chunk
    }

    var count: Int { lines.count }
    var text: UnsafePointer<UInt8> { chunk.bytes }
    var path: String { chunk.path }

    /// A line without its end.
    func line(_ row: Int) -> UnsafeBufferPointer<UInt8> {
        let start = Int(lines.lineStarts[row])
        return UnsafeBufferPointer(start: text + start, count: lines.lineEnd(row) - start)
    }

    /// Offset in the (decompressed) file at which a line begins, for errors.
    func offset(of row: Int) -> Int { chunk.origin + Int(lines.lineStarts[row]) }
}

import Columnar

/// What makes values of lines and lines of values, as one of Hive's SerDes does.
protocol TextSerDe: Sendable {
    /// - Throws: `TableFormatError` for columns that no table with this SerDe can have.
    func check(_ schema: [SchemaColumn]) throws

    /// - Parameters:
    ///   - schema: the files' columns.
    ///   - fields: by ordinal, which parts of a column's values are needed; other columns are needed whole. A SerDe may make
    ///     more of them.
    /// - Throws: `TableFormatError` for columns that the SerDe cannot have.
    func makeDeserializer(schema: [SchemaColumn], fields: [Int: FieldSelection]) throws -> any LineDeserializer

    /// - Throws: `TableFormatError` for columns that the SerDe cannot write.
    func makeSerializer(schema: [SchemaColumn]) throws -> any LineSerializer
}

extension TextSerDe {
    func check(_ schema: [SchemaColumn]) throws {}
}

/// Makes columns of lines. One worker's own: it may reuse buffers from batch to batch.
protocol LineDeserializer: AnyObject {
    /// What is found in lines when they are cut.
    var structure: LineStructure { get }

    /// The columns with these ordinals in the files' schema, a row a line, flat or constant. Rows that are not selected
    /// hold placeholders. Strings may point into the lines.
    /// - Throws: `TableFormatError` for lines that Hive refuses.
    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) throws -> [Column]
}

/// Makes lines of the rows of batches. One worker's own: it may reuse buffers from batch to batch.
protocol LineSerializer: AnyObject {
    /// Takes the batch whose rows are asked for next.
    /// - Throws: `TableFormatError` for values that the SerDe cannot write.
    func begin(_ batch: Batch) throws

    /// Appends lines with their ends.
    /// - Parameter ordinals: of the batch's selection; nil: all rows.
    func append(_ ordinals: UnsafeBufferPointer<Int32>?, to output: TextOutput) throws
}

/// The byte whose places are listed while lines are cut, for a deserializer that splits lines at one byte.
struct LineStructure {
    var delimiter: UInt8
    /// The byte that takes away the special meaning of the next one.
    var escape: UInt8?
    /// Between two of these bytes the delimiter has no special meaning. Places are only listed when all lines of a batch are
    /// regular: quotes begin and end fields or are doubled, and no `escape` occurs.
    var quote: UInt8?

    /// Lines only.
    static let none = LineStructure(delimiter: 0x0A, escape: nil)
}

/// Some lines of a file. Its bytes are valid until the deserializer returns and the batch has been emitted; 16 bytes before
/// and behind every line are readable.
struct LineBatch {
    let lines: TextLines
    let text: UnsafePointer<UInt8>
    let path: String
    /// The lines as they stand in the file, and the offset there of their text. nil: records, all at one offset.
    private let stored: TextLines?
    private let origin: Int

    init(_ lines: TextLines, in chunk: TextChunk) {
        self.lines = lines
        text = chunk.bytes
        path = chunk.path
        stored = lines
        origin = chunk.origin
    }

    /// - Parameter lines: those of `batch` in another encoding, places in `text`.
    init(_ lines: TextLines, text: UnsafePointer<UInt8>, of batch: LineBatch) {
        self.lines = lines
        self.text = text
        path = batch.path
        stored = batch.stored
        origin = batch.origin
    }

    /// - Parameters:
    ///   - lines: records, places in `text`.
    ///   - offset: in the file.
    init(_ lines: TextLines, text: UnsafePointer<UInt8>, path: String, offset: Int) {
        self.lines = lines
        self.text = text
        self.path = path
        stored = nil
        origin = offset
    }

    var count: Int { lines.count }

    /// A line without its end.
    @inline(__always)
    func line(_ row: Int) -> UnsafeBufferPointer<UInt8> {
        let start = Int(lines.lineStarts[row])
        return UnsafeBufferPointer(start: text + start, count: lines.lineEnd(row) - start)
    }

    /// Offset in the (decompressed) file at which a line begins, for errors.
    func offset(of row: Int) -> Int { origin + (stored.map { Int($0.lineStarts[row]) } ?? 0) }

    /// Whether no byte of the lines is above 127.
    var isASCII: Bool {
        guard count > 0 else { return true }
        let start = Int(lines.lineStarts[0])
        return ByteText.isASCII(text + start, lines.lineEnd(count - 1) - start)
    }
}

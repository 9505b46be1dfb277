import Columnar

/// Arrow's interprocess format: a message with the schema, then a message a batch of rows; in a file also a footer that says
/// where they are. Buffers stand at multiples of 64 bytes of the file, so that it can be mapped and used as it is.
struct ArrowFormat: RowFormat {
    let isStream: Bool
    var name: String { isStream ? "arrow-stream" : "arrow" }
    var suffixes: [String] { isStream ? [".arrows"] : [".arrow", ".feather"] }
    var summary: String { isStream ? "Apache Arrow, a stream" : "Apache Arrow, a file (Feather 2)" }

    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter {
        try ArrowWriter(schema, file, isStream: isStream)
    }
}

private final class ArrowWriter: RowWriter {
    private static let mark = Array("ARROW1".utf8)
    private static let alignment = ArrowArrays.alignment

    private let schema: RowSchema
    private let types: [ArrowType]
    private let file: ExportFile
    private let isStream: Bool
    private var batches: [ArrowMessage.Block] = []

    init(_ schema: RowSchema, _ file: ExportFile, isStream: Bool) throws {
        self.schema = schema
        types = schema.columns.map { ArrowType($0.type) }
        self.file = file
        self.isStream = isStream
        if !isStream { try file.append(Self.mark + [0, 0]) }
        _ = try append(head: ArrowMessage.schema(schema))
    }

    func write(_ batch: Batch) throws {
        guard batch.rowCount > 0 else { return }
        var position = 0
        let arrays: ArrowArrays
        do { arrays = try ArrowArrays(batch, types, failed: &position) } catch let error as ArrowArrays.Invalid {
            throw ExportError(path: file.path, "column '\(schema.columns[position].name)' \(error.reason)")
        }
        let offset = file.byteCount
        let headCount = try append(head: ArrowMessage.recordBatch(arrays))
        batches.append(ArrowMessage.Block(offset: offset, headCount: headCount, bodyCount: arrays.byteCount))
        for buffer in arrays.buffers {
            try file.append(buffer)
            try pad()
        }
    }

    func finish() throws {
        try file.append([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        guard !isStream else { return }
        let footer = ArrowMessage.footer(schema, batches)
        try file.append(footer)
        var end: [UInt8] = []
        end.append(littleEndian: Int32(truncatingIfNeeded: footer.count))
        try file.append(end + Self.mark)
    }

    /// Appends the head of a message; what follows stands at a multiple of 64.
    /// - Returns: its bytes.
    private func append(head: [UInt8]) throws -> Int {
        let start = file.byteCount
        let end = (start + 8 + head.count + Self.alignment - 1) / Self.alignment * Self.alignment
        var bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        bytes.append(littleEndian: Int32(truncatingIfNeeded: end - start - 8))
        try file.append(bytes)
        try file.append(head)
        try pad()
        return end - start
    }

    private func pad() throws { try file.append(repeating: 0, count: -file.byteCount & (Self.alignment - 1)) }
}

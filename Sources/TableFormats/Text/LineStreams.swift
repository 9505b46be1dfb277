import Columnar

/// Writes rows as lines to whoever takes their bytes, a program's standard input, as a table of text would have them. One
/// worker's own.
package final class LineStreamWriter {
    private let serializer: any LineSerializer
    private let output: TextOutput

    /// - Parameters:
    ///   - storage: text, with its SerDe.
    ///   - take: is given the bytes in pieces, in order.
    /// - Throws: `UnsupportedTableFormat`, `TableFormatError` for what the SerDe cannot write.
    package init(
        _ storage: TableStorage, schema: [SchemaColumn], to take: @escaping (UnsafePointer<UInt8>, Int) throws -> Void
    ) throws {
        let text = try TextFormat(storage)
        serializer = try TextSerDes.serde(of: storage, format: text).makeSerializer(schema: schema)
        output = TextOutput(to: take)
    }

    /// - Precondition: the batch has the schema's columns.
    package func write(_ batch: Batch) throws {
        try serializer.begin(batch)
        try serializer.append(nil, to: output)
    }

    /// Hands on what waits in memory.
    package func flush() throws { try output.flush() }
}

/// Makes rows of lines that come in pieces, as from a program's standard output, as a table of text would. One worker's own.
package final class LineStreamReader {
    private let columns: [Int]
    private let deserializer: any LineDeserializer
    private let chunk: TextChunk
    private let lines: TextLines
    private var position = 0
    /// Before this offset no line ends but those that were emitted.
    private var searched = 0

    /// Whoever has the bytes.
    private final class Source: ByteSource {
        private let take: (UnsafeMutablePointer<UInt8>, Int) -> Int

        init(_ take: @escaping (UnsafeMutablePointer<UInt8>, Int) -> Int) { self.take = take }

        func read(into target: UnsafeMutablePointer<UInt8>, count: Int) -> Int { take(target, count) }
    }

    /// - Parameters:
    ///   - storage: text, with its SerDe.
    ///   - name: stands in errors.
    ///   - memory: what is asked before buffers grow with long lines.
    ///   - read: the bytes that are there now; 0 at the end.
    /// - Throws: `UnsupportedTableFormat`, `TableFormatError` for columns that the SerDe cannot have.
    package init(
        _ storage: TableStorage, schema: [SchemaColumn], name: String, batchCapacity: Int, memory: any ScanMemory,
        read: @escaping (UnsafeMutablePointer<UInt8>, Int) -> Int
    ) throws {
        let text = try TextFormat(storage)
        let use = ScanMemoryUse(memory)
        var deserializer = try TextSerDes.serde(of: storage, format: text).makeDeserializer(schema: schema, fields: [:])
        if let encoding = text.encoding { deserializer = try EncodedDeserializer(deserializer, encoding, memory: use) }
        self.deserializer = deserializer
        columns = Array(schema.indices)
        chunk = TextChunk(byteCount: Self.chunkBytes, memory: use)
        lines = TextLines(capacity: max(batchCapacity, 1), memory: use)
        chunk.begin(Source(read), path: name, offset: 0, end: .max)
    }

    /// What a pipe holds: more does not come at once.
    private static let chunkBytes = 64 << 10

    /// Takes the bytes that are there and emits the rows of the lines that are whole. Strings of a batch are valid until
    /// `emit` returns; their sequence counts batches.
    /// - Returns: false at the end, when all rows have been emitted.
    /// - Throws: `TableFormatError`, or what `emit` throws.
    package func advance(emit: (Batch) throws -> Void) throws -> Bool {
        guard try chunk.fill() else { return false }
        // A long line comes in many pieces: its end is looked for in the new one alone.
        defer { searched = chunk.origin + chunk.end }
        guard chunk.hasLineEnd(from: searched) else { return true }
        while try lines.find(in: chunk, structure: deserializer.structure) {
            let batch = LineBatch(lines, in: chunk)
            let made = try deserializer.columns(columns, of: batch, rows: .all(batch.count))
            try emit(
                Batch(columns: made, capacity: batch.count, sequence: BatchSequence(morsel: 0, position: position)))
            position += 1
        }
        return true
    }
}

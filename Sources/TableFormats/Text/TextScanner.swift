import CKernels
import Columnar

/// Reads splits of text files as batches of the wanted columns: finds the lines, of which a deserializer makes values.
/// One worker's own: it reuses its buffers. Only the wanted columns are parsed.
package final class TextScanner: SplitReader {
    /// Bytes read at a time. A chunk and what is found in it stay in the processor's cache.
    package static let defaultChunkBytes = 512 << 10

    private let request: ScanRequest
    private let columns: StoredColumns
    private let deserializer: any LineDeserializer
    private let chunk: TextChunk
    private let lines: TextLines
    private let memory: ScanMemoryUse
    package private(set) var statistics = ScanStatistics()

    /// - Parameter memory: what is asked before buffers grow with long lines.
    init(
        _ request: ScanRequest, deserializer: any LineDeserializer, memory use: ScanMemoryUse,
        chunkBytes: Int = TextScanner.defaultChunkBytes
    ) {
        var request = request
        request.batchCapacity = max(request.batchCapacity, 1)
        self.request = request
        columns = StoredColumns(request)
        self.deserializer = deserializer
        memory = use
        chunk = TextChunk(byteCount: chunkBytes, memory: use)
        lines = TextLines(capacity: request.batchCapacity, memory: use)
    }

    /// Reads what `LazySimpleSerDe` reads.
    /// - Parameters:
    ///   - schema: the file's columns in order.
    ///   - columns: ordinals in `schema` of the columns that batches have, in this order. None: batches only have a row
    ///     count, and lines are counted, not split.
    ///   - filter: rows it does not select are not parsed further; batches carry its selection.
    ///   - memory: what is asked before buffers grow with long lines.
    package convenience init(
        schema: [SchemaColumn], columns: [Int], format: TextFormat, batchCapacity: Int = Batch.defaultCapacity,
        filter: (any ScanFilter)? = nil, memory: (any ScanMemory)? = nil, chunkBytes: Int = TextScanner.defaultChunkBytes
    ) {
        self.init(
            ScanRequest(schema: schema, columns: columns, filter: filter, batchCapacity: batchCapacity),
            deserializer: LazySimpleDeserializer(schema: schema, format: format), memory: ScanMemoryUse(memory),
            chunkBytes: chunkBytes)
    }

    package func scan(_ split: any FileSplit, isCancelled: () -> Bool, emit: (Batch) throws -> Void) throws {
        guard let split = split as? TextSplit else {
            throw TableFormatError("a split of another format than text", path: split.file.path)
        }
        try scan(split, isCancelled: isCancelled, emit: emit)
    }

    package func scan(
        _ split: TextSplit, isCancelled: () -> Bool = { false }, emit: (Batch) throws -> Void
    ) throws {
        defer {
            statistics.byteCount += chunk.finish()
            lines.finish()
        }
        try open(split)
        var position = 0
        repeat {
            if request.columns.isEmpty, request.filter == nil {
                try countLines(&position, isCancelled: isCancelled, emit: emit)
            } else {
                while try lines.find(in: chunk, structure: deserializer.structure) {
                    if isCancelled() { return }
                    statistics.rowCount += lines.count
                    let batch = LineBatch(lines, in: chunk)
                    let wanted = try columns.batch(count: batch.count, position: position, offset: batch.offset) {
                        try deserializer.columns($0, of: batch, rows: $1)
                    }
                    if let wanted {
                        statistics.selectedRowCount += wanted.rowCount
                        try emit(wanted)
                    }
                    position += 1
                }
            }
        } while try !isCancelled() && chunk.fill()
    }

    /// Puts the chunk at the first line of `split`.
    private func open(_ split: TextSplit) throws {
        let file = try split.file.open()
        guard split.compression != .none else {
            // From one byte earlier: whether a line begins at the start depends on what precedes it.
            let start = max(split.range.lowerBound - 1, 0)
            chunk.begin(
                FileRange(file, from: start, to: split.dataEnd), path: split.path, offset: start,
                end: min(split.range.upperBound, split.dataEnd))
            if split.range.lowerBound > 0 { try chunk.skipLine() } else { try chunk.skipByteOrderMark() }
            return
        }
        var end = Int.max
        if split.skipFooterLines > 0 {
            let preview = try split.compression.open(file, split.range, memory: memory)
            end = try TextChunk.footerOffset(of: preview, lines: split.skipFooterLines)
        }
        let range = split.range.lowerBound..<(split.range.upperBound == split.dataEnd ? Int.max : split.range.upperBound)
        let source = try split.compression.open(file, range, memory: memory)
        // Offsets in what comes out are only known from the beginning on.
        chunk.begin(source, path: split.path, offset: split.range.lowerBound, end: end)
        if split.range.lowerBound > 0 {
            try chunk.skipLine()
        } else {
            try chunk.skipByteOrderMark()
            try chunk.skipLines(split.skipHeaderLines)
        }
    }

    /// Emits the number of lines in the chunk as batches without columns.
    private func countLines(
        _ position: inout Int, isCancelled: () -> Bool, emit: (Batch) throws -> Void
    ) throws {
        var left = chunk.consumeLines()
        if chunk.cursor < chunk.limit, left == 0 || chunk.isMostlyOneLine {
            // A line that is longer than the window counts, whatever it holds.
            try chunk.skipLine()
            left += 1
        }
        statistics.rowCount += left
        statistics.selectedRowCount += left
        while left > 0 {
            if isCancelled() { return }
            let size = min(left, request.batchCapacity)
            try emit(
                Batch(columns: [], capacity: size, sequence: BatchSequence(morsel: 0, position: position)))
            position += 1
            left -= size
        }
    }
}

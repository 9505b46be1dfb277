import CKernels
import Columnar

/// Reads splits of text files as batches of the wanted columns: finds the lines, of which a deserializer makes values.
/// One worker's own: it reuses its buffers. Only the wanted columns are parsed.
package final class TextScanner: SplitReader {
    /// Bytes read at a time. A chunk and what is found in it stay in the processor's cache.
    package static let defaultChunkBytes = 512 << 10

    private let request: ScanRequest
    /// Where each wanted column stands among the filter's; nil: it is parsed after the filter.
    private let filterPositions: [Int?]
    /// Wanted columns that the filter does not look at, which are parsed for the rows it selects.
    private let laterColumns: [Int]
    /// By ordinal; nil where the files' column is the table's.
    private let conversions: [ColumnConversion?]

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
        precondition(
            request.columns.allSatisfy { request.schema.indices.contains($0) || $0 == ScanRequest.lineOffsetColumn },
            "a wanted column is not in the schema")
        var request = request
        request.batchCapacity = max(request.batchCapacity, 1)
        self.request = request
        self.deserializer = deserializer
        let filterColumns = request.filter?.columns ?? []
        filterPositions = request.columns.map { filterColumns.firstIndex(of: $0) }
        laterColumns = request.columns.filter { !filterColumns.contains($0) }
        conversions = request.schema.enumerated().map { ordinal, column in
            guard request.storedSchema.indices.contains(ordinal) else { return .nulls(column.type) }
            let conversion = ColumnConversion(
                request.storedSchema[ordinal].type, to: column.type, matching: .position)
            return conversion.isNone ? nil : conversion
        }
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
                    try emitRows(position, emit: emit)
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

    private func emitRows(_ position: Int, emit: (Batch) throws -> Void) throws {
        var rows = RowSelection.all(lines.count)
        var filterColumns: [Column] = []
        if let filter = request.filter {
            filterColumns = try parse(filter.columns, rows)
            rows = try filter.select(filterColumns, count: lines.count)
            if rows.isEmpty { return }
        }
        let later = try parse(laterColumns, rows)
        var next = 0
        let columns = filterPositions.map { position -> Column in
            if let position { return filterColumns[position] }
            next += 1
            return later[next - 1]
        }
        statistics.selectedRowCount += rows.count
        try emit(
            Batch(
                columns: columns, capacity: lines.count, rows: rows,
                sequence: BatchSequence(morsel: 0, position: position)))
        // The bytes may be overwritten only now.
        withExtendedLifetime(filterColumns) {}
    }

    /// The columns with these ordinals, of the table's types.
    private func parse(_ ordinals: [Int], _ rows: RowSelection) throws -> [Column] {
        if ordinals.isEmpty { return [] }
        let stored = ordinals.filter { request.storedSchema.indices.contains($0) }
        let parsed = try deserializer.columns(stored, of: LineBatch(lines, in: chunk), rows: rows)
        var next = 0
        return try ordinals.map { ordinal in
            if ordinal == ScanRequest.lineOffsetColumn { return lineOffsets() }
            guard request.storedSchema.indices.contains(ordinal) else {
                return Column.nulls(request.schema[ordinal].type, count: lines.count).flattened(.all(lines.count))
            }
            next += 1
            guard let conversion = conversions[ordinal] else { return parsed[next - 1] }
            return try conversion.apply(parsed[next - 1], context: CastContext(zone: request.zone))
        }
    }

    private func lineOffsets() -> Column {
        let result = Column(flat: .bigint, count: lines.count)
        let target = result.values(as: Int64.self)
        let starts = lines.lineStarts
        let origin = Int64(chunk.origin)
        for line in 0..<lines.count { target[line] = origin &+ Int64(starts[line]) }
        return result
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

import CKernels
import Columnar

/// A predicate over some columns that the scanner evaluates before it parses the others.
package protocol ScanFilter: AnyObject {
    /// Schema ordinals of the columns that `select` looks at, in the order in which it wants them.
    var columns: [Int] { get }
    /// The rows to keep among `count` rows. `columns` are flat; their strings live until the batch has been emitted.
    func select(_ columns: [Column], count: Int) throws -> RowSelection
}

/// What a scanner has done so far.
package struct ScanStatistics: Sendable {
    /// Bytes read from files, decompressed.
    package var byteCount = 0
    /// Lines seen, before the filter.
    package var rowCount = 0
    /// Rows emitted.
    package var selectedRowCount = 0
}

/// Reads splits of text files as batches of the wanted columns. One worker's own: it reuses its buffers.
///
/// Only the wanted columns are parsed. A value that cannot be read is NULL, a missing field is NULL, further fields are
/// ignored, as `LazySimpleSerDe` has it.
package final class TextScanner {
    /// Bytes read at a time. A chunk and what is found in it stay in the processor's cache.
    package static let defaultChunkBytes = 512 << 10

    /// Stands among the wanted columns for the offset in the file at which a row's line begins, a BIGINT.
    package static let lineOffsetColumn = -1

    let format: TextFormat
    let schema: [SchemaColumn]
    private let columns: [Int]
    private let batchCapacity: Int
    private let filter: (any ScanFilter)?
    /// Where each wanted column stands among the filter's; nil: it is parsed after the filter.
    private let filterPositions: [Int?]
    private let hasUsualNull: Bool

    private let chunk: TextChunk
    private let lines: TextLines
    private let fields: FieldSpans
    package private(set) var statistics = ScanStatistics()

    /// - Parameters:
    ///   - schema: the file's columns in order.
    ///   - columns: ordinals in `schema` of the columns that batches have, in this order. None: batches only have a row
    ///     count, and lines are counted, not split.
    ///   - filter: rows it does not select are not parsed further; batches carry its selection.
    ///   - memory: what is asked before buffers grow with long lines.
    package init(
        schema: [SchemaColumn], columns: [Int], format: TextFormat, batchCapacity: Int = Batch.defaultCapacity,
        filter: (any ScanFilter)? = nil, memory: (any ScanMemory)? = nil, chunkBytes: Int = TextScanner.defaultChunkBytes
    ) {
        precondition(
            columns.allSatisfy { schema.indices.contains($0) || $0 == Self.lineOffsetColumn },
            "a wanted column is not in the schema")
        self.schema = schema
        self.columns = columns
        self.format = format
        self.batchCapacity = max(batchCapacity, 1)
        self.filter = filter
        filterPositions = columns.map { column in filter?.columns.firstIndex(of: column) }
        hasUsualNull = format.nullSequence == Array(#"\N"#.utf8)
        let use = ScanMemoryUse(memory)
        chunk = TextChunk(byteCount: chunkBytes, memory: use)
        lines = TextLines(capacity: self.batchCapacity, memory: use)
        fields = FieldSpans(capacity: self.batchCapacity)
    }

    /// Emits the rows of `split` in order. Strings of a batch point into the scanner's buffer: they are valid until
    /// `emit` returns. Asks `isCancelled` before every batch and returns early when it is true.
    /// - Throws: `TableFormatError`, or what `emit` and the filter throw.
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
            if columns.isEmpty, filter == nil {
                try countLines(&position, isCancelled: isCancelled, emit: emit)
            } else {
                while try lines.find(in: chunk, format: format) {
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
        let gzip = split.compression == .gzip
        var end = Int.max
        if split.skipFooterLines > 0 {
            let preview = try InflateSource(file, gzip: gzip)
            end = try TextChunk.footerOffset(of: preview, lines: split.skipFooterLines)
        }
        chunk.begin(try InflateSource(file, gzip: gzip), path: split.path, offset: 0, end: end)
        try chunk.skipByteOrderMark()
        try chunk.skipLines(split.skipHeaderLines)
    }

    private func emitRows(_ position: Int, emit: (Batch) throws -> Void) throws {
        var rows = RowSelection.all(lines.count)
        var filterColumns: [Column] = []
        if let filter {
            filterColumns = filter.columns.map { parse($0, rows) }
            rows = try filter.select(filterColumns, count: lines.count)
            if rows.isEmpty { return }
        }
        var parsed: [Column] = []
        parsed.reserveCapacity(columns.count)
        for (ordinal, position) in zip(columns, filterPositions) {
            if let position {
                parsed.append(filterColumns[position])
            } else {
                parsed.append(parse(ordinal, rows))
            }
        }
        statistics.selectedRowCount += rows.count
        try emit(
            Batch(
                columns: parsed, capacity: lines.count, rows: rows,
                sequence: BatchSequence(morsel: 0, position: position)))
        // The bytes may be overwritten only now.
        withExtendedLifetime(filterColumns) {}
    }

    private func parse(_ ordinal: Int, _ rows: RowSelection) -> Column {
        if ordinal == Self.lineOffsetColumn { return lineOffsets() }
        let type = schema[ordinal].type
        let takesRest = format.lastColumnTakesRest && ordinal == schema.count - 1
        fields.locate(ordinal, in: lines, rows: rows, takesRest: takesRest)
        // The usual `\N` is no value of most types anyway.
        if !hasUsualNull || type.physical == .string || type.physical == .boolean || type.isComplex {
            fields.markNulls(format.nullSequence, in: chunk.bytes, rows: rows)
        }
        return FieldParser(
            format: format, text: chunk.bytes, starts: fields.starts, lengths: fields.lengths, rows: rows,
            count: lines.count, mayBeEscaped: lines.mayBeEscaped
        ).column(of: type)
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
            let size = min(left, batchCapacity)
            try emit(
                Batch(columns: [], capacity: size, sequence: BatchSequence(morsel: 0, position: position)))
            position += 1
            left -= size
        }
    }
}

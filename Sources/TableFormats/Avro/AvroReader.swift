import Columnar

/// Reads some columns of a file, or of a range of its bytes, in batches. One worker's own.
package final class AvroReader {
    private let file: AvroFile
    private let columns: [Int]
    private let blocks: AvroBlockReader
    private let memory: RowFileMemory
    private let decoder: AvroDecoder
    private let rows: AvroNode
    private let builders: [ColumnBuilder]
    /// Values of columns that the file has not.
    private let fallbacks: [Int: Column]
    private let rowBytes: Int
    /// Rows of the current block that are still to be read, and where they begin in it.
    private var rowsLeft = 0
    private var position = 0

    /// A batch ends when it has read so many bytes.
    private static let largestBatch = 8 << 20

    /// - Parameters:
    ///   - range: bytes of the file: the blocks are read whose preceding sync marker begins there. nil: all.
    ///   - schema: of the table, by which the file's rows are read. nil: the file's own.
    ///   - columns: ordinals of the schema's fields, in the order in which batches shall have them.
    ///   - fields: by ordinal, which parts of a column's values are wanted; other columns are wanted whole.
    ///   - memory: its own: it is told what this reader holds.
    /// - Throws: `TableFormatError` when the file cannot be read by the schema.
    package init(
        _ file: AvroFile, range: Range<Int>? = nil, schema: AvroSchema? = nil, columns: [Int],
        fields selections: [Int: FieldSelection] = [:], memory: (any ScanMemory)? = nil
    ) throws {
        self.file = file
        self.columns = columns
        self.memory = RowFileMemory(memory, path: file.path)
        decoder = AvroDecoder(self.memory)
        blocks = try AvroBlockReader(file, range: range ?? 0..<file.byteCount, memory: self.memory)
        do {
            let reader = schema ?? file.schema
            let fields = reader?.fields ?? []
            precondition(columns.allSatisfy(fields.indices.contains), "no such column")
            builders = columns.map {
                ColumnBuilder(
                    fields[$0].schema.sqlType, capacity: Batch.defaultCapacity, fields: selections[$0] ?? .whole)
            }
            // A file without bytes has no rows, whatever the schema.
            (rows, fallbacks) =
                if let writer = file.schema?.fields {
                    try AvroResolution(usesHybridCalendar: file.usesHybridCalendar).rows(
                        writer: writer, reader: fields, columns: columns, builders: builders)
                } else { (AvroNode(.record), [:]) }
        } catch { throw TableFormatError("\(error)", path: file.path, offset: 0) }
        rowBytes = builders.reduce(0) { $0 + $1.fixedRowBytes }
    }

    /// The next rows, at most `limit`; nil at the end.
    package func next(_ limit: Int = Batch.defaultCapacity) throws -> Batch? {
        memory.beginBatch()
        var count = 0
        var bytes = 0
        while count < limit, bytes < Self.largestBatch {
            if rowsLeft == 0, try !nextBlock() { break }
            let wanted = min(limit - count, rowsLeft)
            if columns.isEmpty {
                // Blocks say how many rows they have.
                count += wanted
                rowsLeft -= wanted
            } else {
                count += try read(wanted, &bytes)
            }
        }
        guard count > 0 else { return nil }
        return Batch(columns: finished(count), capacity: count)
    }

    private func nextBlock() throws -> Bool {
        guard try blocks.next() else { return false }
        rowsLeft = blocks.rowCount
        position = 0
        decoder.offset = blocks.offset
        if !columns.isEmpty { try blocks.load() }
        return true
    }

    /// Reads up to `wanted` rows of the current block into the builders and returns how many.
    private func read(_ wanted: Int, _ bytes: inout Int) throws -> Int {
        var done = 0
        var consumed = 0
        try blocks.withBody { body in
            var cursor = AvroCursor(UnsafeBufferPointer(rebasing: body[min(position, body.count)...]))
            let start = cursor.at
            do {
                while done < wanted, cursor.at - start < Self.largestBatch {
                    try memory.growBatch(1, bytesEach: rowBytes, offset: blocks.offset)
                    try decoder.read(rows, &cursor)
                    done += 1
                }
                if done == rowsLeft, cursor.remaining > 0 {
                    throw AvroDamage(reason: "a block has \(cursor.remaining) bytes behind its last row")
                }
            } catch let damage as AvroDamage {
                throw blocks.damaged("\(damage.reason), at byte \(position + (cursor.at - start)) of a block's rows")
            }
            consumed = cursor.at - start
        }
        position += consumed
        rowsLeft -= done
        bytes += consumed
        return done
    }

    private func finished(_ count: Int) -> [Column] {
        var result: [Column] = []
        for index in columns.indices {
            if let first = columns.firstIndex(of: columns[index]), first < index {
                result.append(result[first])
            } else if let value = fallbacks[index] {
                result.append(value.constantRow(0, count: count))
            } else {
                result.append(builders[index].finish())
            }
        }
        return result
    }
}

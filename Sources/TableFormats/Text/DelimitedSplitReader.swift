import Columnar

/// Reads text files whose records end at a delimiter of their own. A file is one split.
final class DelimitedSplitReader: SplitReader {
    private let request: ScanRequest
    private let columns: StoredColumns
    private let deserializer: any LineDeserializer
    private let delimiter: [UInt8]
    private let memory: ScanMemoryUse
    private let capacity: Int
    private(set) var statistics = ScanStatistics()
    /// A batch takes no more records once it has so many bytes.
    private static let batchBytes = 512 << 10

    init(_ request: ScanRequest, deserializer: any LineDeserializer, delimiter: [UInt8], memory: ScanMemoryUse) {
        self.request = request
        columns = StoredColumns(request)
        self.deserializer = deserializer
        self.delimiter = delimiter
        self.memory = memory
        capacity = max(request.batchCapacity, 1)
    }

    func scan(_ split: any FileSplit, isCancelled: () -> Bool, emit: (Batch) throws -> Void) throws {
        guard let split = split as? TextSplit else {
            throw TableFormatError("a split of another format than text", path: split.file.path)
        }
        let cutter = try open(split)
        defer { statistics.byteCount += cutter.readBytes }
        let end = split.skipFooterLines > 0 ? try count(split, isCancelled: isCancelled) - split.skipFooterLines : Int.max
        var taken = 0
        while taken < min(split.skipHeaderLines, end), try cutter.next() != nil { taken += 1 }
        let records = RecordBuffer(
            capacity: capacity, memory: RowFileMemory(request.makeMemory?("records of a text file"), path: split.path))
        let lines = TextLines(capacity: capacity, memory: memory)
        defer { lines.finish() }
        var position = 0
        while !isCancelled() {
            let offset = cutter.offset
            records.removeAll()
            while taken < end, records.count < capacity, records.byteCount < Self.batchBytes, let record = try cutter.next() {
                try append(record, isFirst: taken == 0, to: records, path: split.path, offset: offset)
                taken += 1
            }
            guard records.count > 0 else { return }
            statistics.rowCount += records.count
            try lines.take(records, structure: deserializer.structure, path: split.path, offset: offset)
            let batch = LineBatch(lines, text: records.bytes, path: split.path, offset: offset)
            let wanted = try columns.batch(count: records.count, position: position, offset: { _ in offset }) {
                try deserializer.columns($0, of: batch, rows: $1)
            }
            if let wanted {
                statistics.selectedRowCount += wanted.rowCount
                try emit(wanted)
            }
            position += 1
        }
    }

    private func open(_ split: TextSplit) throws -> RecordCutter {
        RecordCutter(
            try split.compression.open(try split.file.open(), split.range, memory: memory), delimiter: delimiter, path: split.path,
            memory: memory)
    }

    /// All records of a file.
    private func count(_ split: TextSplit, isCancelled: () -> Bool) throws -> Int {
        let cutter = try open(split)
        var count = 0
        while !(count % 1024 == 0 && isCancelled()), try cutter.next() != nil { count += 1 }
        return count
    }

    /// Without the byte order mark that a file may begin with.
    private func append(
        _ record: UnsafeBufferPointer<UInt8>, isFirst: Bool, to records: RecordBuffer, path: String, offset: Int
    ) throws {
        guard let start = record.baseAddress else { return }
        let skipped = isFirst && record.count >= 3 && start[0] == 0xEF && start[1] == 0xBB && start[2] == 0xBF ? 3 : 0
        try records.append(start + skipped, record.count - skipped, path: path, offset: offset)
    }
}

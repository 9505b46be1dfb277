import Columnar

/// Reads the values of a file's records, or of those in a range of its bytes. One worker's own.
///
/// Records belong to the range in which the sync marker before them begins: whatever ranges a file is cut into, each of
/// its records is in one of them.
final class SequenceReader {
    /// In the file: of the current record or block, for errors.
    private(set) var offset = 0

    private let file: SequenceFile
    private let memory: RowFileMemory
    private let window: FileWindow
    private let codec: BlockCodec?
    private let limit: Int
    private var isAtEnd = false
    /// Whether the marker before the next block has been passed.
    private var isBehindMarker = false
    /// Bytes that were asked for to decompress values, and the lengths of a block's values.
    private var valuesLimit = 0
    private var lengthsLimit = 0
    private var block: Block?

    /// A batch ends when it has so many bytes.
    private static let largestBatch = 8 << 20

    /// Values that were compressed together.
    private struct Block {
        var rowsLeft: Int
        var lengths: [UInt8]
        var lengthsAt = 0
        var values: [UInt8]
        var valuesAt = 0
    }

    init(_ file: SequenceFile, range: Range<Int>? = nil, memory: (any ScanMemory)? = nil) throws {
        self.file = file
        self.memory = RowFileMemory(memory, path: file.path)
        (window, codec, limit) = try file.open(range, memory: self.memory)
        isBehindMarker = window.offset > file.dataStart
    }

    /// Room for the values of a batch.
    func makeBuffer(capacity: Int) -> RecordBuffer { RecordBuffer(capacity: capacity, memory: memory) }

    func makeDecoder() -> LazyBinaryDecoder { LazyBinaryDecoder(memory) }

    /// What the decoder's batch before this one took is its taker's.
    func beginBatch() { memory.beginBatch() }

    /// Fills `buffer` with the next values. False at the end.
    func fill(_ buffer: RecordBuffer) throws -> Bool {
        buffer.removeAll()
        while buffer.count < buffer.capacity, buffer.byteCount < Self.largestBatch, !isAtEnd {
            if file.compression == .block {
                if (block?.rowsLeft ?? 0) == 0, try !nextBlock() { break }
                try takeFromBlock(buffer)
            } else if try !takeRecord(buffer) {
                break
            }
        }
        return buffer.count > 0
    }

    /// Counts the records that are left without decompressing them.
    func countRows() throws -> Int {
        var rows = 0
        while !isAtEnd {
            if file.compression == .block {
                guard let count = try blockHead() else { break }
                rows += count
                for _ in 0..<4 { window.skip(try size("a part of a block")) }
            } else {
                guard let length = try recordLength() else { break }
                window.skip(length + 4)
                rows += 1
            }
        }
        return rows
    }

    private func damaged(_ reason: String) -> TableFormatError {
        TableFormatError("damaged sequence file: \(reason)", path: file.path, offset: offset)
    }

    // MARK: Records

    /// The length of the next record's key and value; nil when the range ends before it.
    private func recordLength() throws -> Int? {
        while true {
            guard window.remaining > 0 else { return end() }
            offset = window.offset
            let length = try window.int("the length of a record")
            if length == SequenceFile.syncEscape {
                if window.offset >= limit { return end() }
                try passSync()
                continue
            }
            guard length >= 0, length <= window.remaining - 4 else { throw damaged("a record of \(length) bytes") }
            return length
        }
    }

    private func end() -> Int? {
        isAtEnd = true
        return nil
    }

    private func passSync() throws {
        let marker = try window.require(SequenceFile.syncLength, "a sync marker")
        guard UnsafeBufferPointer(start: marker, count: SequenceFile.syncLength).elementsEqual(file.sync) else {
            throw damaged("there is no sync marker where one is announced")
        }
        window.skip(SequenceFile.syncLength)
    }

    private func takeRecord(_ buffer: RecordBuffer) throws -> Bool {
        guard let length = try recordLength() else { return false }
        let keyLength = try window.int("the length of a key")
        guard keyLength >= 0, keyLength <= length else { throw damaged("a key of \(keyLength) bytes in a record of \(length)") }
        let record = try window.require(length, "a record")
        let stored = UnsafeBufferPointer(start: record + keyLength, count: length - keyLength)
        if let codec {
            let plain = try decompress(UnsafeRawBufferPointer(stored), codec, "a record", &valuesLimit)
            try plain.withUnsafeBufferPointer { try take($0, buffer) }
        } else {
            try take(stored, buffer)
        }
        window.skip(length)
        return true
    }

    private func decompress(
        _ source: UnsafeRawBufferPointer, _ codec: BlockCodec, _ what: String, _ limit: inout Int
    ) throws -> [UInt8] {
        try GrowingBlock.decompress(source, codec, &limit, memory, what, offset: offset, damaged: damaged)
    }

    /// Takes the bytes out of a value.
    private func take(_ value: UnsafeBufferPointer<UInt8>, _ buffer: RecordBuffer) throws {
        let start = value.address
        var at = 0
        let length: Int
        switch file.value {
        case .text: length = HadoopNumber.next(start, &at, value.count).map { Int($0) } ?? -1
        case .bytes:
            length = value.count >= 4 ? HadoopNumber.int(start) : -1
            at = 4
        }
        guard length >= 0, length == value.count - at else {
            throw damaged("a value of \(length) bytes in \(value.count)")
        }
        try buffer.append(start + at, length, path: file.path, offset: offset)
    }

    // MARK: Blocks

    /// The rows of the next block, whose parts follow; nil when the range ends before it.
    private func blockHead() throws -> Int? {
        guard window.remaining > 0 else { return end() }
        offset = window.offset
        if !isBehindMarker {
            guard try window.int("a block") == SequenceFile.syncEscape else { throw damaged("a block does not begin with a sync marker") }
            if window.offset >= limit { return end() }
            try passSync()
        }
        isBehindMarker = false
        let count = try window.hadoopNumber("the number of a block's rows")
        guard count >= 0, count <= 1 << 40 else { throw damaged("a block of \(count) rows") }
        return count
    }

    private func size(_ what: String) throws -> Int {
        let size = try window.hadoopNumber(what)
        guard size >= 0, size <= window.remaining else { throw damaged("\(what) of \(size) bytes") }
        return size
    }

    private func nextBlock() throws -> Bool {
        while let count = try blockHead() {
            // Lengths of keys, and keys.
            for _ in 0..<2 { window.skip(try size("the keys of a block")) }
            let lengths = try part("the lengths of a block's values", &lengthsLimit)
            let values = try part("the values of a block", &valuesLimit)
            guard count <= lengths.count else { throw damaged("a block of \(count) rows has \(lengths.count) bytes of lengths") }
            block = Block(rowsLeft: count, lengths: lengths, values: values)
            if count > 0 { return true }
        }
        return false
    }

    private func part(_ what: String, _ limit: inout Int) throws -> [UInt8] {
        let size = try size(what)
        let bytes = try window.require(size, what)
        guard let codec else { throw damaged("blocks without compression") }
        let plain = try decompress(UnsafeRawBufferPointer(start: bytes, count: size), codec, what, &limit)
        window.skip(size)
        return plain
    }

    private func takeFromBlock(_ buffer: RecordBuffer) throws {
        guard var current = block else { return }
        block = nil
        defer { block = current }
        try current.lengths.withUnsafeBufferPointer { lengths in
            try current.values.withUnsafeBufferPointer { values in
                var (lengthsAt, valuesAt, left) = (current.lengthsAt, current.valuesAt, current.rowsLeft)
                while left > 0, buffer.count < buffer.capacity, buffer.byteCount < Self.largestBatch {
                    guard let length = HadoopNumber.next(lengths.address, &lengthsAt, lengths.count), length >= 0,
                        length <= Int64(values.count - valuesAt)
                    else { throw damaged("the values of a block are longer than it") }
                    try take(UnsafeBufferPointer(rebasing: values[valuesAt..<(valuesAt + Int(length))]), buffer)
                    valuesAt += Int(length)
                    left -= 1
                }
                (current.lengthsAt, current.valuesAt, current.rowsLeft) = (lengthsAt, valuesAt, left)
            }
        }
    }
}

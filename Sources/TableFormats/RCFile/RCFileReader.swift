import Columnar

/// Reads the row groups of a file that stand behind the sync markers beginning in a range of its bytes. One worker's own.
final class RCFileReader {
    /// Rows of the current group.
    private(set) var rowCount = 0
    /// In the file: of the current group.
    private(set) var offset = 0

    private let file: RCFile
    private let memory: RowFileMemory
    private let window: FileWindow
    private let codec: BlockCodec?
    private let limit: Int
    /// The current group's columns, read when they are asked for.
    private var columns: [RCColumn?] = []
    private var parts: [Part] = []
    private var key = PaddedBuffer(capacity: 0)
    /// Bytes that were asked for.
    private var keyBytes = 0
    private var partBytes = 0
    private var columnBytes = 0

    /// Where a column's parts lie: its values in the file, the lengths of its fields in the key.
    private struct Part {
        var valueOffset: Int
        var storedCount: Int
        var plainCount: Int
        var lengths: Range<Int>
    }

    init(_ file: RCFile, range: Range<Int>? = nil, memory: (any ScanMemory)? = nil) throws {
        self.file = file
        self.memory = RowFileMemory(memory, path: file.path)
        (window, codec, limit) = try file.open(range, memory: self.memory)
    }

    /// Asked for values inside values.
    func makeDecoder() -> LazyBinaryDecoder { LazyBinaryDecoder(memory) }

    func beginBatch() { memory.beginBatch() }

    func damaged(_ reason: String) -> TableFormatError {
        TableFormatError("damaged RCFile: \(reason)", path: file.path, offset: offset)
    }

    /// Goes to the next row group. False at the end of the range.
    func next() throws -> Bool {
        releaseColumns()
        while window.remaining > 0 {
            offset = window.offset
            var length = try window.int("the length of a row group")
            if length == SequenceFile.syncEscape {
                if window.offset >= limit { break }
                let marker = try window.require(SequenceFile.syncLength, "a sync marker")
                guard UnsafeBufferPointer(start: marker, count: SequenceFile.syncLength).elementsEqual(file.sync) else {
                    throw damaged("there is no sync marker where one is announced")
                }
                window.skip(SequenceFile.syncLength)
                length = try window.int("the length of a row group")
            }
            let keyLength = try window.int("the length of a key")
            let storedLength = try window.int("the length of a key")
            guard keyLength >= 0, length >= keyLength, storedLength >= 0, storedLength <= window.remaining,
                length - keyLength <= window.remaining - storedLength
            else { throw damaged("a row group of \(length) bytes with a key of \(keyLength)") }
            try readKey(keyLength, stored: storedLength)
            let valuesStart = window.offset
            window.skip(length - keyLength)
            try readParts(keyLength, valuesStart: valuesStart, valuesEnd: window.offset)
            if rowCount > 0 { return true }
        }
        rowCount = 0
        return false
    }

    private func readKey(_ count: Int, stored: Int) throws {
        if count > key.capacity {
            try memory.grow(by: count - keyBytes, for: "the key of a row group", offset: offset)
            keyBytes = count
            key = PaddedBuffer(capacity: count)
        }
        let bytes = UnsafeRawBufferPointer(start: try window.require(stored, "the key of a row group"), count: stored)
        if let codec {
            let made: Int
            do { made = try codec.decompress(bytes, into: UnsafeMutableRawBufferPointer(start: key.bytes, count: count)) } catch
                let error as BlockCodecError { throw damaged("\(error)") }
            guard made == count else { throw damaged("a key of \(made) bytes instead of \(count)") }
        } else {
            guard stored == count else { throw damaged("a key of \(stored) bytes instead of \(count)") }
            key.bytes.update(from: bytes.bindMemory(to: UInt8.self).address, count: count)
        }
        window.skip(stored)
    }

    /// Reads how the key says that the group is laid out.
    private func readParts(_ keyLength: Int, valuesStart: Int, valuesEnd: Int) throws {
        let bytes = UnsafePointer(key.bytes)
        var at = 0
        func number() throws -> Int {
            guard let value = HadoopNumber.next(bytes, &at, keyLength), value >= 0, value <= 1 << 40 else {
                throw damaged("the key of a row group ends too early or has a negative number")
            }
            return Int(value)
        }
        rowCount = try number()
        parts.removeAll(keepingCapacity: true)
        let asked = file.columnCount * (MemoryLayout<Part>.stride + MemoryLayout<RCColumn?>.stride)
        try memory.grow(by: max(asked - RowFileMemory.smallAllocation - partBytes, 0), for: "columns", offset: offset)
        partBytes = max(asked - RowFileMemory.smallAllocation, partBytes)
        var valueOffset = valuesStart
        for _ in 0..<file.columnCount {
            let stored = try number()
            let plain = try number()
            let lengths = try number()
            guard lengths <= keyLength - at, stored <= valuesEnd - valueOffset else {
                throw damaged("a column of \(stored) bytes and \(lengths) of lengths is longer than its row group")
            }
            parts.append(Part(valueOffset: valueOffset, storedCount: stored, plainCount: plain, lengths: at..<(at + lengths)))
            valueOffset += stored
            at += lengths
        }
        columns = Array(repeating: nil, count: parts.count)
    }

    private func releaseColumns() {
        memory.shrink(by: columnBytes)
        columnBytes = 0
        columns = []
    }

    /// A column of the current group.
    /// - Parameter ordinal: less than the file's number of columns.
    func column(_ ordinal: Int) throws -> RCColumn {
        if let known = columns[ordinal] { return known }
        let part = parts[ordinal]
        let what = "column \(ordinal) of a row group"
        guard codec != nil || part.plainCount == part.storedCount, part.plainCount <= BlockCodec.largestBlock else {
            throw damaged("\(what) has \(part.storedCount) bytes and says \(part.plainCount)")
        }
        let scratch = codec == nil ? 0 : part.storedCount
        try memory.grow(by: part.plainCount + scratch, for: what, offset: offset)
        columnBytes += part.plainCount + scratch
        let values = PaddedBuffer(capacity: part.plainCount)
        if let codec, part.storedCount > 0 {
            let stored = PaddedBuffer(capacity: part.storedCount)
            try read(part, into: stored.bytes)
            let made: Int
            do {
                made = try codec.decompress(
                    UnsafeRawBufferPointer(start: stored.bytes, count: part.storedCount),
                    into: UnsafeMutableRawBufferPointer(start: values.bytes, count: part.plainCount))
            } catch let error as BlockCodecError { throw damaged("\(what): \(error)") }
            guard made == part.plainCount else { throw damaged("\(what) has \(made) bytes instead of \(part.plainCount)") }
            memory.shrink(by: scratch)
            columnBytes -= scratch
        } else {
            guard part.storedCount == part.plainCount else { throw damaged("\(what) has no bytes") }
            try read(part, into: values.bytes)
        }
        let lengths = Array(UnsafeBufferPointer(start: key.bytes + part.lengths.lowerBound, count: part.lengths.count))
        let column = RCColumn(values, lengths: lengths)
        columns[ordinal] = column
        return column
    }

    private func read(_ part: Part, into target: UnsafeMutablePointer<UInt8>) throws {
        let got = try file.file.read(into: target, count: part.storedCount, at: part.valueOffset)
        guard got == part.storedCount else {
            throw TableFormatError("the file became shorter while it was read", path: file.path, offset: part.valueOffset + got)
        }
    }
}

/// A column of a row group: bytes of its fields, one behind the other.
final class RCColumn {
    let values: PaddedBuffer
    /// Of fields, one a row; a negative number `~n` repeats the one before it `n` times.
    private let lengths: [UInt8]
    private var at = 0
    private var length = 0
    private var repetitions = 0
    /// The next row, and where its field begins.
    private(set) var row = 0
    private var position = 0

    init(_ values: PaddedBuffer, lengths: [UInt8]) {
        self.values = values
        self.lengths = lengths
    }

    /// Finds the fields of `count` rows from `first` on, rows before it are passed over.
    /// - Precondition: rows are asked for in order.
    /// - Returns: false when the lengths do not fit to the values.
    func locate(_ count: Int, from first: Int, in spans: FieldSpans) -> Bool {
        guard advance(to: first) else { return false }
        let starts = spans.starts
        let target = spans.lengths
        let end = values.capacity
        return lengths.withUnsafeBufferPointer { bytes in
            for index in 0..<count {
                guard nextLength(bytes), length <= end - position else { return false }
                starts[index] = UInt32(truncatingIfNeeded: position)
                target[index] = Int32(truncatingIfNeeded: length)
                position += length
            }
            row += count
            return true
        }
    }

    private func advance(to first: Int) -> Bool {
        lengths.withUnsafeBufferPointer { bytes in
            while row < first {
                guard nextLength(bytes) else { return false }
                // A run is passed over at once.
                let more = min(repetitions, first - row - 1)
                let (skipped, isTooLarge) = length.multipliedReportingOverflow(by: more + 1)
                guard !isTooLarge, skipped <= values.capacity - position else { return false }
                position += skipped
                repetitions -= more
                row += more + 1
            }
            return true
        }
    }

    @inline(__always)
    private func nextLength(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if repetitions > 0 {
            repetitions -= 1
            return true
        }
        guard let value = HadoopNumber.next(bytes.address, &at, bytes.count) else { return false }
        if value >= 0 {
            guard value <= Int64(BlockCodec.largestBlock) else { return false }
            length = Int(value)
        } else {
            repetitions = Int(~value) - 1
            return repetitions >= 0
        }
        return true
    }
}

import Columnar

package struct RCWriteOptions: Sendable {
    /// The codec's class in Hadoop; nil: nothing is compressed.
    package var codecClass: String?
    package var level: Int?
    /// A row group ends when its fields have about so many bytes.
    package var groupSize = 4 << 20
    /// Rows of a group, at most.
    package var groupRows = Int.max

    package init() {}
}

/// Writes row groups of fields as one file of version 1. One worker's own.
final class RCFileWriter {
    private let file: OutputFile
    private let options: RCWriteOptions
    private let codec: BlockCodec?
    private let sync: [UInt8]
    private let columns: [WaitingColumn]
    private var rowCount = 0
    private var waitingBytes = 0
    private var lastSync = 0

    private static let syncInterval = 2000

    /// Fields of one column that wait for the end of the group.
    private final class WaitingColumn {
        let values = ByteBuffer()
        let lengths = ByteBuffer()
        private var last = -1
        private var repetitions = 0

        func append(_ length: Int) {
            if length == last {
                repetitions += 1
                return
            }
            endRun()
            lengths.advance(WritableBytes.write(Int64(length), to: lengths.reserve(9)))
            last = length
        }

        private func endRun() {
            if repetitions > 0 { lengths.advance(WritableBytes.write(Int64(~repetitions), to: lengths.reserve(9))) }
            repetitions = 0
        }

        func finish() {
            endRun()
            last = -1
        }

        func removeAll() {
            finish()
            values.removeAll()
            lengths.removeAll()
        }
    }

    /// - Throws: `TableFormatError` for a codec that is unknown or not there.
    init(columnCount: Int, options: RCWriteOptions, to file: OutputFile) throws {
        self.file = file
        self.options = options
        do {
            codec = try options.codecClass.map { try BlockCodec(HadoopCodec.blockKind(ofClass: $0, path: file.path)) }
        } catch let error as BlockCodecError { throw TableFormatError("\(error)", path: file.path) }
        var random = SystemRandomNumberGenerator()
        sync = (0..<SequenceFile.syncLength).map { _ in UInt8.random(in: 0...255, using: &random) }
        columns = (0..<columnCount).map { _ in WaitingColumn() }
        let head = ByteBuffer()
        head.append("RCF\u{1}")
        head.append(codec == nil ? 0 : 1)
        func append(_ text: String) {
            head.advance(WritableBytes.write(Int64(text.utf8.count), to: head.reserve(9)))
            head.append(text)
        }
        if let name = options.codecClass { append(name) }
        HadoopNumber.write(int: 1, to: head.reserve(4))
        head.advance(4)
        append(RCFile.columnCountKey)
        append(String(columnCount))
        sync.withUnsafeBufferPointer { head.append($0) }
        try file.append(UnsafePointer(head.start), head.count)
        lastSync = file.byteCount
    }

    var bufferedBytes: Int { waitingBytes }

    /// Where the next field of a column is written; `endField` says that it is there.
    func buffer(_ column: Int) -> ByteBuffer { columns[column].values }

    /// - Parameter start: of the field in the column's buffer.
    @inline(__always)
    func endField(_ column: Int, from start: Int) {
        let length = columns[column].values.count - start
        columns[column].append(length)
        waitingBytes += length
    }

    /// Every column has its field of the row.
    func endRow() throws {
        rowCount += 1
        if waitingBytes >= options.groupSize || rowCount >= options.groupRows { try endGroup() }
    }

    private func compressed(_ part: ByteBuffer, _ codec: BlockCodec) throws -> ByteBuffer {
        let bytes: [UInt8]
        do { bytes = try codec.compress(UnsafeRawBufferPointer(part.bytes), level: options.level) } catch let error as BlockCodecError {
            throw TableFormatError("\(error)", path: file.path, offset: file.byteCount)
        }
        let result = ByteBuffer(capacity: bytes.count)
        bytes.withUnsafeBufferPointer { result.append($0) }
        return result
    }

    /// Writes the rows that wait as a group.
    func endGroup() throws {
        guard rowCount > 0 else { return }
        let key = ByteBuffer()
        func append(_ number: Int, to buffer: ByteBuffer) {
            buffer.advance(WritableBytes.write(Int64(number), to: buffer.reserve(9)))
        }
        append(rowCount, to: key)
        var parts: [ByteBuffer] = []
        for column in columns {
            column.finish()
            let part = try codec.map { try compressed(column.values, $0) } ?? column.values
            append(part.count, to: key)
            append(column.values.count, to: key)
            append(column.lengths.count, to: key)
            key.append(column.lengths.bytes)
            parts.append(part)
        }
        let storedKey = try codec.map { try compressed(key, $0) } ?? key
        let head = ByteBuffer()
        func append(int: Int) {
            HadoopNumber.write(int: int, to: head.reserve(4))
            head.advance(4)
        }
        if file.byteCount >= lastSync + Self.syncInterval {
            append(int: SequenceFile.syncEscape)
            sync.withUnsafeBufferPointer { head.append($0) }
            lastSync = file.byteCount
        }
        let valueCount = parts.reduce(0) { $0 + $1.count }
        guard key.count + valueCount <= Int(Int32.max) else {
            throw TableFormatError("a row group of \(valueCount) bytes is too large for an RCFile", path: file.path)
        }
        append(int: key.count + valueCount)
        append(int: key.count)
        append(int: storedKey.count)
        head.append(storedKey.bytes)
        for part in [head] + parts { try file.append(UnsafePointer(part.start), part.count) }
        abort()
    }

    /// Writes what is left, and closes the file. Returns its bytes.
    func close() throws -> Int {
        try endGroup()
        try file.close()
        return file.byteCount
    }

    /// Forgets what waits. What was written of the file stays until it is removed.
    func abort() {
        for column in columns { column.removeAll() }
        (rowCount, waitingBytes) = (0, 0)
    }
}

extension RCFileWriter: BufferedFileWriter {
    func endPart() throws { try endGroup() }
    func finish() throws -> Int { try close() }
}

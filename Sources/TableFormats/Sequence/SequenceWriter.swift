import Columnar

package struct SequenceWriteOptions: Sendable {
    package var compression = SequenceFile.Compression.none
    /// The codec's class in Hadoop.
    package var codecClass = HadoopCodec.zlib.className
    package var level: Int?
    package var value = SequenceFile.Value.text
    /// A block ends when its keys and values have about so many bytes.
    package var blockSize = 1_000_000

    package init() {}
}

/// Writes records as one sequence file of version 6, as Hive does: keys are empty. One worker's own.
package final class SequenceWriter {
    private let file: OutputFile
    private let options: SequenceWriteOptions
    private let codec: BlockCodec?
    private let sync: [UInt8]
    private let buffer = ByteBuffer()
    /// Of the block that waits.
    private let lengths = ByteBuffer()
    private let values = ByteBuffer()
    private var blockRows = 0
    private var lastSync = 0
    package private(set) var rowCount = 0

    /// Bytes between sync markers, at least.
    private static let syncInterval = 100 << 10
    /// A `BytesWritable` without bytes.
    private static let keyLength = 4

    /// - Throws: `TableFormatError` for a codec that is unknown or not there.
    package init(options: SequenceWriteOptions = SequenceWriteOptions(), to file: OutputFile) throws {
        self.file = file
        self.options = options
        do {
            codec = options.compression == .none
                ? nil : try BlockCodec(HadoopCodec.blockKind(ofClass: options.codecClass, path: file.path))
        } catch let error as BlockCodecError { throw TableFormatError("\(error)", path: file.path) }
        var random = SystemRandomNumberGenerator()
        sync = (0..<SequenceFile.syncLength).map { _ in UInt8.random(in: 0...255, using: &random) }
        buffer.append("SEQ\u{6}")
        Self.append("org.apache.hadoop.io.BytesWritable", to: buffer)
        Self.append(options.value == .text ? "org.apache.hadoop.io.Text" : "org.apache.hadoop.io.BytesWritable", to: buffer)
        buffer.append(options.compression == .none ? 0 : 1)
        buffer.append(options.compression == .block ? 1 : 0)
        if options.compression != .none { Self.append(options.codecClass, to: buffer) }
        buffer.append(repeating: 0, count: 4)
        sync.withUnsafeBufferPointer { buffer.append($0) }
        lastSync = buffer.count
        try flushBuffer()
    }

    /// Bytes that wait for the end of the block.
    package var bufferedBytes: Int { lengths.count + values.count }

    private static func append(_ text: String, to buffer: ByteBuffer) {
        append(number: text.utf8.count, to: buffer)
        buffer.append(text)
    }

    private static func append(number: Int, to buffer: ByteBuffer) {
        buffer.advance(WritableBytes.write(Int64(number), to: buffer.reserve(9)))
    }

    private static func append(int: Int, to buffer: ByteBuffer) {
        HadoopNumber.write(int: int, to: buffer.reserve(4))
        buffer.advance(4)
    }

    private func flushBuffer() throws {
        try file.append(UnsafePointer(buffer.start), buffer.count)
        buffer.removeAll()
    }

    /// Appends a record.
    package func append(_ bytes: UnsafeBufferPointer<UInt8>) throws {
        rowCount += 1
        if options.compression == .block {
            let start = values.count
            appendValue(bytes, to: values)
            Self.append(number: values.count - start, to: lengths)
            blockRows += 1
            if values.count + blockRows * Self.keyLength >= options.blockSize { try endBlock() }
            return
        }
        if file.byteCount + buffer.count >= lastSync + Self.syncInterval { appendSync() }
        let start = buffer.count
        buffer.append(repeating: 0, count: 8 + Self.keyLength)
        if let codec {
            values.removeAll()
            appendValue(bytes, to: values)
            try compressed(values, codec).withUnsafeBufferPointer { buffer.append($0) }
        } else {
            appendValue(bytes, to: buffer)
        }
        HadoopNumber.write(int: buffer.count - start - 8, to: buffer.start + start)
        HadoopNumber.write(int: Self.keyLength, to: buffer.start + start + 4)
        try flushBuffer()
    }

    private func appendValue(_ bytes: UnsafeBufferPointer<UInt8>, to buffer: ByteBuffer) {
        switch options.value {
        case .text: Self.append(number: bytes.count, to: buffer)
        case .bytes: Self.append(int: bytes.count, to: buffer)
        }
        buffer.append(bytes)
    }

    private func appendSync() {
        Self.append(int: SequenceFile.syncEscape, to: buffer)
        sync.withUnsafeBufferPointer { buffer.append($0) }
        lastSync = file.byteCount + buffer.count
    }

    private func compressed(_ part: ByteBuffer, _ codec: BlockCodec) throws -> [UInt8] {
        do { return try codec.compress(UnsafeRawBufferPointer(part.bytes), level: options.level) } catch let error as BlockCodecError {
            throw TableFormatError("\(error)", path: file.path, offset: file.byteCount)
        }
    }

    /// Writes the records that wait as a block.
    package func endBlock() throws {
        guard blockRows > 0, let codec else { return }
        appendSync()
        Self.append(number: blockRows, to: buffer)
        let (keyLengths, keys) = (ByteBuffer(), ByteBuffer())
        keyLengths.append(repeating: UInt8(Self.keyLength), count: blockRows)
        keys.append(repeating: 0, count: blockRows * Self.keyLength)
        for part in [keyLengths, keys, lengths, values] {
            let bytes = try compressed(part, codec)
            Self.append(number: bytes.count, to: buffer)
            bytes.withUnsafeBufferPointer { buffer.append($0) }
        }
        try flushBuffer()
        lengths.removeAll()
        values.removeAll()
        blockRows = 0
    }

    /// Writes what is left, and closes the file. Returns its bytes.
    package func close() throws -> Int {
        try endBlock()
        try file.close()
        return file.byteCount
    }

    /// Forgets what waits. What was written of the file stays until it is removed.
    package func abort() {
        lengths.removeAll()
        values.removeAll()
        blockRows = 0
    }
}

extension SequenceWriter: BufferedFileWriter {
    func endPart() throws { try endBlock() }
    func finish() throws -> Int { try close() }
}

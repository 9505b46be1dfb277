/// How to get at the bytes of an open file: its compression, and the size of its blocks.
struct ORCBlockSource: Sendable {
    let file: FileReader
    let compression: ORCCompression
    /// The most bytes that a block holds.
    let blockSize: Int

    /// - Throws: when the system has no library for the file's compression.
    init(file: FileReader, compression: ORCCompression, blockSize: Int) throws {
        self.file = file
        self.compression = compression
        self.blockSize = blockSize
        _ = try codec()
    }

    func codec() throws -> BlockCodec? {
        let kind: BlockCodec.Kind
        switch compression {
        case .none: return nil
        case .zlib: kind = .deflate
        case .snappy: kind = .snappy
        case .lz4: kind = .lz4
        case .zstd: kind = .zstd
        case .brotli: kind = .brotli
        case .lzo: throw TableFormatError("this ORC file is compressed by LZO, which cannot be read", path: file.path)
        }
        do { return try BlockCodec(kind) } catch {
            throw TableFormatError("\(compression.name) cannot be read: \(error)", path: file.path)
        }
    }

    /// All bytes of a part that is read at once: footers and indexes.
    func bytes(from offset: Int, count: Int, part: ORCPart, memory: ORCMemory) throws -> [UInt8] {
        let stream = try ORCStream(self, offset: offset, length: count, part: part, memory: memory)
        var result: [UInt8] = []
        // The caller decodes them at once and lets them go.
        defer { memory.shrink(by: result.count) }
        while true {
            try stream.fill(1)
            guard stream.available > 0 else { return result }
            try memory.grow(by: stream.available, for: part)
            result.append(contentsOf: UnsafeBufferPointer(start: stream.cursor, count: stream.available))
            stream.advance(stream.available)
        }
    }
}

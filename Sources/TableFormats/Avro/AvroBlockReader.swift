/// Reads the blocks of a file whose sync markers before them begin in a range of bytes, one after the other.
///
/// Whatever ranges a file is cut into, each of its blocks is in one of them.
final class AvroBlockReader {
    /// Of the current block.
    private(set) var rowCount = 0
    /// In the file: of the current block.
    private(set) var offset = 0

    private let file: AvroFile
    private let window: FileWindow
    private let memory: RowFileMemory
    private let codec: BlockCodec?
    /// Blocks behind sync markers from here on are not wanted.
    private let limit: Int
    private var bodyLength = 0
    private var hasBody = false
    private var decompressed: [UInt8] = []
    private var decompressedLimit = 0

    init(_ file: AvroFile, range: Range<Int>, memory: RowFileMemory) throws {
        self.file = file
        self.memory = memory
        limit = min(range.upperBound, file.byteCount)
        do { codec = try file.codec.blockCodec() } catch let error as BlockCodecError {
            throw TableFormatError("\(error)", path: file.path, offset: 0)
        }
        let firstSync = file.dataStart - AvroFile.syncLength
        window = FileWindow(file.file, from: max(range.lowerBound, firstSync), end: file.byteCount, memory: memory)
        if file.schema == nil { return }
        try window.skip(behind: file.sync, before: limit)
    }

    /// Goes to the next block that has rows. False at the end.
    func next() throws -> Bool {
        try skipBody()
        while window.remaining > 0, window.offset - AvroFile.syncLength < limit {
            offset = window.offset
            let count = try window.long("the number of a block's rows")
            let size = try window.long("the size of a block")
            guard count >= 0, size >= 0, size <= window.remaining - AvroFile.syncLength else {
                throw damaged("a block of \(count) rows in \(size) bytes")
            }
            bodyLength = Int(size)
            hasBody = true
            guard let rows = Int(exactly: count), rows <= 1 << 40 else { throw damaged("a block of \(count) rows") }
            rowCount = rows
            if rows > 0 { return true }
            try skipBody()
        }
        return false
    }

    private func skipBody() throws {
        guard hasBody else { return }
        window.skip(bodyLength)
        hasBody = false
        let marker = try window.require(AvroFile.syncLength, "the marker behind a block")
        guard UnsafeBufferPointer(start: marker, count: AvroFile.syncLength).elementsEqual(file.sync) else {
            throw damaged("there is no sync marker behind a block", at: window.offset)
        }
        window.skip(AvroFile.syncLength)
    }

    /// Makes the current block's rows ready for `withBody`.
    func load() throws {
        let body = try self.body()
        guard let codec else { return }
        var source = UnsafeRawBufferPointer(body)
        var stated: UInt32?
        if file.codec == .snappy {
            guard source.count >= 4 else { throw damaged("a block of snappy without its checksum") }
            stated = UInt32(bigEndian: source.loadUnaligned(fromByteOffset: source.count - 4, as: UInt32.self))
            source = UnsafeRawBufferPointer(rebasing: source.dropLast(4))
        }
        decompressed = try GrowingBlock.decompress(source, codec, &decompressedLimit, memory, "a block of Avro", offset: offset) {
            damaged("\($0)")
        }
        if let stated, decompressed.withUnsafeBytes(AvroCodec.checksum) != stated {
            throw damaged("the checksum of a block is not that of its bytes")
        }
    }

    /// The bytes of the block in the file.
    private func body() throws -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: try window.require(bodyLength, "a block"), count: bodyLength)
    }

    /// Calls `read` with the bytes of the current block's rows.
    func withBody(_ read: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        if codec == nil { try read(body()) } else { try decompressed.withUnsafeBufferPointer(read) }
    }

    /// - Parameter place: in the file.
    func damaged(_ reason: String, at place: Int? = nil) -> TableFormatError {
        TableFormatError("damaged Avro file: \(reason)", path: file.path, offset: place ?? offset)
    }
}

/// The decompressed bytes of a `.snappy` or `.lz4` file as Hadoop writes it: the size of a block, then pieces with the size of
/// each until they have made as many bytes.
final class HadoopBlockSource: ByteSource {
    private let file: FileReader
    private let coder: any BlockCoder
    private let codec: String
    private let memory: ScanMemoryUse
    private var offset = 0
    /// What the block at hand still has to make.
    private var blockLeft = 0
    private var piece: UnsafeMutableBufferPointer<UInt8> = .allocate(capacity: 64)
    private var plain: UnsafeMutableBufferPointer<UInt8> = .allocate(capacity: 64)
    private var first = 0
    private var count = 0

    init(_ file: FileReader, _ coder: any BlockCoder, codec: String, memory: ScanMemoryUse) {
        self.file = file
        self.coder = coder
        self.codec = codec
        self.memory = memory
    }

    deinit {
        memory.shrink(by: piece.count + plain.count - 128)
        piece.deallocate()
        plain.deallocate()
    }

    func read(into target: UnsafeMutablePointer<UInt8>, count wanted: Int) throws -> Int {
        while count == 0 { guard try readPiece() else { return 0 } }
        let given = min(wanted, count)
        target.update(from: plain.address + first, count: given)
        first += given
        count -= given
        return given
    }

    private func corrupt(_ reason: String) -> TableFormatError {
        TableFormatError("corrupt \(codec) data: \(reason)", path: file.path, offset: offset)
    }

    /// Decompresses the next piece; false at the end of the file.
    private func readPiece() throws -> Bool {
        while blockLeft == 0 {
            guard let size = try readSize(mayEnd: true) else { return false }
            blockLeft = size
        }
        guard let size = try readSize(mayEnd: false) else { return false }
        guard size <= BlockCodec.largestBlock, offset + size <= (try file.size()) else {
            throw corrupt("a piece of \(size) bytes is longer than what is left")
        }
        try grow(&piece, to: size)
        guard try file.read(into: piece.address, count: size, at: offset) == size else { throw corrupt("a piece ends too early") }
        let source = UnsafeBufferPointer(start: piece.address, count: size)
        // No byte of either codec stands for more than 255: a larger size is a lie.
        var room = min(blockLeft, size * 255 + 64)
        if let stated = coder.decompressedSize(source) { room = min(room, max(stated, 1)) }
        guard room <= BlockCodec.largestBlock else { throw corrupt("a piece is too large") }
        try grow(&plain, to: room)
        guard case .done(let made) = coder.decompress(source, into: UnsafeMutableBufferPointer(rebasing: plain[..<room])),
            made > 0
        else { throw corrupt("a piece is damaged") }
        offset += size
        blockLeft -= made
        first = 0
        count = made
        return true
    }

    private func readSize(mayEnd: Bool) throws -> Int? {
        var bytes: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
        let got = try withUnsafeMutablePointer(to: &bytes) { pointer in
            try pointer.withMemoryRebound(to: UInt8.self, capacity: 4) { try file.read(into: $0, count: 4, at: offset) }
        }
        if got == 0, mayEnd { return nil }
        guard got == 4 else { throw corrupt("it ends in the size of a block") }
        offset += 4
        return Int(bytes.0) << 24 | Int(bytes.1) << 16 | Int(bytes.2) << 8 | Int(bytes.3)
    }

    private func grow(_ buffer: inout UnsafeMutableBufferPointer<UInt8>, to size: Int) throws {
        guard size > buffer.count else { return }
        try memory.grow(by: size - buffer.count, for: "a block of \(codec)", path: file.path, offset: offset)
        buffer.deallocate()
        buffer = .allocate(capacity: size)
    }
}

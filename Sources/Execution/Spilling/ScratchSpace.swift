import Platform
import TableFormats

/// Where a query puts what does not fit in its memory.
///
/// Its files have no names, so nothing is left behind whatever happens to the process. Blocks are compressed by LZ4 where
/// the system has it: about as fast as copying, and what is spilled is often half as large.
final class ScratchSpace: Sendable {
    private let folder: String
    /// nil: blocks are written as they are.
    private let codec: BlockCodec?

    /// - Parameter folder: `hiveql.scratch.dir`.
    init(folder: String) {
        self.folder = folder
        SystemMemory.returnPieces(from: 1 << 20)
        codec = try? BlockCodec(.lz4)
    }

    /// Bytes of a block, about: those of several runs or parts have to fit in memory together.
    static func blockBytes(under memory: MemoryPool) -> Int { min(max(memory.limit / 2048, 4 << 10), 256 << 10) }

    /// - Throws: `ExecutionError.message` naming the folder.
    func makeFile() throws -> ScratchFile { ScratchFile(try explained { try UnnamedFile(in: folder) }, in: self) }

    fileprivate func compress(_ block: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let codec, block.count <= BlockCodec.largestBlock, let smaller = try? codec.compress(block),
            smaller.count < block.count
        else { return nil }
        return smaller
    }

    fileprivate func decompress(_ stored: UnsafeRawBufferPointer, into block: UnsafeMutableRawBufferPointer) throws {
        guard let codec, try codec.decompress(stored, into: block) == block.count else { throw damaged }
    }

    /// - Throws: what `body` throws of files, in words that say what to do.
    fileprivate func explained<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as FileError {
            throw ExecutionError.message(
                "Rows that do not fit in memory (hiveql.memory.limit) go to the scratch folder \(folder) "
                    + "(hiveql.scratch.dir), which fails: \(error)")
        }
    }

    fileprivate var damaged: ExecutionError { .message("A file in the scratch folder \(folder) (hiveql.scratch.dir) was damaged") }
}

/// A file of blocks, each with its size before it. One thread appends; any number read.
final class ScratchFile: @unchecked Sendable {
    // Unchecked: `byteCount` is the appending thread's alone.
    /// Bytes written so far: where the next block begins.
    private(set) var byteCount = 0
    private let file: UnnamedFile
    private let space: ScratchSpace

    /// Before each block.
    private struct Head {
        var storedBytes: Int
        /// As many as are stored: the block was not compressed.
        var byteCount: Int
    }

    /// For whoever finds that a block is not what was written.
    var damaged: ExecutionError { space.damaged }

    fileprivate init(_ file: UnnamedFile, in space: ScratchSpace) {
        self.file = file
        self.space = space
    }

    /// Appends a block.
    /// - Throws: `ExecutionError.message` naming the folder, as when it is full.
    func append(_ block: UnsafeRawBufferPointer) throws {
        if let smaller = space.compress(block) {
            try smaller.withUnsafeBytes { try append($0, of: block.count) }
        } else {
            try append(block, of: block.count)
        }
    }

    private func append(_ stored: UnsafeRawBufferPointer, of count: Int) throws {
        try space.explained {
            var head = Head(storedBytes: stored.count, byteCount: count)
            try withUnsafeBytes(of: &head) { try file.write($0, at: byteCount) }
            try file.write(stored, at: byteCount + MemoryLayout<Head>.size)
        }
        byteCount += MemoryLayout<Head>.size + stored.count
    }

    /// Reads the block at `offset` and moves `offset` behind it.
    /// - Parameters:
    ///   - end: where the last block ends.
    ///   - reserve: hears how many bytes the reading needs before any are allocated.
    /// - Throws: `ExecutionError.message` naming the folder, or what `reserve` throws.
    func readBlock(at offset: inout Int, end: Int, reserve: (Int) throws -> Void) throws -> BlockBytes {
        var head = Head(storedBytes: 0, byteCount: 0)
        let start = offset
        let headBytes = MemoryLayout<Head>.size
        try space.explained { try withUnsafeMutableBytes(of: &head) { try file.read(into: $0, at: start) } }
        // No codec makes a block 256 times as small.
        guard head.storedBytes > 0, head.storedBytes <= end - start - headBytes, head.storedBytes <= head.byteCount,
            head.byteCount >> 8 <= head.storedBytes
        else { throw space.damaged }
        offset = start + headBytes + head.storedBytes
        let isCompressed = head.storedBytes < head.byteCount
        try reserve(head.byteCount + (isCompressed ? head.storedBytes : 0))
        let block = BlockBytes(count: head.byteCount)
        guard isCompressed else {
            try space.explained { try file.read(into: block.bytes, at: start + headBytes) }
            return block
        }
        let stored = BlockBytes(count: head.storedBytes)
        try space.explained { try file.read(into: stored.bytes, at: start + headBytes) }
        do { try space.decompress(UnsafeRawBufferPointer(stored.bytes), into: block.bytes) } catch is BlockCodecError {
            throw space.damaged
        }
        return block
    }
}

/// The bytes of a block, freed with this object.
final class BlockBytes: @unchecked Sendable {
    // Unchecked: whoever makes it fills it before it is shared.
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) { bytes = .allocate(byteCount: max(count, 1), alignment: 16) }

    deinit { bytes.deallocate() }
}

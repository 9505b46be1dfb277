import CZlib

/// Compresses bytes that come in pieces. One file's own.
protocol ByteCompressor: AnyObject {
    /// Memory that it holds, about.
    var byteCount: Int { get }

    /// - Parameter emit: takes compressed bytes.
    /// - Throws: `BlockCodecError`, or what `emit` throws.
    func compress(_ bytes: UnsafePointer<UInt8>, _ count: Int, emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws

    /// Ends the compressed data.
    func finish(emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws
}

/// Where compressors put what they make.
final class CompressorOutput {
    static let capacity = 64 << 10
    let bytes: UnsafeMutablePointer<UInt8>

    init() { bytes = .allocate(capacity: Self.capacity) }

    deinit { bytes.deallocate() }
}

/// `.gz`, `.deflate`, and what stands in ZIP files.
package final class ZlibCompressor: ByteCompressor {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output = CompressorOutput()

    convenience init(isGzip: Bool) throws { try self.init(windowBits: isGzip ? 15 + 16 : 15) }

    /// Compressed data without a head.
    package static func raw() throws -> ZlibCompressor { try ZlibCompressor(windowBits: -15) }

    private init(windowBits: CInt) throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            CInt(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw BlockCodecError.failed(codec: "zlib", reason: "it cannot start (status \(status))")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Windows and tables of the library.
    var byteCount: Int { 320 << 10 }

    package func compress(_ bytes: UnsafePointer<UInt8>, _ count: Int, emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        var done = 0
        while done < count {
            let piece = min(count - done, 1 << 30)
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes + done)
            stream.pointee.avail_in = uInt(piece)
            while stream.pointee.avail_in > 0 { _ = try step(Z_NO_FLUSH, emit) }
            done += piece
        }
    }

    package func finish(emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        stream.pointee.avail_in = 0
        while try step(Z_FINISH, emit) != Z_STREAM_END {}
    }

    private func step(_ flush: CInt, _ emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws -> CInt {
        stream.pointee.next_out = output.bytes
        stream.pointee.avail_out = uInt(CompressorOutput.capacity)
        let status = deflate(stream, flush)
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            throw BlockCodecError.failed(codec: "zlib", reason: "it cannot compress (status \(status))")
        }
        let made = CompressorOutput.capacity - Int(stream.pointee.avail_out)
        if made > 0 { try emit(output.bytes, made) }
        return status
    }
}

/// Hadoop's framing of blocks, as its streams write it: a size, and one compressed piece of that size.
final class HadoopBlockCompressor: ByteCompressor {
    /// What Hadoop puts into one piece: its buffer of 256 KiB without what the codec may add.
    private static let blockSize = (256 << 10) - ((256 << 10) / 6 + 32)

    private let coder: HadoopBlocks
    private let block: UnsafeMutablePointer<UInt8>
    private var used = 0
    private let target: UnsafeMutableBufferPointer<UInt8>

    init(_ coder: any BlockCoder) {
        self.coder = HadoopBlocks(coder)
        block = .allocate(capacity: Self.blockSize)
        target = .allocate(capacity: self.coder.compressedBound(Self.blockSize) + 16)
    }

    deinit {
        block.deallocate()
        target.deallocate()
    }

    var byteCount: Int { Self.blockSize + target.count }

    func compress(_ bytes: UnsafePointer<UInt8>, _ count: Int, emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        var done = 0
        while done < count {
            let piece = min(count - done, Self.blockSize - used)
            (block + used).update(from: bytes + done, count: piece)
            used += piece
            done += piece
            if used == Self.blockSize { try writeBlock(emit) }
        }
    }

    func finish(emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws { if used > 0 { try writeBlock(emit) } }

    private func writeBlock(_ emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        guard let made = try coder.compress(UnsafeBufferPointer(start: block, count: used), into: target, level: nil) else {
            throw BlockCodecError.failed(codec: "block", reason: "it cannot be compressed")
        }
        used = 0
        try emit(target.address, made)
    }
}

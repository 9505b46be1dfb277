/// Compresses and decompresses blocks: bytes whose beginning and end the file says. Any number of threads share one.
package struct BlockCodec: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case uncompressed
        /// RFC 1951, without any header.
        case deflate
        /// RFC 1950.
        case zlib
        /// RFC 1952; any number of members.
        case gzip
        case snappy
        /// A raw block, without a frame.
        case lz4
        /// RFC 8878; any number of frames.
        case zstd
        /// RFC 7932.
        case brotli
        /// Any number of streams.
        case bzip2
        /// LZ4 blocks in Hadoop's framing (`HadoopBlocks`).
        case hadoopLZ4
        /// Snappy blocks in Hadoop's framing.
        case hadoopSnappy
    }

    package let kind: Kind
    private let coder: any BlockCoder

    /// Opens the codec's library when it is its first use in the process.
    /// - Parameter usingLibdeflate: whether blocks of deflate may go to libdeflate, where the system has it, for speed.
    /// - Parameter passingOverTail: whether bytes behind the end of a stream of `deflate` are passed over, and no damage.
    /// - Throws: `BlockCodecError.missing`, which names the codec and the package to install.
    package init(_ kind: Kind, usingLibdeflate: Bool = true, passingOverTail: Bool = false) throws {
        self.kind = kind
        coder =
            switch kind {
            case .uncompressed: PlainBlocks()
            case .deflate: ZlibBlocks.coder(passingOverTail ? .rawWithTail : .raw, usingLibdeflate: usingLibdeflate)
            case .zlib: ZlibBlocks.coder(.zlib, usingLibdeflate: usingLibdeflate)
            case .gzip: ZlibBlocks.coder(.gzip, usingLibdeflate: usingLibdeflate)
            case .snappy: try SnappyLibrary.shared.get()
            case .lz4: try LZ4Library.shared.get()
            case .zstd: try ZstdLibrary.shared.get()
            case .brotli: try BrotliLibrary.shared.get()
            case .bzip2: try BZip2Library.shared.get()
            case .hadoopLZ4: HadoopBlocks(try LZ4Library.shared.get())
            case .hadoopSnappy: HadoopBlocks(try SnappyLibrary.shared.get())
            }
    }

    /// Larger blocks are refused: the libraries count in 32 bits.
    package static let largestBlock = 1 << 30

    /// Decompresses the whole of `source` to the beginning of `target` and returns how many bytes that are.
    /// - Throws: `BlockCodecError` when `source` is corrupt or `target` too small; `target` may be partly written then.
    package func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) throws -> Int {
        guard source.count <= Self.largestBlock else { throw error("a compressed block of \(source.count) bytes is too large") }
        let room = UnsafeMutableRawBufferPointer(rebasing: target.prefix(Self.largestBlock))
        switch coder.decompress(source.bytes, into: room.bytes) {
        case .done(let count): return count
        case .targetTooSmall: throw error("it holds more than the \(room.count) bytes that were announced")
        case .corrupt(let reason): throw error(reason)
        }
    }

    /// Decompresses a block of unknown size.
    /// - Throws: `BlockCodecError` when `source` is corrupt or holds more than `limit` bytes.
    package func decompress(_ source: UnsafeRawBufferPointer, limit: Int) throws -> [UInt8] {
        guard let result = try decompress(source, within: limit) else { throw error("it holds more than \(limit) bytes, the limit") }
        return result
    }

    /// Decompresses a block of unknown size; nil when it holds more than `limit` bytes.
    /// - Throws: `BlockCodecError` when `source` is corrupt.
    package func decompress(_ source: UnsafeRawBufferPointer, within limit: Int) throws -> [UInt8]? {
        guard source.count <= Self.largestBlock else { throw error("a compressed block of \(source.count) bytes is too large") }
        let limit = min(limit, Self.largestBlock)
        var capacity = min(max(coder.decompressedSize(source.bytes) ?? source.count * 4, 256), limit)
        while true {
            var outcome = BlockOutcome.targetTooSmall
            let result = [UInt8](unsafeUninitializedCapacity: max(capacity, 1)) { buffer, count in
                let room = UnsafeMutableRawBufferPointer(buffer).prefix(capacity)
                outcome = coder.decompress(source.bytes, into: UnsafeMutableRawBufferPointer(rebasing: room).bytes)
                if case .done(let size) = outcome { count = size }
            }
            switch outcome {
            case .done: return result
            case .corrupt(let reason): throw error(reason)
            case .targetTooSmall:
                guard capacity < limit else { return nil }
                capacity = min(capacity * 2, limit)
            }
        }
    }

    /// - Parameter level: as the codec's own levels go (1…9; zstd 1…19; brotli 0…11); nil: its usual one. Levels beyond
    ///   the codec's are its nearest; snappy and lz4 have none.
    /// - Throws: `BlockCodecError` when `source` is too large.
    package func compress(_ source: UnsafeRawBufferPointer, level: Int? = nil) throws -> [UInt8] {
        guard source.count <= Self.largestBlock else { throw error("a block of \(source.count) bytes is too large") }
        var written: Int?
        let result = try [UInt8](unsafeUninitializedCapacity: max(coder.compressedBound(source.count), 16)) { buffer, count in
            written = try coder.compress(source.bytes, into: UnsafeMutableRawBufferPointer(buffer).bytes, level: level)
            count = written ?? 0
        }
        guard written != nil else { throw error("the block cannot be compressed") }
        return result
    }

    private func error(_ reason: String) -> BlockCodecError { .failed(codec: kind.rawValue, reason: reason) }
}

/// Why a block was not compressed or decompressed. Whoever knows the file adds its name and the offset.
package enum BlockCodecError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The codec's library is not there, or has not what is needed.
    case missing(String)
    case failed(codec: String, reason: String)

    package var description: String {
        switch self {
        case .missing(let reason): reason
        case .failed(let codec, let reason): "corrupt \(codec) data: \(reason)"
        }
    }
}

enum BlockOutcome {
    case done(Int)
    case targetTooSmall
    case corrupt(String)
}

/// What one library does. Buffers always have an address, even when they are empty.
protocol BlockCoder: Sendable {
    /// The whole of `source`, to the beginning of `target`.
    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome
    /// The size that the block itself states, which nothing but a guess of a buffer's size may rest on.
    func decompressedSize(_ source: UnsafeBufferPointer<UInt8>) -> Int?
    /// No block of `count` bytes becomes larger.
    func compressedBound(_ count: Int) -> Int
    /// - Parameter target: at least `compressedBound` bytes. Returns nil when the library fails.
    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) throws -> Int?
}

extension BlockCoder {
    func decompressedSize(_: UnsafeBufferPointer<UInt8>) -> Int? { nil }
}

/// Bytes as they are.
struct PlainBlocks: BlockCoder {
    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        guard source.count <= target.count else { return .targetTooSmall }
        target.address.update(from: source.address, count: source.count)
        return .done(source.count)
    }

    func decompressedSize(_ source: UnsafeBufferPointer<UInt8>) -> Int? { source.count }

    func compressedBound(_ count: Int) -> Int { count }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) -> Int? {
        target.address.update(from: source.address, count: source.count)
        return source.count
    }
}

/// Something to point at for blocks without bytes.
private nonisolated(unsafe) let emptyBlock = UnsafeMutablePointer<UInt8>.allocate(capacity: 16)

extension UnsafeRawBufferPointer {
    /// The same bytes, with an address even when there are none.
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        let own = assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: own.baseAddress ?? UnsafePointer(emptyBlock), count: own.count)
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate var bytes: UnsafeMutableBufferPointer<UInt8> {
        let own = assumingMemoryBound(to: UInt8.self)
        return UnsafeMutableBufferPointer(start: own.baseAddress ?? emptyBlock, count: own.count)
    }
}

extension UnsafeBufferPointer<UInt8> {
    var address: UnsafePointer<UInt8> { baseAddress ?? UnsafePointer(emptyBlock) }
}

extension UnsafeMutableBufferPointer<UInt8> {
    var address: UnsafeMutablePointer<UInt8> { baseAddress ?? emptyBlock }
}

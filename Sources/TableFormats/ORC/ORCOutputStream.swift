import Columnar

/// How a file is written.
package struct ORCWriteOptions: Sendable {
    /// `orc.compress`; LZO cannot be written.
    package var compression = ORCCompression.zlib
    /// As the codec's own levels go; nil: one that is quick.
    package var compressionLevel: Int?
    /// `orc.compress.size`
    package var compressionBlockSize = 256 << 10
    /// `orc.stripe.size`: bytes that a stripe has about.
    package var stripeSize = 64 << 20
    /// `orc.row.index.stride`; 0: no row indexes.
    package var rowIndexStride = 10_000
    /// `hive.exec.orc.dictionary.key.size.threshold`: distinct values, as a share of all, up to which strings are
    /// numbers of a dictionary.
    package var dictionaryThreshold = 0.8
    package var bloomFilters = ORCBloomFilterOptions()
    package var userMetadata: [String: [UInt8]] = [:]

    package init() {}
}

/// One stream of a stripe that is being written: bytes become blocks as they come.
final class ORCOutputStream {
    /// Bytes of the current block: encoders append here and then call `settle`.
    let raw = ByteBuffer(capacity: 256)
    /// Finished blocks.
    let finished = ByteBuffer(capacity: 64)
    private let compressor: ORCCompressor?
    /// Of the compressor; without one nothing is cut.
    private let blockSize: Int

    init(_ compressor: ORCCompressor?) {
        self.compressor = compressor
        blockSize = compressor?.blockSize ?? .max
    }

    /// Bytes that wait, about what they will be in the file.
    var byteCount: Int { finished.count + raw.count }

    /// Cuts blocks that are full.
    @inline(__always)
    func settle() throws {
        if raw.count >= blockSize { try cut() }
    }

    @inline(never)
    private func cut() throws {
        guard let compressor else { return }
        var done = 0
        while raw.count - done >= blockSize {
            try compressor.append(UnsafeRawBufferPointer(start: raw.start + done, count: blockSize), to: finished)
            done += blockSize
        }
        let rest = raw.count - done
        raw.start.update(from: raw.start + done, count: rest)
        raw.truncate(to: rest)
    }

    /// Where the next byte stands: the block, and the byte in it when there are blocks.
    func appendPosition(to positions: inout [UInt64]) {
        if compressor == nil {
            positions.append(UInt64(raw.count))
        } else {
            positions.append(UInt64(finished.count))
            positions.append(UInt64(raw.count))
        }
    }

    /// All bytes as they stand in the file.
    func finish() throws -> ByteBuffer {
        guard let compressor else { return raw }
        try settle()
        if raw.count > 0 {
            try compressor.append(UnsafeRawBufferPointer(start: raw.start, count: raw.count), to: finished)
            raw.removeAll()
        }
        return finished
    }

    func removeAll() {
        raw.removeAll()
        finished.removeAll()
    }
}

/// Makes blocks with their headers.
struct ORCCompressor {
    let blockSize: Int
    private let codec: BlockCodec
    private let level: Int?

    /// nil when there is nothing to compress.
    init?(_ options: ORCWriteOptions, path: String) throws {
        let kind: BlockCodec.Kind
        var level = options.compressionLevel
        switch options.compression {
        case .none: return nil
        case .zlib: (kind, level) = (.deflate, level ?? 3)
        case .snappy: kind = .snappy
        case .lz4: kind = .lz4
        case .zstd: (kind, level) = (.zstd, level ?? 1)
        case .brotli: (kind, level) = (.brotli, level ?? 3)
        case .lzo: throw TableFormatError("ORC files compressed by LZO cannot be written", path: path)
        }
        do { codec = try BlockCodec(kind) } catch {
            throw TableFormatError("\(options.compression.name) cannot be written: \(error)", path: path)
        }
        self.level = level
        blockSize = min(max(options.compressionBlockSize, 1024), ORCPostscript.largestBlock - 1)
    }

    func append(_ block: UnsafeRawBufferPointer, to target: ByteBuffer) throws {
        let compressed = try codec.compress(block, level: level)
        let isOriginal = compressed.count >= block.count
        let header = (isOriginal ? block.count : compressed.count) << 1 | (isOriginal ? 1 : 0)
        for shift in [0, 8, 16] { target.append(UInt8(truncatingIfNeeded: header >> shift)) }
        if isOriginal {
            if let start = block.assumingMemoryBound(to: UInt8.self).baseAddress { target.append(start, count: block.count) }
        } else {
            compressed.withUnsafeBufferPointer { target.append($0) }
        }
    }

    /// A part that is written at once: footers and indexes.
    func blocks(of bytes: [UInt8]) throws -> ByteBuffer {
        let result = ByteBuffer()
        try bytes.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let end = min(start + blockSize, bytes.count)
                try append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), to: result)
                start = end
            }
        }
        return result
    }
}

import CZlib

/// The pages of one column chunk, read one after the other.
final class ChunkPages {
    private let file: FileReader
    private let codec: BlockCodec
    /// Older files say LZ4 and mean Hadoop's framing of it, or a bare block.
    private let fallback: BlockCodec?
    private let memory: ParquetMemory
    private let dataEnd: Int
    /// Where the next page's header, or the body of the one whose header was read, begins.
    private(set) var offset: Int

    /// Bytes of the file from `windowStart` on, for headers and small pages.
    private var window: UnsafeMutablePointer<UInt8>
    private var windowCapacity: Int
    private var windowStart = 0
    private var windowCount = 0
    private var compressed: PageBuffer?

    private static let firstWindow = 32 << 10
    /// No header is larger; statistics in it may be long.
    private static let largestHeader = 16 << 20

    init(_ file: ParquetFile, _ chunk: ParquetColumnChunk, memory: ParquetMemory) throws {
        self.file = file.reader
        self.memory = memory
        dataEnd = file.dataEnd
        guard let compression = chunk.compression.flatMap(ParquetCompression.init(rawValue:)) else {
            throw CorruptParquet("compression \(chunk.compression ?? -1) is not known")
        }
        var fallback: BlockCodec?
        switch compression {
        case .uncompressed: codec = try BlockCodec(.uncompressed)
        case .snappy: codec = try BlockCodec(.snappy)
        case .gzip: codec = try BlockCodec(.gzip)
        case .brotli: codec = try BlockCodec(.brotli)
        case .zstd: codec = try BlockCodec(.zstd)
        case .lz4Raw: codec = try BlockCodec(.lz4)
        case .lz4:
            codec = try BlockCodec(.hadoopLZ4)
            fallback = try BlockCodec(.lz4)
        case .lzo: throw CorruptParquet("compression with LZO cannot be read")
        }
        self.fallback = fallback
        offset = chunk.dataPageOffset
        // Some writers leave 0 here, or the place of another page.
        if let dictionary = chunk.dictionaryPageOffset, dictionary >= 4, dictionary < offset { offset = dictionary }
        windowCapacity = Self.firstWindow
        window = .allocate(capacity: windowCapacity)
    }

    deinit { window.deallocate() }

    /// Goes to another place of the file.
    func seek(_ offset: Int) { self.offset = offset }

    // MARK: Headers

    /// The next page's header; `offset` is then where its body begins.
    func readHeader() throws -> ParquetPageHeader {
        guard offset >= 4, offset < dataEnd else { throw CorruptParquet("there is no page where one must be") }
        var wanted = min(Self.firstWindow, dataEnd - offset)
        if offset < windowStart || offset >= windowStart + windowCount { try fillWindow(wanted) }
        while true {
            let available = windowStart + windowCount - offset
            let bytes = UnsafeBufferPointer(start: UnsafePointer(window) + (offset - windowStart), count: available)
            var reader = ThriftCompactReader(bytes)
            do {
                let header = try ParquetPageHeader(decoding: &reader)
                try check(header)
                offset += header.headerByteCount
                return header
            } catch is ThriftCompactReader.EndOfBytes {
                guard available < dataEnd - offset, available < Self.largestHeader else {
                    throw CorruptParquet("a page header does not end")
                }
                wanted = min(max(wanted, available * 4), dataEnd - offset)
                try fillWindow(wanted)
            }
        }
    }

    private func check(_ header: ParquetPageHeader) throws {
        let left = dataEnd - offset - header.headerByteCount
        guard header.compressedByteCount >= 0, header.compressedByteCount <= left else {
            throw CorruptParquet("a page of \(header.compressedByteCount) bytes, where \(left) are left")
        }
        guard header.byteCount >= 0 else { throw CorruptParquet("a page of \(header.byteCount) bytes") }
        switch header.kind {
        case .data, .dictionary:
            guard header.valueCount >= 0 else { throw CorruptParquet("a page of \(header.valueCount) values") }
        case .dataV2:
            let levels = header.definitionByteCount.addingReportingOverflow(header.repetitionByteCount)
            guard header.valueCount >= 0, header.definitionByteCount >= 0, header.repetitionByteCount >= 0, !levels.overflow,
                levels.partialValue <= header.compressedByteCount, levels.partialValue <= header.byteCount
            else { throw CorruptParquet("a page whose levels are longer than itself") }
        case .index, nil: break
        }
    }

    private func fillWindow(_ wanted: Int) throws {
        if wanted > windowCapacity {
            try memory.grow(by: wanted - windowCapacity)
            window.deallocate()
            windowCapacity = wanted
            window = .allocate(capacity: wanted)
        }
        windowStart = offset
        windowCount = 0
        windowCount = try file.read(into: window, count: wanted, at: offset)
        guard windowCount == wanted else {
            throw TableFormatError("the file became shorter while it was read", path: file.path, offset: offset + windowCount)
        }
    }

    // MARK: Bodies

    func skipBody(_ header: ParquetPageHeader) { offset += header.compressedByteCount }

    /// Decompresses the body into `page`: the levels of a page of version 2, which are never compressed, then the rest.
    func readBody(_ header: ParquetPageHeader, into page: inout PageBuffer?) throws {
        let count = header.compressedByteCount
        if codec.kind == .uncompressed, header.byteCount == count {
            try PageBuffer.replace(&page, count: count, memory: memory)
            guard let page else { return }
            try read(into: page.bytes, count: count)
            try verify(header, page.bytes)
            return
        }
        try PageBuffer.replace(&compressed, count: count, memory: memory)
        guard let compressed else { return }
        try read(into: compressed.bytes, count: count)
        try verify(header, compressed.bytes)
        let plain = header.kind == .dataV2 ? header.definitionByteCount + header.repetitionByteCount : 0
        let isPlain = header.kind == .dataV2 && !header.isCompressed
        let size = isPlain ? count : header.byteCount
        try PageBuffer.replace(&page, count: size, memory: memory)
        guard let page else { return }
        page.bytes.update(from: compressed.bytes, count: isPlain ? count : plain)
        // A page without values may have no compressed bytes either.
        if isPlain || (count == plain && size == plain) { return }
        let source = UnsafeRawBufferPointer(start: compressed.bytes + plain, count: count - plain)
        let target = UnsafeMutableRawBufferPointer(start: page.bytes + plain, count: size - plain)
        let written = try decompress(source, into: target)
        guard written == target.count else {
            throw CorruptParquet("a page holds \(written) bytes, not the \(target.count) that its header says")
        }
    }

    private func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) throws -> Int {
        do { return try codec.decompress(source, into: target) } catch let error as BlockCodecError {
            if let fallback, let count = try? fallback.decompress(source, into: target) { return count }
            throw CorruptParquet(error.description)
        }
    }

    /// Copies the body from the window as far as it is there, and reads the rest from the file.
    private func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws {
        var done = 0
        if offset >= windowStart, offset < windowStart + windowCount {
            done = min(count, windowStart + windowCount - offset)
            target.update(from: window + (offset - windowStart), count: done)
        }
        if done < count {
            let got = try file.read(into: target + done, count: count - done, at: offset + done)
            guard got == count - done else {
                throw TableFormatError("the file became shorter while it was read", path: file.path, offset: offset + done + got)
            }
        }
        offset += count
    }

    private func verify(_ header: ParquetPageHeader, _ bytes: UnsafePointer<UInt8>) throws {
        guard let checksum = header.checksum else { return }
        let found = UInt32(truncatingIfNeeded: crc32(0, bytes, uInt(header.compressedByteCount)))
        guard found == checksum else { throw CorruptParquet("a page's checksum does not match its bytes") }
    }
}

/// By a file's extension, as Hadoop's codecs are chosen.
package enum TextCompression: Sendable, Hashable {
    case none
    /// `.gz`: any number of members.
    case gzip
    /// `.deflate`: any number of zlib streams.
    case deflate
    /// `.bz2`: any number of streams; blocks begin splits.
    case bzip2
    /// `.zst`: any number of frames, which begin splits.
    case zstd
    /// `.snappy` and `.lz4` in Hadoop's framing.
    case snappy
    case lz4

    /// - Throws: `TableFormatError` for a codec that is known and cannot be read.
    package init(path: String) throws {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".")
        switch parts.count > 1 ? parts.last.map(String.init) : nil {
        case "gz": self = .gzip
        case "deflate": self = .deflate
        case "bz2": self = .bzip2
        case "zst", "zstd": self = .zstd
        case "snappy": self = .snappy
        case "lz4": self = .lz4
        case "lzo":
            throw TableFormatError("text files compressed as .lzo cannot be read", path: path)
        default: self = .none
        }
    }

    /// The decompressed bytes from the first member on that begins in `range`.
    /// - Throws: `TableFormatError` when the codec's library is missing or the file does not begin as its name says.
    func open(_ file: FileReader, _ range: Range<Int>, memory: ScanMemoryUse) throws -> any ByteSource {
        do {
            switch self {
            case .none: return FileRange(file, from: range.lowerBound, to: range.upperBound)
            case .gzip: return StreamSource(file, decoder: try InflateDecoder(isGzip: true), memory: memory)
            case .deflate: return StreamSource(file, decoder: try InflateDecoder(isGzip: false), memory: memory)
            case .bzip2: return try BZip2BlockSource(file, from: range.lowerBound, to: range.upperBound, memory: memory)
            case .zstd:
                return StreamSource(file, from: range.lowerBound, to: range.upperBound, decoder: try ZstdDecoder(), memory: memory)
            case .snappy: return HadoopBlockSource(file, try SnappyLibrary.shared.get(), codec: "snappy", memory: memory)
            case .lz4: return HadoopBlockSource(file, try LZ4Library.shared.get(), codec: "lz4", memory: memory)
            }
        } catch let error as BlockCodecError { throw TableFormatError(error.description, path: file.path) }
    }

    /// Where splits of a compressed file end, ascending; the last one is the file's end.
    func splitEnds(_ file: FileReader, byteCount: Int, splitBytes: Int) throws -> [Int] {
        switch self {
        case .bzip2:
            // A split pays with one block more than it has.
            let step = max(splitBytes, 32 << 10)
            return Array(stride(from: step, to: byteCount - step / 4, by: step)) + [byteCount]
        case .zstd: return try ZstdFrames.ends(file, byteCount: byteCount, splitBytes: splitBytes)
        case .none, .gzip, .deflate, .snappy, .lz4: return [byteCount]
        }
    }
}

/// Where the frames of a `.zst` file lie (RFC 8878, section 3.1).
enum ZstdFrames {
    /// Ends of groups of frames of about `splitBytes`. What cannot be understood is left to whoever decompresses it.
    static func ends(_ file: FileReader, byteCount: Int, splitBytes: Int) throws -> [Int] {
        var ends: [Int] = []
        var start = 0
        var offset = 0
        while offset < byteCount, let end = try frameEnd(file, offset, byteCount) {
            offset = end
            if offset - start >= splitBytes, offset < byteCount {
                ends.append(offset)
                start = offset
            }
        }
        return ends + [byteCount]
    }

    private static func frameEnd(_ file: FileReader, _ start: Int, _ byteCount: Int) throws -> Int? {
        guard let magic = try little(file, start, 4) else { return nil }
        if magic & 0xFFFF_FFF0 == 0x184D_2A50 {
            guard let size = try little(file, start + 4, 4) else { return nil }
            let end = start + 8 + size
            return end <= byteCount ? end : nil
        }
        guard magic == 0xFD2F_B528, let descriptor = try little(file, start + 4, 1) else { return nil }
        let isSingleSegment = descriptor & 0x20 != 0
        let dictionaryBytes = [0, 1, 2, 4][descriptor & 3]
        let sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]
        var offset = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
        while true {
            guard let header = try little(file, offset, 3) else { return nil }
            // A block of one repeated byte holds that byte.
            offset += 3 + (header >> 1 & 3 == 1 ? 1 : header >> 3)
            guard offset <= byteCount else { return nil }
            if header & 1 != 0 { break }
        }
        if descriptor & 4 != 0 { offset += 4 }
        return offset <= byteCount ? offset : nil
    }

    private static func little(_ file: FileReader, _ offset: Int, _ count: Int) throws -> Int? {
        var bytes: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
        let got = try withUnsafeMutablePointer(to: &bytes) { pointer in
            try pointer.withMemoryRebound(to: UInt8.self, capacity: 4) { try file.read(into: $0, count: count, at: offset) }
        }
        guard got == count else { return nil }
        return Int(bytes.0) | Int(bytes.1) << 8 | Int(bytes.2) << 16 | Int(bytes.3) << 24
    }
}

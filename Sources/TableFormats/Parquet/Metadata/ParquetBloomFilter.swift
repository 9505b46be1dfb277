/// A split-block bloom filter (BloomFilter.md, "Technical Approach"): blocks of eight words, in each of which a value sets a bit.
enum SplitBlockFilter {
    static let blockBytes = 32
    /// No filter is larger, by the specification's advice.
    static let largest = 128 << 20

    @inline(__always)
    private static func salt(_ word: Int) -> UInt32 {
        switch word {
        case 0: 0x47b6_137b
        case 1: 0x4497_4d91
        case 2: 0x8824_ad5b
        case 3: 0xa2b7_289d
        case 4: 0x7054_95c7
        case 5: 0x2df1_424b
        case 6: 0x9efc_4947
        default: 0x5c6b_fb31
        }
    }

    /// Which of `count` blocks a hash belongs to.
    @inline(__always)
    static func block(of hash: UInt64, count: Int) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: count)) &>> 32)
    }

    /// The bit of a hash in a word of its block.
    @inline(__always)
    static func bit(of hash: UInt64, word: Int) -> UInt32 {
        1 &<< ((UInt32(truncatingIfNeeded: hash) &* salt(word)) &>> 27)
    }

    /// Whether a value with this hash may be among those of a block.
    static func mayContain(_ hash: UInt64, block: UnsafeRawPointer) -> Bool {
        for word in 0..<8 {
            let bits = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self))
            if bits & bit(of: hash, word: word) == 0 { return false }
        }
        return true
    }
}

/// The bloom filter of a column chunk, in the file: one block of it is read for each value that is asked for.
struct ParquetBloomFilter {
    private let file: FileReader
    /// Where its blocks begin.
    private let offset: Int
    private let blockCount: Int

    var byteCount: Int { blockCount * SplitBlockFilter.blockBytes }

    /// - Returns: nil when the chunk has none, or one of another kind.
    /// - Throws: `TableFormatError` when the file cannot be read.
    init?(of chunk: ParquetColumnChunk, in file: ParquetFile) throws {
        guard let start = chunk.bloomFilterOffset, start >= 4, start < file.dataEnd else { return nil }
        let head = try file.reader.bytes(min(Self.largestHeader, file.dataEnd - start), at: start)
        let header = head.withUnsafeBufferPointer { bytes -> BloomFilterHeader? in
            var reader = ThriftCompactReader(bytes)
            return try? BloomFilterHeader(decoding: &reader)
        }
        guard let header, header.isKnown, header.byteCount > 0, header.byteCount <= SplitBlockFilter.largest,
            header.byteCount % SplitBlockFilter.blockBytes == 0,
            header.byteCount <= file.dataEnd - start - header.headerByteCount
        else { return nil }
        self.file = file.reader
        offset = start + header.headerByteCount
        blockCount = header.byteCount / SplitBlockFilter.blockBytes
    }

    private static let largestHeader = 256

    /// Whether a value may occur in the chunk.
    /// - Parameter hash: of its plain bytes.
    func mayContain(_ hash: UInt64) throws -> Bool {
        let place = offset + SplitBlockFilter.block(of: hash, count: blockCount) * SplitBlockFilter.blockBytes
        let block = try file.bytes(SplitBlockFilter.blockBytes, at: place)
        guard block.count == SplitBlockFilter.blockBytes else {
            throw TableFormatError("the file became shorter while it was read", path: file.path, offset: place)
        }
        return block.withUnsafeBytes { bytes in
            bytes.baseAddress.map { SplitBlockFilter.mayContain(hash, block: $0) } ?? true
        }
    }
}

/// What stands in front of the blocks.
struct BloomFilterHeader {
    var byteCount = 0
    /// Whether algorithm, hash and compression are those that the specification has: a split-block filter of XXH64, as it is.
    private(set) var isKnown = false
    private(set) var headerByteCount = 0

    init(byteCount: Int) { self.byteCount = byteCount }

    init(decoding reader: inout ThriftCompactReader) throws {
        var known = 0
        try reader.fields { reader, field, wire in
            switch field {
            case 1: byteCount = try reader.integer(wire)
            case 2, 3, 4:
                try reader.structure(wire) { _, choice, _ in
                    if choice == 1 { known += 1 }
                    return false
                }
            default: return false
            }
            return true
        }
        isKnown = known == 3
        headerByteCount = reader.position
    }

    func encoded() -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.element { writer in
            writer.i32(1, byteCount)
            for field in 2...4 { writer.structure(field) { $0.structure(1) { _ in } } }
        }
        return writer.bytes
    }
}

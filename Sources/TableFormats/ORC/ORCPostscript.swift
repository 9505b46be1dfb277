/// How the bytes of a file are compressed.
package enum ORCCompression: Int, Sendable, CaseIterable {
    case none, zlib, snappy, lzo, lz4, zstd, brotli

    /// As `orc.compress` spells it.
    package var name: String { "\(self)".uppercased() }

    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name.uppercased() }) else { return nil }
        self = found
    }
}

/// The last bytes of a file, which are never compressed: they say how to read the footer.
struct ORCPostscript {
    var footerLength = 0
    var compression = ORCCompression.none
    /// The most bytes that a compressed block holds when it is decompressed.
    var blockSize = 256 << 10
    /// 0.11 and 0.12, and 1.9999: the form that is to become 2.0.
    var version: [UInt64] = []
    var metadataLength = 0
    var writerVersion = 0
    var magic = ""

    /// Headers of blocks hold lengths of 23 bits.
    static let largestBlock = 1 << 23

    init(_ bytes: UnsafeRawBufferPointer, part: ORCPart) throws {
        var reader = ProtobufReader(bytes, part: part)
        while let field = try reader.next() {
            switch field.number {
            case 1: footerLength = try reader.count(field)
            case 2:
                let kind = try reader.count(field)
                guard let known = ORCCompression(rawValue: kind) else {
                    throw part.damaged("compression \(kind) is not known")
                }
                compression = known
            case 3: blockSize = try reader.count(field)
            case 4: try reader.appendUnsigned(field, to: &version)
            case 5: metadataLength = try reader.count(field)
            case 6: writerVersion = try reader.count(field)
            case 8000: magic = try reader.string(field)
            default: try reader.skip(field)
            }
        }
        if compression != .none {
            guard blockSize > 0, blockSize <= Self.largestBlock else {
                throw part.damaged("blocks of \(blockSize) bytes are not possible")
            }
        }
    }

    /// Whether integers of DECIMAL(18) and less stand in one run-length encoded stream.
    var hasShortDecimals: Bool { version.first == 1 }
}

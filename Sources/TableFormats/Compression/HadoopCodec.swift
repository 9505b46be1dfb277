/// Codecs by the names of Hadoop's classes, with the name's last part as raw value.
enum HadoopCodec: String, Sendable, CaseIterable {
    case zlib = "DefaultCodec"
    case alsoZlib = "DeflateCodec"
    case gzip = "GzipCodec"
    case bzip2 = "BZip2Codec"
    case snappy = "SnappyCodec"
    case lz4 = "Lz4Codec"
    case zstd = "ZStandardCodec"

    private static let package = "org.apache.hadoop.io.compress."

    var className: String { Self.package + rawValue }

    /// nil for a class that is not known.
    init?(className name: String) {
        guard name.hasPrefix(Self.package) else { return nil }
        self.init(rawValue: String(name.dropFirst(Self.package.count)))
    }

    /// What compresses a block of a file.
    /// - Throws: `TableFormatError` for a class that is not known.
    static func blockKind(ofClass name: String, path: String) throws -> BlockCodec.Kind {
        switch Self(className: name) {
        case .zlib, .alsoZlib: .zlib
        case .gzip: .gzip
        case .bzip2: .bzip2
        case .snappy: .hadoopSnappy
        case .lz4: .hadoopLZ4
        case .zstd: .zstd
        case nil: throw TableFormatError("the compression codec \(name) is not supported", path: path)
        }
    }

    /// What the names of files compressed with it end with.
    var fileSuffix: String {
        switch self {
        case .zlib, .alsoZlib: ".deflate"
        case .gzip: ".gz"
        case .bzip2: ".bz2"
        case .snappy: ".snappy"
        case .lz4: ".lz4"
        case .zstd: ".zst"
        }
    }

    /// What compresses a whole file.
    /// - Throws: `BlockCodecError` when the codec's library is missing.
    func makeCompressor() throws -> any ByteCompressor {
        switch self {
        case .zlib, .alsoZlib: try ZlibCompressor(isGzip: false)
        case .gzip: try ZlibCompressor(isGzip: true)
        case .bzip2: try BZip2Compressor()
        case .snappy: HadoopBlockCompressor(try SnappyLibrary.shared.get())
        case .lz4: HadoopBlockCompressor(try LZ4Library.shared.get())
        case .zstd: try ZstdCompressor()
        }
    }
}

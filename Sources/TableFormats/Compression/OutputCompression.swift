/// How files of lines are compressed that queries write: `hive.exec.compress.output` and the codec's Java class.
struct OutputCompression: Sendable {
    private enum Codec: String, Sendable {
        case deflate = "org.apache.hadoop.io.compress.DefaultCodec"
        case alsoDeflate = "org.apache.hadoop.io.compress.DeflateCodec"
        case gzip = "org.apache.hadoop.io.compress.GzipCodec"
        case bzip2 = "org.apache.hadoop.io.compress.BZip2Codec"
        case snappy = "org.apache.hadoop.io.compress.SnappyCodec"
        case lz4 = "org.apache.hadoop.io.compress.Lz4Codec"
        case zstd = "org.apache.hadoop.io.compress.ZStandardCodec"
    }

    private let name: String
    private let codec: Codec?

    /// nil: files are not compressed.
    init?(settings: [String: String]) {
        guard settings["hive.exec.compress.output"]?.lowercased() == "true" else { return nil }
        name =
            settings["mapreduce.output.fileoutputformat.compress.codec"] ?? settings["mapred.output.compression.codec"]
            ?? Codec.deflate.rawValue
        codec = Codec(rawValue: name)
    }

    var fileSuffix: String {
        switch codec {
        case .deflate, .alsoDeflate: ".deflate"
        case .gzip: ".gz"
        case .bzip2: ".bz2"
        case .snappy: ".snappy"
        case .lz4: ".lz4"
        case .zstd: ".zst"
        case nil: ""
        }
    }

    /// One for a file.
    /// - Throws: `TableFormatError` for a class that is not known, `BlockCodecError` when the codec's library is missing.
    func makeCompressor() throws -> any ByteCompressor {
        switch codec {
        case .deflate, .alsoDeflate: try ZlibCompressor(isGzip: false)
        case .gzip: try ZlibCompressor(isGzip: true)
        case .bzip2: try BZip2Compressor()
        case .snappy: HadoopBlockCompressor(try SnappyLibrary.shared.get())
        case .lz4: HadoopBlockCompressor(try LZ4Library.shared.get())
        case .zstd: try ZstdCompressor()
        case nil: throw TableFormatError("Compression codec \(name) was not found.", path: "")
        }
    }
}

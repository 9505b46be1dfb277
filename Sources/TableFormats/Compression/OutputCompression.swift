/// How files of lines are compressed that queries write: `hive.exec.compress.output` and the codec's Java class.
struct OutputCompression: Sendable {
    private let className: String
    private let codec: HadoopCodec?

    /// nil: files are not compressed.
    init?(settings: [String: String]) {
        guard settings["hive.exec.compress.output"]?.lowercased() == "true" else { return nil }
        className =
            settings["mapreduce.output.fileoutputformat.compress.codec"] ?? settings["mapred.output.compression.codec"]
            ?? HadoopCodec.zlib.className
        codec = HadoopCodec(className: className)
    }

    var fileSuffix: String { codec?.fileSuffix ?? "" }

    /// One for a file.
    /// - Throws: `TableFormatError` for a class that is not known, `BlockCodecError` when the codec's library is missing.
    func makeCompressor() throws -> any ByteCompressor {
        guard let codec else { throw TableFormatError("Compression codec \(className) was not found.", path: "") }
        return try codec.makeCompressor()
    }
}

import Columnar

/// TEXTFILE: lines of text, plain or compressed, of which a SerDe makes values.
final class TextTableFormat: TableFormat {
    private let text: TextFormat
    private let serde: any TextSerDe

    private let compression: OutputCompression?

    /// - Parameter compression: of files that are written.
    init(_ text: TextFormat, serde: any TextSerDe, compression: OutputCompression?) {
        self.text = text
        self.serde = serde
        self.compression = compression
    }

    var fileSuffix: String { compression?.fileSuffix ?? "" }

    func check(_ schema: [SchemaColumn]) throws { try serde.check(schema) }

    func splits(of files: [ScanFile], for request: ScanRequest, splitBytes: Int) throws -> FileSplits {
        guard text.recordDelimiter.isEmpty else { return FileSplits(try TextSplitter.wholeFiles(files, format: text)) }
        return FileSplits(try TextSplitter.splits(of: files, format: text, splitBytes: splitBytes))
    }

    func makeReader(_ request: ScanRequest) throws -> any SplitReader {
        let memory = ScanMemoryUse(request.makeMemory?("long lines"))
        var deserializer = try serde.makeDeserializer(schema: request.storedSchema, fields: request.storedFields)
        if let encoding = text.encoding { deserializer = try EncodedDeserializer(deserializer, encoding, memory: memory) }
        guard text.recordDelimiter.isEmpty else {
            return DelimitedSplitReader(request, deserializer: deserializer, delimiter: text.recordDelimiter, memory: memory)
        }
        return TextScanner(request, deserializer: deserializer, memory: memory)
    }

    func makeWriter(schema: [SchemaColumn]) throws -> any TableFileWriter {
        let (encoding, compression) = (text.encoding, compression)
        return TextWriter(try serde.makeSerializer(schema: schema)) {
            // A codec of its own for each file, opened with the first.
            guard encoding != nil || compression != nil else { return nil }
            return TextStages(
                encoder: try encoding.map { try TextEncoder($0) }, compressor: try compression?.makeCompressor())
        }
    }
}

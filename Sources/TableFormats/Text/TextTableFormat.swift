import Columnar

/// TEXTFILE: lines of text, plain or compressed, of which a SerDe makes values.
final class TextTableFormat: TableFormat {
    private let text: TextFormat

    init(_ text: TextFormat) { self.text = text }

    var name: String { "TEXTFILE" }
    var hasLineOffsets: Bool { true }

    func splits(of files: [ScanFile], for request: ScanRequest, splitBytes: Int) throws -> FileSplits {
        FileSplits(try TextSplitter.splits(of: files, format: text, splitBytes: splitBytes))
    }

    func makeReader(_ request: ScanRequest) throws -> any SplitReader {
        TextScanner(
            request, deserializer: LazySimpleDeserializer(schema: request.storedSchema, format: text),
            memory: request.makeMemory?("long lines"))
    }

    func makeWriter(schema: [SchemaColumn]) throws -> any TableFileWriter { TextWriter(schema: schema, format: text) }
}

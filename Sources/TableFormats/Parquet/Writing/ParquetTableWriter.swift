import Columnar

final class ParquetTableWriter: TableFileWriter {
    private let schema: [SchemaColumn]
    private let options: ParquetWriteOptions
    fileprivate var batch: Batch?

    init(schema: [SchemaColumn], options: ParquetWriteOptions) {
        self.schema = schema
        self.options = options
    }

    func open(_ file: OutputFile) throws -> any TableFile {
        ParquetTableFile(self, file, try ParquetWriter(schema: schema, file: file, options: options))
    }

    func begin(_ batch: Batch) { self.batch = batch }
}

private final class ParquetTableFile: TableFile {
    private let owner: ParquetTableWriter
    private let file: OutputFile
    private let writer: ParquetWriter

    init(_ owner: ParquetTableWriter, _ file: OutputFile, _ writer: ParquetWriter) {
        self.owner = owner
        self.file = file
        self.writer = writer
    }

    var path: String { file.path }
    var bufferedBytes: Int { writer.bufferedBytes }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?) throws {
        if let batch = owner.batch { try writer.write(batch.choosing(ordinals)) }
    }

    func flush() throws { try writer.endRowGroup() }

    func close() throws -> WrittenTableFile { WrittenTableFile(byteCount: try writer.close().byteCount) }
}

extension ParquetWriteOptions {
    /// As the table and the session have it.
    /// - Throws: `TableFormatError` for a value that cannot be heeded.
    init(_ storage: TableStorage) throws {
        self.init()
        if let text = storage.option("parquet.compression") {
            switch text.uppercased() {
            case "UNCOMPRESSED", "NONE": compression = .uncompressed
            case "SNAPPY": compression = .snappy
            case "GZIP": compression = .gzip
            case "ZSTD": compression = .zstd
            case "BROTLI": compression = .brotli
            case "LZ4_RAW", "LZ4": compression = .lz4Raw
            default: throw TableFormatError("parquet.compression '\(text)' cannot be written", path: "")
            }
        }
        func size(_ name: String) -> Int? { storage.option(name).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
        if let bytes = size("parquet.block.size") { rowGroupBytes = bytes }
        if let bytes = size("parquet.page.size") { pageBytes = bytes }
        if let bytes = size("parquet.dictionary.page.size") { dictionaryBytes = bytes }
        if let text = storage.option("parquet.enable.dictionary") { usesDictionaries = text.lowercased() != "false" }
    }
}

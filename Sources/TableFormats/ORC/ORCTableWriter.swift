import Columnar

final class ORCTableWriter: TableFileWriter {
    private let schema: [SchemaColumn]
    private let options: ORCWriteOptions
    fileprivate var batch: Batch?

    init(schema: [SchemaColumn], options: ORCWriteOptions) {
        self.schema = schema
        self.options = options
    }

    func open(_ file: OutputFile) throws -> any TableFile {
        ORCTableFile(self, file, try ORCWriter(schema: schema, options: options, to: file))
    }

    func begin(_ batch: Batch) { self.batch = batch }
}

private final class ORCTableFile: TableFile {
    private let owner: ORCTableWriter
    private let file: OutputFile
    private let writer: ORCWriter

    init(_ owner: ORCTableWriter, _ file: OutputFile, _ writer: ORCWriter) {
        self.owner = owner
        self.file = file
        self.writer = writer
    }

    var path: String { file.path }
    var bufferedBytes: Int { writer.bufferedBytes }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?) throws {
        if let batch = owner.batch { try writer.write(batch.choosing(ordinals)) }
    }

    func flush() throws { try writer.endStripe() }

    func close() throws -> WrittenTableFile { WrittenTableFile(byteCount: try writer.close().byteCount) }
}

extension ORCWriteOptions {
    /// As the table and the session have it.
    /// - Throws: `TableFormatError` for a value that cannot be heeded.
    init(_ storage: TableStorage) throws {
        self.init()
        if let text = storage.option("orc.compress", settings: ["hive.exec.orc.default.compress"]) {
            guard let known = ORCCompression(name: text), known != .lzo else {
                throw TableFormatError("orc.compress '\(text)' cannot be written", path: "")
            }
            compression = known
        }
        func size(_ name: String, _ settings: String...) -> Int? {
            storage.option(name, settings: settings).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        }
        if let bytes = size("orc.compress.size", "hive.exec.orc.default.buffer.size"), bytes > 0 { compressionBlockSize = bytes }
        if let bytes = size("orc.stripe.size", "hive.exec.orc.default.stripe.size"), bytes > 0 { stripeSize = bytes }
        if let rows = size("orc.row.index.stride", "hive.exec.orc.default.row.index.stride") { rowIndexStride = rows }
        if storage.option("orc.create.index")?.lowercased() == "false" { rowIndexStride = 0 }
        if let text = storage.option("hive.exec.orc.dictionary.key.size.threshold"), let share = Double(text) {
            dictionaryThreshold = share
        }
    }
}

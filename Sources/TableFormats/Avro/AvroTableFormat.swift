import Columnar
import Platform

/// Avro: a morsel is a range of bytes.
final class AvroTableFormat: TableFormat {
    private let storage: TableStorage
    private let options: AvroWriteOptions

    let keepsTexts = true

    var hasOwnSchema: Bool { AvroTableSchema.isGiven(storage.property) }

    init(_ storage: TableStorage) throws {
        self.storage = storage
        options = try AvroWriteOptions(storage)
    }

    func splits(of files: [ScanFile], for request: ScanRequest, splitBytes: Int) throws -> FileSplits {
        var result = FileSplits()
        for file in files where file.byteCount > 0 {
            let opened = try AvroFile(file, memory: request.makeMemory?("the header of an Avro file"))
            result.splits += ByteRangeSplit.splits(of: file, opened: opened, splitBytes: splitBytes)
        }
        return result
    }

    func makeReader(_ request: ScanRequest) throws -> any SplitReader {
        AvroSplitReader(request, schema: try AvroTableSchema(storage, columns: request.storedSchema))
    }

    func makeWriter(schema: [SchemaColumn]) throws -> any TableFileWriter {
        let text = try AvroTableSchema(storage, columns: schema).text
        return BatchTableWriter { [options] in
            try AvroWriter(columns: schema, schemaText: text, options: options, to: $0)
        }
    }
}

/// The schema of a table: the one that its properties have, or Hive's of its columns.
package struct AvroTableSchema: Sendable {
    package let text: String
    package let schema: AvroSchema

    /// - Throws: `TableFormatError` for a schema that cannot be read, at the place where it is when it is a file.
    package init(_ storage: TableStorage, columns: [SchemaColumn]) throws {
        if let own = try Self.own(storage.property) {
            self = own
            return
        }
        do {
            text = try AvroSchema.text(of: columns, name: storage.tableName, namespace: storage.databaseName)
            schema = try AvroSchema(Array(text.utf8))
        } catch { throw TableFormatError("\(error)", path: "") }
    }

    private init(text: [UInt8], path: String) throws {
        self.text = String(decoding: text, as: UTF8.self)
        do { schema = try AvroSchema(text) } catch { throw TableFormatError("\(error)", path: path) }
    }

    /// Whether `avro.schema.literal` or `avro.schema.url` says something.
    static func isGiven(_ property: (String) -> String?) -> Bool {
        ["avro.schema.literal", "avro.schema.url"].compactMap(property).contains { !$0.isEmpty && $0.lowercased() != "none" }
    }

    /// What `avro.schema.literal` or `avro.schema.url` says; nil when neither says anything.
    package static func own(_ property: (String) -> String?) throws -> AvroTableSchema? {
        if let literal = property("avro.schema.literal"), !literal.isEmpty, literal.lowercased() != "none" {
            return try AvroTableSchema(text: Array(literal.utf8), path: "avro.schema.literal")
        }
        guard let url = property("avro.schema.url"), !url.isEmpty, url.lowercased() != "none" else { return nil }
        var path = Substring(url)
        if path.hasPrefix("file:") {
            path = path.dropFirst(5)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
        }
        guard path.hasPrefix("/") else {
            throw TableFormatError("avro.schema.url names no file of this machine", path: url)
        }
        return try AvroTableSchema(text: FileContents.bytes(of: String(path)), path: String(path))
    }
}

extension AvroWriteOptions {
    /// As the session has it: Hive compresses Avro by `avro.output.codec` when it compresses its output.
    init(_ storage: TableStorage) throws {
        self.init()
        guard storage.option("hive.exec.compress.output")?.lowercased() == "true" else { return }
        let name = storage.option("avro.output.codec") ?? "deflate"
        guard let known = AvroCodec(rawValue: name.lowercased()) else {
            throw TableFormatError("avro.output.codec '\(name)' cannot be written", path: "")
        }
        codec = known
        let setting = known == .deflate ? "avro.mapred.deflate.level" : "avro.mapred.zstd.level"
        level = storage.option(setting).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
}

private final class AvroSplitReader: SplitReader {
    private let request: ScanRequest
    private let schema: AvroTableSchema
    private let filter: BatchFilter
    private(set) var statistics = ScanStatistics()

    init(_ request: ScanRequest, schema: AvroTableSchema) {
        self.request = request
        self.schema = schema
        let columns = (schema.schema.fields ?? []).map {
            SchemaColumn(name: $0.name.lowercased(), type: $0.schema.sqlType)
        }
        filter = BatchFilter(request, file: columns, matching: .name)
    }

    func scan(_ split: any FileSplit, isCancelled: () -> Bool, emit: (Batch) throws -> Void) throws {
        guard let split = split as? ByteRangeSplit<AvroFile> else {
            throw TableFormatError("a split of another format than Avro", path: split.file.path)
        }
        statistics.byteCount += split.byteCount
        let reader = try AvroReader(
            split.opened, range: split.range, schema: schema.schema, columns: filter.fileColumns, fields: filter.fileFields,
            memory: request.makeMemory?("blocks of an Avro file"))
        var row = 0
        var position = 0
        while !isCancelled(), let batch = try reader.next(max(request.batchCapacity, 1)) {
            statistics.rowCount += batch.capacity
            if let wanted = try filter.apply(batch, firstRow: row, position: position) {
                statistics.selectedRowCount += wanted.rowCount
                try emit(wanted)
            }
            row += batch.capacity
            position += 1
        }
    }
}

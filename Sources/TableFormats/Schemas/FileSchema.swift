import Columnar

/// The formats in which files are read that no table describes.
package enum FileKind: String, Sendable, CaseIterable {
    case parquet, orc, avro, json, csv, text

    /// Whether files say themselves which columns they have.
    package var describesItself: Bool {
        switch self {
        case .parquet, .orc, .avro: true
        case .json, .csv, .text: false
        }
    }
}

/// The columns of files, as the first of them has them.
package struct FileSchema: Sendable, Equatable {
    package var columns: [SchemaColumn]
    /// Properties of the SerDe by which a table of those columns reads the files.
    package var serdeProperties: [String: String] = [:]

    /// - Throws: `TableFormatError` when the file cannot be read or has no columns; `FileError`.
    package init(of file: ScanFile, as kind: FileKind) throws {
        let found: [SchemaColumn]
        switch kind {
        case .parquet: found = try ParquetFile(file).columns
        case .orc: found = try ORCFile(file).columns
        case .avro:
            let opened = try AvroFile(file)
            found = opened.columns
            if let schema = opened.metadata["avro.schema"] {
                serdeProperties["avro.schema.literal"] = String(decoding: schema, as: UTF8.self)
            }
        case .json: found = try JSONInference.columns(of: file)
        case .csv: found = try Self.textColumns(of: file)
        case .text:
            found = [FirstLines.column]
            serdeProperties = FirstLines.properties
        }
        guard !found.isEmpty else { throw TableFormatError("the file has no columns", path: file.path) }
        columns = found.map { SchemaColumn(name: $0.name.lowercased(), type: Self.known($0.type), comment: $0.comment) }
        var names = Set<String>()
        for column in columns where !names.insert(column.name).inserted {
            throw TableFormatError("two columns of the file have the name \(column.name)", path: file.path)
        }
    }

    /// The bytes of an RCFile's fields as they are, whatever a table's SerDe makes of them. `ColumnarSerDe` reads and writes
    /// them by `serdeProperties`.
    package init(ofFieldsIn file: ScanFile) throws {
        columns = (0..<(try RCFile(file).columnCount)).map { SchemaColumn(name: "_c\($0)", type: .string) }
        // Bytes that are taken for NULL are written as they were.
        serdeProperties = ["serialization.null.format": "\n"]
    }

    /// Columns of no values at all may become any; text is what all others can be converted to.
    private static func known(_ type: SQLType) -> SQLType {
        switch type {
        case .void: .string
        case .array(let element): .array(known(element))
        case .map(let key, let value): .map(key: known(key), value: known(value))
        case .structure(let fields): .structure(fields.map { StructField(name: $0.name, type: known($0.type)) })
        case .union(let members): .union(members.map(known))
        default: type
        }
    }

    /// `_c0`, `_c1`, …: as many as the first line has fields.
    private static func textColumns(of file: ScanFile) throws -> [SchemaColumn] {
        let parser = OpenCSVLineParser(try OpenCSVSerDe(TableStorage(format: "text", serde: "")))
        var count = 0
        try FirstLines.read(file, count: 1) { line in
            parser.parse(line, StringHeap(), wanted: .max) { field, _ in count = field + 1 }
            count = max(count, 1)
        }
        return (0..<count).map { SchemaColumn(name: "_c\($0)", type: .string) }
    }
}

/// The lines at the beginning of a file of text, compressed or not.
enum FirstLines {
    /// What a line is when it is nothing but text.
    static let column = SchemaColumn(name: "value", type: .string)
    /// Properties by which a line becomes that column, whatever it holds: no line has a line end to be NULL by.
    static let properties = ["serialization.last.column.takes.rest": "true", "serialization.null.format": "\n"]
    /// Lines longer than this are refused.
    private static let longestLine = 256 << 20

    private final class Bound: ScanMemory {
        private struct Exceeded: Error {}

        func update(to bytes: Int) throws {
            if bytes > FirstLines.longestLine { throw Exceeded() }
        }
    }

    /// Calls `body` with at most `count` lines.
    /// - Throws: `TableFormatError`, and what `body` throws.
    static func read(
        _ file: ScanFile, count: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) throws {
        let format = TextTableFormat(
            TextFormat(), serde: LazySimpleSerDe(format: try TextFormat(serdeProperties: properties)), compression: nil)
        let request = ScanRequest(
            schema: [column], columns: [0], batchCapacity: min(count, Batch.defaultCapacity), makeMemory: { _ in Bound() })
        let reader = try format.makeReader(request)
        var left = count
        for split in try format.splits(of: [file], for: request, splitBytes: .max / 4).splits where left > 0 {
            try reader.scan(split, isCancelled: { left <= 0 }) { batch in
                let lines = batch.columns[0]
                let values = lines.values(as: StringView.self)
                for ordinal in 0..<min(batch.rowCount, left) {
                    try body(values[lines.element(of: batch.rows[ordinal])].bytes)
                }
                left -= batch.rowCount
            }
        }
    }
}

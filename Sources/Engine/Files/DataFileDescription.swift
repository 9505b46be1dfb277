import Columnar
import Platform
import TableFormats

/// What a file of rows says of itself, whatever its name is: format, schema, row groups or stripes, and what is known of the
/// columns in them. No table and no warehouse is needed.
///
///     let file = try DataFileDescription(of: "part-0.parquet")
///     print(file.json)
public struct DataFileDescription: Sendable {
    /// A list of lines with the same columns.
    public struct Section: Sendable {
        public var title: String
        public var header: [String]
        /// Whether the columns' values are numbers.
        public var areNumbers: [Bool]
        public var rows: [[String]]
    }

    public let path: String
    /// `Parquet`, `ORC`, `Avro`, `text`, …
    public let format: String
    /// What holds for the whole file, by name.
    public let facts: [(name: String, value: String)]
    /// Columns, metadata, parts of the file, and the columns in them; those that have lines.
    public let sections: [Section]
    /// The schema as the file's format writes schemas, in lines; empty when it has none of its own.
    public let schemaText: String
    /// All of it as one JSON object, in one line.
    public let json: String

    /// - Throws: `HiveError` naming the file, and where there is one the offset, when it cannot be read or is damaged.
    public init(of path: String) throws {
        do { self.init(try FileDescription(of: path)) } catch { throw HiveError(error, source: nil) }
    }

    private init(_ file: FileDescription) {
        path = file.path
        format = file.format
        var facts: [(name: String, value: String)] = [
            (name: "format", value: file.format), (name: "bytes", value: "\(file.byteCount)"),
        ]
        if let rows = file.rowCount { facts.append((name: "rows", value: "\(rows)")) }
        if let writer = file.writer { facts.append((name: "writer", value: writer)) }
        facts += file.facts.map { (name: $0.name, value: Self.text($0.value)) }
        self.facts = facts
        sections = [Self.columns(of: file), Self.metadata(of: file), Self.parts(of: file), Self.partColumns(of: file)]
            .filter { !$0.rows.isEmpty }
        schemaText = file.storedSchema ?? ""
        json = Self.json(of: file)
    }

    private static func text(_ value: JSON) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        default: (try? value.written()) ?? ""
        }
    }

    private static func columns(of file: FileDescription) -> Section {
        Section(
            title: "columns", header: ["name", "type"], areNumbers: [false, false],
            rows: file.columns.map { [$0.name, "\($0.type)"] })
    }

    private static func metadata(of file: FileDescription) -> Section {
        Section(
            title: "metadata", header: ["key", "value"], areNumbers: [false, false],
            rows: file.metadata.map { [$0.key, shortened($0.value, to: 80)] })
    }

    private static func parts(of file: FileDescription) -> Section {
        Section(
            title: "\(file.partName)s", header: ["number", "offset", "bytes", "rows"],
            areNumbers: [true, true, true, true],
            rows: file.parts.enumerated().map { ["\($0)", "\($1.offset)", "\($1.byteCount)", "\($1.rowCount)"] })
    }

    private static func partColumns(of file: FileDescription) -> Section {
        var rows: [[String]] = []
        for (number, part) in file.parts.enumerated() {
            for column in part.columns {
                rows.append([
                    "\(number)", column.name, column.type, column.codec, column.encodings.joined(separator: ","),
                    "\(column.byteCount)", column.decompressedByteCount.map { "\($0)" } ?? "",
                    column.nullCount.map { "\($0)" } ?? "", shortened(column.minimum ?? "", to: 24),
                    shortened(column.maximum ?? "", to: 24), column.indexes.joined(separator: ", "),
                ])
            }
        }
        return Section(
            title: "columns in \(file.partName)s",
            header: [
                file.partName, "column", "type", "codec", "encodings", "bytes", "decompressed", "nulls", "minimum",
                "maximum", "indexes",
            ],
            areNumbers: [true, false, false, false, false, true, true, true, false, false, false], rows: rows)
    }

    /// Long texts end with dots.
    private static func shortened(_ text: String, to length: Int) -> String {
        text.count > length ? text.prefix(length - 1) + "…" : text
    }

    // MARK: JSON

    private static func json(of file: FileDescription) -> String {
        func number(_ value: Int?) -> JSON { value.map { .integer(Int64($0)) } ?? .null }
        func string(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
        var members: [JSON.Member] = [
            JSON.Member("path", .string(file.path)), JSON.Member("format", .string(file.format)),
            JSON.Member("bytes", number(file.byteCount)), JSON.Member("rows", number(file.rowCount)),
            JSON.Member("writer", string(file.writer)),
        ]
        members += file.facts.map { JSON.Member(identifier($0.name), $0.value) }
        members.append(
            JSON.Member(
                "columns",
                .array(
                    file.columns.map {
                        .object([JSON.Member("name", .string($0.name)), JSON.Member("type", .string("\($0.type)"))])
                    })))
        members.append(JSON.Member("schema", string(file.storedSchema)))
        members.append(JSON.Member("metadata", .object(file.metadata.map { JSON.Member($0.key, .string($0.value)) })))
        // `row_groups` is their number.
        let parts = file.parts.map { part -> JSON in
            .object([
                JSON.Member("offset", number(part.offset)), JSON.Member("bytes", number(part.byteCount)),
                JSON.Member("rows", number(part.rowCount)),
                JSON.Member(
                    "columns",
                    .array(
                        part.columns.map { column in
                            .object([
                                JSON.Member("name", .string(column.name)), JSON.Member("type", .string(column.type)),
                                JSON.Member("codec", .string(column.codec)),
                                JSON.Member("encodings", .array(column.encodings.map { .string($0) })),
                                JSON.Member("bytes", number(column.byteCount)),
                                JSON.Member("decompressed", number(column.decompressedByteCount)),
                                JSON.Member("nulls", number(column.nullCount)),
                                JSON.Member("minimum", string(column.minimum)),
                                JSON.Member("maximum", string(column.maximum)),
                                JSON.Member("indexes", .array(column.indexes.map { .string($0) })),
                            ])
                        })),
            ])
        }
        members.append(JSON.Member("parts", .array(parts)))
        // Nothing here is a number that JSON has no word for.
        return (try? JSON.object(members).written()) ?? "{}"
    }

    /// `row groups` is `row_groups`.
    private static func identifier(_ name: String) -> String { String(name.map { $0 == " " ? "_" : $0 }) }
}

import Columnar
import Platform

/// What a file of rows says of itself: how it is kept, its columns, and its parts with what is known of the columns in them.
package struct FileDescription: Sendable {
    /// `Parquet`, `ORC`, `Avro`, `text` …
    package var format: String
    package var path: String
    package var byteCount: Int
    /// nil: it would take reading all of the file.
    package var rowCount: Int?
    /// The program that wrote it, where the file says so.
    package var writer: String?
    /// What else holds for the whole file: version, codec, sizes.
    package var facts: [Fact] = []
    /// Hive's columns; none for a file that does not say them.
    package var columns: [SchemaColumn] = []
    /// The schema as the file has it, where that says more than `columns`.
    package var storedSchema: String?
    /// What the writer noted beside the schema.
    package var metadata: [(key: String, value: String)] = []
    /// Row groups, stripes; none for a file that is not cut into parts with columns.
    package var parts: [Part] = []
    /// What a part is called: `row group`.
    package var partName = "part"

    package struct Fact: Sendable {
        package var name: String
        package var value: JSON

        init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }

        init(_ name: String, _ value: Int) { self.init(name, .integer(Int64(value))) }
        init(_ name: String, _ value: String) { self.init(name, .string(value)) }
    }

    package struct Part: Sendable {
        package var offset: Int
        package var byteCount: Int
        package var rowCount: Int
        package var columns: [PartColumn] = []
    }

    /// A stored column in one part.
    package struct PartColumn: Sendable {
        /// `address.street`
        package var name: String
        package var type: String
        package var codec: String
        package var encodings: [String]
        package var byteCount: Int
        package var decompressedByteCount: Int?
        /// NULLs; nil: not said.
        package var nullCount: Int?
        package var minimum: String?
        package var maximum: String?
        /// What helps to leave rows out: `dictionary`, `bloom filter`, `row index`, …
        package var indexes: [String] = []
    }

    init(format: String, path: String, byteCount: Int) {
        self.format = format
        self.path = path
        self.byteCount = byteCount
    }

    // MARK: Recognition

    /// Looks at the first bytes of a file, and at its last ones; its name says nothing.
    /// - Throws: `TableFormatError` with file and offset for one that is damaged; `FileError` when it cannot be opened.
    package init(of path: String) throws {
        let reader = try FileReader(path: path)
        let file = ScanFile(path: path, byteCount: try reader.size(), reader: reader)
        let head = try reader.bytes(Self.headLength, at: 0)
        let tail = try reader.bytes(4, at: max(file.byteCount - 4, 0))
        func begins(_ mark: String) -> Bool { head.starts(with: mark.utf8) }
        if file.byteCount == 0 {
            self.init(format: "empty file", path: path, byteCount: 0)
        } else if tail.elementsEqual("PAR1".utf8) || tail.elementsEqual("PARE".utf8) {
            self = try ParquetFile(file).description()
        } else if tail.dropLast().elementsEqual("ORC".utf8) {
            self = try ORCFile(file).description()
        } else if Self.isText(head) {
            // Words may begin with a mark.
            self.init(format: "text", path: path, byteCount: file.byteCount)
        } else if begins("PAR1") {
            self = try ParquetFile(file).description()
        } else if begins("ORC") {
            self = try ORCFile(file).description()
        } else if begins("Obj\u{1}") {
            self = try AvroFile(file).description()
        } else if begins("RCF") || begins("SEQ") && String(decoding: head.prefix(100), as: UTF8.self).contains("RCFile$KeyBuffer") {
            self = try RCFile(file).description()
        } else if begins("SEQ") {
            self = try SequenceFile(file).description()
        } else {
            let name = Self.others.first { head.starts(with: $0.mark) }?.name
            self.init(format: name ?? "unknown", path: path, byteCount: file.byteCount)
        }
    }

    private static let headLength = 64 << 10

    /// Known by their marks alone.
    private static let others: [(mark: [UInt8], name: String)] = [
        ([0x1F, 0x8B], "gzip"), (Array("BZh".utf8), "bzip2"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
    ]

    /// No control bytes but those of text, and UTF-8 up to the last character.
    private static func isText(_ head: [UInt8]) -> Bool {
        // Hive's own delimiters are the control bytes 1 to 8.
        let isPlain = head.allSatisfy { $0 >= 0x20 || (0x01...0x0D).contains($0) || $0 == 0x1B }
        guard isPlain else { return false }
        // The head may end inside a character.
        for cut in 0..<min(4, head.count) where String(validating: head.dropLast(cut), as: UTF8.self) != nil { return true }
        return head.isEmpty
    }
}

extension FileReader {
    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func bytes(_ count: Int, at offset: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, used in
            used = try buffer.baseAddress.map { try read(into: $0, count: count, at: offset) } ?? 0
        }
    }
}

/// Bounds as they are shown.
enum BoundTexts {
    /// - Parameter bounds: a row a part.
    /// - Returns: nil where a bound is not known.
    static func texts(_ bounds: Column) throws -> [String?] {
        let count = bounds.count
        guard bounds.type.isPrimitive else { return Array(repeating: nil, count: count) }
        guard bounds.type != .binary else {
            let values = bounds.values(as: StringView.self)
            return (0..<count).map { row in
                bounds.isNull(row) ? nil : hexadecimal(values[bounds.element(of: row)].bytes)
            }
        }
        let texts = try Cast.apply(bounds, to: .string, rows: .all(count), count: count)
        let values = texts.values(as: StringView.self)
        return (0..<count).map { row in texts.isNull(row) ? nil : values[texts.element(of: row)].string }
    }

    private static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        bytes.reduce(into: "0x") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }
}

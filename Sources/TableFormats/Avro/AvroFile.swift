import Columnar

/// An open Avro object container file ("Object Container Files"): what its header says. Any number of threads read it.
package final class AvroFile: Sendable {
    package let path: String
    package let byteCount: Int
    /// Of the writer. nil: the file has no bytes, and no rows.
    package let schema: AvroSchema?
    /// Hive's columns of that schema; none when the file is empty.
    package let columns: [SchemaColumn]
    package let codec: AvroCodec
    package let metadata: [String: [UInt8]]
    /// Sixteen bytes behind the header and every block.
    let sync: [UInt8]
    /// Of the first block.
    let dataStart: Int
    /// Whether days before 15 October 1582 are those of the Julian calendar.
    let usesHybridCalendar: Bool
    let file: FileReader

    static let syncLength = 16
    private static let magic: [UInt8] = [0x4F, 0x62, 0x6A, 0x01]
    /// More of the header is refused.
    private static let largestHeader = 64 << 20

    /// - Parameter memory: asked for what the header needs.
    /// - Throws: `TableFormatError` for a damaged file, an unknown codec, rows that are no records and schemas that contain
    ///   themselves; `FileError` when the file cannot be opened.
    package init(_ file: ScanFile, memory: (any ScanMemory)? = nil) throws {
        let reader = try file.openForLong()
        self.file = reader
        path = reader.path
        byteCount = file.byteCount
        guard file.byteCount > 0 else {
            (schema, columns, codec, metadata, sync) = (nil, [], .null, [:], [])
            (dataStart, usesHybridCalendar) = (0, false)
            return
        }
        let window = FileWindow(
            reader, from: 0, end: file.byteCount,
            memory: RowFileMemory(memory, path: reader.path, limit: Self.largestHeader))
        func damaged(_ reason: String) -> TableFormatError {
            TableFormatError("damaged Avro file, header: \(reason)", path: reader.path, offset: window.offset)
        }
        guard file.byteCount >= 4, try UnsafeBufferPointer(start: window.require(4, "its first bytes"), count: 4)
            .elementsEqual(Self.magic)
        else { throw TableFormatError("not an Avro file: it does not begin with 'Obj' and 1", path: reader.path, offset: 0) }
        window.skip(4)
        let metadata = try Self.metadata(window, damaged)
        self.metadata = metadata
        sync = Array(UnsafeBufferPointer(start: try window.require(Self.syncLength, "the header"), count: Self.syncLength))
        window.skip(Self.syncLength)
        dataStart = window.offset
        let codecName = metadata["avro.codec"].map { String(decoding: $0, as: UTF8.self) } ?? "null"
        guard let codec = AvroCodec(rawValue: codecName) else {
            throw TableFormatError("the Avro codec \(codecName) is not supported", path: reader.path, offset: 0)
        }
        self.codec = codec
        guard let text = metadata["avro.schema"] else { throw damaged("it has no schema") }
        do {
            let schema = try AvroSchema(text)
            columns = try schema.columns()
            self.schema = schema
            usesHybridCalendar = Self.usesHybridCalendar(metadata, schema, text)
        } catch { throw TableFormatError("\(error)", path: reader.path, offset: 0) }
    }

    package convenience init(path: String, memory: (any ScanMemory)? = nil) throws {
        let reader = try FileReader(path: path)
        try self.init(ScanFile(path: path, byteCount: reader.size(), reader: reader), memory: memory)
    }

    /// The header's map from strings to bytes.
    private static func metadata(
        _ window: FileWindow, _ damaged: (String) -> TableFormatError
    ) throws -> [String: [UInt8]] {
        var metadata: [String: [UInt8]] = [:]
        func bytes(_ what: String) throws -> [UInt8] {
            let count = try window.long(what)
            guard count >= 0, count <= window.remaining else { throw damaged("\(what) of \(count) bytes") }
            guard count <= largestHeader else { throw damaged("\(what) of \(count) bytes is too large") }
            let start = try window.require(Int(count), what)
            window.skip(Int(count))
            return Array(UnsafeBufferPointer(start: start, count: Int(count)))
        }
        while true {
            var count = try window.long("the metadata")
            if count == 0 { return metadata }
            if count < 0 {
                guard count != .min else { throw damaged("metadata of too many entries") }
                count = -count
                _ = try window.long("the metadata")
            }
            for _ in 0..<count {
                let key = try bytes("a key of the metadata")
                metadata[String(decoding: key, as: UTF8.self)] = try bytes("a value of the metadata")
            }
        }
    }

    /// Hive says by which calendar it wrote since version 4; before, it wrote by the Julian one and said nothing. Its
    /// files are known by the schema that Hive makes of columns: Java's JSON without blanks, everything may be NULL and
    /// has NULL for a default.
    private static func usesHybridCalendar(_ metadata: [String: [UInt8]], _ schema: AvroSchema, _ text: [UInt8]) -> Bool {
        if let stated = metadata["writer.proleptic"] { return String(decoding: stated, as: UTF8.self).lowercased() != "true" }
        if metadata["org.apache.spark.version"] != nil { return metadata["org.apache.spark.legacyDateTime"] != nil }
        guard text.starts(with: #"{"type":"record","name":""#.utf8) else { return false }
        return schema.fields?.allSatisfy { field in
            guard case .union(let branches) = field.schema.kind, field.fallback == .null else { return field.schema.kind == .null }
            return branches.first?.kind == .null
        } ?? false
    }
}

extension FileWindow {
    /// A variable-length zigzag number.
    func long(_ what: @autoclosure () -> String) throws -> Int64 {
        let bytes = try available(10)
        var cursor = AvroCursor(UnsafeBufferPointer(start: bytes.baseAddress, count: min(bytes.count, 10)))
        do {
            let value = try cursor.long()
            skip(min(bytes.count, 10) - cursor.remaining)
            return value
        } catch let damage as AvroDamage {
            throw TableFormatError("damaged Avro file, \(what()): \(damage.reason)", path: path, offset: offset)
        }
    }
}

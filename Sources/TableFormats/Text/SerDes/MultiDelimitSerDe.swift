import Columnar

/// `MultiDelimitSerDe`: fields between delimiters of any number of characters, otherwise as `LazySimpleSerDe`.
struct MultiDelimitSerDe: TextSerDe {
    private let format: TextFormat
    private let delimiter: [UInt8]

    /// - Throws: `TableFormatError` without a delimiter.
    init(_ storage: TableStorage, format: TextFormat) throws {
        guard let text = storage.property("field.delim"), !text.isEmpty else {
            throw TableFormatError("This table does not have serde property \"field.delim\"!", path: "")
        }
        delimiter = Array(text.utf8)
        var format = format
        // Not the misspelled name that other SerDes have.
        format.delimiters[1] = TextFormat.delimiterByte(storage.property("collection.delim") ?? "", default: 2)
        format.delimiters[2] = TextFormat.delimiterByte(storage.property("mapkey.delim") ?? "", default: 3)
        format.encodesBinary = false
        self.format = format
    }

    func makeDeserializer(schema: [SchemaColumn], fields: [Int: FieldSelection]) -> any LineDeserializer {
        MultiDelimitDeserializer(schema: schema, format: format, delimiter: delimiter)
    }

    func makeSerializer(schema: [SchemaColumn]) -> any LineSerializer {
        DelimitedSerializer(schema: schema, format: format, delimiter: delimiter)
    }
}

/// Missing fields are NULL, further ones are ignored.
private final class MultiDelimitDeserializer: LineDeserializer {
    private let schema: [SchemaColumn]
    private let format: TextFormat
    private let delimiter: [UInt8]
    private var fields: [FieldSpans] = []

    init(schema: [SchemaColumn], format: TextFormat, delimiter: [UInt8]) {
        self.schema = schema
        self.format = format
        self.delimiter = delimiter
    }

    var structure: LineStructure { .none }

    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) -> [Column] {
        while fields.count < ordinals.count { fields.append(FieldSpans()) }
        let used = fields.prefix(ordinals.count)
        for spans in used {
            spans.reserve(batch.count)
            rows.forEach { spans.lengths[$0] = -1 }
        }
        var places = [Int](repeating: -1, count: (ordinals.max() ?? 0) + 1)
        for (place, ordinal) in ordinals.enumerated() { places[ordinal] = place }
        let starts = used.map(\.starts), lengths = used.map(\.lengths)
        let text = batch.text
        delimiter.withUnsafeBufferPointer { delimiter in
            rows.forEach { row in
                let line = batch.line(row)
                guard let base = line.baseAddress else { return }
                var at = 0
                for place in places {
                    let found = ByteText.find(delimiter, in: base, from: at, count: line.count)
                    let end = found ?? line.count
                    if place >= 0 {
                        starts[place][row] = UInt32(truncatingIfNeeded: base + at - text)
                        lengths[place][row] = Int32(truncatingIfNeeded: end - at)
                    }
                    if found == nil { break }
                    at = end + delimiter.count
                }
            }
        }
        return ordinals.enumerated().map { place, ordinal in
            fields[place].markNulls(format.nullSequence, in: text, rows: rows)
            return FieldParser(
                format: format, text: text, starts: starts[place], lengths: lengths[place], rows: rows, count: batch.count,
                mayBeEscaped: format.escape != nil
            ).column(of: schema[ordinal].type)
        }
    }
}

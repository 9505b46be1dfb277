import Columnar

/// `LazySimpleSerDe`: fields between delimiters.
struct LazySimpleSerDe: TextSerDe {
    let format: TextFormat

    func makeDeserializer(schema: [SchemaColumn], fields: [Int: FieldSelection]) -> any LineDeserializer {
        LazySimpleDeserializer(schema: schema, format: format)
    }

    func makeSerializer(schema: [SchemaColumn]) -> any LineSerializer {
        DelimitedSerializer(schema: schema, format: format, delimiter: [format.fieldDelimiter])
    }
}

/// A value that cannot be read is NULL, a missing field is NULL, further fields are ignored.
final class LazySimpleDeserializer: LineDeserializer {
    private let schema: [SchemaColumn]
    private let format: TextFormat
    private let hasUsualNull: Bool
    private let fields = FieldSpans()

    init(schema: [SchemaColumn], format: TextFormat) {
        self.schema = schema
        self.format = format
        hasUsualNull = format.nullSequence == Array(#"\N"#.utf8)
    }

    var structure: LineStructure { LineStructure(delimiter: format.fieldDelimiter, escape: format.escape) }

    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) -> [Column] {
        fields.reserve(batch.count)
        return ordinals.map { column($0, of: batch, rows: rows, fields: fields) }
    }

    private func column(_ ordinal: Int, of batch: LineBatch, rows: RowSelection, fields: FieldSpans) -> Column {
        let type = schema[ordinal].type
        let takesRest = format.lastColumnTakesRest && ordinal == schema.count - 1
        fields.locate(ordinal, in: batch.lines, rows: rows, takesRest: takesRest)
        // The usual `\N` is no value of most types anyway.
        if !hasUsualNull || type.physical == .string || type.physical == .boolean || type.isComplex {
            fields.markNulls(format.nullSequence, in: batch.text, rows: rows)
        }
        return FieldParser(
            format: format, text: batch.text, starts: fields.starts, lengths: fields.lengths, rows: rows,
            count: batch.count, mayBeEscaped: batch.lines.mayBeEscaped
        ).column(of: type)
    }
}

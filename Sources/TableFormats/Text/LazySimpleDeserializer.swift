import Columnar

/// `LazySimpleSerDe`: fields between delimiters. A value that cannot be read is NULL, a missing field is NULL, further
/// fields are ignored.
final class LazySimpleDeserializer: LineDeserializer {
    private let schema: [SchemaColumn]
    private let format: TextFormat
    private let hasUsualNull: Bool
    private var fields: FieldSpans?
    private var capacity = 0

    init(schema: [SchemaColumn], format: TextFormat) {
        self.schema = schema
        self.format = format
        hasUsualNull = format.nullSequence == Array(#"\N"#.utf8)
    }

    var structure: LineStructure { LineStructure(delimiter: format.fieldDelimiter, escape: format.escape) }

    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) -> [Column] {
        ordinals.map { column($0, of: batch, rows: rows, fields: spans(batch.count)) }
    }

    private func spans(_ count: Int) -> FieldSpans {
        if let fields, capacity >= count { return fields }
        capacity = max(count, 1)
        let made = FieldSpans(capacity: capacity)
        fields = made
        return made
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

import Columnar

/// `DelimitedJSONSerDe`: fields as `LazySimpleSerDe` writes them, but for what is nested and for BINARY, which stand as the command
/// line prints them. Such lines are for other programs: they are not read.
struct DelimitedJSONSerDe: TextSerDe {
    let format: TextFormat

    func makeDeserializer(schema: [SchemaColumn], fields: [Int: FieldSelection]) throws -> any LineDeserializer {
        throw TableFormatError("DelimitedJSONSerDe cannot deserialize", path: "")
    }

    func makeSerializer(schema: [SchemaColumn]) -> any LineSerializer {
        DelimitedJSONSerializer(schema: schema, format: format)
    }
}

private final class DelimitedJSONSerializer: LineSerializer {
    private let isText: [Bool]
    private let lines: DelimitedSerializer
    private let formatter = TextFormatter(.output)

    init(schema: [SchemaColumn], format: TextFormat) {
        isText = schema.map { $0.type.isComplex || $0.type == .binary }
        let written = schema.map { column in
            column.type.isComplex || column.type == .binary ? SchemaColumn(name: column.name, type: .string) : column
        }
        lines = DelimitedSerializer(schema: written, format: format, delimiter: [format.fieldDelimiter])
    }

    func begin(_ batch: Batch) throws {
        precondition(batch.columns.count == isText.count, "a batch must have the file's columns")
        let columns = zip(batch.columns, isText).map { column, isText in
            isText ? formatter.format(column.decoded(batch.rows), rows: batch.rows, count: batch.capacity) : column
        }
        lines.begin(Batch(columns: columns, capacity: batch.capacity, rows: batch.rows, sequence: batch.sequence))
    }

    func append(_ ordinals: UnsafeBufferPointer<Int32>?, to output: TextOutput) throws {
        try lines.append(ordinals, to: output)
    }
}

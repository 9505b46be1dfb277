import Columnar

/// `LazyBinarySerDe` in lines: the fields of a row as binary values, one behind the other. A row whose bytes hold the end of a
/// line could not be read again, so it is refused; sequence files hold any row.
struct LazyBinarySerDe: TextSerDe {
    static let className = "org.apache.hadoop.hive.serde2.lazybinary.LazyBinarySerDe"

    func makeDeserializer(schema: [SchemaColumn], fields: [Int: FieldSelection]) -> any LineDeserializer {
        LazyBinaryLineDeserializer(schema: schema)
    }

    func makeSerializer(schema: [SchemaColumn]) throws -> any LineSerializer {
        if let column = schema.first(where: { !LazyBinaryEncoder.canWrite($0.type) }) {
            throw TableFormatError("column \(column.name) of type \(column.type) cannot be written by LazyBinarySerDe", path: "")
        }
        return LazyBinaryLineSerializer(schema: schema)
    }
}

/// A field that a line ends before is NULL; bytes behind the last field are passed over.
private final class LazyBinaryLineDeserializer: LineDeserializer {
    private let schema: [SchemaColumn]

    init(schema: [SchemaColumn]) { self.schema = schema }

    var structure: LineStructure { .none }

    /// A field can only be found behind those before it: all are read as far as the last wanted one.
    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) throws -> [Column] {
        let decoder = LazyBinaryDecoder(RowFileMemory(nil, path: batch.path))
        let read = schema.prefix((ordinals.max() ?? -1) + 1)
        let builders = read.map { ColumnBuilder($0.type, capacity: batch.count) }
        for row in 0..<batch.count {
            let line = batch.line(row)
            decoder.offset = batch.offset(of: row)
            var cursor = LazyBinaryDecoder.Cursor(start: line.baseAddress ?? batch.text, at: 0, end: line.count)
            do { try decoder.appendFields(&cursor, to: builders) } catch let damage as LazyBinaryDamage {
                throw TableFormatError("a line is no row of LazyBinarySerDe: \(damage.reason)", path: batch.path, offset: decoder.offset)
            }
        }
        let made = builders.map { $0.finish() }
        return ordinals.map { made[$0] }
    }
}

private final class LazyBinaryLineSerializer: RowSerializer {
    override func appendLine(_ columns: [Column], row: Int, to buffer: ByteBuffer) throws {
        let start = buffer.count
        LazyBinaryEncoder(buffer: buffer).appendFields(columns, row: row)
        let bytes = UnsafeBufferPointer(start: buffer.start + start, count: buffer.count - start)
        guard !bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
            throw TableFormatError(
                "the bytes that LazyBinarySerDe makes of a row hold the end of a line: a text file cannot hold it, a SEQUENCEFILE can",
                path: "")
        }
    }
}

import Columnar

/// Heads of Arrow's messages (Message.fbs, Schema.fbs, File.fbs of the format's version 5).
enum ArrowMessage {
    private static let version = FlatBuffer.Value.short(4)

    private enum Header: UInt8 {
        case schema = 1
        case recordBatch = 3
    }

    /// Where something stands in the file.
    struct Block {
        var offset: Int
        var headCount: Int
        var bodyCount: Int
    }

    static func schema(_ schema: RowSchema) -> [UInt8] {
        var buffer = FlatBuffer()
        let header = append(schema, to: &buffer)
        return message(.schema, header, bodyCount: 0, buffer)
    }

    static func recordBatch(_ arrays: ArrowArrays) -> [UInt8] {
        var buffer = FlatBuffer()
        let buffers = buffer.vector(structs: arrays.bufferWords, wordsEach: 2)
        let nodes = buffer.vector(structs: arrays.nodeWords, wordsEach: 2)
        let header = buffer.table([(0, .long(Int64(arrays.rowCount))), (1, .place(nodes)), (2, .place(buffers))])
        return message(.recordBatch, header, bodyCount: arrays.byteCount, buffer)
    }

    static func footer(_ schema: RowSchema, _ batches: [Block]) -> [UInt8] {
        var buffer = FlatBuffer()
        let words = batches.flatMap { [Int64($0.offset), Int64($0.headCount), Int64($0.bodyCount)] }
        let blocks = buffer.vector(structs: words, wordsEach: 3)
        let dictionaries = buffer.vector(structs: [], wordsEach: 3)
        let header = append(schema, to: &buffer)
        let root = buffer.table([(0, version), (1, .place(header)), (2, .place(dictionaries)), (3, .place(blocks))])
        return buffer.finished(root: root)
    }

    private static func message(
        _ kind: Header, _ header: FlatBuffer.Place, bodyCount: Int, _ buffer: consuming FlatBuffer
    ) -> [UInt8] {
        let root = buffer.table([
            (0, version), (1, .byte(kind.rawValue)), (2, .place(header)), (3, .long(Int64(bodyCount))),
        ])
        return buffer.finished(root: root)
    }

    private static func append(_ schema: RowSchema, to buffer: inout FlatBuffer) -> FlatBuffer.Place {
        let fields = schema.columns.enumerated().map { position, column in
            append(column.name, ArrowType(column.type), isNullable: !schema.required.contains(position), to: &buffer)
        }
        let list = buffer.vector(fields)
        // Little endian.
        return buffer.table([(0, .short(0)), (1, .place(list))])
    }

    private static func append(
        _ name: String, _ type: ArrowType, isNullable: Bool, to buffer: inout FlatBuffer
    ) -> FlatBuffer.Place {
        let children = type.children.map { append($0.name, $0.type, isNullable: $0.isNullable, to: &buffer) }
        let list = buffer.vector(children)
        let (code, description) = type.append(to: &buffer)
        let text = buffer.string(name)
        return buffer.table([
            (0, .place(text)), (1, .bool(isNullable)), (2, .byte(code)), (3, .place(description)), (5, .place(list)),
        ])
    }
}

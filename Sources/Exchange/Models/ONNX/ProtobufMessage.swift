/// Writes a message of Protocol Buffers, field by field.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    private enum Wire: UInt64 {
        case number = 0
        case bytes = 2
        case float = 5
    }

    mutating func append(_ field: Int, _ value: Int) {
        append(field, .number)
        append(UInt64(bitPattern: Int64(value)))
    }

    mutating func append(_ field: Int, _ value: Float) {
        append(field, .float)
        bytes.append(littleEndian: value.bitPattern)
    }

    mutating func append(_ field: Int, _ text: String) { append(field, Array(text.utf8)) }

    mutating func append(_ field: Int, _ content: [UInt8]) {
        append(field, .bytes)
        append(UInt64(content.count))
        bytes += content
    }

    mutating func append(_ field: Int, _ message: ProtobufMessage) { append(field, message.bytes) }

    /// All in one field.
    mutating func append(packed field: Int, _ values: [Float]) {
        var content: [UInt8] = []
        content.reserveCapacity(values.count * 4)
        for value in values { content.append(littleEndian: value.bitPattern) }
        append(field, content)
    }

    /// All in one field.
    mutating func append(packed field: Int, _ values: [Int]) {
        var content = ProtobufMessage()
        for value in values { content.append(UInt64(bitPattern: Int64(value))) }
        append(field, content)
    }

    private mutating func append(_ field: Int, _ wire: Wire) { append(UInt64(field) << 3 | wire.rawValue) }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

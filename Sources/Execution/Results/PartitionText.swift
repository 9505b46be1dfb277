import Columnar
import Platform

/// The text that a value of a partition column becomes in the name of its folder.
package enum PartitionText {
    /// The values as Java prints them: CHAR with its blanks, bytes as hexadecimal numbers.
    package static func column(of column: Column, _ batch: Batch) throws -> Column {
        let column = column.decoded(batch.rows)
        switch column.type {
        case .boolean:
            return formatted(UInt8.self, column, batch) { value, buffer in buffer.append(value != 0 ? "true" : "false") }
        case .char(let length):
            return formatted(StringView.self, column, batch) { text, buffer in
                buffer.append(text)
                buffer.append(repeating: 0x20, count: max(length - CharacterText.length(text), 0))
            }
        case .binary:
            return formatted(StringView.self, column, batch) { text, buffer in
                for (index, byte) in text.bytes.enumerated() {
                    if index > 0 { buffer.append(0x20) }
                    buffer.append(hexadecimalDigits[Int(byte >> 4)])
                    buffer.append(hexadecimalDigits[Int(byte & 15)])
                }
            }
        default: return try Cast.apply(column, to: .string, rows: batch.rows, count: batch.capacity)
        }
    }

    private static let hexadecimalDigits = Array("0123456789abcdef".utf8)

    private static func formatted<T: ColumnElement>(
        _: T.Type, _ column: Column, _ batch: Batch, _ format: (T, ByteBuffer) -> Void
    ) -> Column {
        let builder = ColumnBuilder(.string, capacity: batch.capacity)
        let buffer = ByteBuffer()
        let values = column.values(as: T.self)
        batch.rows.forEach { row in
            while builder.count < row { builder.appendNull() }
            guard !column.isNull(row) else { return builder.appendNull() }
            buffer.removeAll()
            format(values[column.element(of: row)], buffer)
            builder.append(buffer.view())
        }
        while builder.count < batch.capacity { builder.appendNull() }
        return builder.finish()
    }
}

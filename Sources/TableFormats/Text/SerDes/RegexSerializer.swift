import Columnar

/// A format of Java's with nothing but strings in it: `%1$s %s %%`.
struct RegexOutputFormat: Sendable {
    enum Part: Sendable {
        case text([UInt8])
        case column(Int)
    }

    let parts: [Part]

    /// - Throws: `TableFormatError` for what is no conversion of a string, or names a column that is not there.
    init(_ format: String, columnCount: Int) throws {
        var parts: [Part] = []
        var text: [UInt8] = []
        var next = 0
        var rest = Substring(format)
        while let first = rest.popFirst() {
            guard first == "%" else {
                text += Array(String(first).utf8)
                continue
            }
            if rest.first == "%" || rest.first == "n" {
                text.append(rest.removeFirst() == "%" ? UInt8(ascii: "%") : UInt8(ascii: "\n"))
                continue
            }
            var column = next
            if let dollar = rest.firstIndex(of: "$"), let number = Int(rest[..<dollar]) {
                column = number - 1
                rest = rest[rest.index(after: dollar)...]
            } else {
                next += 1
            }
            guard rest.popFirst() == "s" else {
                throw TableFormatError("output.format.string '\(format)' has other conversions than %s", path: "")
            }
            guard column >= 0, column < columnCount else {
                throw TableFormatError("output.format.string '\(format)' names more columns than there are", path: "")
            }
            if !text.isEmpty { parts.append(.text(text)) }
            text = []
            parts.append(.column(column))
        }
        if !text.isEmpty { parts.append(.text(text)) }
        self.parts = parts
    }
}

final class RegexSerializer: RowSerializer {
    private let format: RegexOutputFormat

    init(_ format: RegexOutputFormat, schema: [SchemaColumn]) {
        self.format = format
        super.init(schema: schema)
    }

    override func begin(_ batch: Batch) throws {
        let columns = try batch.columns.map {
            $0.type.isCharacter ? $0 : try Cast.apply($0.decoded(batch.rows), to: .string, rows: batch.rows, count: batch.capacity)
        }
        try super.begin(Batch(columns: columns, capacity: batch.capacity, rows: batch.rows, sequence: batch.sequence))
    }

    override func appendLine(_ columns: [Column], row: Int, to buffer: ByteBuffer) {
        for part in format.parts {
            switch part {
            case .text(let bytes): for byte in bytes { buffer.append(byte) }
            case .column(let ordinal):
                let column = columns[ordinal]
                if column.isNull(row) {
                    buffer.append("null")
                } else {
                    buffer.append(column.values(as: StringView.self)[column.element(of: row)])
                }
            }
        }
    }
}

import Columnar

/// All fields between quotes; NULL is nothing at all.
final class OpenCSVSerializer: RowSerializer {
    private let serde: OpenCSVSerDe
    private let isEscaped: [Bool]

    init(_ serde: OpenCSVSerDe, schema: [SchemaColumn]) {
        self.serde = serde
        var isEscaped = [Bool](repeating: false, count: 256)
        if serde.writtenEscape != [0] {
            isEscaped[Int(serde.quote[0])] = true
            isEscaped[Int(serde.writtenEscape[0])] = true
        }
        self.isEscaped = isEscaped
        super.init(schema: schema)
    }

    override func begin(_ batch: Batch) throws {
        // Columns of a table with this SerDe are text; others are written as they are shown.
        let columns = try batch.columns.map { column in
            column.type.isCharacter
                ? column : try Cast.apply(column.decoded(batch.rows), to: .string, rows: batch.rows, count: batch.capacity)
        }
        try super.begin(Batch(columns: columns, capacity: batch.capacity, rows: batch.rows, sequence: batch.sequence))
    }

    override func appendLine(_ columns: [Column], row: Int, to buffer: ByteBuffer) {
        for (index, column) in columns.enumerated() {
            if index > 0 { append(serde.separator, to: buffer) }
            guard !column.isNull(row) else { continue }
            let value = column.values(as: StringView.self)[column.element(of: row)]
            if serde.quote != [0] { append(serde.quote, to: buffer) }
            appendEscaped(value, to: buffer)
            if serde.quote != [0] { append(serde.quote, to: buffer) }
        }
    }

    private func append(_ bytes: [UInt8], to buffer: ByteBuffer) { for byte in bytes { buffer.append(byte) } }

    private func appendEscaped(_ value: StringView, to buffer: ByteBuffer) {
        var written = 0
        for at in 0..<value.count where isEscaped[Int(value.pointer[at])] {
            guard isAt(at, value, serde.quote) || isAt(at, value, serde.writtenEscape) else { continue }
            buffer.append(value.pointer + written, count: at - written)
            append(serde.writtenEscape, to: buffer)
            written = at
        }
        buffer.append(value.pointer + written, count: value.count - written)
    }

    private func isAt(_ at: Int, _ value: StringView, _ character: [UInt8]) -> Bool {
        at + character.count <= value.count && character.indices.allSatisfy { value.pointer[at + $0] == character[$0] }
    }
}

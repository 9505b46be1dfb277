import Columnar

/// Encodes values of complex types as byte strings, equal for equal values, so that they can be keys.
enum ComplexKeyCoding {
    /// The columns with complex ones replaced by encoded ones of type BINARY.
    static func encodeComplex(_ columns: [Column], rows: RowSelection, count: Int) -> [Column] {
        guard columns.contains(where: \.type.isComplex) else { return columns }
        return columns.map { $0.type.isComplex ? encode($0, rows: rows, count: count) : $0 }
    }

    private static func encode(_ column: Column, rows: RowSelection, count: Int) -> Column {
        let heap = StringHeap()
        let result = Column(flat: .binary, count: count, heap: heap)
        let target = result.values(as: StringView.self)
        target.initialize(repeating: StringView(), count: count)
        let buffer = ByteBuffer(capacity: 256)
        rows.forEach { row in
            if column.isNull(row) {
                result.setNull(row)
                return
            }
            buffer.removeAll()
            ElementCoding.encode(column, row, to: buffer, equality: .canonical)
            target[row] = heap.copy(buffer.view())
        }
        return result
    }

    /// What `encode` made a column of, with strings of its own.
    static func decode(_ column: Column, type: SQLType) -> Column {
        let builder = ColumnBuilder(type, capacity: column.count)
        let source = column.values(as: StringView.self)
        for row in 0..<column.count {
            if column.isNull(row) { builder.appendNull() } else { ElementCoding.decode(source[row], to: builder) }
        }
        return builder.finish()
    }
}

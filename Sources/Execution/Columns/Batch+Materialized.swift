import Columnar

extension Batch {
    /// The selected rows as flat columns that own everything they hold.
    package func materialized() -> Batch {
        let copies = columns.map { column -> Column in
            let builder = ColumnBuilder(column.type, capacity: rowCount)
            builder.append(column, rows: rows)
            return builder.finish()
        }
        return Batch(columns: copies, capacity: rowCount, sequence: sequence)
    }

    /// Bytes that flat columns and their strings hold.
    var byteCount: Int {
        columns.reduce(0) { $0 + $1.count * $1.type.physical.stride + ($1.heap?.byteCount ?? 0) }
    }
}

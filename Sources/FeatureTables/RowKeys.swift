import Columnar

/// By what the rows of a table are known, whatever columns it has.
package struct RowKeys: Sendable {
    /// One a row; rows with equal hashes are one row of what the query reads, or one group of it.
    package private(set) var hashes: [UInt64] = []
    /// For a person: `the rows' places in sales.orders`.
    package let description: String
    /// Columns of batches behind those of the schema.
    package let columnCount: Int

    package init(description: String, columnCount: Int) {
        self.description = description
        self.columnCount = columnCount
    }

    /// Takes the keys of a batch's rows.
    mutating func append(_ columns: ArraySlice<Column>, rows: RowSelection) {
        var batch = RowHashes(rowCount: rows.count, seed: 0)
        for column in columns {
            let builder = ColumnBuilder(column.type, capacity: rows.count)
            builder.append(column, rows: rows)
            batch.combine(builder.finish())
        }
        hashes += batch.values
    }
}

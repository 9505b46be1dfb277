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

    var byteCount: Int { hashes.capacity * MemoryLayout<UInt64>.stride }

    /// Takes the keys of the batches' rows, which stand behind `first` columns.
    mutating func append(_ batches: [Batch], behind first: Int) {
        for batch in batches {
            var found = RowHashes(rowCount: batch.rowCount, seed: 0)
            for column in batch.columns.suffix(from: first) {
                let builder = ColumnBuilder(column.type, capacity: batch.rowCount)
                builder.append(column, rows: batch.rows)
                found.combine(builder.finish())
            }
            hashes += found.values
        }
    }
}

import Columnar

/// Rows that one worker collects with the hashes of their keys, and writes to a scratch file when there are too many.
struct HashedRows {
    private let types: [SQLType]
    private(set) var rows: RowCollector
    /// An array a batch; none where rows have no keys.
    private(set) var hashes: [[UInt64]] = []

    init(_ types: [SQLType]) {
        self.types = types
        rows = RowCollector(types)
    }

    var count: Int { rows.rowCount }
    var byteCount: Int { rows.byteCount + (hashes.isEmpty ? 0 : count * MemoryLayout<UInt64>.stride) }
    /// With the copies that exist while rows are put together.
    var bytesWithCopies: Int { byteCount + rows.concatenationBytes }

    /// - Parameter keys: what the hashes are of; nil: there are none.
    mutating func append(_ columns: [Column], keys: [Column]?, rows selected: RowSelection, count: Int) {
        if let keys { hashes.append(Hashing.hashes(of: keys, rows: selected, count: count)) }
        rows.append(columns, rows: selected)
    }

    /// The columns of all rows, put together. There are no rows afterwards.
    mutating func takeColumns() -> [Column] {
        let columns = RowCollector.concatenated([rows], types)
        removeAll()
        return columns
    }

    /// Writes all rows. There are none afterwards.
    /// - Parameters:
    ///   - width: columns before this one are written.
    ///   - extra: more columns to be written.
    mutating func write(to writer: PartitionedSpillWriter, width: Int? = nil, extra: [Column] = []) throws {
        let count = count
        let hashes = hashes
        let columns = Array(takeColumns().prefix(width ?? types.count)) + extra
        try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(count, 1)) { words in
            guard let first = words.baseAddress else { return }
            _ = hashes.write(to: first)
            try writer.write(columns, hashes: first, count: count)
        }
    }

    private mutating func removeAll() {
        rows = RowCollector(types)
        hashes = []
    }
}

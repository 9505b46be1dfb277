/// About 2,048 rows that travel through a pipeline together.
///
/// Lifetime: whoever pushes a batch owns the bytes that its strings point at and may reuse them once `push` returns.
/// A sink that keeps rows copies them (`ColumnBuilder`).
public struct Batch: Sendable {
    public static let defaultCapacity = 2048

    public package(set) var columns: [Column]
    /// Rows each column holds, selected or not.
    public let capacity: Int
    /// The rows that are in the batch.
    public package(set) var rows: RowSelection
    /// Where the batch stands among all batches of its source, so that sinks can restore the order of the input.
    public package(set) var sequence: BatchSequence

    package init(columns: [Column], capacity: Int, rows: RowSelection? = nil, sequence: BatchSequence = BatchSequence()) {
        self.columns = columns
        self.capacity = capacity
        self.rows = rows ?? .all(capacity)
        self.sequence = sequence
        assert(columns.allSatisfy { $0.count >= capacity }, "a column is shorter than its batch")
        assert(columns.allSatisfy { $0.hasValidElements(self.rows) }, "a column has elements that point nowhere")
    }

    @inlinable public var rowCount: Int { rows.count }
}

/// Orders batches: by morsel, then by position in the morsel.
public struct BatchSequence: Comparable, Hashable, Sendable {
    public package(set) var morsel: Int
    public package(set) var position: Int

    package init(morsel: Int = 0, position: Int = 0) {
        self.morsel = morsel
        self.position = position
    }

    public static func < (left: BatchSequence, right: BatchSequence) -> Bool {
        (left.morsel, left.position) < (right.morsel, right.position)
    }
}

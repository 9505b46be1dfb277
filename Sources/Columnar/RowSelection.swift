/// Positions of the rows that a filter kept, ascending.
@usableFromInline package final class SelectionVector: @unchecked Sendable {
    // Unchecked: whoever makes a selection writes it before it is shared, nobody afterwards.
    @usableFromInline package let indices: UnsafeMutablePointer<Int32>
    package internal(set) var count: Int
    package let capacity: Int

    @usableFromInline package init(capacity: Int) {
        self.capacity = capacity
        count = 0
        indices = .allocate(capacity: max(capacity, 1))
    }

    deinit { indices.deallocate() }

    /// Sets how many of `indices` count, after they were written.
    @usableFromInline package func setCount(_ count: Int) {
        precondition(count <= capacity)
        self.count = count
    }
}

/// The rows of a batch that a kernel works on: all of them, or those of a selection vector.
public struct RowSelection: Sendable {
    /// nil: rows 0..<count.
    @usableFromInline package let selection: SelectionVector?
    public let count: Int

    package static func all(_ count: Int) -> RowSelection { RowSelection(selection: nil, count: count) }

    @usableFromInline package init(_ selection: SelectionVector) {
        self.selection = selection
        count = selection.count
    }

    private init(selection: SelectionVector?, count: Int) {
        self.selection = selection
        self.count = count
    }

    @inlinable public var isAll: Bool { selection == nil }
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The position in the batch of the `ordinal`-th selected row.
    @inlinable @inline(__always)
    public subscript(ordinal: Int) -> Int { selection.map { Int($0.indices[ordinal]) } ?? ordinal }

    /// Calls `body` with each selected row's position, ascending.
    @inlinable @inline(__always)
    public func forEach(_ body: (Int) throws -> Void) rethrows {
        if let selection {
            let indices = UnsafePointer(selection.indices)
            for ordinal in 0..<count { try body(Int(indices[ordinal])) }
            withExtendedLifetime(selection) {}
        } else {
            for row in 0..<count { try body(row) }
        }
    }

    /// The selected rows for which `keep` is true.
    @inlinable @inline(__always)
    package func filtered(capacity: Int, _ keep: (Int) throws -> Bool) rethrows -> RowSelection {
        let kept = SelectionVector(capacity: max(capacity, count))
        let target = kept.indices
        var used = 0
        try forEach { row in
            target[used] = Int32(truncatingIfNeeded: row)
            used &+= try keep(row) ? 1 : 0
        }
        kept.setCount(used)
        return RowSelection(kept)
    }
}

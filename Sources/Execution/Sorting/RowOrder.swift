/// Numbers of rows, first as the rows stand.
final class RowOrder: @unchecked Sendable {
    // Unchecked: whoever makes it sorts it before it is shared.
    let rows: UnsafeMutablePointer<Int32>
    let count: Int

    init(count: Int) {
        self.count = count
        rows = LargeAllocation.elements(Int32.self, count)
        for row in 0..<count { rows[row] = Int32(truncatingIfNeeded: row) }
    }

    deinit { rows.deallocate() }
}

import Columnar

/// Puts a column together from rows of several.
enum ColumnChoice {
    /// For each selected row the same row of `candidates[choice[row]]`; NULL where the choice is out of range.
    /// Candidates are flat or constant columns of `type`'s layout; strings keep pointing at their bytes.
    static func pick(
        _ type: SQLType, _ candidates: [Column], choice: UnsafePointer<Int32>, rows: RowSelection, count: Int
    ) -> Column {
        var pieces: [(rows: RowSelection, column: Column)] = []
        for (index, candidate) in candidates.enumerated() {
            let chosen = rows.filtered(capacity: rows.count) { Int(choice[$0]) == index }
            if !chosen.isEmpty { pieces.append((chosen, candidate)) }
        }
        return Column.blended(pieces, type: type, rows: rows, count: count)
    }

    /// The choices of a batch, in memory that lives during `body`.
    static func withChoices(
        _ input: KernelInput, _ decide: (Int) throws -> Int, _ body: (UnsafePointer<Int32>) throws -> Column
    ) throws -> Column {
        let choice = UnsafeMutablePointer<Int32>.allocate(capacity: max(input.count, 1))
        defer { choice.deallocate() }
        try input.rows.forEach { row in
            // Elements of arrays are told apart by 32-bit numbers here.
            guard let chosen = Int32(exactly: try decide(row)) else {
                throw FunctionError(.argument, "The arrays of one column have more than 2,147,483,647 elements")
            }
            choice[row] = chosen
        }
        return try body(UnsafePointer(choice))
    }
}

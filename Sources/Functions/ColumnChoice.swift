import Columnar

/// Puts a column together from rows of several.
enum ColumnChoice {
    /// For each selected row the same row of `candidates[choice[row]]`; NULL where the choice is out of range.
    /// Candidates are flat or constant columns of `type`'s layout; strings keep pointing at their bytes.
    static func pick(
        _ type: SQLType, _ candidates: [Column], choice: UnsafePointer<Int32>, rows: RowSelection, count: Int
    ) -> Column {
        switch type.physical {
        case .boolean: return elements(UInt8.self, type, candidates, choice, rows, count)
        case .int8: return elements(Int8.self, type, candidates, choice, rows, count)
        case .int16: return elements(Int16.self, type, candidates, choice, rows, count)
        case .int32: return elements(Int32.self, type, candidates, choice, rows, count)
        case .int64: return elements(Int64.self, type, candidates, choice, rows, count)
        case .float: return elements(Float.self, type, candidates, choice, rows, count)
        case .double: return elements(Double.self, type, candidates, choice, rows, count)
        case .int128: return elements(Int128.self, type, candidates, choice, rows, count)
        case .timestamp: return elements(Timestamp.self, type, candidates, choice, rows, count)
        case .string: return elements(StringView.self, type, candidates, choice, rows, count)
        case .list, .structure, .union:
            let builder = ColumnBuilder(type, capacity: count)
            rows.forEach { row in
                while builder.count < row { builder.appendNull() }
                let candidate = Int(choice[row])
                if candidates.indices.contains(candidate) {
                    builder.append(candidates[candidate], row: row)
                } else {
                    builder.appendNull()
                }
            }
            while builder.count < count { builder.appendNull() }
            return builder.finish()
        }
    }

    private static func elements<T: ColumnElement>(
        _: T.Type, _ type: SQLType, _ candidates: [Column], _ choice: UnsafePointer<Int32>, _ rows: RowSelection,
        _ count: Int
    ) -> Column {
        var heap: StringHeap?
        if T.physical == .string {
            let owner = StringHeap()
            for candidate in candidates { owner.retain(candidate) }
            heap = owner
        }
        let result = Column(flat: type, count: count, heap: heap)
        let target = result.values(as: T.self)
        var chosen = 0
        for (index, candidate) in candidates.enumerated() {
            let source = candidate.values(as: T.self)
            let scale = candidate.isConstant ? 0 : 1
            let bits = candidate.validity
            rows.forEach { row in
                guard Int(choice[row]) == index else { return }
                chosen += 1
                if let bits, !bits[row * scale] {
                    target[row] = T.placeholder
                    result.setNull(row)
                } else {
                    target[row] = source[row * scale]
                }
            }
        }
        if chosen < rows.count {
            rows.forEach { row in
                if !candidates.indices.contains(Int(choice[row])) {
                    target[row] = T.placeholder
                    result.setNull(row)
                }
            }
        }
        return result
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

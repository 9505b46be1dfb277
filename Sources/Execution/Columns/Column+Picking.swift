import Columnar

extension Column {
    /// Rows of a range, without copying elements.
    func slice(_ range: Range<Int>) -> Column {
        if range == 0..<count { return self }
        if isConstant { return withCount(range.count) }
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(range.count, 1)) { buffer in
            guard let indices = buffer.baseAddress else { return self }
            for row in 0..<range.count { indices[row] = Int32(truncatingIfNeeded: range.lowerBound + row) }
            return Column.dictionary(self, indices: indices, count: range.count)
        }
    }

    /// A flat column of the given rows; -1 gives NULL.
    func pickingRows(_ rows: [Int32]) -> Column {
        let builder = ColumnBuilder(type, capacity: rows.count)
        for row in rows {
            if row < 0 { builder.appendNull() } else { builder.append(self, row: Int(row)) }
        }
        return builder.finish()
    }
}

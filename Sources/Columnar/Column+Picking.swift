extension Column {
    /// The elements of a list row; nil for NULL. Any encoding of flat storage.
    package func list(_ row: Int) -> Range<Int>? {
        let element = element(of: row)
        if let validity, !validity[element] { return nil }
        let entry = values(as: ListEntry.self)[element]
        return Int(entry.offset)..<(Int(entry.offset) + Int(max(entry.length, 0)))
    }

    /// Rows of a range, without copying elements.
    package func slice(_ range: Range<Int>) -> Column {
        if range == 0..<count { return self }
        if isConstant { return withCount(range.count) }
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(range.count, 1)) { buffer in
            guard let indices = buffer.baseAddress else { return self }
            for row in 0..<range.count { indices[row] = Int32(truncatingIfNeeded: range.lowerBound + row) }
            return Column.dictionary(self, indices: indices, count: range.count)
        }
    }

    /// A flat column of the given rows; -1 gives NULL.
    package func pickingRows(_ rows: [Int32]) -> Column {
        let builder = ColumnBuilder(type, capacity: rows.count)
        for row in rows {
            if row < 0 { builder.appendNull() } else { builder.append(self, row: Int(row)) }
        }
        return builder.finish()
    }
}

extension Column {
    /// One row as a constant column; strings' bytes stay this column's.
    package func constantRow(_ row: Int, count: Int) -> Column {
        if isConstant { return withCount(count) }
        if isNull(row) { return .nulls(type, count: count) }
        let source = encoding == .dictionary ? base ?? self : self
        let element = self.element(of: row)
        if type.isComplex {
            let builder = ColumnBuilder(type)
            builder.append(source, row: element)
            let one = builder.finish()
            let result = Column(constant: type, count: count, children: one.children, heap: one.heap)
            result.rawValues.copyMemory(from: one.rawValues, byteCount: type.physical.stride)
            return result
        }
        let stride = type.physical.stride
        let result = Column(constant: type, count: count)
        result.rawValues.copyMemory(from: source.rawValues + element * stride, byteCount: stride)
        return result
    }
}

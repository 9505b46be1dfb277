extension Column {
    /// One column of the rows of several: row `r` is that of the piece whose rows hold it, NULL when none does.
    /// Pieces are flat or constant and disjoint; the result keeps them alive.
    package static func blended(
        _ pieces: [(rows: RowSelection, column: Column)], type: SQLType, rows: RowSelection, count: Int
    ) -> Column {
        if pieces.isEmpty { return .nulls(type, count: count) }
        if pieces.count == 1, pieces[0].rows.count == rows.count, pieces[0].column.count == count {
            return pieces[0].column
        }
        if type.isComplex { return blendedRowByRow(pieces, type: type, rows: rows, count: count) }
        let heap = type.physical == .string ? StringHeap() : nil
        let result = Column(flat: type, count: count, heap: heap)
        switch type.physical {
        case .boolean, .union: blend(UInt8.self, pieces, into: result)
        case .int8: blend(Int8.self, pieces, into: result)
        case .int16: blend(Int16.self, pieces, into: result)
        case .int32: blend(Int32.self, pieces, into: result)
        case .int64: blend(Int64.self, pieces, into: result)
        case .float: blend(Float.self, pieces, into: result)
        case .double: blend(Double.self, pieces, into: result)
        case .int128: blend(Int128.self, pieces, into: result)
        case .timestamp: blend(Timestamp.self, pieces, into: result)
        case .string:
            result.values(as: StringView.self).initialize(repeating: StringView(), count: count)
            blend(StringView.self, pieces, into: result)
            for piece in pieces { heap?.retain(piece.column) }
        case .list, .structure: break
        }
        let covered = pieces.reduce(0) { $0 + $1.rows.count }
        if covered < rows.count {
            let bits = result.makeValidity()
            rows.forEach { bits.clear($0) }
            for piece in pieces { piece.rows.forEach { bits.set($0) } }
            if type.physical != .string { result.clearUncovered(pieces, rows) }
        }
        for (rows, column) in pieces {
            guard let validity = column.validity else { continue }
            let bits = result.makeValidity()
            if column.isConstant {
                if !validity[0] { rows.forEach { bits.clear($0) } }
            } else {
                rows.forEach { if !validity[$0] { bits.clear($0) } }
            }
        }
        return result
    }

    /// Rows that no piece has are zero: kernels may read them.
    private func clearUncovered(_ pieces: [(rows: RowSelection, column: Column)], _ rows: RowSelection) {
        let stride = type.physical.stride
        guard stride > 0, let bits = validity else { return }
        let raw = rawValues
        rows.forEach { row in
            if !bits[row] { (raw + row * stride).initializeMemory(as: UInt8.self, repeating: 0, count: stride) }
        }
    }

    private static func blend<T: ColumnElement>(
        _: T.Type, _ pieces: [(rows: RowSelection, column: Column)], into result: Column
    ) {
        let target = result.values(as: T.self)
        for (rows, column) in pieces {
            let source = UnsafePointer(column.values(as: T.self))
            if column.isConstant {
                let value = source[0]
                rows.forEach { target[$0] = value }
            } else {
                rows.forEach { target[$0] = source[$0] }
            }
        }
    }

    private static func blendedRowByRow(
        _ pieces: [(rows: RowSelection, column: Column)], type: SQLType, rows: RowSelection, count: Int
    ) -> Column {
        var choice = [Int](repeating: -1, count: count)
        for (index, piece) in pieces.enumerated() { piece.rows.forEach { choice[$0] = index } }
        let builder = ColumnBuilder(type, capacity: count)
        for row in 0..<count {
            if choice[row] < 0 {
                builder.appendNull()
            } else {
                builder.append(pieces[choice[row]].column, row: row)
            }
        }
        return builder.finish()
    }
}

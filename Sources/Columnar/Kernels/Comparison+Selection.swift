extension Comparison {
    /// The selected rows for which `left op right` is TRUE: the fast path of a filter. Order is kept.
    ///
    /// Writes positions without a branch a row and makes no BOOLEAN column.
    /// - Throws: `KernelError` when the types have no common type.
    package static func select(
        _ operation: ComparisonOperator, _ left: Column, _ right: Column, rows: RowSelection, count: Int
    ) throws -> RowSelection {
        if operation == .greater || operation == .greaterOrEqual {
            return try select(operation.mirrored, right, left, rows: rows, count: count)
        }
        let frame = try commonFrame(left, right, rows, count)
        if frame.isConstant || operation == .nullSafeEqual {
            let truth = try apply(operation, frame.left, frame.right, rows: rows, count: count)
            return BooleanLogic.select(trueRowsOf: truth, rows: rows)
        }
        if frame.hasConstantNull { return RowSelection(SelectionVector(capacity: 0)) }
        switch frame.left.type.physical {
        case .boolean: return select(operation, frame, UInt8.self)
        case .int8: return select(operation, frame, Int8.self)
        case .int16: return select(operation, frame, Int16.self)
        case .int32: return select(operation, frame, Int32.self)
        case .int64: return select(operation, frame, Int64.self)
        case .float: return select(operation, frame, Float.self)
        case .double: return select(operation, frame, Double.self)
        case .timestamp: return select(operation, frame, Timestamp.self)
        case .string: return select(operation, frame, StringView.self)
        case .int128:
            if case .decimal(_, let leftScale) = frame.left.type, case .decimal(_, let rightScale) = frame.right.type,
                leftScale == rightScale
            {
                return select(operation, frame, Int128.self)
            }
            fallthrough
        case .list, .structure, .union:
            let truth = try apply(operation, frame.left, frame.right, rows: rows, count: count)
            return BooleanLogic.select(trueRowsOf: truth, rows: rows)
        }
    }

    private static func select<T: OrderedElement>(
        _ operation: ComparisonOperator, _ frame: BinaryFrame, _: T.Type
    ) -> RowSelection {
        switch operation {
        case .equal, .nullSafeEqual: selectRows(frame, T.self) { T.isEqual($0, $1) }
        case .notEqual: selectRows(frame, T.self) { !T.isEqual($0, $1) }
        case .less, .greater: selectRows(frame, T.self) { T.isLess($0, $1) }
        case .lessOrEqual, .greaterOrEqual: selectRows(frame, T.self) { !T.isLess($1, $0) }
        }
    }

    @inline(__always)
    private static func selectRows<T: ColumnElement>(
        _ frame: BinaryFrame, _: T.Type, _ keep: (T, T) -> Bool
    ) -> RowSelection {
        let left = UnsafePointer(frame.left.values(as: T.self))
        let right = UnsafePointer(frame.right.values(as: T.self))
        let leftBits = frame.left.isConstant ? nil : frame.left.validity
        let rightBits = frame.right.isConstant ? nil : frame.right.validity
        if leftBits == nil, rightBits == nil {
            if frame.rightScale == 0 {
                let second = right[0]
                let kept = selectRows(frame.rows) { keep(left[$0], second) }
                withExtendedLifetime(frame) {}
                return kept
            }
            let leftScale = frame.leftScale
            let kept = selectRows(frame.rows) { keep(left[$0 &* leftScale], right[$0]) }
            withExtendedLifetime(frame) {}
            return kept
        }
        // Two bitmaps at most; a missing one is replaced by the other, so that the loop has no branch on it.
        guard let first = leftBits ?? rightBits, let second = rightBits ?? leftBits else { return frame.rows }
        let firstWords = UnsafePointer(first.words)
        let secondWords = UnsafePointer(second.words)
        let leftScale = frame.leftScale
        let rightScale = frame.rightScale
        let kept = selectRows(frame.rows) { row in
            let valid = (firstWords[row >> 6] & secondWords[row >> 6]) >> UInt64(truncatingIfNeeded: row & 63) & 1 != 0
            return keep(left[row &* leftScale], right[row &* rightScale]) && valid
        }
        withExtendedLifetime((first, second, frame)) {}
        return kept
    }

    /// The rows for which `keep` is true, written without a branch a row.
    @inline(__always)
    static func selectRows(_ rows: RowSelection, _ keep: (Int) -> Bool) -> RowSelection {
        let kept = SelectionVector(capacity: rows.count)
        let target = kept.indices
        var used = 0
        if let selection = rows.selection {
            let indices = UnsafePointer(selection.indices)
            for ordinal in 0..<rows.count {
                let row = indices[ordinal]
                target[used] = row
                used &+= keep(Int(row)) ? 1 : 0
            }
            withExtendedLifetime(selection) {}
        } else {
            for row in 0..<rows.count {
                target[used] = Int32(truncatingIfNeeded: row)
                used &+= keep(row) ? 1 : 0
            }
        }
        kept.setCount(used)
        return RowSelection(kept)
    }
}

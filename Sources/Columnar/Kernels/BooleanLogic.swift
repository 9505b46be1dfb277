/// AND, OR and NOT with three-valued logic, and what turns truth values into selections and bitmaps.
package enum BooleanLogic {
    /// FALSE where an operand is FALSE, else NULL where one is NULL, else TRUE.
    package static func and(_ left: Column, _ right: Column, rows: RowSelection, count: Int) -> Column {
        combine(left, right, rows, count, absorbing: 0)
    }

    /// TRUE where an operand is TRUE, else NULL where one is NULL, else FALSE.
    package static func or(_ left: Column, _ right: Column, rows: RowSelection, count: Int) -> Column {
        combine(left, right, rows, count, absorbing: 1)
    }

    package static func not(_ operand: Column, rows: RowSelection, count: Int) -> Column {
        let frame = UnaryFrame(operand, rows, count)
        let result = frame.makeResult(.boolean)
        mapElements(frame, into: result, UInt8.self, UInt8.self) { $0 ^ 1 }
        return result
    }

    /// TRUE where the operand is NULL; never NULL.
    package static func isNull(_ operand: Column, rows: RowSelection, count: Int) -> Column {
        nullTest(operand, rows, count, 1)
    }

    /// TRUE where the operand is not NULL; never NULL.
    package static func isNotNull(_ operand: Column, rows: RowSelection, count: Int) -> Column {
        nullTest(operand, rows, count, 0)
    }

    /// The selected rows for which a BOOLEAN column is TRUE (not FALSE, not NULL), in order.
    package static func select(trueRowsOf column: Column, rows: RowSelection) -> RowSelection {
        let truth = column.decoded(rows)
        let values = UnsafePointer(truth.values(as: UInt8.self))
        if truth.isConstant {
            return !truth.isNull(0) && values[0] != 0 ? rows : RowSelection(SelectionVector(capacity: 0))
        }
        let kept: RowSelection
        if let bits = truth.validity {
            let words = UnsafePointer(bits.words)
            kept = Comparison.selectRows(rows) { row in
                UInt64(values[row]) & (words[row >> 6] >> UInt64(truncatingIfNeeded: row & 63)) & 1 != 0
            }
            withExtendedLifetime(bits) {}
        } else {
            kept = Comparison.selectRows(rows) { values[$0] != 0 }
        }
        withExtendedLifetime(truth) {}
        return kept
    }

    /// The selected rows that are NOT TRUE (FALSE or NULL), in order: what `select(trueRowsOf:)` leaves over.
    package static func select(otherThanTrueRowsOf column: Column, rows: RowSelection) -> RowSelection {
        let truth = column.decoded(rows)
        let values = UnsafePointer(truth.values(as: UInt8.self))
        if truth.isConstant {
            return !truth.isNull(0) && values[0] != 0 ? RowSelection(SelectionVector(capacity: 0)) : rows
        }
        let bits = truth.validity
        let kept = Comparison.selectRows(rows) { row in
            values[row] == 0 || !(bits.map { $0[row] } ?? true)
        }
        withExtendedLifetime(truth) {}
        return kept
    }

    /// The selected rows of a column that are not NULL, in order.
    package static func select(validRowsOf column: Column, rows: RowSelection) -> RowSelection {
        guard column.mayHaveNulls else { return rows }
        let plain = column.decoded(rows)
        guard let bits = plain.validity else { return rows }
        if plain.isConstant { return bits[0] ? rows : RowSelection(SelectionVector(capacity: 0)) }
        let words = UnsafePointer(bits.words)
        let kept = Comparison.selectRows(rows) { row in
            (words[row >> 6] >> UInt64(truncatingIfNeeded: row & 63)) & 1 != 0
        }
        withExtendedLifetime(bits) {}
        return kept
    }

    private static func combine(
        _ left: Column, _ right: Column, _ rows: RowSelection, _ count: Int, absorbing: UInt8
    ) -> Column {
        let frame = BinaryFrame(left, right, rows, count)
        let result = frame.makeResult(.boolean, keepingNulls: false)
        if absorbing == 0 {
            mapElements(frame, into: result, UInt8.self, UInt8.self, UInt8.self) { $0 & $1 }
        } else {
            mapElements(frame, into: result, UInt8.self, UInt8.self, UInt8.self) { $0 | $1 }
        }
        let leftBits = frame.left.validity
        let rightBits = frame.right.validity
        guard leftBits != nil || rightBits != nil else { return result }
        let leftValues = UnsafePointer(frame.left.values(as: UInt8.self))
        let rightValues = UnsafePointer(frame.right.values(as: UInt8.self))
        let target = result.values(as: UInt8.self)
        let bits = result.makeValidity()
        let leftScale = frame.leftScale
        let rightScale = frame.rightScale
        frame.rows.forEach { row in
            let leftRow = row &* leftScale
            let rightRow = row &* rightScale
            let isLeftValid = leftBits.map { $0[leftRow] } ?? true
            let isRightValid = rightBits.map { $0[rightRow] } ?? true
            if isLeftValid && isRightValid { return }
            if (isLeftValid && leftValues[leftRow] == absorbing) || (isRightValid && rightValues[rightRow] == absorbing) {
                target[row] = absorbing
            } else {
                target[row] = 0
                bits.clear(row)
            }
        }
        withExtendedLifetime(frame) {}
        return result
    }

    private static func nullTest(_ operand: Column, _ rows: RowSelection, _ count: Int, _ whenNull: UInt8) -> Column {
        guard operand.mayHaveNulls else { return .constant(1 - whenNull, type: .boolean, count: count) }
        let frame = UnaryFrame(operand, rows, count)
        let result = frame.makeResult(.boolean, keepingNulls: false)
        let target = result.values(as: UInt8.self)
        let bits = frame.operand.validity
        frame.rows.forEach { row in
            target[row] = bits.map { $0[row] } ?? true ? 1 - whenNull : whenNull
        }
        return result
    }
}

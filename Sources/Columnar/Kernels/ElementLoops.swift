/// Operands that no rule of a kernel covers. A binder that checks types first never meets it.
package struct KernelError: Error, CustomStringConvertible, Sendable {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The operand of a row-wise kernel in flat or constant form, and the shape of its result: a constant gives a constant.
struct UnaryFrame {
    let operand: Column
    /// Rows to compute; row 0 alone when the operand is constant.
    let rows: RowSelection
    /// Elements of the result.
    let length: Int
    let count: Int
    let isConstant: Bool

    init(_ operand: Column, _ rows: RowSelection, _ count: Int) {
        self.operand = operand.decoded(rows)
        self.count = count
        isConstant = self.operand.isConstant
        length = isConstant ? 1 : count
        self.rows = isConstant ? .all(1) : rows
    }

    /// Whether computing every row is cheaper than picking the selected ones.
    var isDense: Bool { rows.isAll || rows.count >= length / 4 }

    /// A result with the operand's NULLs.
    func makeResult(_ type: SQLType, keepingNulls: Bool = true) -> Column {
        let result = isConstant ? Column(constant: type, count: count) : Column(flat: type, count: count)
        if keepingNulls, let bits = operand.validity { result.setValidity(ValidityBitmap(copying: bits)) }
        return result
    }
}

/// Two operands of a row-wise kernel; see `UnaryFrame`.
struct BinaryFrame {
    let left: Column
    let right: Column
    let rows: RowSelection
    let length: Int
    let count: Int
    let isConstant: Bool
    let leftScale: Int
    let rightScale: Int

    init(_ left: Column, _ right: Column, _ rows: RowSelection, _ count: Int) {
        self.left = left.decoded(rows)
        self.right = right.decoded(rows)
        self.count = count
        isConstant = self.left.isConstant && self.right.isConstant
        length = isConstant ? 1 : count
        self.rows = isConstant ? .all(1) : rows
        leftScale = self.left.isConstant ? 0 : 1
        rightScale = self.right.isConstant ? 0 : 1
    }

    var isDense: Bool { rows.isAll || rows.count >= length / 4 }

    /// A result that is NULL where an operand is.
    func makeResult(_ type: SQLType, keepingNulls: Bool = true) -> Column {
        let result = isConstant ? Column(constant: type, count: count) : Column(flat: type, count: count)
        if keepingNulls { result.setValidity(ValidityBitmap.intersection([left, right], count: length)) }
        return result
    }

    /// Whether an operand is the constant NULL.
    var hasConstantNull: Bool {
        (left.isConstant && left.isNull(0)) || (right.isConstant && right.isNull(0))
    }
}

/// `operation` on every row (it must be free of traps and not look at pointers) or, for a sparse selection, on its rows.
@inline(__always)
func mapElements<A: ColumnElement, R: ColumnElement>(
    _ frame: UnaryFrame, into result: Column, _: A.Type, _: R.Type, _ operation: (A) -> R
) {
    let source = UnsafePointer(frame.operand.values(as: A.self))
    let target = result.values(as: R.self)
    if frame.isDense {
        for row in 0..<frame.length { target[row] = operation(source[row]) }
    } else {
        frame.rows.forEach { row in target[row] = operation(source[row]) }
    }
    withExtendedLifetime(frame) {}
}

/// As `mapElements`, but on selected rows that are not NULL only; nil makes the row NULL.
@inline(__always)
func mapValidElements<A: ColumnElement, R: ColumnElement>(
    _ frame: UnaryFrame, into result: Column, _: A.Type, _: R.Type, _ operation: (A) throws -> R?
) rethrows {
    let source = UnsafePointer(frame.operand.values(as: A.self))
    let target = result.values(as: R.self)
    let bits = frame.operand.validity
    try frame.rows.forEach { row in
        if let bits, !bits[row] {
            target[row] = R.placeholder
        } else if let value = try operation(source[row]) {
            target[row] = value
        } else {
            target[row] = R.placeholder
            result.setNull(row)
        }
    }
    withExtendedLifetime(frame) {}
}

/// `operation` on every row (it must be free of traps and not look at pointers) or, for a sparse selection, on its rows.
@inline(__always)
func mapElements<A: ColumnElement, B: ColumnElement, R: ColumnElement>(
    _ frame: BinaryFrame, into result: Column, _: A.Type, _: B.Type, _: R.Type, _ operation: (A, B) -> R
) {
    let left = UnsafePointer(frame.left.values(as: A.self))
    let right = UnsafePointer(frame.right.values(as: B.self))
    let target = result.values(as: R.self)
    if frame.isDense {
        let length = frame.length
        if frame.leftScale == frame.rightScale || frame.isConstant {
            for row in 0..<length { target[row] = operation(left[row], right[row]) }
        } else if frame.leftScale == 0 {
            let first = left[0]
            for row in 0..<length { target[row] = operation(first, right[row]) }
        } else {
            let second = right[0]
            for row in 0..<length { target[row] = operation(left[row], second) }
        }
    } else {
        let leftScale = frame.leftScale
        let rightScale = frame.rightScale
        frame.rows.forEach { row in
            target[row] = operation(left[row &* leftScale], right[row &* rightScale])
        }
    }
    withExtendedLifetime(frame) {}
}

/// As the binary `mapElements`, on selected rows only: for operations that follow pointers.
@inline(__always)
func mapSelectedElements<A: ColumnElement, B: ColumnElement, R: ColumnElement>(
    _ frame: BinaryFrame, into result: Column, _: A.Type, _: B.Type, _: R.Type, _ operation: (A, B) -> R
) {
    let left = UnsafePointer(frame.left.values(as: A.self))
    let right = UnsafePointer(frame.right.values(as: B.self))
    let target = result.values(as: R.self)
    let leftScale = frame.leftScale
    let rightScale = frame.rightScale
    frame.rows.forEach { row in
        target[row] = operation(left[row &* leftScale], right[row &* rightScale])
    }
    withExtendedLifetime(frame) {}
}

/// On selected rows whose operands are not NULL only; nil makes the row NULL.
@inline(__always)
func mapValidElements<A: ColumnElement, B: ColumnElement, R: ColumnElement>(
    _ frame: BinaryFrame, into result: Column, _: A.Type, _: B.Type, _: R.Type, _ operation: (A, B) -> R?
) {
    let left = UnsafePointer(frame.left.values(as: A.self))
    let right = UnsafePointer(frame.right.values(as: B.self))
    let target = result.values(as: R.self)
    let leftScale = frame.leftScale
    let rightScale = frame.rightScale
    let bits = result.validity
    frame.rows.forEach { row in
        if let bits, !bits[row] {
            target[row] = R.placeholder
        } else if let value = operation(left[row &* leftScale], right[row &* rightScale]) {
            target[row] = value
        } else {
            target[row] = R.placeholder
            result.setNull(row)
        }
    }
    withExtendedLifetime(frame) {}
}

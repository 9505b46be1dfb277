import Columnar

// Row loops of accumulators, inlined into each aggregate so that they are specialized for its types.

/// Calls `body` with ordinal and element of each selected row whose value in `column` is not NULL. `column` is flat or
/// constant.
@inline(__always)
func forEachValid(_ column: Column, _ rows: RowSelection, _ body: (_ ordinal: Int, _ element: Int) -> Void) {
    if column.isConstant {
        if column.isNull(0) { return }
        for ordinal in 0..<rows.count { body(ordinal, 0) }
        return
    }
    forEachRow(rows, validity: column.validity, body)
}

/// The same for flat columns, with a given validity.
@inline(__always)
func forEachRow(_ rows: RowSelection, validity: ValidityBitmap?, _ body: (_ ordinal: Int, _ row: Int) -> Void) {
    switch (rows.selection, validity) {
    case (nil, nil):
        for row in 0..<rows.count { body(row, row) }
    case (nil, let bits?):
        let words = UnsafePointer(bits.words)
        for row in 0..<rows.count where words[row >> 6] & (1 << UInt64(row & 63)) != 0 { body(row, row) }
    case (let selection?, nil):
        let indices = UnsafePointer(selection.indices)
        for ordinal in 0..<rows.count { body(ordinal, Int(indices[ordinal])) }
    case (let selection?, let bits?):
        let indices = UnsafePointer(selection.indices)
        let words = UnsafePointer(bits.words)
        for ordinal in 0..<rows.count {
            let row = Int(indices[ordinal])
            if words[row >> 6] & (1 << UInt64(row & 63)) != 0 { body(ordinal, row) }
        }
    }
    withExtendedLifetime(validity) {}
}

/// How many selected rows of a flat or constant column are not NULL.
func validCount(_ column: Column, _ rows: RowSelection) -> Int {
    if column.isConstant { return column.isNull(0) ? 0 : rows.count }
    guard let bits = column.validity else { return rows.count }
    var count = 0
    if rows.isAll {
        let whole = rows.count / 64
        for word in 0..<whole { count += bits.words[word].nonzeroBitCount }
        if rows.count % 64 > 0 {
            count += (bits.words[whole] & ((1 << UInt64(rows.count % 64)) - 1)).nonzeroBitCount
        }
    } else {
        rows.forEach { count += bits[$0] ? 1 : 0 }
    }
    return count
}

/// An accumulator that takes one row after the other.
protocol RowwiseAccumulator: Accumulator {
    func add(_ arguments: [Column], _ row: Int, to group: Int) throws
}

extension RowwiseAccumulator {
    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) throws {
        for ordinal in 0..<rows.count { try add(arguments, rows[ordinal], to: Int(groups[ordinal])) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws {
        for ordinal in 0..<rows.count { try add(arguments, rows[ordinal], to: group) }
    }
}

/// An accumulator that folds one number after the other into the state of its group.
protocol NumberFoldingAccumulator: FixedStateAccumulator {
    static func fold(_ state: inout State, _ value: Double)
}

extension NumberFoldingAccumulator {
    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        foldGroups(Double.self, arguments[0], rows, groups, states) { Self.fold(&$0, $1) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        foldOne(Double.self, arguments[0], rows, &states[group]) { Self.fold(&$0, $1) }
    }
}

/// Folds the values of a column into the states of their groups.
@inline(__always)
func foldGroups<T: ColumnElement, State>(
    _: T.Type, _ column: Column, _ rows: RowSelection, _ groups: UnsafePointer<Int32>,
    _ states: UnsafeMutablePointer<State>, _ fold: (inout State, T) -> Void
) {
    let values = column.values(as: T.self)
    forEachValid(column, rows) { ordinal, element in fold(&states[Int(groups[ordinal])], values[element]) }
}

/// Folds the values of a column into one state, which stays in registers during the loop.
@inline(__always)
func foldOne<T: ColumnElement, State>(
    _: T.Type, _ column: Column, _ rows: RowSelection, _ state: inout State, _ fold: (inout State, T) -> Void
) {
    let values = column.values(as: T.self)
    var local = state
    forEachValid(column, rows) { _, element in fold(&local, values[element]) }
    state = local
}

extension Column {
    /// A flat result column that `fill` writes: a value, or nil for NULL, for each of `groups`.
    @inline(__always)
    static func results<T: ColumnElement>(
        _ type: SQLType, _ groups: Range<Int>, _ fill: (Int) throws -> T?
    ) rethrows -> Column {
        let column = Column(flat: type, count: groups.count)
        let target = column.values(as: T.self)
        for (row, group) in groups.enumerated() {
            if let value = try fill(group) {
                target[row] = value
            } else {
                target[row] = T.placeholder
                column.setNull(row)
            }
        }
        return column
    }
}

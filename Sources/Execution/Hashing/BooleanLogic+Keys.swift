import Columnar

extension BooleanLogic {
    /// The rows that may have a match: without a NULL among the keys that are compared by `=`.
    static func select(rowsThatMayMatch keys: [Column], nullSafe: [Bool], rows: RowSelection) -> RowSelection {
        var kept = rows
        for (key, isSafe) in zip(keys, nullSafe) where !isSafe { kept = select(validRowsOf: key, rows: kept) }
        return kept
    }
}

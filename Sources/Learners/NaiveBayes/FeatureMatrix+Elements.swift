import FeatureTables

extension FeatureMatrix {
    /// Calls `body` with each element of a row that is there.
    @inline(__always)
    func forEachElement(_ row: Int, _ body: (_ column: Int, _ value: Double) -> Void) {
        switch storage {
        case .dense(let elements):
            let own = elements + row * columnCount
            for column in 0..<columnCount { body(column, own[column]) }
        case .sparse(let rows):
            for place in rows.range(row) { body(Int(rows.columns[place]), rows.values[place]) }
        }
    }

    /// Of each column whether an element that is there meets a condition.
    func columns(where condition: (Double) -> Bool) -> [Bool] {
        var found = [Bool](repeating: false, count: columnCount)
        for row in 0..<rowCount { forEachElement(row) { column, value in if condition(value) { found[column] = true } } }
        return found
    }
}

/// A row between two rows of a matrix: `from + share · (to − from)`, feature by feature.
package struct InterpolatedRow: Sendable {
    package let from: Int32
    package let to: Int32
    /// From 0 to below 1.
    package let share: Double

    package init(from: Int32, to: Int32, share: Double) {
        self.from = from
        self.to = to
        self.share = share
    }

    @inline(__always)
    func value(_ one: Double, _ other: Double) -> Double { one + share * (other - one) }
}

extension FeatureMatrix {
    /// The rows of the matrix, and behind them rows between them, in the same layout.
    /// - Precondition: `rows` are between rows of the matrix.
    /// - Throws: `FeatureError.tooLarge`, `.outOfMemory`.
    func appending(_ rows: [InterpolatedRow], memory: ImportMemory) throws -> FeatureMatrix {
        let inside = 0..<Int32(rowCount)
        precondition(rows.allSatisfy { inside.contains($0.from) && inside.contains($0.to) }, "outside the matrix")
        switch storage {
        case .dense(let elements):
            let result = try FeatureMatrix(rowCount: rowCount + rows.count, columnNames: columnNames, memory: memory)
            guard let target = result.dense else { return result }
            target.update(from: elements, count: rowCount * columnCount)
            for (place, row) in rows.enumerated() {
                let one = elements + Int(row.from) * columnCount, other = elements + Int(row.to) * columnCount
                let made = target + (rowCount + place) * columnCount
                for column in 0..<columnCount { made[column] = row.value(one[column], other[column]) }
            }
            return result
        case .sparse(let source):
            let lengths = (0..<rowCount).map { Int32(source.range($0).count) } + rows.map { row in
                var length: Int32 = 0
                source.forEachPair(Int(row.from), Int(row.to)) { _, _, _ in length += 1 }
                return length
            }
            return try FeatureMatrix(columnNames: columnNames, lengths: lengths, memory: memory) { starts, columns, values in
                let count = source.rowStarts[rowCount]
                columns.update(from: source.columns, count: count)
                values.update(from: source.values, count: count)
                var next = count
                for row in rows {
                    source.forEachPair(Int(row.from), Int(row.to)) { column, one, other in
                        columns[next] = column
                        values[next] = row.value(one, other)
                        next += 1
                    }
                }
            }
        }
    }
}

extension FeatureMatrix.SparseRows {
    /// The elements that one of two rows has, in the order of their columns; what a row lacks is 0.
    @inline(__always)
    package func forEachPair(_ one: Int, _ other: Int, _ body: (_ column: Int32, _ one: Double, _ other: Double) -> Void) {
        let first = range(one), second = range(other)
        var left = first.lowerBound, right = second.lowerBound
        while left < first.upperBound || right < second.upperBound {
            let leftColumn = left < first.upperBound ? columns[left] : Int32.max
            let rightColumn = right < second.upperBound ? columns[right] : Int32.max
            let column = min(leftColumn, rightColumn)
            body(column, leftColumn == column ? values[left] : 0, rightColumn == column ? values[right] : 0)
            if leftColumn == column { left += 1 }
            if rightColumn == column { right += 1 }
        }
    }
}

extension FeatureTable {
    /// The table with further rows, each between two of its own and of the first one's class.
    /// - Precondition: `rows` are between rows of the table.
    /// - Throws: `FeatureError.tooLarge`, `.outOfMemory`.
    package func appending(_ rows: [InterpolatedRow]) throws -> FeatureTable {
        let label: FeatureLabel? =
            switch label {
            case .classes(let codes, let names): .classes(codes: codes + rows.map { codes[Int($0.from)] }, names: names)
            case .numbers(let values): .numbers(values + rows.map { $0.value(values[Int($0.from)], values[Int($0.to)]) })
            case nil: nil
            }
        return FeatureTable(
            encoding: encoding, matrix: try matrix.appending(rows, memory: source.memory), label: label,
            weights: weights.map { weights in weights + rows.map { $0.value(weights[Int($0.from)], weights[Int($0.to)]) } },
            sourceRows: sourceRows + rows.map { sourceRows[Int($0.from)] }, source: source, summary: summary)
    }
}

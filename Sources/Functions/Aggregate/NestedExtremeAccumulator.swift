import Columnar

/// MIN or MAX of arrays, structs and unions, which are ordered element by element. Each group holds its best row as a
/// column of one row.
final class NestedExtremeAccumulator: Accumulator {
    private var best: [Column?] = []
    private let type: SQLType
    private let isMaximum: Bool

    init(_ type: SQLType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    package var byteCount: Int { best.count * 256 }

    package func resize(groupCount: Int) {
        if groupCount > best.count { best += Array(repeating: nil, count: groupCount - best.count) }
    }

    package func reset(_ groups: Range<Int>) {
        for group in groups { best[group] = nil }
    }

    private func fold(_ column: Column, _ row: Int, into group: Int) {
        guard !column.isNull(row) else { return }
        if let known = best[group] {
            // A NULL within makes a value neither the least nor the greatest.
            let order = RowComparator.compare(column, row, known, 0, nestedNullsLast: !isMaximum)
            guard isMaximum ? order > 0 : order < 0 else { return }
        }
        let builder = ColumnBuilder(type, capacity: 1)
        builder.append(column, row: row)
        best[group] = builder.finish()
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        for ordinal in 0..<rows.count { fold(arguments[0], rows[ordinal], into: Int(groups[ordinal])) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        for ordinal in 0..<rows.count { fold(arguments[0], rows[ordinal], into: group) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? NestedExtremeAccumulator, other.type == type else { throw AccumulatorMismatch.error }
        for pair in 0..<count {
            if let column = other.best[Int(sources[pair])] { fold(column, 0, into: Int(targets[pair])) }
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let builder = ColumnBuilder(type, capacity: groups.count)
        for group in groups {
            if let column = best[group] { builder.append(column, row: 0) } else { builder.appendNull() }
        }
        return builder.finish()
    }

    package func save(_ groups: Range<Int>) -> Column { finish(groups) }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.type == type else { throw AccumulatorMismatch.error }
        for row in 0..<saved.count { fold(saved, row, into: Int(targets[row])) }
    }
}

extension SQLType {
    /// False for maps and what holds one: Hive has no order for them.
    var isOrdered: Bool {
        if case .map = self { return false }
        return childTypes.allSatisfy(\.isOrdered)
    }
}

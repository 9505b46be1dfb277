import Columnar

/// Chooses a row of each group by a key and gives another of its values. A row whose key is NULL is not chosen; of equal
/// keys the first row is.
private final class RowChoiceAccumulator: Accumulator {
    /// A value and its key, as columns of one row.
    private struct Choice {
        let value: Column
        let key: Column
    }

    private var best: [Choice?] = []
    private let value: SQLType
    private let key: SQLType
    private let isMaximum: Bool

    init(_ value: SQLType, by key: SQLType, isMaximum: Bool) {
        self.value = value
        self.key = key
        self.isMaximum = isMaximum
    }

    package var byteCount: Int { best.count * 512 }

    package func resize(groupCount: Int) {
        if groupCount > best.count { best += Array(repeating: nil, count: groupCount - best.count) }
    }

    package func reset(_ groups: Range<Int>) {
        for group in groups { best[group] = nil }
    }

    private func fold(_ values: Column, _ keys: Column, _ row: Int, into group: Int) {
        guard !keys.isNull(row) else { return }
        if let known = best[group] {
            let order = RowComparator.compare(keys, row, known.key, 0)
            guard isMaximum ? order > 0 : order < 0 else { return }
        }
        best[group] = Choice(value: single(values, row, value), key: single(keys, row, key))
    }

    private func single(_ column: Column, _ row: Int, _ type: SQLType) -> Column {
        let builder = ColumnBuilder(type, capacity: 1)
        builder.append(column, row: row)
        return builder.finish()
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        for ordinal in 0..<rows.count { fold(arguments[0], arguments[1], rows[ordinal], into: Int(groups[ordinal])) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        for ordinal in 0..<rows.count { fold(arguments[0], arguments[1], rows[ordinal], into: group) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? RowChoiceAccumulator, other.value == value, other.key == key else {
            throw AccumulatorMismatch.error
        }
        for pair in 0..<count {
            if let choice = other.best[Int(sources[pair])] { fold(choice.value, choice.key, 0, into: Int(targets[pair])) }
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let builder = ColumnBuilder(value, capacity: groups.count)
        for group in groups {
            if let choice = best[group] { builder.append(choice.value, row: 0) } else { builder.appendNull() }
        }
        return builder.finish()
    }

    private var savedType: SQLType {
        .structure([StructField(name: "value", type: value), StructField(name: "key", type: key)])
    }

    package func save(_ groups: Range<Int>) -> Column {
        let builder = ColumnBuilder(savedType, capacity: groups.count)
        for group in groups {
            guard let choice = best[group] else {
                builder.appendNull()
                continue
            }
            builder.children[0].append(choice.value, row: 0)
            builder.children[1].append(choice.key, row: 0)
            builder.appendStructure()
        }
        return builder.finish()
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.type == savedType, saved.children.count == 2 else { throw AccumulatorMismatch.error }
        for row in 0..<saved.count where !saved.isNull(row) {
            fold(saved.children[0], saved.children[1], row, into: Int(targets[row]))
        }
    }
}

private func chooser(_ names: [String], isMaximum: Bool, _ usage: String) -> AggregateFunction {
    AggregateFunction(
        names: names,
        documentation: FunctionDocumentation(
            usage, extended: "Rows whose y is NULL do not count; of several rows the first is taken.\nExample:\n  > SELECT _FUNC_(cab, fare) FROM trips;"),
        traits: AggregateTraits(isDistinctSensitive: false, isOrderSensitive: true),
        resolve: { call in
            guard call.count == 2 else { throw FunctionError(.argumentCount, "Exactly two arguments are expected.") }
            let types = call.argumentTypes.map { $0 == .void ? SQLType.string : $0 }
            guard types[1].isOrdered else {
                throw FunctionError(.argumentType(1), "Cannot support comparison of map<> type or complex type containing map<>.")
            }
            return ResolvedAggregate(argumentTypes: types, resultType: types[0]) { _ in
                RowChoiceAccumulator(types[0], by: types[1], isMaximum: isMaximum)
            }
        })
}

let rowChoiceFunctions: [AggregateFunction] = [
    chooser(["max_by", "arg_max"], isMaximum: true, "_FUNC_(x, y) - Returns the x of the row with the greatest y"),
    chooser(["min_by", "arg_min"], isMaximum: false, "_FUNC_(x, y) - Returns the x of the row with the smallest y"),
]

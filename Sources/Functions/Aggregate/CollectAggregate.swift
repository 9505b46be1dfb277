import Columnar

/// `collect_list` and `collect_set`: the elements of each group in the order they came. NULLs are left out.
private final class CollectAccumulator: Accumulator {
    private var elements: GroupedElements
    private let buffer = ByteBuffer(capacity: 64)
    private let type: SQLType

    init(_ type: SQLType, isSet: Bool) {
        self.type = type
        elements = GroupedElements(isSet ? .set : .list, of: isSet ? "collect_set" : "collect_list")
    }

    package var byteCount: Int { elements.byteCount }
    package func resize(groupCount: Int) { elements.resize(groupCount: groupCount) }
    package func reset(_ groups: Range<Int>) { elements.reset(groups) }

    private func add(_ column: Column, _ row: Int, to group: Int) throws {
        buffer.removeAll()
        ElementCoding.encode(column, row, to: buffer)
        try elements.add(buffer.view(), to: group)
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) throws {
        let column = arguments[0]
        for ordinal in 0..<rows.count where !column.isNull(rows[ordinal]) {
            try add(column, rows[ordinal], to: Int(groups[ordinal]))
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws {
        let column = arguments[0]
        for ordinal in 0..<rows.count where !column.isNull(rows[ordinal]) {
            try add(column, rows[ordinal], to: group)
        }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? CollectAccumulator, other.type == type else { throw AccumulatorMismatch.error }
        try elements.merge(other.elements, sources: sources, targets: targets, count: count)
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let builder = ColumnBuilder(.array(type), capacity: groups.count)
        builder.children[0].reserve(groups.reduce(0) { $0 + elements.count($1) })
        for group in groups {
            elements.forEach(group) { view, _ in ElementCoding.decode(view, to: builder.children[0]) }
            builder.append(listOf: elements.count(group))
        }
        return builder.finish()
    }

    package func save(_ groups: Range<Int>) throws -> Column { finish(groups) }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard let values = saved.children.first, values.type == type else { throw AccumulatorMismatch.error }
        for row in 0..<saved.count {
            for place in saved.list(row) ?? 0..<0 { try add(values, place, to: Int(targets[row])) }
        }
    }
}

private func resolveCollect(_ call: FunctionCall, isSet: Bool) throws -> ResolvedAggregate {
    guard call.count == 1 else { throw FunctionError(.argumentCount, "Exactly one argument is expected.") }
    let type = call.argumentTypes[0] == .void ? SQLType.string : call.argumentTypes[0]
    return ResolvedAggregate(argumentTypes: [type], resultType: .array(type)) { _ in CollectAccumulator(type, isSet: isSet) }
}

let collectFunctions: [AggregateFunction] = [
    AggregateFunction(
        "collect_list", "array_agg",
        documentation: FunctionDocumentation("_FUNC_(x) - Returns the values of x that are not NULL as an array"),
        traits: AggregateTraits(isOrderSensitive: true, valueOfNoRows: .emptyList),
        resolve: { try resolveCollect($0, isSet: false) }),
    AggregateFunction(
        "collect_set",
        documentation: FunctionDocumentation("_FUNC_(x) - Returns the different values of x that are not NULL as an array"),
        traits: AggregateTraits(isDistinctSensitive: false, isOrderSensitive: true, valueOfNoRows: .emptyList),
        resolve: { try resolveCollect($0, isSet: true) }),
]

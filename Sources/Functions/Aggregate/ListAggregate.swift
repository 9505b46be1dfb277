import Columnar

/// `listagg`: texts with keys that order them, as the bytes of structs.
private final class ListAccumulator: RowwiseAccumulator {
    private var elements: GroupedElements
    private let buffer = ByteBuffer(capacity: 64)
    /// A text, then its keys.
    private let type: SQLType
    private let delimiter: [UInt8]
    private let orders: [SortOrderArgument]
    private let keyPlaces: [Int]
    private let context: EvaluationContext

    init(_ types: [SQLType], _ keyPlaces: [Int], _ orders: [SortOrderArgument], delimiter: [UInt8], _ context: EvaluationContext) {
        type = .structure(types.enumerated().map { StructField(name: "col\($0 + 1)", type: $1) })
        elements = GroupedElements(.list, of: "listagg")
        self.keyPlaces = keyPlaces
        self.orders = orders
        self.delimiter = delimiter
        self.context = context
    }

    package var byteCount: Int { elements.byteCount }
    package func resize(groupCount: Int) { elements.resize(groupCount: groupCount) }
    package func reset(_ groups: Range<Int>) { elements.reset(groups) }

    func add(_ arguments: [Column], _ row: Int, to group: Int) throws {
        guard !arguments[0].isNull(row) else { return }
        buffer.removeAll()
        // As `ElementCoding` writes a struct that is not NULL.
        buffer.append(1)
        ElementCoding.encode(arguments[0], row, to: buffer)
        for place in keyPlaces { ElementCoding.encode(arguments[place], row, to: buffer) }
        try elements.add(buffer.view(), to: group)
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? ListAccumulator, other.type == type else { throw AccumulatorMismatch.error }
        try elements.merge(other.elements, sources: sources, targets: targets, count: count)
    }

    package func finish(_ groups: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(.string, capacity: groups.count)
        let text = ByteBuffer(capacity: 256)
        for group in groups {
            guard elements.count(group) > 0 else {
                builder.appendNull()
                continue
            }
            try context.checkCancellation()
            text.removeAll()
            let rows = ColumnBuilder(type, capacity: elements.count(group))
            elements.forEach(group) { view, _ in ElementCoding.decode(view, to: rows) }
            try join(rows.finish(), into: text)
            builder.append(bytes: text.bytes)
        }
        return builder.finish()
    }

    private func join(_ rows: Column, into text: ByteBuffer) throws {
        let texts = rows.children[0], keys = rows.children.dropFirst()
        var order = Array(0..<rows.count)
        if !orders.isEmpty {
            order.sort { left, right in
                for (key, order) in zip(keys, orders) {
                    let comparison = order.compare(key, left, right)
                    if comparison != 0 { return comparison < 0 }
                }
                return left < right
            }
        }
        for (place, row) in order.enumerated() {
            if place > 0 { delimiter.withUnsafeBufferPointer { text.append($0) } }
            text.append(texts.string(row))
            guard text.count <= Int(Int32.max), text.count <= context.availableBytes() else {
                throw FunctionError(.argument, "listagg makes a string that is longer than strings may be, or than the memory limit leaves room for")
            }
        }
    }

    package func save(_ groups: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(.array(type), capacity: groups.count)
        for group in groups {
            elements.forEach(group) { view, _ in ElementCoding.decode(view, to: builder.children[0]) }
            builder.append(listOf: elements.count(group))
        }
        return builder.finish()
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard let values = saved.children.first, values.type == type else { throw AccumulatorMismatch.error }
        for row in 0..<saved.count {
            for place in saved.list(row) ?? 0..<0 {
                buffer.removeAll()
                ElementCoding.encode(values, place, to: buffer)
                try elements.add(buffer.view(), to: Int(targets[row]))
            }
        }
    }
}

let listAggregate = AggregateFunction(
    "listagg", "string_agg",
    documentation: FunctionDocumentation(
        "_FUNC_(expr[, delimiter]) [WITHIN GROUP (ORDER BY key [DESC], ...)] - Returns the values that are not NULL as one string",
        extended: "Without WITHIN GROUP in the order of the rows. NULL when there is no value.\n"
            + "Example:\n  > SELECT _FUNC_(cab, ', ') WITHIN GROUP (ORDER BY cab) FROM trips;"),
    traits: AggregateTraits(isOrderSensitive: true, acceptsSortKeys: true),
    resolve: { call in
        guard (1...2).contains(call.writtenCount) else {
            throw FunctionError(.argumentCount, "\(call.name) takes a value and a delimiter, got \(call.writtenCount) argument(s)")
        }
        try call.expectPrimitive(0)
        var delimiter: [UInt8] = []
        if call.writtenCount == 2, !call.isNullConstant(1) {
            guard let text = call.constantBytes(1) else {
                throw FunctionError(.argumentType(1), "The delimiter of \(call.name) has to be a constant string")
            }
            delimiter = text
        }
        let separator = delimiter
        let keyPlaces = (0..<call.sortKeyCount).map { call.writtenCount + 2 * $0 }
        for place in keyPlaces where !call.argumentTypes[place].isOrdered {
            throw FunctionError(.argumentType(place), "Values of \(call.argumentTypes[place]) have no order")
        }
        let orders = call.sortOrders
        let keyTypes = keyPlaces.map { call.argumentTypes[$0] == .void ? SQLType.string : call.argumentTypes[$0] }
        var types = call.argumentTypes
        types[0] = .string
        for (place, type) in zip(keyPlaces, keyTypes) { types[place] = type }
        if call.writtenCount == 2 { types[1] = .string }
        return ResolvedAggregate(argumentTypes: types, resultType: .string) { context in
            ListAccumulator([.string] + keyTypes, keyPlaces, orders, delimiter: separator, context)
        }
    })

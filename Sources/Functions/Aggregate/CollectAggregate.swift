import Columnar

/// `collect_list` and `collect_set`: each group a chain of elements in the order they came; elements lie as bytes in one
/// heap. NULLs are left out. A set looks elements up in one hash table for all groups.
private final class CollectAccumulator: Accumulator {
    private struct Chain: BitwiseCopyable {
        var first: Int32 = -1
        var last: Int32 = -1
        var count: Int32 = 0
        /// Goes up with every reset, so that elements of before are not found again.
        var generation: Int32 = 0
    }

    private struct Element {
        var view: StringView
        var next: Int32 = -1
        var group: Int32
        var generation: Int32
    }

    private var chains = StateBuffer(empty: Chain())
    private var elements: [Element] = []
    private var table: [Int32] = []
    private var heap = StringHeap()
    private let buffer = ByteBuffer(capacity: 64)
    private let type: SQLType
    private let isSet: Bool

    init(_ type: SQLType, isSet: Bool) {
        self.type = type
        self.isSet = isSet
    }

    /// Room for elements that is not written takes no memory yet.
    package var byteCount: Int {
        chains.byteCount + heap.byteCount + elements.count * MemoryLayout<Element>.stride + table.capacity * 4
    }

    package func resize(groupCount: Int) { chains.resize(groupCount) }

    package func reset(_ groups: Range<Int>) {
        for group in groups {
            let generation = chains.states[group].generation &+ 1
            chains.states[group] = Chain(generation: generation)
        }
        if groups.lowerBound == 0, groups.count >= chains.count {
            elements.removeAll(keepingCapacity: true)
            for slot in table.indices { table[slot] = -1 }
            heap = StringHeap()
        }
    }

    private func slot(_ view: StringView, _ group: Int) -> Int {
        let hash = Hashing.combine(Hashing.hash(view), UInt64(truncatingIfNeeded: group))
        return Int(truncatingIfNeeded: hash & UInt64(table.count - 1))
    }

    private func growTable() {
        let size = max(table.count * 2, 1024)
        table = [Int32](repeating: -1, count: size)
        for (index, element) in elements.enumerated() {
            var place = slot(element.view, Int(element.group))
            while table[place] >= 0 { place = (place + 1) & (size - 1) }
            table[place] = Int32(truncatingIfNeeded: index)
        }
    }

    private func add(_ view: StringView, to group: Int) throws {
        let chain = chains.states[group]
        var place = 0
        if isSet {
            if elements.count * 3 >= table.count * 2 { growTable() }
            place = slot(view, group)
            while table[place] >= 0 {
                let other = elements[Int(table[place])]
                if other.group == group, other.generation == chain.generation, other.view == view { return }
                place = (place + 1) & (table.count - 1)
            }
        }
        guard elements.count < Int(Int32.max) else {
            throw FunctionError(.argument, "\(isSet ? "collect_set" : "collect_list") collected more elements than it can hold")
        }
        let index = Int32(truncatingIfNeeded: elements.count)
        if isSet { table[place] = index }
        elements.append(Element(view: heap.copy(view), group: Int32(truncatingIfNeeded: group), generation: chain.generation))
        if chain.last >= 0 { elements[Int(chain.last)].next = index } else { chains.states[group].first = index }
        chains.states[group].last = index
        chains.states[group].count &+= 1
    }

    private func add(_ column: Column, _ row: Int, to group: Int) throws {
        buffer.removeAll()
        ElementCoding.encode(column, row, to: buffer)
        try add(buffer.view(), to: group)
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
        for pair in 0..<count {
            var element = other.chains.states[Int(sources[pair])].first
            while element >= 0 {
                try add(other.elements[Int(element)].view, to: Int(targets[pair]))
                element = other.elements[Int(element)].next
            }
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let builder = ColumnBuilder(.array(type), capacity: groups.count)
        builder.children[0].reserve(groups.reduce(0) { $0 + Int(chains.states[$1].count) })
        for group in groups {
            let chain = chains.states[group]
            var element = chain.first
            while element >= 0 {
                ElementCoding.decode(elements[Int(element)].view, to: builder.children[0])
                element = elements[Int(element)].next
            }
            builder.append(listOf: Int(chain.count))
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
        "collect_list",
        documentation: FunctionDocumentation("_FUNC_(x) - Returns the values of x that are not NULL as an array"),
        traits: AggregateTraits(isOrderSensitive: true, valueOfNoRows: .emptyList),
        resolve: { try resolveCollect($0, isSet: false) }),
    AggregateFunction(
        "collect_set",
        documentation: FunctionDocumentation("_FUNC_(x) - Returns the different values of x that are not NULL as an array"),
        traits: AggregateTraits(isDistinctSensitive: false, isOrderSensitive: true, valueOfNoRows: .emptyList),
        resolve: { try resolveCollect($0, isSet: true) }),
]

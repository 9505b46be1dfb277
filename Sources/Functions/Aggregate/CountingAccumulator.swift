import Columnar

/// Counts how often each value comes in a group. The values are bytes that `encode` makes of a row, and `finish` says what
/// becomes of a group's values and counts.
final class CountingAccumulator: RowwiseAccumulator {
    /// Adds what a row's arguments make: calls its last argument with the bytes of each value.
    typealias Encode = @Sendable ([Column], Int, ByteBuffer, (StringView) throws -> Void) throws -> Void
    typealias Finish = @Sendable ([(value: StringView, count: Int64)], ColumnBuilder) throws -> Void

    private var values: CountedValues
    private let buffer = ByteBuffer(capacity: 64)
    private let resultType: SQLType
    private let encode: Encode
    private let result: Finish

    /// - Parameter name: of the function, for errors.
    init(_ name: String, _ resultType: SQLType, encode: @escaping Encode, finish: @escaping Finish) {
        values = CountedValues(of: name)
        self.resultType = resultType
        self.encode = encode
        result = finish
    }

    package var byteCount: Int { values.byteCount }
    package func resize(groupCount: Int) { values.elements.resize(groupCount: groupCount) }
    package func reset(_ groups: Range<Int>) { values.reset(groups) }

    func add(_ arguments: [Column], _ row: Int, to group: Int) throws {
        try encode(arguments, row, buffer) { try values.count($0, in: group) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? CountingAccumulator else { throw AccumulatorMismatch.error }
        for pair in 0..<count {
            for entry in other.values.of(Int(sources[pair])) { try values.count(entry.value, in: Int(targets[pair]), times: entry.count) }
        }
    }

    package func finish(_ groups: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(resultType, capacity: groups.count)
        for group in groups { try result(values.of(group), builder) }
        return builder.finish()
    }

    private static let savedType = SQLType.map(key: .binary, value: .bigint)

    package func save(_ groups: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(Self.savedType, capacity: groups.count)
        for group in groups {
            let counted = values.of(group)
            for (value, count) in counted {
                builder.children[0].append(value)
                builder.children[1].append(count)
            }
            builder.append(listOf: counted.count)
        }
        return builder.finish()
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.children.count == 2, saved.type == Self.savedType else { throw AccumulatorMismatch.error }
        let counts = saved.children[1].values(as: Int64.self)
        for row in 0..<saved.count {
            for place in saved.list(row) ?? 0..<0 {
                try values.count(saved.children[0].string(place), in: Int(targets[row]), times: counts[place])
            }
        }
    }
}

/// Values of groups with how often each came.
private struct CountedValues: ~Copyable {
    var elements: GroupedElements
    /// By the places of the values.
    private var counts: [Int64] = []

    init(of name: String) { elements = GroupedElements(.set, of: name) }

    var byteCount: Int { elements.byteCount + counts.capacity * MemoryLayout<Int64>.stride }

    mutating func reset(_ groups: Range<Int>) {
        if elements.reset(groups) { counts.removeAll(keepingCapacity: true) }
    }

    mutating func count(_ value: StringView, in group: Int, times: Int64 = 1) throws {
        let place = try elements.add(value, to: group)
        if place == counts.count { counts.append(0) }
        counts[place] &+= times
    }

    func of(_ group: Int) -> [(value: StringView, count: Int64)] {
        var found: [(value: StringView, count: Int64)] = []
        found.reserveCapacity(elements.count(group))
        elements.forEach(group) { found.append(($0, counts[$1])) }
        return found
    }
}

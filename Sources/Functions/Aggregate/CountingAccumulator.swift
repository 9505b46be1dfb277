import Columnar

/// Counts how often each value comes in a group. The values are bytes that `encode` makes of a row, and `finish` says what
/// becomes of a group's values and counts.
final class CountingAccumulator: Accumulator {
    /// Adds what a row's arguments make: calls its last argument with the bytes of each value.
    typealias Encode = @Sendable ([Column], Int, ByteBuffer, (StringView) throws -> Void) throws -> Void
    typealias Finish = @Sendable ([(value: StringView, count: Int64)], ColumnBuilder) throws -> Void

    private let elements: GroupedElements
    private let buffer = ByteBuffer(capacity: 64)
    private let resultType: SQLType
    private let encode: Encode
    private let result: Finish

    /// - Parameter name: of the function, for errors.
    init(_ name: String, _ resultType: SQLType, encode: @escaping Encode, finish: @escaping Finish) {
        elements = GroupedElements(.counted, of: name)
        self.resultType = resultType
        self.encode = encode
        result = finish
    }

    package var byteCount: Int { elements.byteCount }
    package func resize(groupCount: Int) { elements.resize(groupCount: groupCount) }
    package func reset(_ groups: Range<Int>) { elements.reset(groups) }

    private func add(_ arguments: [Column], _ row: Int, to group: Int) throws {
        try encode(arguments, row, buffer) { try elements.add($0, to: group) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) throws {
        for ordinal in 0..<rows.count { try add(arguments, rows[ordinal], to: Int(groups[ordinal])) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws {
        for ordinal in 0..<rows.count { try add(arguments, rows[ordinal], to: group) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? CountingAccumulator else { throw AccumulatorMismatch.error }
        try elements.merge(other.elements, sources: sources, targets: targets, count: count)
    }

    package func finish(_ groups: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(resultType, capacity: groups.count)
        for group in groups {
            var values: [(value: StringView, count: Int64)] = []
            values.reserveCapacity(elements.count(group))
            elements.forEach(group) { values.append(($0, $1)) }
            try result(values, builder)
        }
        return builder.finish()
    }

    private static let savedType = SQLType.map(key: .binary, value: .bigint)

    package func save(_ groups: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(Self.savedType, capacity: groups.count)
        for group in groups {
            elements.forEach(group) { value, count in
                builder.children[0].append(value)
                builder.children[1].append(count)
            }
            builder.append(listOf: elements.count(group))
        }
        return builder.finish()
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.children.count == 2, saved.type == Self.savedType else { throw AccumulatorMismatch.error }
        let counts = saved.children[1].values(as: Int64.self)
        for row in 0..<saved.count {
            for place in saved.list(row) ?? 0..<0 {
                try elements.add(saved.children[0].string(place), to: Int(targets[row]), count: counts[place])
            }
        }
    }
}

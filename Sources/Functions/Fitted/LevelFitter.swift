import Columnar

/// The levels of one group, and how many rows have each.
struct LevelCounts {
    struct Level {
        let text: StringView
        let count: Int64
    }

    let levels: [Level]
    /// Rows that were not NULL.
    let rows: Int64

    /// The levels that at least `threshold` rows have, at most `limit` of them, the most frequent first; of equally frequent
    /// ones the first in the order of their bytes.
    func mostFrequent(_ limit: Int64 = .max, threshold: Int64 = 0) -> [Level] {
        let kept = levels.filter { $0.count >= threshold }
        let sorted = kept.sorted { $0.count != $1.count ? $0.count > $1.count : $0.text < $1.text }
        return Array(sorted.prefix(Int(limit)))
    }
}

/// Counts how many rows of each group have which level: a text, a number, or an element of an array, which counts once a
/// row.
final class LevelFitter: Accumulator {
    enum Source: Sendable {
        case texts
        /// A level is a number's eight bytes, which are ordered as the numbers are.
        case numbers
        case arrays

        var type: SQLType {
            switch self {
            case .texts: .string
            case .numbers: .double
            case .arrays: .array(.string)
            }
        }
    }

    private struct Count {
        var rows: Int64 = 0
        /// The last row that it was counted for.
        var row: Int64 = -1
    }

    private var table = GroupedElements(.set, of: "a fitted function")
    /// By the places of the levels.
    private var counts: [Count] = []
    /// Rows of each group that were not NULL.
    private var groupRows = StateBuffer(empty: Int64(0))
    private var row: Int64 = 0
    private let source: Source
    /// The bytes of the state that a group's levels become.
    private let makeState: @Sendable (LevelCounts) -> [UInt8]

    init(_ source: Source, makeState: @escaping @Sendable (LevelCounts) -> [UInt8]) {
        self.source = source
        self.makeState = makeState
    }

    package var byteCount: Int { table.byteCount + groupRows.byteCount + counts.capacity * MemoryLayout<Count>.stride }

    package func resize(groupCount: Int) {
        table.resize(groupCount: groupCount)
        groupRows.resize(groupCount)
    }

    package func reset(_ range: Range<Int>) {
        for group in range { groupRows.states[group] = 0 }
        if table.reset(range) { counts.removeAll(keepingCapacity: true) }
    }

    /// Where a level of a group is counted, which is made when it is new.
    private func place(_ text: StringView, of group: Int32) throws -> Int {
        let place = try table.add(text, to: Int(group))
        if place == counts.count { counts.append(Count()) }
        return place
    }

    private func count(_ text: StringView, _ group: Int32) throws {
        let place = try place(text, of: group)
        guard counts[place].row != row else { return }
        counts[place].row = row
        counts[place].rows &+= 1
    }

    // MARK: rows

    private func add(_ column: Column, _ rows: RowSelection, groupOf: (Int) -> Int32) throws {
        var number: UInt64 = 0
        for ordinal in 0..<rows.count {
            let place = rows[ordinal]
            guard !column.isNull(place) else { continue }
            let group = groupOf(ordinal)
            row &+= 1
            switch source {
            case .texts: try count(column.stringAnyEncoding(place), group)
            case .numbers:
                let value = column.values(as: Double.self)[column.element(of: place)]
                guard value.isFinite else { continue }
                number = LevelNumber.ordered(value)
                try withUnsafeBytes(of: &number) { bytes in
                    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
                    try count(StringView(base, length: bytes.count), group)
                }
            case .arrays:
                guard let list = column.list(place), let elements = column.children.first else { continue }
                for element in list where !elements.isNull(element) { try count(elements.stringAnyEncoding(element), group) }
            }
            groupRows.states[Int(group)] &+= 1
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) throws {
        try add(arguments[0], rows) { groups[$0] }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws {
        let group = Int32(truncatingIfNeeded: group)
        try add(arguments[0], rows) { _ in group }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? LevelFitter, other.source == source else { throw AccumulatorMismatch.error }
        for pair in 0..<count {
            let found = other.levels(Int(sources[pair]))
            for entry in found.levels { counts[try place(entry.text, of: targets[pair])].rows &+= entry.count }
            groupRows.states[Int(targets[pair])] &+= found.rows
        }
    }

    // MARK: results

    private func levels(_ group: Int) -> LevelCounts {
        LevelCounts(
            levels: table.places(of: group).map { LevelCounts.Level(text: table.element($0), count: counts[$0].rows) },
            rows: groupRows.states[group])
    }

    package func finish(_ range: Range<Int>) -> Column {
        Column.binaries(range.count) { row in makeState(levels(range.lowerBound + row)) }
    }

    package func save(_ range: Range<Int>) -> Column {
        Column.binaries(range.count) { row in
            let found = levels(range.lowerBound + row)
            var writer = FittedStateWriter()
            writer.write(found.rows)
            writer.write(UInt32(truncatingIfNeeded: found.levels.count))
            for level in found.levels {
                writer.write(level.text)
                writer.write(level.count)
            }
            return writer.bytes
        }
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.type == .binary else { throw AccumulatorMismatch.error }
        for row in 0..<saved.count {
            var reader = FittedStateReader(saved.stringAnyEncoding(row), function: "an aggregate")
            groupRows.states[Int(targets[row])] &+= try reader.number(Int64.self)
            for _ in 0..<(try reader.entryCount(ofAtLeast: 12)) {
                let place = try place(try reader.text(), of: targets[row])
                counts[place].rows &+= try reader.number(Int64.self)
            }
        }
    }
}

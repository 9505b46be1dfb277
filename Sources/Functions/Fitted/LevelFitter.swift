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
/// row. Levels lie as bytes in one heap and are found in one hash table for all groups.
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

    private struct Group: BitwiseCopyable {
        var first: Int32 = -1
        /// Goes up with every reset, so that levels of before are not found again.
        var generation: Int32 = 0
        var rows: Int64 = 0
    }

    private struct Level {
        let text: StringView
        let group: Int32
        let generation: Int32
        /// The next level of the group.
        let next: Int32
        var count: Int64 = 0
        /// The last row that it was counted for.
        var row: Int64 = -1
    }

    private var groups = StateBuffer(empty: Group())
    private var levels: [Level] = []
    private var table: [Int32] = []
    private var heap = StringHeap()
    private var row: Int64 = 0
    private let source: Source
    /// The bytes of the state that a group's levels become.
    private let makeState: @Sendable (LevelCounts) -> [UInt8]

    init(_ source: Source, makeState: @escaping @Sendable (LevelCounts) -> [UInt8]) {
        self.source = source
        self.makeState = makeState
    }

    package var byteCount: Int {
        groups.byteCount + heap.byteCount + levels.capacity * MemoryLayout<Level>.stride + table.capacity * MemoryLayout<Int32>.stride
    }

    package func resize(groupCount: Int) { groups.resize(groupCount) }

    package func reset(_ range: Range<Int>) {
        for group in range { groups.states[group] = Group(generation: groups.states[group].generation &+ 1) }
        guard range.lowerBound == 0, range.count >= groups.count else { return }
        levels.removeAll(keepingCapacity: true)
        for slot in table.indices { table[slot] = -1 }
        heap = StringHeap()
    }

    // MARK: the table

    private func slot(_ text: StringView, _ group: Int32) -> Int {
        Int(truncatingIfNeeded: Hashing.combine(Hashing.hash(text), UInt64(truncatingIfNeeded: group)) & UInt64(table.count - 1))
    }

    private func growTable() {
        table = [Int32](repeating: -1, count: max(table.count * 2, 64))
        for (index, level) in levels.enumerated() {
            var place = slot(level.text, level.group)
            while table[place] >= 0 { place = (place + 1) & (table.count - 1) }
            table[place] = Int32(truncatingIfNeeded: index)
        }
    }

    /// Where a level of a group is kept, which is made when it is new.
    private func level(_ text: StringView, of group: Int32) throws -> Int {
        if levels.count * 3 >= table.count * 2 { growTable() }
        let state = groups.states[Int(group)]
        var place = slot(text, group)
        while table[place] >= 0 {
            let index = Int(table[place])
            if levels[index].group == group, levels[index].generation == state.generation, levels[index].text == text { return index }
            place = (place + 1) & (table.count - 1)
        }
        guard levels.count < Int(Int32.max) else { throw FunctionError(.argument, "More levels came than can be counted") }
        let index = levels.count
        table[place] = Int32(truncatingIfNeeded: index)
        levels.append(Level(text: heap.copy(text), group: group, generation: state.generation, next: state.first))
        groups.states[Int(group)].first = Int32(truncatingIfNeeded: index)
        return index
    }

    private func count(_ text: StringView, _ group: Int32) throws {
        let index = try level(text, of: group)
        guard levels[index].row != row else { return }
        levels[index].row = row
        levels[index].count &+= 1
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
                number = Self.ordered(value)
                try withUnsafeBytes(of: &number) { bytes in
                    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
                    try count(StringView(base, length: bytes.count), group)
                }
            case .arrays:
                guard let list = column.list(place), let elements = column.children.first else { continue }
                for element in list where !elements.isNull(element) { try count(elements.stringAnyEncoding(element), group) }
            }
            groups.states[Int(group)].rows &+= 1
        }
    }

    /// A number's bits with the highest byte first, so that bytes are ordered as numbers; 0.0 and -0.0 are one.
    private static func ordered(_ value: Double) -> UInt64 {
        let bits = (value + 0).bitPattern
        return (bits >> 63 == 0 ? bits | 1 << 63 : ~bits).bigEndian
    }

    /// The number whose level is `text`.
    static func number(_ text: StringView) -> Double? {
        guard text.count == MemoryLayout<UInt64>.size else { return nil }
        let bits = UInt64(bigEndian: UnsafeRawPointer(text.pointer).loadUnaligned(as: UInt64.self))
        return Double(bitPattern: bits >> 63 == 0 ? ~bits : bits & ~(1 << 63))
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
            let counts = other.counts(Int(sources[pair]))
            for entry in counts.levels { levels[try level(entry.text, of: targets[pair])].count &+= entry.count }
            groups.states[Int(targets[pair])].rows &+= counts.rows
        }
    }

    // MARK: results

    private func counts(_ group: Int) -> LevelCounts {
        var found: [LevelCounts.Level] = []
        var index = groups.states[group].first
        while index >= 0 {
            found.append(LevelCounts.Level(text: levels[Int(index)].text, count: levels[Int(index)].count))
            index = levels[Int(index)].next
        }
        return LevelCounts(levels: found, rows: groups.states[group].rows)
    }

    package func finish(_ range: Range<Int>) -> Column {
        Column.binaries(range.count) { row in makeState(counts(range.lowerBound + row)) }
    }

    package func save(_ range: Range<Int>) -> Column {
        Column.binaries(range.count) { row in
            let counts = counts(range.lowerBound + row)
            var writer = FittedStateWriter()
            writer.write(counts.rows)
            writer.write(UInt32(truncatingIfNeeded: counts.levels.count))
            for level in counts.levels {
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
            groups.states[Int(targets[row])].rows &+= try reader.number(Int64.self)
            for _ in 0..<(try reader.entryCount(ofAtLeast: 12)) {
                let index = try level(try reader.text(), of: targets[row])
                levels[index].count &+= try reader.number(Int64.self)
            }
        }
    }
}

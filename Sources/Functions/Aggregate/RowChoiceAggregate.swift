import Columnar

/// Chooses a row of each group by a key, the last argument, and gives its first one: another value, or the key itself. A row whose key
/// is NULL is not chosen; of equal keys the first row is.
///
/// What is chosen of a batch becomes rows of one block. Blocks are put together again when most of their rows have been given up.
final class RowChoiceAccumulator: Accumulator {
    /// Arguments of some rows, a column each.
    private typealias Block = [Column]

    private struct Place: BitwiseCopyable {
        var block: Int32
        var row: Int32
    }

    private var blocks: [Block] = []
    private var blockBytes = 0
    private var rowCount = 0
    private var best: [Place?] = []
    private let types: [SQLType]
    private let isMaximum: Bool
    /// The best row of each group within a batch; −1 for a group without one.
    private var candidates: [Int32] = []
    /// Groups that have one.
    private var touched: [Int32] = []

    init(_ types: [SQLType], isMaximum: Bool) {
        self.types = types
        self.isMaximum = isMaximum
    }

    package var byteCount: Int { blockBytes + best.count * (MemoryLayout<Place?>.stride + MemoryLayout<Int32>.stride) }

    package func resize(groupCount: Int) {
        guard groupCount > best.count else { return }
        let more = groupCount - best.count
        best += Array(repeating: nil, count: more)
        candidates += Array(repeating: -1, count: more)
    }

    package func reset(_ groups: Range<Int>) {
        for group in groups { best[group] = nil }
        guard groups.lowerBound == 0, groups.count >= best.count else { return }
        blocks.removeAll(keepingCapacity: true)
        (blockBytes, rowCount) = (0, 0)
    }

    // MARK: choosing

    /// Whether a row of a column of keys comes before another one that was seen first.
    private func isBetter(_ keys: Column, _ row: Int, than others: Column, _ other: Int) -> Bool {
        // A NULL within makes a key neither the least nor the greatest.
        let order = RowComparator.compare(keys, row, others, other, nestedNullsLast: !isMaximum)
        return isMaximum ? order > 0 : order < 0
    }

    /// Whether a row, whose key is not NULL, is better than what its group has.
    private func wins(_ keys: Column, _ row: Int, _ group: Int) -> Bool {
        guard let known = best[group] else { return true }
        return isBetter(keys, row, than: blocks[Int(known.block)][types.count - 1], Int(known.row))
    }

    /// Takes rows of a block into account, those for which `at` gives a group.
    @inline(__always)
    private func fold(_ source: Block, count: Int, _ at: (Int) -> (row: Int, group: Int)?) {
        let keys = source[types.count - 1]
        for ordinal in 0..<count {
            guard let (row, group) = at(ordinal), !keys.isNull(row) else { continue }
            let candidate = Int(candidates[group])
            if candidate < 0 {
                touched.append(Int32(truncatingIfNeeded: group))
            } else if !isBetter(keys, row, than: keys, candidate) {
                continue
            }
            candidates[group] = Int32(truncatingIfNeeded: row)
        }
        var winners: [(row: Int, group: Int)] = []
        for group in touched.lazy.map({ Int($0) }) {
            let row = Int(candidates[group])
            candidates[group] = -1
            if wins(keys, row, group) { winners.append((row, group)) }
        }
        touched.removeAll(keepingCapacity: true)
        keep(winners, of: source)
    }

    private func keep(_ winners: [(row: Int, group: Int)], of source: Block) {
        guard !winners.isEmpty else { return }
        let builders = types.map { ColumnBuilder($0, capacity: winners.count) }
        for (builder, column) in zip(builders, source) {
            for winner in winners { builder.append(column, row: winner.row) }
        }
        blockBytes += builders.reduce(0) { $0 + $1.byteCount }
        rowCount += winners.count
        for (row, winner) in winners.enumerated() {
            best[winner.group] = Place(block: Int32(truncatingIfNeeded: blocks.count), row: Int32(truncatingIfNeeded: row))
        }
        blocks.append(builders.map { $0.finish() })
        if rowCount > 4 * max(best.count, Self.fewRows) { putTogether() }
    }

    /// Rows that are not worth to be put together.
    private static let fewRows = 1_024

    private func putTogether() {
        let groups = best.indices.filter { best[$0] != nil }
        let block = rows(of: groups)
        blocks.removeAll(keepingCapacity: true)
        (blockBytes, rowCount) = (0, 0)
        keep(groups.enumerated().map { (row: $0.offset, group: $0.element) }, of: block)
    }

    /// The rows that groups have, which each have one.
    private func rows(of groups: [Int]) -> Block {
        types.indices.map { place in
            let builder = ColumnBuilder(types[place], capacity: groups.count)
            for group in groups {
                guard let known = best[group] else { continue }
                builder.append(blocks[Int(known.block)][place], row: Int(known.row))
            }
            return builder.finish()
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        fold(arguments, count: rows.count) { (rows[$0], Int(groups[$0])) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        fold(arguments, count: rows.count) { (rows[$0], group) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? RowChoiceAccumulator, other.types == types else { throw AccumulatorMismatch.error }
        let pairs = (0..<count).filter { other.best[Int(sources[$0])] != nil }
        fold(other.rows(of: pairs.map { Int(sources[$0]) }), count: pairs.count) { ($0, Int(targets[pairs[$0]])) }
    }

    // MARK: results

    package func finish(_ groups: Range<Int>) -> Column {
        let builder = ColumnBuilder(types[0], capacity: groups.count)
        for group in groups {
            if let place = best[group] { builder.append(blocks[Int(place.block)][0], row: Int(place.row)) } else { builder.appendNull() }
        }
        return builder.finish()
    }

    private var savedType: SQLType {
        .structure(types.enumerated().map { StructField(name: "col\($0 + 1)", type: $1) })
    }

    package func save(_ groups: Range<Int>) -> Column {
        let builder = ColumnBuilder(savedType, capacity: groups.count)
        for group in groups {
            guard let place = best[group] else {
                builder.appendNull()
                continue
            }
            for (child, column) in zip(builder.children, blocks[Int(place.block)]) { child.append(column, row: Int(place.row)) }
            builder.appendStructure()
        }
        return builder.finish()
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.type == savedType, saved.children.count == types.count else { throw AccumulatorMismatch.error }
        fold(saved.children, count: saved.count) { saved.isNull($0) ? nil : ($0, Int(targets[$0])) }
    }
}

extension SQLType {
    /// False for maps and what holds one: Hive has no order for them.
    var isOrdered: Bool {
        if case .map = self { return false }
        return childTypes.allSatisfy(\.isOrdered)
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
            return ResolvedAggregate(argumentTypes: types, resultType: types[0]) { _ in RowChoiceAccumulator(types, isMaximum: isMaximum) }
        })
}

let rowChoiceFunctions: [AggregateFunction] = [
    chooser(["max_by", "arg_max"], isMaximum: true, "_FUNC_(x, y) - Returns the x of the row with the greatest y"),
    chooser(["min_by", "arg_min"], isMaximum: false, "_FUNC_(x, y) - Returns the x of the row with the smallest y"),
]

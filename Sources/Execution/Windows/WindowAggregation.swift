import Columnar
import Functions
import Planner

/// An aggregate function over window frames.
struct WindowAggregation {
    private let task: WindowTask
    private let function: WindowPlan.Function
    private let aggregate: ResolvedAggregate
    private let slidingForm: AggregateTraits.SlidingForm?
    private let isDistinct: Bool
    private let arguments: [Column]

    init(
        _ task: WindowTask, _ function: WindowPlan.Function, _ aggregate: ResolvedAggregate,
        slidingForm: AggregateTraits.SlidingForm?, isDistinct: Bool
    ) {
        self.task = task
        self.function = function
        self.aggregate = aggregate
        self.slidingForm = slidingForm
        self.isDistinct = isDistinct
        arguments = function.arguments.map { task.values($0) }
    }

    private var frame: WindowFrame { function.named.frame }
    private var count: Int { task.count }

    func column() throws -> Column {
        if frame.start == .unboundedPreceding, frame.end == .unboundedFollowing { return try wholePartitions() }
        let bounds = try task.bounds(frame)
        if !isDistinct, let slidingForm,
            let sliding = SlidingAggregate(slidingForm, arguments, type: function.named.output.type)
        {
            return try sliding.column(bounds, task)
        }
        if frame.start == .unboundedPreceding { return try running(bounds) }
        return try recomputed(bounds)
    }

    /// One value a partition.
    private func wholePartitions() throws -> Column {
        let accumulator = aggregate.makeAccumulator(task.query.context)
        accumulator.resize(groupCount: task.partitions.count)
        let numbers = SelectionVector(capacity: count)
        for (number, partition) in task.partitions.enumerated() {
            (numbers.indices + partition.lowerBound).initialize(
                repeating: Int32(truncatingIfNeeded: number), count: partition.count)
        }
        if isDistinct {
            let rows = try firstOccurrences(numbers.indices)
            let chosen = SelectionVector(capacity: rows.count)
            var ordinal = 0
            rows.forEach { row in
                chosen.indices[ordinal] = numbers.indices[row]
                ordinal += 1
            }
            try accumulator.update(arguments, rows: rows, groups: chosen.indices)
        } else {
            // Some rows at a time, so that the statement can be ended meanwhile.
            var begin = 0
            while begin < count {
                try task.query.check()
                let rows = RowSelection.all(count).dropFirst(begin).prefix(1 << 16)
                if task.partitions.count == 1 {
                    try accumulator.update(arguments, rows: rows, group: 0)
                } else {
                    try accumulator.update(arguments, rows: rows, groups: numbers.indices + begin)
                }
                begin += rows.count
            }
        }
        let values = try accumulator.finish(0..<task.partitions.count)
        return Column.dictionary(values, indices: numbers.indices, count: count).decoded(.all(count))
    }

    /// The rows without NULL whose arguments are new in their partition.
    private func firstOccurrences(_ numbers: UnsafePointer<Int32>) throws -> RowSelection {
        var rows = RowSelection.all(count)
        for argument in arguments { rows = BooleanLogic.select(validRowsOf: argument, rows: rows) }
        let partition = Column(flat: .int, count: count)
        partition.values(as: Int32.self).update(from: numbers, count: count)
        let keys = [partition] + ComplexKeyCoding.encodeComplex(arguments, rows: rows, count: count)
        let table = KeyTable(KeyLayout([.int] + arguments.map(\.type)))
        return try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(count, 1)) { hashes in
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(count, 1)) { found in
                guard let words = hashes.baseAddress, let ids = found.baseAddress else { return .none }
                Hashing.hash(keys, rows: rows, count: count, into: words)
                try table.insert(keys, rows: rows, hashes: words, into: ids)
                var next: Int32 = 0
                var ordinal = 0
                return rows.filtered(capacity: rows.count) { _ in
                    let isNew = ids[ordinal] == next
                    if isNew { next += 1 }
                    ordinal += 1
                    return isNew
                }
            }
        }
    }

    /// Frames that begin with the partition only grow: each row is folded in once.
    private func running(_ bounds: FrameBounds) throws -> Column {
        let accumulator = aggregate.makeAccumulator(task.query.context)
        accumulator.resize(groupCount: 1)
        let builder = ColumnBuilder(function.named.output.type, capacity: count)
        var isFirst: [Bool]?
        if isDistinct {
            let numbers = SelectionVector(capacity: count)
            for (number, partition) in task.partitions.enumerated() {
                for row in partition { numbers.indices[row] = Int32(truncatingIfNeeded: number) }
            }
            var marks = [Bool](repeating: false, count: count)
            try firstOccurrences(numbers.indices).forEach { marks[$0] = true }
            isFirst = marks
        }
        for partition in task.partitions {
            accumulator.reset(0..<1)
            var folded = partition.lowerBound
            var value = try accumulator.finish(0..<1)
            for row in partition {
                if row & 0xfff == 0 { try task.query.check() }
                let end = Int(bounds.ends[row])
                if end > folded {
                    try fold(folded..<end, isFirst, into: accumulator)
                    folded = end
                    value = try accumulator.finish(0..<1)
                }
                builder.append(value, row: 0)
            }
            try task.query.check()
        }
        return builder.finish()
    }

    private func fold(_ range: Range<Int>, _ wanted: [Bool]?, into accumulator: any Accumulator) throws {
        let rows = SelectionVector(capacity: range.count)
        var used = 0
        for row in range where wanted.map({ $0[row] }) ?? true {
            rows.indices[used] = Int32(truncatingIfNeeded: row)
            used += 1
        }
        rows.setCount(used)
        if used > 0 { try accumulator.update(arguments, rows: RowSelection(rows), group: 0) }
    }

    /// Any frame: folded anew where it differs from the row before.
    private func recomputed(_ bounds: FrameBounds) throws -> Column {
        let accumulator = aggregate.makeAccumulator(task.query.context)
        accumulator.resize(groupCount: 1)
        let builder = ColumnBuilder(function.named.output.type, capacity: count)
        var previous = -1..<(-1)
        var value = try accumulator.finish(0..<1)
        let longest = (0..<count).reduce(0) { max($0, Int(bounds.ends[$1]) - Int(bounds.starts[$1])) }
        let tree = isDistinct || longest <= 64 ? nil : AccumulatorTree(aggregate, arguments, task)
        for row in 0..<count {
            if row & 1023 == 0 { try task.query.check() }
            let start = Int(bounds.starts[row])
            let range = start..<max(Int(bounds.ends[row]), start)
            if range != previous {
                accumulator.reset(0..<1)
                if isDistinct {
                    try foldDistinct(range, into: accumulator)
                } else if let tree, range.count > 64 {
                    try tree.fold(range, into: accumulator) { try fold($0, nil, into: accumulator) }
                } else {
                    try fold(range, nil, into: accumulator)
                }
                value = try accumulator.finish(0..<1)
                previous = range
            }
            builder.append(value, row: 0)
        }
        return builder.finish()
    }

    private func foldDistinct(_ range: Range<Int>, into accumulator: any Accumulator) throws {
        guard !range.isEmpty else { return }
        var rows = RowSelection.all(count).dropFirst(range.lowerBound).prefix(range.count)
        for argument in arguments { rows = BooleanLogic.select(validRowsOf: argument, rows: rows) }
        let keys = ComplexKeyCoding.encodeComplex(arguments, rows: rows, count: count)
        let table = KeyTable(KeyLayout(arguments.map(\.type)))
        let kept = try rows.filtered(capacity: rows.count) { row in
            var hash: UInt64 = 0
            for key in keys { hash = Hashing.combine(hash, Hashing.hash(key, row: row)) }
            let before = table.count
            _ = try table.insert(keys, row: row, hash: hash)
            return table.count > before
        }
        if !kept.isEmpty { try accumulator.update(arguments, rows: kept, group: 0) }
    }
}

/// States of aligned blocks of rows, so that a long frame is the merge of few states.
private final class AccumulatorTree {
    private static let fanOut = 32
    private let levels: [any Accumulator]

    /// Level `l` has the states of blocks of `fanOut^(l + 1)` rows. nil when a state cannot be made of the rows.
    init?(_ aggregate: ResolvedAggregate, _ arguments: [Column], _ task: WindowTask) {
        guard task.count > Self.fanOut else { return nil }
        var levels: [any Accumulator] = []
        var counts: [Int] = []
        do {
            let blocks = (task.count + Self.fanOut - 1) / Self.fanOut
            let first = aggregate.makeAccumulator(task.query.context)
            first.resize(groupCount: blocks)
            let groups = SelectionVector(capacity: task.count)
            for row in 0..<task.count { groups.indices[row] = Int32(truncatingIfNeeded: row / Self.fanOut) }
            try first.update(arguments, rows: .all(task.count), groups: groups.indices)
            levels.append(first)
            counts.append(blocks)
            while let below = counts.last, below > Self.fanOut {
                let above = (below + Self.fanOut - 1) / Self.fanOut
                let next = aggregate.makeAccumulator(task.query.context)
                next.resize(groupCount: above)
                let sources = SelectionVector(capacity: below)
                let targets = SelectionVector(capacity: below)
                for block in 0..<below {
                    sources.indices[block] = Int32(truncatingIfNeeded: block)
                    targets.indices[block] = Int32(truncatingIfNeeded: block / Self.fanOut)
                }
                try next.merge(levels[levels.count - 1], sources: sources.indices, targets: targets.indices, count: below)
                levels.append(next)
                counts.append(above)
            }
        } catch {
            return nil
        }
        self.levels = levels
    }

    /// Folds a range of rows: whole blocks by their states, the rest by `foldRows`. The order of rows is kept.
    func fold(_ range: Range<Int>, into accumulator: any Accumulator, foldRows: (Range<Int>) throws -> Void) throws {
        try fold(range, level: 0, into: accumulator, foldRows: foldRows)
    }

    private func fold(
        _ range: Range<Int>, level: Int, into accumulator: any Accumulator, foldRows: (Range<Int>) throws -> Void
    ) throws {
        if range.isEmpty { return }
        // Units below this level: rows, or blocks of the level before.
        func foldUnits(_ units: Range<Int>) throws {
            if units.isEmpty { return }
            if level == 0 {
                try foldRows(units)
            } else {
                var zero = [Int32](repeating: 0, count: units.count)
                var blocks = units.map { Int32(truncatingIfNeeded: $0) }
                try accumulator.merge(levels[level - 1], sources: &blocks, targets: &zero, count: units.count)
            }
        }
        let firstBlock = (range.lowerBound + Self.fanOut - 1) / Self.fanOut
        let lastBlock = range.upperBound / Self.fanOut
        guard level < levels.count, firstBlock < lastBlock else {
            try foldUnits(range)
            return
        }
        try foldUnits(range.lowerBound..<firstBlock * Self.fanOut)
        try fold(firstBlock..<lastBlock, level: level + 1, into: accumulator, foldRows: foldRows)
        try foldUnits(lastBlock * Self.fanOut..<range.upperBound)
    }
}

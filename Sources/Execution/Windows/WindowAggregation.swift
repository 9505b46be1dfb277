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
        let reservation = MemoryReservation(task.query.memory, for: "OVER")
        let occurrences = try makeOccurrences()
        let numbers = SelectionVector(capacity: count)
        for (number, partition) in task.partitions.enumerated() {
            (numbers.indices + partition.lowerBound).initialize(
                repeating: Int32(truncatingIfNeeded: number), count: partition.count)
        }
        // Some rows at a time, so that the statement can be ended meanwhile.
        let pieceSize = 1 << 16
        if occurrences != nil || task.partitions.count == 1 {
            for (number, partition) in task.partitions.enumerated() {
                for begin in stride(from: partition.lowerBound, to: partition.upperBound, by: pieceSize) {
                    try task.query.check()
                    let rows = rows(
                        begin..<min(begin + pieceSize, partition.upperBound), since: partition.lowerBound, occurrences)
                    if !rows.isEmpty { try accumulator.update(arguments, rows: rows, group: number) }
                    try reservation.update(to: accumulator.byteCount)
                }
            }
        } else {
            for begin in stride(from: 0, to: count, by: pieceSize) {
                try task.query.check()
                let rows = rows(begin..<min(begin + pieceSize, count), since: 0, nil)
                try accumulator.update(arguments, rows: rows, groups: numbers.indices + begin)
                try reservation.update(to: accumulator.byteCount)
            }
        }
        let values = try accumulator.finish(0..<task.partitions.count)
        return Column.dictionary(values, indices: numbers.indices, count: count).decoded(.all(count))
    }

    private func makeOccurrences() throws -> PreviousOccurrences? {
        isDistinct ? try PreviousOccurrences(of: arguments, task) : nil
    }

    /// The rows of `range` that count in a frame that begins at row `start`.
    private func rows(_ range: Range<Int>, since start: Int, _ occurrences: PreviousOccurrences?) -> RowSelection {
        occurrences?.firstRows(in: range, since: start) ?? .range(range)
    }

    /// Frames that begin with the partition only grow: each row is folded in once.
    private func running(_ bounds: FrameBounds) throws -> Column {
        let accumulator = aggregate.makeAccumulator(task.query.context)
        accumulator.resize(groupCount: 1)
        let builder = ColumnBuilder(function.named.output.type, capacity: count)
        let reservation = MemoryReservation(task.query.memory, for: "OVER")
        let occurrences = try makeOccurrences()
        for partition in task.partitions {
            accumulator.reset(0..<1)
            var folded = partition.lowerBound
            var value = try accumulator.finish(0..<1)
            for row in partition {
                // Lists may grow with every row.
                if row & 0xff == 0 {
                    try task.query.check()
                    try reservation.update(to: builder.byteCount + accumulator.byteCount)
                }
                let end = Int(bounds.ends[row])
                if end > folded {
                    try fold(folded..<end, since: partition.lowerBound, occurrences, into: accumulator)
                    folded = end
                    value = try accumulator.finish(0..<1)
                }
                builder.append(value, row: 0)
            }
            try task.query.check()
        }
        return builder.finish()
    }

    /// Any frame: folded anew where it differs from the row before.
    private func recomputed(_ bounds: FrameBounds) throws -> Column {
        let accumulator = aggregate.makeAccumulator(task.query.context)
        accumulator.resize(groupCount: 1)
        let builder = ColumnBuilder(function.named.output.type, capacity: count)
        var previous = -1..<(-1)
        var value = try accumulator.finish(0..<1)
        let longest = (0..<count).reduce(0) { max($0, Int(bounds.ends[$1]) - Int(bounds.starts[$1])) }
        let occurrences = try makeOccurrences()
        let tree = isDistinct || longest <= 64 ? nil : AccumulatorTree(aggregate, arguments, task)
        var rowsSinceCheck = 0
        for row in 0..<count {
            let start = Int(bounds.starts[row])
            let range = start..<max(Int(bounds.ends[row]), start)
            // A frame may be as long as the table.
            rowsSinceCheck += 64 + range.count
            if rowsSinceCheck >= 1 << 16 {
                try task.query.check()
                rowsSinceCheck = 0
            }
            if range != previous {
                accumulator.reset(0..<1)
                if let tree, range.count > 64 {
                    try tree.fold(range, into: accumulator) { try fold($0, since: start, occurrences, into: accumulator) }
                } else {
                    try fold(range, since: start, occurrences, into: accumulator)
                }
                value = try accumulator.finish(0..<1)
                previous = range
            }
            builder.append(value, row: 0)
        }
        return builder.finish()
    }

    private func fold(
        _ range: Range<Int>, since start: Int, _ occurrences: PreviousOccurrences?, into accumulator: any Accumulator
    ) throws {
        let rows = rows(range, since: start, occurrences)
        if !rows.isEmpty { try accumulator.update(arguments, rows: rows, group: 0) }
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

import Columnar
import Functions
import Planner

/// Takes the rows of one partition in their order and gives them on with the values of the functions.
final class StreamedRows {
    private let plan: WindowPlan
    private let functions: StreamedFunctions
    /// Values of the aggregates of all rows, a row each, and the same as constants whose bytes these keep.
    private let ownedWholes: [Column]
    private let wholes: [Column]
    private let rowCount: Int
    private let query: QueryExecution
    /// Accumulators of running aggregates, by function.
    private let running: [(any Accumulator)?]
    /// The first row's values, by function; they keep their bytes.
    private var firsts: [Column?]
    /// Rows that wait: some that are done and that rows behind look at, then those to come.
    private var rows: RowCollector
    private var doneCount = 0
    /// Rows given on, different order keys among them, and the last one's rank.
    private var given = 0
    private var keysGiven = 0
    private var lastRank = 0
    private var position = 0
    /// Rows to take before some are computed, and bytes of them that are enough.
    private var wanted = 1 << 14
    private var enoughBytes: Int
    private let reservation: MemoryReservation
    /// Of what running aggregates hold, and of what was computed.
    private let scratch: MemoryReservation

    init(_ plan: WindowPlan, _ functions: StreamedFunctions, _ wholes: [Column], _ rowCount: Int, _ query: QueryExecution) throws {
        self.plan = plan
        self.functions = functions
        ownedWholes = wholes
        self.wholes = wholes.map { $0.constantRow(0, count: 1) }
        self.rowCount = rowCount
        self.query = query
        running = functions.forms.map { form in
            guard case .running(let aggregate) = form else { return nil }
            let accumulator = aggregate.makeAccumulator(query.context)
            accumulator.resize(groupCount: 1)
            return accumulator
        }
        firsts = functions.forms.map { _ in nil }
        rows = RowCollector(plan.types)
        // With what is computed they take several times as much.
        enoughBytes = min(max(query.memory.limit / 64, 1 << 15), 4 << 20)
        reservation = MemoryReservation(query.memory, for: "OVER")
        scratch = MemoryReservation(query.memory, for: "OVER")
    }

    func take(_ columns: [Column], count: Int, _ sequence: Int, into stage: Stage) throws -> Flow {
        rows.append(columns, rows: .all(count))
        try reservation.update(to: rows.byteCount)
        let more = rows.rowCount - doneCount - functions.behind
        guard more >= wanted || more > 0 && rows.byteCount >= enoughBytes else { return .more }
        return try compute(isLast: false, sequence, into: stage)
    }

    func finish(_ sequence: Int, into stage: Stage) throws -> Flow {
        rows.rowCount > doneCount ? try compute(isLast: true, sequence, into: stage) : .more
    }

    private func compute(isLast: Bool, _ sequence: Int, into stage: Stage) throws -> Flow {
        let count = rows.rowCount
        let columns = try RowCollector.concatenated([rows], plan.types, query, for: "OVER")
        let input = try WindowInput(sorted: columns, count: count, query)
        let task = try input.withRows(of: 0) { rows, count in try WindowTask(input, plan, rows, count, query) }
        var end = isLast ? count : count - functions.behind
        // Peers that may go on come with the next rows.
        if functions.needsPeers, !isLast { end = Int(task.peerStarts[min(end, count - 1)]) }
        let core = doneCount..<max(end, doneCount)
        var flow = Flow.more
        if !core.isEmpty {
            var results: [Column] = []
            for index in plan.functions.indices {
                results.append(try values(index, task, core, beside: results.reduce(0) { $0 + $1.byteCount }))
            }
            try charge(results.reduce(0) { $0 + $1.byteCount })
            var begin = core.lowerBound
            while begin < core.upperBound, flow == .more {
                try query.check()
                let range = begin..<min(begin + query.batchSize, core.upperBound)
                let kept = columns.prefix(plan.inputWidth).map { $0.slice(range) }
                let made = results.map { $0.slice(range.lowerBound - core.lowerBound..<range.upperBound - core.lowerBound) }
                flow = try stage.push(
                    Batch(
                        columns: kept + made, capacity: range.count,
                        sequence: BatchSequence(morsel: sequence, position: position)))
                position += 1
                begin = range.upperBound
            }
            lastRank = rank(of: core.upperBound - 1, task, core)
            keysGiven += core.reduce(0) { $0 + (Int(task.peerStarts[$1]) == $1 ? 1 : 0) }
            given += core.count
        } else {
            // One key has more rows than were taken.
            wanted *= 2
            enoughBytes *= 2
        }
        let left = max(core.upperBound - functions.before, 0)
        rows = RowCollector(plan.types)
        rows.append(columns.map { $0.slice(left..<count) }, rows: .all(count - left))
        doneCount = core.upperBound - left
        return flow
    }

    /// The rank of a row of `core`, whose first rows may be peers of the last one that was given on.
    private func rank(of row: Int, _ task: WindowTask, _ core: Range<Int>) -> Int {
        let first = Int(task.peerStarts[row])
        return first < core.lowerBound ? lastRank : given + first - core.lowerBound + 1
    }

    private func charge(_ results: Int) throws {
        try scratch.update(to: running.reduce(results) { $0 + ($1?.byteCount ?? 0) })
    }

    /// A function's values for the rows of `core`.
    /// - Parameter bytes: of the values of functions before.
    private func values(_ index: Int, _ task: WindowTask, _ core: Range<Int>, beside bytes: Int) throws -> Column {
        let function = plan.functions[index]
        let type = function.named.output.type
        // What a row's place here has to be moved by to be its place among all.
        let base = given - core.lowerBound
        switch functions.forms[index] {
        case .rowNumber: return integers(type, core) { base + $0 + 1 }
        case .rank: return integers(type, core) { self.rank(of: $0, task, core) }
        case .denseRank:
            var rank = keysGiven
            return integers(type, core) { row in
                if Int(task.peerStarts[row]) == row { rank += 1 }
                return rank
            }
        case .percentRank:
            let others = Double(rowCount - 1)
            return doubles(core) { others > 0 ? Double(self.rank(of: $0, task, core) - 1) / others : 0 }
        case .cumulativeDistribution: return doubles(core) { Double(base + Int(task.peerEnds[$0])) / Double(self.rowCount) }
        case .ntile:
            let tiles = try WindowEvaluation(task, function).tiles(of: rowCount)
            return integers(type, core) { tiles.tile(of: base + $0) }
        case .whole(let place): return wholes[place].constantRow(0, count: core.count)
        case .first:
            let value = firsts[index] ?? task.values(function.arguments[0]).pickingRows([Int32(truncatingIfNeeded: core.lowerBound)])
            firsts[index] = value
            return value.constantRow(0, count: core.count)
        case .nearby: return try WindowEvaluation(task, function).column().slice(core)
        case .running: return try runningValues(index, task, core, beside: bytes)
        }
    }

    private func runningValues(_ index: Int, _ task: WindowTask, _ core: Range<Int>, beside bytes: Int) throws -> Column {
        guard let accumulator = running[index] else { return .nulls(plan.functions[index].named.output.type, count: core.count) }
        let function = plan.functions[index]
        let arguments = function.arguments.map { task.values($0) }
        let builder = ColumnBuilder(function.named.output.type, capacity: core.count)
        var folded = core.lowerBound
        var value = try accumulator.finish(0..<1)
        for row in core {
            // Lists may grow with every row.
            if row & 0xff == 0 {
                try query.check()
                try charge(bytes + builder.byteCount)
            }
            let end = function.named.frame.unit == .rows ? row + 1 : Int(task.peerEnds[row])
            if end > folded {
                try accumulator.update(arguments, rows: .range(folded..<end), group: 0)
                folded = end
                value = try accumulator.finish(0..<1)
            }
            builder.append(value, row: 0)
        }
        return builder.finish()
    }

    private func integers(_ type: SQLType, _ core: Range<Int>, _ value: (Int) -> Int) -> Column {
        let result = Column(flat: type, count: core.count)
        if type.physical == .int64 {
            let target = result.values(as: Int64.self)
            for row in core { target[row - core.lowerBound] = Int64(value(row)) }
        } else {
            let target = result.values(as: Int32.self)
            for row in core { target[row - core.lowerBound] = Int32(truncatingIfNeeded: value(row)) }
        }
        return result
    }

    private func doubles(_ core: Range<Int>, _ value: (Int) -> Double) -> Column {
        let result = Column(flat: .double, count: core.count)
        let target = result.values(as: Double.self)
        for row in core { target[row - core.lowerBound] = value(row) }
        return result
    }
}

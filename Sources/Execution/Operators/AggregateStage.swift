import Columnar
import Expressions
import Functions

/// One worker's side of a hash aggregate.
final class AggregateStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    private(set) var state: AggregateState
    /// States put aside because grouping hardly made fewer rows of them: they are merged at the end.
    private(set) var completed: [AggregateState] = []
    private var rowsInState = 0
    let distinctTables: [KeyTable]
    private let plan: AggregatePlan
    private let query: QueryExecution
    private let evaluator: ExpressionEvaluator
    private var hashes: UnsafeMutablePointer<UInt64>
    /// The group of each selected row, by ordinal.
    private var groups: UnsafeMutablePointer<Int32>
    private var bufferCapacity: Int
    private var direct: DirectGroups?

    init(_ plan: AggregatePlan, _ query: QueryExecution) throws {
        self.plan = plan
        self.query = query
        state = try AggregateState(plan, query)
        distinctTables = plan.distincts.map { KeyTable($0.layout) }
        evaluator = ExpressionEvaluator(plan.program, context: query.context)
        bufferCapacity = query.batchSize
        hashes = .allocate(capacity: bufferCapacity)
        groups = .allocate(capacity: bufferCapacity)
        direct = plan.sets == nil ? DirectGroups(plan.keyLayout) : nil
    }

    deinit {
        hashes.deallocate()
        groups.deallocate()
    }

    private func reserve(_ capacity: Int) {
        guard capacity > bufferCapacity else { return }
        hashes.deallocate()
        groups.deallocate()
        bufferCapacity = capacity
        hashes = .allocate(capacity: capacity)
        groups = .allocate(capacity: capacity)
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        reserve(batch.capacity)
        evaluator.begin(batch)
        defer { evaluator.end() }
        let keys = try plan.groupTypes.indices.map { try evaluator.plainResult($0) }
        if let sets = plan.sets {
            for (identity, keeps) in sets {
                try query.check()
                let kept = zip(keys, keeps).map { $1 ? $0 : Column.nulls($0.type, count: batch.capacity) }
                try aggregate(kept + [.constant(identity, type: .bigint, count: batch.capacity)], batch)
            }
        } else {
            try aggregate(keys, batch)
        }
        try state.chargeMemory(besides: distinctTables.reduce(0) { $0 + $1.byteCount })
        rowsInState += batch.rowCount
        try putAsideIfFruitless()
        return .more
    }

    /// Starts over when most rows made a group of their own: a table that stays in the core's cache is faster, and what
    /// it gathers is merged by ranges of hashes in any case. The bound grows, so that keys that only recur at long
    /// intervals are not kept many times.
    private func putAsideIfFruitless() throws {
        let bound = Self.firstBound << (completed.count / 8)
        guard state.groupCount >= bound, rowsInState < state.groupCount * 2 else { return }
        completed.append(state)
        state = try AggregateState(plan, query, expecting: bound + bound / 8)
        rowsInState = 0
        direct = plan.sets == nil ? DirectGroups(plan.keyLayout) : nil
    }

    private static let firstBound = 1 << 16

    private func aggregate(_ rawKeys: [Column], _ batch: Batch) throws {
        let rows = batch.rows
        let keys = ComplexKeyCoding.encodeComplex(rawKeys, rows: rows, count: batch.capacity)
        let single = try assignGroups(keys, rows, batch.capacity)
        var selections: [Int: RowSelection] = [:]
        func selected(_ filter: Int?) throws -> RowSelection {
            guard let filter else { return rows }
            if let known = selections[filter] { return known }
            let made = try evaluator.selection(filter)
            selections[filter] = made
            return made
        }
        for (index, aggregate) in plan.aggregates.enumerated() where aggregate.distinct == nil {
            let chosen = try selected(aggregate.filter)
            if chosen.isEmpty { continue }
            let arguments = try aggregate.arguments.map { try evaluator.plainResult($0) }
            if let single {
                try state.accumulators[index].update(arguments, rows: chosen, group: single)
            } else if chosen.count == rows.count {
                try state.accumulators[index].update(arguments, rows: rows, groups: groups)
            } else {
                try withGroups(of: chosen, among: rows) {
                    try state.accumulators[index].update(arguments, rows: chosen, groups: $0)
                }
            }
        }
        for (index, distinct) in plan.distincts.enumerated() {
            var chosen = try selected(distinct.filter)
            let values = try distinct.arguments.map { try evaluator.plainResult($0) }
            for value in values { chosen = BooleanLogic.select(validRowsOf: value, rows: chosen) }
            if chosen.isEmpty { continue }
            let columns = keys + ComplexKeyCoding.encodeComplex(values, rows: chosen, count: batch.capacity)
            Hashing.hash(columns, rows: chosen, count: batch.capacity, into: hashes)
            let hashes = hashes
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: chosen.count) { numbers in
                guard let first = numbers.baseAddress else { return }
                try distinctTables[index].insert(columns, rows: chosen, hashes: hashes, into: first)
            }
        }
    }

    /// Finds the group of every selected row; returns the group when it is one for all of them.
    private func assignGroups(_ keys: [Column], _ rows: RowSelection, _ count: Int) throws -> Int? {
        guard let table = state.table else {
            state.grow(to: 1)
            return 0
        }
        if keys.allSatisfy(\.isConstant) {
            Hashing.hash(keys, rows: .all(1), count: 1, into: hashes)
            let group = Int(try table.insert(keys, row: 0, hash: hashes[0]))
            state.grow(to: table.count)
            return group
        }
        if let direct, direct.assign(keys[0], rows, groups) { return nil }
        Hashing.hash(keys, rows: rows, count: count, into: hashes)
        try table.insert(keys, rows: rows, hashes: hashes, into: groups)
        state.grow(to: table.count)
        direct?.learn(keys[0], rows, groups)
        return nil
    }

    /// The groups of the rows of `chosen`, a subset of `rows`.
    private func withGroups(
        of chosen: RowSelection, among rows: RowSelection, _ body: (UnsafePointer<Int32>) throws -> Void
    ) throws {
        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: chosen.count) { buffer in
            guard let target = buffer.baseAddress else { return }
            var used = 0
            var ordinal = 0
            let total = chosen.count
            rows.forEach { row in
                if used < total && chosen[used] == row {
                    target[used] = groups[ordinal]
                    used &+= 1
                }
                ordinal &+= 1
            }
            try body(target)
        }
    }

    /// Folds distinct keys and arguments into the groups they belong to.
    func fold(_ table: KeyTable, _ distinct: AggregatePlan.Distinct) throws {
        let keyCount = plan.keyLayout.types.count
        var begin = 0
        while begin < table.count {
            try query.check()
            let range = begin..<min(begin + max(query.batchSize, 1024), table.count)
            let columns = table.columns(range)
            let rows = RowSelection.all(range.count)
            reserve(range.count)
            let keys = ComplexKeyCoding.encodeComplex(Array(columns[..<keyCount]), rows: rows, count: range.count)
            let single = try assignGroups(keys, rows, range.count)
            let values = Array(columns[keyCount...])
            for index in distinct.aggregates {
                if let single {
                    try state.accumulators[index].update(values, rows: rows, group: single)
                } else {
                    try state.accumulators[index].update(values, rows: rows, groups: groups)
                }
            }
            begin = range.upperBound
        }
    }
}

/// Groups of a single small integer key, found by its value alone.
final class DirectGroups {
    private static let lowest = -256
    private static let size = 4096
    private var groups = [Int32](repeating: -1, count: DirectGroups.size)

    /// nil when the key is not a single integer.
    init?(_ layout: KeyLayout) {
        guard layout.types.count == 1 else { return nil }
        switch layout.physical[0] {
        case .boolean, .int8, .int16, .int32, .int64: break
        default: return nil
        }
    }

    /// Looks all selected rows up; false when one of them is not known here.
    func assign(_ key: Column, _ rows: RowSelection, _ target: UnsafeMutablePointer<Int32>) -> Bool {
        guard key.validity == nil, !key.isConstant else { return false }
        switch key.type.physical {
        case .boolean: return assign(UInt8.self, key, rows, target)
        case .int8: return assign(Int8.self, key, rows, target)
        case .int16: return assign(Int16.self, key, rows, target)
        case .int32: return assign(Int32.self, key, rows, target)
        default: return assign(Int64.self, key, rows, target)
        }
    }

    private func assign<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ key: Column, _ rows: RowSelection, _ target: UnsafeMutablePointer<Int32>
    ) -> Bool {
        let values = UnsafePointer(key.values(as: T.self))
        return groups.withUnsafeBufferPointer { known in
            var ordinal = 0
            var worst: Int32 = 0
            rows.forEach { row in
                let place = Int(truncatingIfNeeded: values[row]) &- Self.lowest
                let isInside = UInt(bitPattern: place) < UInt(Self.size)
                let group = isInside ? known[isInside ? place : 0] : -1
                target[ordinal] = group
                worst = min(worst, group)
                ordinal &+= 1
            }
            return worst >= 0
        }
    }

    /// Remembers the groups that the hash table gave.
    func learn(_ key: Column, _ rows: RowSelection, _ numbers: UnsafePointer<Int32>) {
        guard key.validity == nil else { return }
        switch key.type.physical {
        case .boolean: learn(UInt8.self, key, rows, numbers)
        case .int8: learn(Int8.self, key, rows, numbers)
        case .int16: learn(Int16.self, key, rows, numbers)
        case .int32: learn(Int32.self, key, rows, numbers)
        default: learn(Int64.self, key, rows, numbers)
        }
    }

    private func learn<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ key: Column, _ rows: RowSelection, _ numbers: UnsafePointer<Int32>
    ) {
        let values = UnsafePointer(key.values(as: T.self))
        let scale = key.isConstant ? 0 : 1
        var ordinal = 0
        rows.forEach { row in
            let place = Int(truncatingIfNeeded: values[row &* scale]) &- Self.lowest
            if UInt(bitPattern: place) < UInt(Self.size) { groups[place] = numbers[ordinal] }
            ordinal &+= 1
        }
    }
}

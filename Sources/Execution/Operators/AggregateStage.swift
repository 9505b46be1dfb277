import Columnar
import Expressions
import Functions

/// One worker's side of a hash aggregate.
final class AggregateStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    private(set) var state: AggregateState
    /// States put aside because grouping hardly made fewer rows of them: they are merged at the end.
    private(set) var completed: [AggregateState] = []
    private var completedBytes = 0
    private var rowsInState = 0
    private(set) var distinctTables: [KeyTable]
    private let spilling: AggregateSpilling
    private var groupWriter: PartitionedSpillWriter?
    private var distinctWriters: [PartitionedSpillWriter?]
    private let plan: AggregatePlan
    private let query: QueryExecution
    private let evaluator: ExpressionEvaluator
    private var hashes: UnsafeMutablePointer<UInt64>
    /// The group of each selected row, by ordinal.
    private var groups: UnsafeMutablePointer<Int32>
    private var bufferCapacity: Int
    private var direct: DirectGroups?

    init(_ plan: AggregatePlan, _ spilling: AggregateSpilling, _ query: QueryExecution) throws {
        self.plan = plan
        self.spilling = spilling
        self.query = query
        state = try AggregateState(plan, query)
        distinctTables = plan.distincts.map { KeyTable($0.layout) }
        distinctWriters = plan.distincts.map { _ in nil }
        evaluator = ExpressionEvaluator(plan.program, context: query.context)
        bufferCapacity = query.batchSize
        hashes = .allocate(capacity: bufferCapacity)
        groups = .allocate(capacity: bufferCapacity)
        direct = Self.makeDirectGroups(plan)
    }

    deinit {
        hashes.deallocate()
        groups.deallocate()
    }

    private static func makeDirectGroups(_ plan: AggregatePlan) -> DirectGroups? {
        plan.sets == nil && !plan.keyLayout.types.isEmpty && plan.keyLayout.types.count <= 8 ? DirectGroups() : nil
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
        try makeRoom(for: batch.rowCount)
        evaluator.begin(batch)
        defer { evaluator.end() }
        let keys = try plan.groupTypes.indices.map { index in
            direct == nil ? try evaluator.plainResult(index) : try evaluator.result(index)
        }
        if let sets = plan.sets {
            for (identity, keeps) in sets {
                try query.check()
                let kept = zip(keys, keeps).map { $1 ? $0 : Column.nulls($0.type, count: batch.capacity) }
                try aggregate(kept + [.constant(identity, type: .bigint, count: batch.capacity)], batch)
                // A batch may make groups by the thousand sets.
                try makeRoom(for: batch.rowCount)
            }
        } else {
            try aggregate(keys, batch)
        }
        try makeRoom()
        rowsInState += batch.rowCount
        try putAsideIfFruitless()
        return .more
    }

    /// Charges what is held and what so many rows may add, or puts aside what there is.
    private func makeRoom(for rows: Int = 0) throws {
        if charge(growingBy: rows) { return }
        for index in distinctTables.indices { try putDistinctAside(index) }
        try putGroupsAside()
        try state.chargeMemory()
    }

    private func charge(growingBy rows: Int) -> Bool {
        var others = 0
        for table in distinctTables { others += table.byteCount + table.bytesToGrow(by: rows) }
        return state.charge(besides: others, completed: completedBytes, growingBy: rows, within: spilling.budget)
    }

    /// Writes all groups to a scratch file and begins anew. A group without keys stays.
    func putGroupsAside() throws {
        guard !plan.isGlobal else { return }
        var bytes = 0
        for state in completed + [state] where state.groupCount > 0 {
            let writer = try groupWriter ?? spilling.makeGroupWriter()
            groupWriter = writer
            try state.write(to: writer)
            bytes += state.byteCount
        }
        completed = []
        completedBytes = 0
        try begin(AggregateState(plan, query))
        SpillBudget.giveBack(bytes)
    }

    /// Writes the distinct values of an argument list to a scratch file.
    func putDistinctAside(_ index: Int) throws {
        guard distinctTables[index].count > 0 else { return }
        let writer = try distinctWriters[index] ?? spilling.makeDistinctWriter(index)
        distinctWriters[index] = writer
        let bytes = distinctTables[index].byteCount
        try distinctTables[index].write(to: writer, check: query.check)
        distinctTables[index] = KeyTable(plan.distincts[index].layout)
        SpillBudget.giveBack(bytes)
    }

    private func begin(_ empty: AggregateState) {
        state = empty
        rowsInState = 0
        direct = Self.makeDirectGroups(plan)
    }

    /// Starts over when most rows made a group of their own: a table that stays in the core's cache is faster, and what
    /// it gathers is merged by ranges of hashes in any case. The bound grows, so that keys that only recur at long
    /// intervals are not kept many times.
    private func putAsideIfFruitless() throws {
        let bound = Self.firstBound << (completed.count / 8)
        guard state.groupCount >= bound, rowsInState < state.groupCount * 2 else { return }
        completed.append(state)
        completedBytes += state.byteCount
        try begin(AggregateState(plan, query, expecting: bound + bound / 8))
    }

    private static let firstBound = 1 << 16

    private func aggregate(_ rawKeys: [Column], _ batch: Batch) throws {
        let rows = batch.rows
        var keys = ComplexKeyCoding.encodeComplex(rawKeys, rows: rows, count: batch.capacity)
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
        if !plan.distincts.isEmpty { keys = keys.map { $0.decoded(rows) } }
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
        if let direct, direct.assign(keys, rows, groups) {
            let unknown = direct.unknownRows
            if unknown.isEmpty { return nil }
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: unknown.count) { buffer in
                guard let numbers = buffer.baseAddress else { return }
                try insert(keys, unknown, count, into: numbers, table)
                direct.learn(numbers, groups)
            }
            return nil
        }
        try insert(keys, rows, count, into: groups, table)
        return nil
    }

    /// Finds the groups of rows by the hash table.
    private func insert(
        _ keys: [Column], _ rows: RowSelection, _ count: Int, into numbers: UnsafeMutablePointer<Int32>, _ table: KeyTable
    ) throws {
        let keys = keys.map { $0.decoded(rows) }
        Hashing.hash(keys, rows: rows, count: count, into: hashes)
        try table.insert(keys, rows: rows, hashes: hashes, into: numbers)
        state.grow(to: table.count)
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
            if !charge(growingBy: 0) {
                try putGroupsAside()
                try state.chargeMemory(besides: distinctTables.reduce(0) { $0 + $1.byteCount })
            }
            begin = range.upperBound
        }
    }
}

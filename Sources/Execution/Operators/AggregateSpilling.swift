import Columnar

/// What the workers of a hash aggregate put aside, and how it comes back: groups with the states of their aggregates, and the
/// distinct values of argument lists.
final class AggregateSpilling: Sendable {
    let budget: SpillBudget
    private let plan: AggregatePlan
    private let query: QueryExecution
    private let groups: SpillPlace
    private let distincts: [SpillPlace]

    init(_ plan: AggregatePlan, _ profile: OperatorProfile, _ query: QueryExecution) {
        self.plan = plan
        self.query = query
        budget = SpillBudget(query)
        groups = SpillPlace(query, profile)
        distincts = plan.distincts.map { _ in SpillPlace(query, profile) }
    }

    /// nil: all groups are in memory.
    var spilledGroups: PartitionedSpill? { groups.spill }
    /// nil: all distinct values of the argument list are in memory.
    func spilledValues(ofDistinct index: Int) -> PartitionedSpill? { distincts[index].spill }

    func makeGroupWriter() throws -> PartitionedSpillWriter { try groups.makeWriter() }
    func makeDistinctWriter(_ index: Int) throws -> PartitionedSpillWriter { try distincts[index].makeWriter() }

    // MARK: Coming back

    /// Hands the groups of a part to `take`, each once, all of its states folded together.
    /// - Parameter take: false: no more are wanted.
    /// - Throws: `ExecutionError.outOfMemory` when a group alone is too large.
    func mergeGroups(
        _ spill: PartitionedSpill, part: Int, _ take: (AggregateState) throws -> Bool
    ) throws -> Bool {
        var state = try AggregateState(plan, query)
        var deeper: (spill: PartitionedSpill, writer: PartitionedSpillWriter)?
        for block in spill.blocks(of: part) {
            let columns = try spill.read(block)
            if !state.charge(besides: block.byteCount, growingBy: block.rowCount, within: budget) {
                // A group alone is not cut.
                if state.groupCount > 1, let target = try deeper ?? Self.deeper(than: spill) {
                    deeper = target
                    try state.write(to: target.writer)
                    let bytes = state.byteCount
                    state = try AggregateState(plan, query)
                    SpillBudget.giveBack(bytes)
                } else {
                    try state.chargeMemory(besides: block.byteCount)
                }
            }
            try state.restore(columns, count: block.rowCount)
        }
        guard let deeper else { return try state.groupCount == 0 || take(state) }
        try state.write(to: deeper.writer)
        state = try AggregateState(plan, query)
        for part in 0..<PartitionedSpill.partCount {
            guard try mergeGroups(deeper.spill, part: part, take) else { return false }
        }
        return true
    }

    /// All groups as one state, where they are few and fit in memory; else nil.
    func mergeAll(_ spill: PartitionedSpill, upTo most: Int) throws -> AggregateState? {
        let parts = 0..<PartitionedSpill.partCount
        guard parts.reduce(0, { $0 + spill.rowCount(of: $1) }) <= most else { return nil }
        let state = try AggregateState(plan, query)
        for part in parts {
            for block in spill.blocks(of: part) {
                guard state.charge(besides: block.byteCount, growingBy: block.rowCount, within: budget) else { return nil }
                try state.restore(try spill.read(block), count: block.rowCount)
            }
        }
        // What comes out in order is made at once.
        return state.charge(besides: state.byteCount, within: budget) ? state : nil
    }

    /// Hands the distinct values of a part to `fold`, each once.
    func uniteValues(
        _ spill: PartitionedSpill, part: Int, _ layout: KeyLayout, _ fold: (KeyTable) throws -> Void
    ) throws {
        var table = KeyTable(layout)
        let reservation = MemoryReservation(query.memory, for: "DISTINCT")
        var deeper: (spill: PartitionedSpill, writer: PartitionedSpillWriter)?
        for block in spill.blocks(of: part) {
            let columns = try spill.read(block)
            let wanted = table.byteCount + table.bytesToGrow(by: block.rowCount) + block.byteCount
            if !budget.allows(wanted, reservation), table.count > 0 {
                if let target = try deeper ?? Self.deeper(than: spill) {
                    deeper = target
                    try table.write(to: target.writer, check: query.check)
                    table = KeyTable(layout)
                } else {
                    try reservation.update(to: wanted)
                }
            }
            try table.insertAll(columns, count: block.rowCount)
        }
        guard let deeper else {
            if table.count > 0 { try fold(table) }
            return
        }
        try table.write(to: deeper.writer, check: query.check)
        table = KeyTable(layout)
        try reservation.update(to: 0)
        for part in 0..<PartitionedSpill.partCount { try uniteValues(deeper.spill, part: part, layout, fold) }
    }

    private static func deeper(
        than spill: PartitionedSpill
    ) throws -> (spill: PartitionedSpill, writer: PartitionedSpillWriter)? {
        guard let next = spill.deeper() else { return nil }
        return (next, try next.makeWriter())
    }
}

extension KeyTable {
    /// Writes all keys.
    func write(to writer: PartitionedSpillWriter, check: () throws -> Void) throws {
        var begin = 0
        while begin < count {
            try check()
            let range = begin..<min(begin + 1 << 16, count)
            try writer.write(storedColumns(range), hashes: hashes + begin, count: range.count)
            begin = range.upperBound
        }
    }

    /// Adds the keys that `write` wrote and that are not there yet.
    func insertAll(_ columns: [Column], count: Int) throws {
        guard count > 0 else { return }
        try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { hashes in
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { numbers in
                guard let hashes = hashes.baseAddress, let numbers = numbers.baseAddress else { return }
                Hashing.hash(columns, rows: .all(count), count: count, into: hashes)
                try insert(columns, rows: .all(count), hashes: hashes, into: numbers)
            }
        }
    }
}

import Columnar
import Functions

/// Groups and the states of their aggregates: what one worker made, or a merged part of all.
final class AggregateState: @unchecked Sendable {
    // Unchecked: one worker fills it; whoever merges it comes when that worker has finished.
    /// nil when there are no keys.
    let table: KeyTable?
    let accumulators: [any Accumulator]
    private(set) var groupCount = 0
    private let reservation: MemoryReservation
    private let query: QueryExecution

    init(_ plan: AggregatePlan, _ query: QueryExecution, expecting expected: Int = 0) throws {
        self.query = query
        table = plan.isGlobal ? nil : KeyTable(plan.keyLayout, expecting: expected)
        accumulators = plan.aggregates.map { $0.function.makeAccumulator(query.context) }
        reservation = MemoryReservation(query.memory, for: "GROUP BY")
    }

    /// The single group of an aggregate without keys.
    func addGlobalGroup() { grow(to: 1) }

    /// Makes the accumulators as long as the table.
    func grow(to count: Int) {
        guard count > groupCount else { return }
        groupCount = count
        for accumulator in accumulators { accumulator.resize(groupCount: count) }
    }

    var byteCount: Int { accumulators.reduce(table?.byteCount ?? 0) { $0 + $1.byteCount } }

    func chargeMemory(besides others: Int = 0) throws { try reservation.update(to: byteCount + others) }

    /// Charges what it holds and is about to hold; false when it is more than it may be.
    /// - Parameters:
    ///   - others: bytes that are charged with it.
    ///   - completed: bytes that its worker holds beside and that are charged already.
    ///   - more: rows that may each bring a group.
    func charge(besides others: Int, completed: Int = 0, growingBy more: Int = 0, within budget: SpillBudget) -> Bool {
        budget.allows(byteCount + others + (table?.bytesToGrow(by: more) ?? 0), beside: completed, reservation)
    }

    // MARK: Leaving memory

    /// Writes all groups: keys and the states of all aggregates.
    /// - Precondition: there are keys.
    func write(to writer: PartitionedSpillWriter) throws {
        guard let table, groupCount > 0 else { return }
        // States are copied to be written.
        let chunk = min(groupsOf(Self.writtenBytes), Self.mostWrittenGroups)
        var begin = 0
        while begin < groupCount {
            try query.check()
            let range = begin..<min(begin + chunk, groupCount)
            let columns = try table.storedColumns(range) + accumulators.map { try $0.save(range) }
            try writer.write(columns, hashes: table.hashes + begin, count: range.count)
            begin = range.upperBound
        }
    }

    /// As many groups as take about so many bytes.
    private func groupsOf(_ bytes: Int) -> Int { max(bytes / (byteCount / max(groupCount, 1) + 1), 1) }

    private static let writtenBytes = 4 << 20
    private static let mostWrittenGroups = 1 << 16

    /// Folds groups in that `write` wrote.
    func restore(_ columns: [Column], count: Int) throws {
        guard let table, count > 0 else { return }
        let keyCount = table.layout.types.count
        let keys = Array(columns.prefix(keyCount))
        try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { hashes in
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { numbers in
                guard let hashes = hashes.baseAddress, let numbers = numbers.baseAddress else { return }
                Hashing.hash(keys, rows: .all(count), count: count, into: hashes)
                try table.insert(keys, rows: .all(count), hashes: hashes, into: numbers)
                grow(to: table.count)
                for (accumulator, saved) in zip(accumulators, columns.dropFirst(keyCount)) {
                    try query.check()
                    try accumulator.restore(saved, targets: numbers)
                }
            }
        }
    }

    /// Folds the first `count` groups of another state in.
    func merge(_ other: AggregateState, count: Int) throws {
        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(count, 1)) { numbers in
            guard let first = numbers.baseAddress else { return }
            for index in 0..<count { first[index] = Int32(truncatingIfNeeded: index) }
            try merge(other, numbers: first, count: count)
        }
    }

    /// Folds some groups of another state in.
    func merge(_ other: AggregateState, numbers: UnsafePointer<Int32>, count: Int) throws {
        guard count > 0 else { return }
        try query.check()
        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { targets in
            guard let first = targets.baseAddress else { return }
            if let table, let otherTable = other.table {
                try table.merge(otherTable, numbers: numbers, count: count, into: first)
                grow(to: table.count)
            } else {
                first.initialize(repeating: 0, count: count)
                grow(to: 1)
            }
            for (own, others) in zip(accumulators, other.accumulators) {
                try query.check()
                try own.merge(others, sources: numbers, targets: first, count: count)
            }
        }
        try chargeMemory()
    }

    /// Pushes a row a group in the order of the keys.
    func emitSorted(_ plan: AggregatePlan, _ sequence: Int, _ batchSize: Int, into stage: Stage) throws -> Flow {
        guard let table, groupCount > 1 else { return try emit(plan, sequence, batchSize, into: stage) }
        let order = try table.sortedNumbers()
        let columns = try outputColumns(plan, 0..<groupCount)
        var position = 0
        while position * batchSize < groupCount {
            let begin = position * batchSize
            let size = min(batchSize, groupCount - begin)
            let flow = try order.withUnsafeBufferPointer { order -> Flow in
                guard let first = order.baseAddress else { return .more }
                return try stage.push(
                    Batch(
                        columns: columns.map { Column.dictionary($0, indices: first + begin, count: size) },
                        capacity: size, sequence: BatchSequence(morsel: sequence, position: position)))
            }
            if flow != .more { return flow }
            position += 1
        }
        return .more
    }

    private func outputColumns(_ plan: AggregatePlan, _ range: Range<Int>) throws -> [Column] {
        var columns = table?.columns(range) ?? []
        if plan.sets != nil, !plan.givesGroupingID { columns.removeLast() }
        for accumulator in accumulators { columns.append(try accumulator.finish(range)) }
        // Lists may be as large as the states that they are made of, and some states grow when they are finished.
        try chargeMemory(besides: columns.reduce(0) { $0 + $1.byteCount })
        return columns
    }

    /// Pushes a row a group.
    func emit(_ plan: AggregatePlan, _ sequence: Int, _ batchSize: Int, into stage: Stage) throws -> Flow {
        var position = 0
        return try emit(plan, sequence, from: &position, batchSize, into: stage)
    }

    /// Pushes a row a group, in batches that are numbered from `position` on.
    func emit(
        _ plan: AggregatePlan, _ sequence: Int, from position: inout Int, _ batchSize: Int, into stage: Stage
    ) throws -> Flow {
        // Values may be as large as the states.
        let size = min(batchSize, groupsOf(Self.writtenBytes))
        var begin = 0
        while begin < groupCount {
            try query.check()
            let range = begin..<min(begin + size, groupCount)
            let batch = Batch(
                columns: try outputColumns(plan, range), capacity: range.count,
                sequence: BatchSequence(morsel: sequence, position: position))
            let flow = try withExtendedLifetime(self) { try stage.push(batch) }
            if flow != .more { return flow }
            position += 1
            begin = range.upperBound
        }
        return .more
    }
}

import Columnar
import Expressions

/// Where the workers of a window operator put rows that do not fit in memory: parts that hold whole partitions, or without
/// PARTITION BY a sort.
final class WindowSpilling: Sendable {
    let budget: SpillBudget
    /// Without PARTITION BY.
    let streamed: StreamedWindow?
    private let rows: SpillPlace

    /// nil: there is no way but to have all rows in memory.
    init?(_ plan: WindowPlan, _ profile: OperatorProfile, _ query: QueryExecution) throws {
        budget = SpillBudget(query)
        rows = SpillPlace(query, profile)
        guard plan.partitionRoots.isEmpty else {
            streamed = nil
            return
        }
        guard let made = try StreamedWindow(plan, profile, query) else { return nil }
        streamed = made
    }

    /// Whether rows have been put aside.
    var hasRows: Bool { spilledRows != nil || streamed?.hasRows == true }
    /// nil: none were put aside in parts.
    var spilledRows: PartitionedSpill? { rows.spill }

    func makeWriter() throws -> PartitionedSpillWriter { try rows.makeWriter() }
}

/// One worker's collection for a window operator.
final class WindowStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    private var kept: HashedRows
    private(set) var sources = SourceRuns()
    private let plan: WindowPlan
    private let query: QueryExecution
    private let evaluator: ExpressionEvaluator
    private let reservation: MemoryReservation
    private let spilling: WindowSpilling?
    private var writer: PartitionedSpillWriter?
    /// Takes all rows, once some did not fit, where they are sorted.
    private var feed: Stage?

    /// - Parameter spilling: where rows go that do not fit; nil: that is an error.
    init(_ plan: WindowPlan, _ spilling: WindowSpilling?, _ query: QueryExecution) {
        self.plan = plan
        self.spilling = spilling
        self.query = query
        kept = HashedRows(plan.types)
        evaluator = ExpressionEvaluator(plan.program, context: query.context)
        reservation = MemoryReservation(query.memory, for: "OVER")
    }

    var rows: RowCollector { kept.rows }
    /// Hashes of the partition keys; none without PARTITION BY.
    var hashes: [[UInt64]] { kept.hashes }
    var byteCount: Int { kept.byteCount }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        evaluator.begin(batch)
        defer { evaluator.end() }
        let extra = try plan.extraRoots.map { try evaluator.plainResult($0) }
        if let feed {
            return try feed.push(
                Batch(columns: batch.columns + extra, capacity: batch.capacity, rows: batch.rows, sequence: batch.sequence))
        }
        let keys = try plan.partitionRoots.map { try evaluator.plainResult($0) }
        kept.append(batch.columns + extra, keys: keys.isEmpty ? nil : keys, rows: batch.rows, count: batch.capacity)
        sources.append(morsel: batch.sequence.morsel, count: batch.rowCount)
        if let spilling {
            // The rows are there twice while they are put together.
            let isEnough = spilling.streamed?.rowsToSortApart.map { kept.count >= $0 } ?? false
            if isEnough || !spilling.budget.allows(kept.bytesWithCopies, reservation) { try putAside() }
        } else {
            try reservation.update(to: byteCount)
        }
        return .more
    }

    /// Charges the rows alone; false when the pool has not as much.
    func chargeRowsAlone() -> Bool { (try? reservation.update(to: byteCount)) != nil }

    // MARK: Leaving memory

    /// Writes all rows to a scratch file, with the morsels that they came from.
    func putAside() throws {
        guard let spilling, kept.count > 0 else { return }
        if let streamed = spilling.streamed {
            let stage = feed ?? streamed.makeStage()
            feed = stage
            try sources.push(kept.takeColumns(), query, into: stage)
        } else {
            let target = try writer ?? spilling.makeWriter()
            writer = target
            try kept.write(to: target, extra: [sources.morsels])
        }
        sources = SourceRuns()
        try reservation.update(to: 0)
    }

    /// Takes rows back that `putAside` wrote.
    func restore(_ columns: [Column], count: Int) throws {
        let keys = plan.partitionColumns.map { columns[$0].decoded(.all(count)) }
        kept.append(Array(columns.prefix(plan.types.count)), keys: keys, rows: .all(count), count: count)
        sources.append(morsels: columns[plan.types.count], count: count)
        try reservation.update(to: byteCount)
    }
}

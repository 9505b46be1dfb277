import Columnar
import Expressions
import Functions
import Platform

/// Where the workers of a window operator put rows that do not fit in memory: parts that hold whole partitions, or without
/// PARTITION BY a sort.
final class WindowSpilling: Sendable {
    let budget: SpillBudget
    /// Without PARTITION BY.
    let streamed: StreamedWindow?
    private let profile: OperatorProfile
    private let query: QueryExecution
    private let rows = Guarded<PartitionedSpill?>(nil)

    /// nil: there is no way but to have all rows in memory.
    init?(_ plan: WindowPlan, _ profile: OperatorProfile, _ query: QueryExecution) throws {
        self.profile = profile
        self.query = query
        budget = SpillBudget(query)
        guard plan.partitionRoots.isEmpty else {
            streamed = nil
            return
        }
        guard let made = try StreamedWindow(plan, profile, query) else { return nil }
        streamed = made
    }

    /// Whether rows have been put aside.
    var hasRows: Bool { rows.value != nil || streamed?.hasRows == true }
    /// nil: none were put aside in parts.
    var spilledRows: PartitionedSpill? { rows.value }

    func makeWriter() throws -> PartitionedSpillWriter {
        try rows.withLock { spill in
            let made = spill ?? PartitionedSpill(query, profile)
            spill = made
            return made
        }.makeWriter()
    }
}

/// One worker's collection for a window operator.
final class WindowStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    private(set) var rows: RowCollector
    /// Hashes of the partition keys; none without PARTITION BY.
    private(set) var hashes: [[UInt64]] = []
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
        rows = RowCollector(plan.types)
        evaluator = ExpressionEvaluator(plan.program, context: query.context)
        reservation = MemoryReservation(query.memory, for: "OVER")
    }

    var byteCount: Int {
        rows.byteCount + (plan.partitionRoots.isEmpty ? 0 : rows.rowCount * MemoryLayout<UInt64>.stride)
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        evaluator.begin(batch)
        defer { evaluator.end() }
        if !plan.partitionRoots.isEmpty {
            let keys = try plan.partitionRoots.map { try evaluator.plainResult($0) }
            hashes.append(Hashing.hashes(of: keys, rows: batch.rows, count: batch.capacity))
        }
        let extra = try plan.extraRoots.map { try evaluator.plainResult($0) }
        if let feed {
            return try feed.push(
                Batch(columns: batch.columns + extra, capacity: batch.capacity, rows: batch.rows, sequence: batch.sequence))
        }
        rows.append(batch.columns + extra, rows: batch.rows)
        sources.append(morsel: batch.sequence.morsel, count: batch.rowCount)
        if let spilling {
            // The rows are there twice while they are put together.
            let isEnough = spilling.streamed?.rowsToSortApart.map { rows.rowCount >= $0 } ?? false
            if isEnough || !spilling.budget.allows(byteCount + rows.concatenationBytes, reservation) { try putAside() }
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
        guard let spilling, rows.rowCount > 0 else { return }
        if let streamed = spilling.streamed {
            try putAside(into: streamed)
        } else {
            let target = try writer ?? spilling.makeWriter()
            writer = target
            try target.write(rows, plan.types, width: plan.types.count, hashes: hashes) { [sources.morsels] }
        }
        rows = RowCollector(plan.types)
        hashes = []
        sources = SourceRuns()
        try reservation.update(to: 0)
    }

    private func putAside(into streamed: StreamedWindow) throws {
        let stage = feed ?? streamed.makeStage()
        feed = stage
        try sources.push(RowCollector.concatenated([rows], plan.types), query, into: stage)
    }

    /// Takes rows back that `putAside` wrote.
    func restore(_ columns: [Column], count: Int) throws {
        let kept = Array(columns.prefix(plan.types.count))
        hashes.append(
            Hashing.hashes(of: plan.partitionColumns.map { kept[$0].decoded(.all(count)) }, rows: .all(count), count: count))
        rows.append(kept, rows: .all(count))
        sources.append(morsels: columns[plan.types.count], count: count)
        try reservation.update(to: byteCount)
    }
}

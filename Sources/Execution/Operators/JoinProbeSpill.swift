import Columnar
import Expressions
import Platform

/// How rows of a join's streamed side are put aside.
struct JoinProbePlan: Sendable {
    let keys: ExpressionProgram
    let types: [SQLType]
    /// For each key that decides a row's part whether it is compared by `<=>`; keys behind decide nothing.
    let nullSafe: [Bool]
    /// Whether rows with a NULL key that matches nothing come out all the same.
    let keepsNullKeys: Bool
}

/// The rows of a join's streamed side, put aside.
final class JoinProbeSpill: Sendable {
    let rows: PartitionedSpill
    let observations = ProbeObservations()
    private let plan: JoinProbePlan
    private let budget: SpillBudget
    private let query: QueryExecution
    private let collected = Guarded<[JoinProbeSpillStage]>([])

    init(_ plan: JoinProbePlan, _ budget: SpillBudget, _ profile: OperatorProfile, _ query: QueryExecution) {
        self.plan = plan
        self.budget = budget
        self.query = query
        rows = PartitionedSpill(query, profile)
    }

    var stages: StageSet {
        StageSet { _ in
            let stage = JoinProbeSpillStage(self.plan, self.observations, self.budget, try self.rows.makeWriter(), self.query)
            self.collected.withLock { $0.append(stage) }
            return stage
        }
    }

    /// After the last row.
    func finish() throws {
        let stages = collected.value
        try query.forEachTask(stages.count) { _, task in try stages[task].putAside() }
    }
}

/// Puts one worker's rows aside.
private final class JoinProbeSpillStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others write its last rows when all workers have finished.
    private let plan: JoinProbePlan
    private let evaluator: ExpressionEvaluator
    private let observations: ProbeObservations
    private let budget: SpillBudget
    private let writer: PartitionedSpillWriter
    private var kept: HashedRows
    private let reservation: MemoryReservation

    init(
        _ plan: JoinProbePlan, _ observations: ProbeObservations, _ budget: SpillBudget, _ writer: PartitionedSpillWriter,
        _ query: QueryExecution
    ) {
        self.plan = plan
        self.observations = observations
        self.budget = budget
        self.writer = writer
        evaluator = ExpressionEvaluator(plan.keys, context: query.context)
        kept = HashedRows(plan.types)
        reservation = MemoryReservation(query.memory, for: "JOIN")
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        evaluator.begin(batch)
        defer { evaluator.end() }
        let keys = try plan.nullSafe.indices.map { try evaluator.plainResult($0) }
        var rows = BooleanLogic.select(rowsThatMayMatch: keys, nullSafe: plan.nullSafe, rows: batch.rows)
        observations.noteRow()
        if rows.count < batch.rowCount { observations.noteNullKey() }
        if plan.keepsNullKeys { rows = batch.rows }
        if rows.isEmpty { return .more }
        kept.append(batch.columns, keys: keys, rows: rows, count: batch.capacity)
        if !budget.allows(kept.bytesWithCopies, reservation) { try putAside() }
        return .more
    }

    func putAside() throws {
        guard kept.count > 0 else { return }
        try kept.write(to: writer)
        try reservation.update(to: 0)
    }
}

import Columnar
import Expressions
import Platform

/// How the rows of a join's kept side are kept.
struct JoinBuildPlan: Sendable {
    let keys: ExpressionProgram
    /// The input's.
    let types: [SQLType]
    /// For each key whether it is compared by `<=>`.
    let nullSafe: [Bool]
    /// Whether rows with a NULL key that matches nothing are kept.
    let keepsNullKeys: Bool
    /// Keys before this one are hashed; nil: all.
    var hashedKeys: Int?
    /// Whether the order of the source matters.
    var keepsOrder = false

    /// The input's columns, then the keys that are none of them.
    var keptTypes: [SQLType] { types + JoinTable.extraKeys(keys).map { keys.nodes[keys.roots[$0]].type } }
}

/// One worker's collection of the build side.
final class JoinBuildStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    private var kept: HashedRows
    private(set) var sources = SourceRuns()
    private(set) var sawNullKey = false
    private let plan: JoinBuildPlan
    private let hashedKeys: Int
    private let evaluator: ExpressionEvaluator
    private let query: QueryExecution
    private let reservation: MemoryReservation
    private let spilling: JoinSpilling?
    private var writer: PartitionedSpillWriter?

    /// - Parameter spilling: where rows go that do not fit; nil: that is an error.
    init(_ plan: JoinBuildPlan, _ spilling: JoinSpilling?, _ query: QueryExecution) {
        self.plan = plan
        self.spilling = spilling
        self.query = query
        hashedKeys = plan.hashedKeys ?? plan.keys.roots.count
        evaluator = ExpressionEvaluator(plan.keys, context: query.context)
        kept = HashedRows(plan.keptTypes)
        reservation = MemoryReservation(query.memory, for: "JOIN")
    }

    /// Runs an input and gives the workers' rows of it.
    static func collect(
        _ input: PhysicalOperator, _ plan: JoinBuildPlan, _ spilling: JoinSpilling?, _ query: QueryExecution
    ) throws -> [JoinBuildStage] {
        let collected = Guarded<[JoinBuildStage]>([])
        try input.run(
            query,
            into: StageSet { _ in
                let stage = JoinBuildStage(plan, spilling, query)
                collected.withLock { $0.append(stage) }
                return stage
            })
        return collected.value
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        evaluator.begin(batch)
        defer { evaluator.end() }
        let program = evaluator.program
        let keys = try program.roots.indices.map { try evaluator.plainResult($0) }
        var rows = BooleanLogic.select(rowsThatMayMatch: keys, nullSafe: plan.nullSafe, rows: batch.rows)
        if rows.count < batch.rowCount { sawNullKey = true }
        if plan.keepsNullKeys { rows = batch.rows }
        if rows.isEmpty { return .more }
        // All rows of a join without equalities have one hash.
        let hashed = hashedKeys > 0 || plan.hashedKeys == nil ? Array(keys.prefix(hashedKeys)) : nil
        sources.append(morsel: batch.sequence.morsel, count: rows.count)
        kept.append(
            batch.columns + JoinTable.extraKeys(program).map { keys[$0] }, keys: hashed, rows: rows, count: batch.capacity)
        if let spilling {
            // The rows are there twice while they are put together.
            if !spilling.budget.allows(kept.bytesWithCopies, reservation) { try putAside() }
        } else {
            try reservation.update(to: byteCount)
        }
        return .more
    }

    var rows: RowCollector { kept.rows }
    /// Hashes of the keys of `rows`.
    var hashes: [[UInt64]] { kept.hashes }
    var byteCount: Int { kept.byteCount }

    /// Charges the rows alone; false when the pool has not as much.
    func chargeRowsAlone() -> Bool { (try? reservation.update(to: byteCount)) != nil }

    /// Writes all rows to a scratch file.
    func putAside() throws {
        guard let spilling, kept.count > 0 else { return }
        let target = try writer ?? spilling.makeBuildWriter()
        writer = target
        try kept.write(to: target, width: plan.types.count, extra: plan.keepsOrder ? [sources.morsels] : [])
        sources = SourceRuns()
        try reservation.update(to: 0)
    }

    /// Rows that `putAside` wrote.
    static func restored(
        _ blocks: [PartitionedSpill.Block], of spill: PartitionedSpill, _ plan: JoinBuildPlan, _ query: QueryExecution
    ) throws -> [JoinBuildStage] {
        // A morsel's rows were written by one worker, and are in order where they are taken so.
        let pieces = plan.keepsOrder ? PartitionedSpill.grouped(blocks) : blocks.map { [$0] }
        let stages = Guarded<[Int: JoinBuildStage]>([:])
        try query.forEachTask(pieces.count) { worker, piece in
            let stage = stages.withLock { stages in
                let made = stages[worker] ?? JoinBuildStage(plan, nil, query)
                stages[worker] = made
                return made
            }
            for block in pieces[piece] {
                if plan.keepsOrder { try spill.push(block, byMorselInto: stage) } else { _ = try spill.push(block, 0, into: stage) { _ in } }
            }
        }
        return stages.value.sorted { $0.key < $1.key }.map(\.value)
    }
}

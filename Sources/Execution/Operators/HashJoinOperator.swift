import Columnar
import Expressions
import Planner
import Platform
import Synchronization

/// Joins by equality of keys: one input is kept in a hash table, the other one streams past it.
package final class HashJoinOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalJoin
    private let shape: JoinShape
    private let probeKeys: ExpressionProgram
    private let buildKeys: ExpressionProgram
    private let residual: ExpressionProgram?

    init(_ node: LogicalJoin, left: PhysicalOperator, right: PhysicalOperator) throws {
        for equality in node.equalities where equality.left.type.physical != equality.right.type.physical {
            throw ExecutionError.invalidPlan("join keys of types \(equality.left.type) and \(equality.right.type)")
        }
        self.node = node
        shape = JoinShape(node)
        let leftKeys = try ExpressionProgram(node.equalities.map(\.left), input: left.outputs)
        let rightKeys = try ExpressionProgram(node.equalities.map(\.right), input: right.outputs)
        probeKeys = shape.buildIsRight ? leftKeys : rightKeys
        buildKeys = shape.buildIsRight ? rightKeys : leftKeys
        residual = try node.residual.map { try ExpressionProgram($0.conjuncts, input: left.outputs + right.outputs) }
        super.init(outputs: LogicalPlan.join(node).outputs, inputs: [left, right])
    }

    package override var details: [String] {
        var lines = [
            "kind: \(node.kind.rawValue)",
            "keys: "
                + node.equalities.map {
                    "\(describe($0.left)) \($0.isNullSafe ? "<=>" : "=") \(describe($0.right))"
                }.joined(separator: ", "),
            "build: \(node.buildSide.rawValue)",
        ]
        if let residual = node.residual { lines.append("residual: " + describe(residual)) }
        return lines
    }

    var probeInput: PhysicalOperator { inputs[shape.buildIsRight ? 0 : 1] }
    var buildInput: PhysicalOperator { inputs[shape.buildIsRight ? 1 : 0] }

    override var streamedInput: PhysicalOperator? { probeInput }

    /// Whether it runs with every step of a recursive query and its kept side is the same each time.
    private var keepsBuildSide = false

    func keepBuildSide() { keepsBuildSide = true }

    /// The rows of the kept side in a hash table.
    private func buildSide(_ query: QueryExecution) throws -> KeptJoinSide {
        if keepsBuildSide, let known = query.keptSides.withLock({ $0[ObjectIdentifier(self)] }) { return known }
        let nullSafe = node.equalities.map(\.isNullSafe)
        let collected = Guarded<[JoinBuildStage]>([])
        let buildKeys = buildKeys
        let buildTypes = buildInput.outputs.map(\.type)
        // Rows with a NULL key match nothing; they are kept only where they come out all the same.
        let keepsNullKeys = shape.marksBuild
        try buildInput.run(
            query,
            into: StageSet { _ in
                let stage = JoinBuildStage(
                    buildKeys, types: buildTypes, nullSafe: nullSafe, keepsNullKeys: keepsNullKeys, query)
                collected.withLock { $0.append(stage) }
                return stage
            })
        let begin = monotonicNanoseconds()
        let stages = collected.withLock { $0 }
        let sawNullKey = stages.contains(where: \.sawNullKey)
        let table = try JoinTable(stages, keys: buildKeys, types: buildTypes, nullSafe: nullSafe, query)
        profile.add(bytes: table.byteCount)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        let side = KeptJoinSide(table: table, sawNullKey: sawNullKey)
        if keepsBuildSide { query.keptSides.withLock { $0[ObjectIdentifier(self)] = side } }
        return side
    }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let shape = shape
        let side = try buildSide(query)
        let (table, sawNullKey) = (side.table, side.sawNullKey)
        let buildTypes = buildInput.outputs.map(\.type)
        let marks = shape.marksBuild ? MatchMarks(count: table.rowCount) : nil
        let buildIsEmpty = table.rowCount == 0 && !sawNullKey
        if shape.isNullAware, shape.buildIsRight, sawNullKey { return PipelineStep(nil) }
        if buildIsEmpty, shape.probeOutput == .pairs || shape.probeOutput == .semi { return PipelineStep(nil) }
        let probeKeys = probeKeys
        let residual = residual
        let probeSaw = ProbeObservations()
        let keepsNullProbeKeys = shape.isNullAware ? buildIsEmpty : true
        let held = shape.isSingleMatch && table.hasChains ? HeldOutput(of: self, query) : nil
        let receiver = held?.stages ?? target
        return PipelineStep(
            StageSet(downstream: receiver) { worker in
                let next = try receiver.stage(worker: worker)
                let output = JoinOutput(
                    shape, residual: residual.map { ExpressionEvaluator($0, context: query.context) },
                    buildTypes: buildTypes, marks: marks, next: next)
                return HashJoinProbeStage(
                    table, shape, ExpressionEvaluator(probeKeys, context: query.context), output, probeSaw,
                    keepsNullKeys: keepsNullProbeKeys, query, next: next)
            }
        ) {
            if shape.isNullAware, !shape.buildIsRight, probeSaw.nullKey { return }
            try held?.release(into: target)
            let excludesNulls = shape.isNullAware && probeSaw.anyRow
            try shape.emitBuildRows(
                table.columns, count: table.rowCount, marks: marks,
                isExcluded: { excludesNulls && table.hasNullKey($0) }, probeTypes: self.probeInput.outputs.map(\.type),
                of: self, query, into: target)
        }
    }
}

/// The side of a hash join that is kept.
struct KeptJoinSide {
    let table: JoinTable
    /// Whether a row had a NULL among its keys that matches nothing.
    let sawNullKey: Bool
}

/// What workers noticed of the probe side, for NOT IN.
final class ProbeObservations: Sendable {
    private let sawNullKey = Atomic<Bool>(false)
    private let sawRow = Atomic<Bool>(false)

    var nullKey: Bool { sawNullKey.load(ordering: .relaxed) }
    var anyRow: Bool { sawRow.load(ordering: .relaxed) }
    func noteRow() { sawRow.store(true, ordering: .relaxed) }
    func noteNullKey() { sawNullKey.store(true, ordering: .relaxed) }
}

/// One worker's collection of the build side.
final class JoinBuildStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    let rows: RowCollector
    /// Hashes of the keys of `rows`.
    private(set) var hashes: [[UInt64]] = []
    private(set) var sources = SourceRuns()
    private(set) var sawNullKey = false
    /// Keys before this one are hashed.
    private let hashedKeys: Int
    private let evaluator: ExpressionEvaluator
    private let nullSafe: [Bool]
    private let keepsNullKeys: Bool
    private let query: QueryExecution
    private let reservation: MemoryReservation

    /// - Parameter hashedKeys: how many of the keys are hashed, all unless given.
    init(
        _ keys: ExpressionProgram, types: [SQLType], nullSafe: [Bool], keepsNullKeys: Bool, hashedKeys: Int? = nil,
        _ query: QueryExecution
    ) {
        self.hashedKeys = hashedKeys ?? keys.roots.count
        evaluator = ExpressionEvaluator(keys, context: query.context)
        self.nullSafe = nullSafe
        self.keepsNullKeys = keepsNullKeys
        self.query = query
        rows = RowCollector(types + JoinTable.extraKeys(keys).map { keys.nodes[keys.roots[$0]].type })
        reservation = MemoryReservation(query.memory, for: "JOIN")
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        evaluator.begin(batch)
        defer { evaluator.end() }
        let program = evaluator.program
        let keys = try program.roots.indices.map { try evaluator.plainResult($0) }
        var kept = batch.rows
        for (key, isSafe) in zip(keys, nullSafe) where !isSafe {
            kept = BooleanLogic.select(validRowsOf: key, rows: kept)
        }
        if kept.count < batch.rowCount { sawNullKey = true }
        if keepsNullKeys { kept = batch.rows }
        if kept.isEmpty { return .more }
        if hashedKeys > 0 {
            hashes.append(Hashing.hashes(of: Array(keys.prefix(hashedKeys)), rows: kept, count: batch.capacity))
        }
        sources.append(morsel: batch.sequence.morsel, count: kept.count)
        rows.append(batch.columns + JoinTable.extraKeys(program).map { keys[$0] }, rows: kept)
        try reservation.update(to: rows.byteCount + rows.rowCount * 8)
        return .more
    }
}

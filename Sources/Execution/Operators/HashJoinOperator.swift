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

    /// What is needed to read the kept side's rows again.
    private var buildPlan: JoinBuildPlan {
        JoinBuildPlan(
            keys: buildKeys, types: buildInput.outputs.map(\.type), nullSafe: node.equalities.map(\.isNullSafe),
            // Rows with a NULL key match nothing; they are kept only where they come out all the same.
            keepsNullKeys: shape.marksBuild)
    }

    /// Whether rows of both sides may be put aside: their keys are computed again.
    private var maySpill: Bool {
        node.equalities.allSatisfy { $0.left.isDeterministic && $0.right.isDeterministic }
    }

    /// The rows of the kept side in a hash table.
    private func makeSide(_ stages: [JoinBuildStage], _ query: QueryExecution) throws -> KeptJoinSide {
        let begin = monotonicNanoseconds()
        let table = try JoinTable(stages, buildPlan, query)
        profile.add(bytes: table.byteCount)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        return KeptJoinSide(table: table, sawNullKey: stages.contains(where: \.sawNullKey))
    }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        if keepsBuildSide {
            if let known = query.keptSides.withLock({ $0[ObjectIdentifier(self)] }) {
                return try probe(known, query, into: target)
            }
            let side = try makeSide(JoinBuildStage.collect(buildInput, buildPlan, nil, query), query)
            query.keptSides.withLock { $0[ObjectIdentifier(self)] = side }
            return try probe(side, query, into: target)
        }
        guard maySpill else {
            return try probe(makeSide(JoinBuildStage.collect(buildInput, buildPlan, nil, query), query), query, into: target)
        }
        let spilling = JoinSpilling(profile, query)
        let stages = try spilling.collect(buildInput, buildPlan, query)
        if let rows = spilling.spilledBuildRows {
            return SpilledHashJoin(
                self, shape, buildPlan, probeKeys: probeKeys, probeTypes: probeInput.outputs.map(\.type), residual: residual,
                spilling, rows, sawNullKey: stages.contains(where: \.sawNullKey), query
            ).begin(into: target)
        }
        return try probe(makeSide(stages, query), query, into: target)
    }

    /// Makes ready to stream the other side past a table.
    private func probe(_ side: KeptJoinSide, _ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let shape = shape
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

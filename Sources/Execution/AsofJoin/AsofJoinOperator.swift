import Columnar
import Expressions
import Planner
import Platform

/// Gives each left row the nearest right row that matches it. The right input is kept, sorted by key and nearness; the
/// left one streams past it and keeps its order, unless the right one does not fit in memory: both are cut into parts then.
package final class AsofJoinOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalAsofJoin
    private let programs: AsofPrograms
    private let rightKeys: ExpressionProgram
    private let conditions: AsofConditions

    init(_ node: LogicalAsofJoin, left: PhysicalOperator, right: PhysicalOperator) throws {
        let pairs = node.equalities.map { ($0.left, $0.right) } + [(node.match.left, node.match.right)]
        for (one, other) in pairs where one.type.physical != other.type.physical {
            throw ExecutionError.invalidPlan("ASOF keys of types \(one.type) and \(other.type)")
        }
        self.node = node
        let conditions = AsofConditions(node)
        self.conditions = conditions
        func program(_ conjuncts: [BoundExpression], _ input: [OutputColumn]) throws -> ExpressionProgram? {
            conjuncts.isEmpty ? nil : try ExpressionProgram(conjuncts, input: input)
        }
        programs = AsofPrograms(
            leftKeys: try ExpressionProgram(pairs.map { $0.0 }, input: left.outputs),
            ofLeft: try program(conditions.ofLeft, left.outputs),
            limits: try program(conditions.limits, left.outputs + right.outputs),
            ofPairs: try program(conditions.ofPairs, left.outputs + right.outputs), validity: conditions.validity,
            isPatient: conditions.isPatient, nullSafe: node.equalities.map(\.isNullSafe), isOuter: node.isOuter)
        rightKeys = try ExpressionProgram(pairs.map { $0.1 }, input: right.outputs)
        super.init(outputs: LogicalPlan.asofJoin(node).outputs, inputs: [left, right])
    }

    package override var details: [String] {
        var lines = ["kind: \(node.isOuter ? "left" : "inner")"]
        if !node.equalities.isEmpty {
            lines.append(
                "keys: "
                    + node.equalities.map {
                        "\(describe($0.left)) \($0.isNullSafe ? "<=>" : "=") \(describe($0.right))"
                    }.joined(separator: ", "))
        }
        lines.append(
            "match: \(describe(node.match.left)) \(node.match.operation.rawValue) \(describe(node.match.right))")
        for (name, list) in [
            ("left condition", conditions.ofLeft), ("limit", conditions.limits), ("residual", conditions.ofPairs),
        ] where !list.isEmpty { lines.append("\(name): " + describe(.conjunction(list))) }
        return lines
    }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let programs = programs
        let rightKeys = rightKeys
        let types = inputs[1].outputs.map(\.type)
        let plan = JoinBuildPlan(
            keys: rightKeys, types: types, nullSafe: programs.nullSafe + [false], keepsNullKeys: false,
            hashedKeys: programs.nullSafe.count, keepsOrder: true)
        let spilling = maySpill ? JoinSpilling(profile, query) : nil
        let stages = try spilling?.collect(inputs[1], plan, query) ?? JoinBuildStage.collect(inputs[1], plan, nil, query)
        if let spilling, let rows = spilling.spilledBuildRows {
            return try spilledStep(plan, spilling, rows, query, into: target)
        }
        let begin = monotonicNanoseconds()
        let index = try makeIndex(stages, query)
        profile.add(bytes: index.byteCount)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        if index.rowCount == 0, !node.isOuter { return PipelineStep(nil) }
        return PipelineStep(
            StageSet(downstream: target) { worker in
                AsofProbeStage(index, programs, query, next: try target.stage(worker: worker))
            })
    }

    private func makeIndex(_ stages: [JoinBuildStage], _ query: QueryExecution) throws -> AsofIndex {
        try AsofIndex(
            stages, rightKeys, types: inputs[1].outputs.map(\.type), nullSafe: programs.nullSafe,
            order: NearestOrder(node.match.operation), leftType: node.match.left.type, addsNullRow: node.isOuter, query)
    }

    /// Whether rows of both sides may be put aside, cut by the keys of the equalities, which are computed again.
    private var maySpill: Bool {
        !node.equalities.isEmpty && node.equalities.allSatisfy { $0.left.isDeterministic && $0.right.isDeterministic }
            && node.match.left.isDeterministic && node.match.right.isDeterministic
    }

    /// Puts the left rows aside too, and joins one part after the other.
    private func spilledStep(
        _ plan: JoinBuildPlan, _ spilling: JoinSpilling, _ rightRows: PartitionedSpill, _ query: QueryExecution,
        into target: StageSet
    ) throws -> PipelineStep {
        let probe = JoinProbeSpill(
            JoinProbePlan(
                keys: programs.leftKeys, types: inputs[0].outputs.map(\.type), nullSafe: programs.nullSafe, keepsNullKeys: node.isOuter),
            spilling.budget, profile, query)
        let programs = programs
        return PipelineStep(probe.stages) {
            try probe.finish()
            for part in 0..<PartitionedSpill.partCount {
                let blocks = probe.rows.blocks(of: part)
                if blocks.isEmpty { continue }
                let index = try self.makeIndex(
                    JoinBuildStage.restored(rightRows.blocks(of: part), of: rightRows, plan, query), query)
                let wantsMore = try query.drive(blocks.count, of: self, into: target) { _ in
                    var stage: AsofProbeStage?
                    return { block, sequence, next in
                        let made = stage ?? AsofProbeStage(index, programs, query, next: next)
                        stage = made
                        return try probe.rows.push(blocks[block], sequence, into: made) { _ in }
                    }
                }
                guard wantsMore else { return }
            }
        }
    }
}

/// What the workers of an ASOF join evaluate.
struct AsofPrograms: Sendable {
    /// The keys of the equalities, then the value that is searched.
    let leftKeys: ExpressionProgram
    let ofLeft: ExpressionProgram?
    let limits: ExpressionProgram?
    let ofPairs: ExpressionProgram?
    let validity: AsofConditions.LimitValidity
    let isPatient: Bool
    /// For each equality whether it is `<=>`.
    let nullSafe: [Bool]
    let isOuter: Bool
}

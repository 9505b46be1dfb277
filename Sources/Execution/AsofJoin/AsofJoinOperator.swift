import Columnar
import Expressions
import Planner
import Platform

/// Gives each left row the nearest right row that matches it. The right input is kept, sorted by key and nearness; the
/// left one streams past it and keeps its order.
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
        let collected = Guarded<[JoinBuildStage]>([])
        try inputs[1].run(
            query,
            into: StageSet { _ in
                let stage = JoinBuildStage(
                    rightKeys, types: types, nullSafe: programs.nullSafe + [false], keepsNullKeys: false,
                    hashedKeys: programs.nullSafe.count, query)
                collected.withLock { $0.append(stage) }
                return stage
            })
        let begin = monotonicNanoseconds()
        let index = try AsofIndex(
            collected.withLock { $0 }, rightKeys, types: types, nullSafe: programs.nullSafe,
            order: NearestOrder(node.match.operation), leftType: node.match.left.type, addsNullRow: node.isOuter, query)
        profile.add(bytes: index.byteCount)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        if index.rowCount == 0, !node.isOuter { return PipelineStep(nil) }
        return PipelineStep(
            StageSet(downstream: target) { worker in
                AsofProbeStage(index, programs, query, next: try target.stage(worker: worker))
            })
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

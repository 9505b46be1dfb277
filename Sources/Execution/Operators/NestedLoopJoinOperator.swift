import Columnar
import Expressions
import Planner

/// Joins without equalities: every row of one input beside every row of the other, kept one.
package final class NestedLoopJoinOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalJoin
    private let shape: JoinShape
    private let residual: ExpressionProgram?

    init(_ node: LogicalJoin, left: PhysicalOperator, right: PhysicalOperator) throws {
        self.node = node
        shape = JoinShape(node)
        residual = try node.residual.map { try ExpressionProgram($0.conjuncts, input: left.outputs + right.outputs) }
        super.init(outputs: LogicalPlan.join(node).outputs, inputs: [left, right])
    }

    package override var details: [String] {
        var lines = ["kind: \(node.kind.rawValue)", "build: \(node.buildSide.rawValue)"]
        if let residual = node.residual { lines.append("predicate: " + describe(residual)) }
        return lines
    }

    private var probeInput: PhysicalOperator { inputs[shape.buildIsRight ? 0 : 1] }
    override var streamedInput: PhysicalOperator? { probeInput }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let shape = shape
        let build = inputs[shape.buildIsRight ? 1 : 0]
        let types = build.outputs.map(\.type)
        let plan = JoinBuildPlan(
            keys: try ExpressionProgram([], input: build.outputs), types: types, nullSafe: [], keepsNullKeys: true)
        let spilling = JoinSpilling(profile, query)
        let stages = try spilling.collect(build, plan, query)
        if let rows = spilling.spilledBuildRows {
            // One key that all rows have.
            return SpilledHashJoin(
                self, shape, plan, probeKeys: try ExpressionProgram([], input: probeInput.outputs),
                probeTypes: probeInput.outputs.map(\.type), residual: residual, spilling, rows, sawNullKey: false, query
            ).begin(into: target)
        }
        let count = stages.reduce(0) { $0 + $1.rows.rowCount }
        let columns = try RowCollector.concatenated(stages.map(\.rows), types, query, for: "JOIN")
        let marks = shape.marksBuild ? MatchMarks(count: count) : nil
        if count == 0, shape.probeOutput == .pairs || shape.probeOutput == .semi {
            return PipelineStep(nil)
        }
        let residual = residual
        let held = shape.isSingleMatch && count > 1 ? HeldOutput(of: self, query) : nil
        let receiver = held?.stages ?? target
        return PipelineStep(
            StageSet(downstream: receiver) { worker in
                let next = try receiver.stage(worker: worker)
                let output = JoinOutput(
                    shape, residual: residual.map { ExpressionEvaluator($0, context: query.context) },
                    buildTypes: types, marks: marks, next: next)
                return NestedLoopStage(columns, count, shape, output, query, next: next)
            }
        ) {
            try held?.release(into: target)
            try shape.emitBuildRows(
                columns, count: count, marks: marks, isExcluded: { _ in false },
                probeTypes: self.probeInput.outputs.map(\.type), of: self, query, into: target)
            withExtendedLifetime(stages) {}
        }
    }
}

private final class NestedLoopStage: TransformStage {
    private let columns: [Column]
    private let count: Int
    private let shape: JoinShape
    private let output: JoinOutput
    private let query: QueryExecution

    init(
        _ columns: [Column], _ count: Int, _ shape: JoinShape, _ output: JoinOutput, _ query: QueryExecution,
        next: Stage
    ) {
        self.columns = columns
        self.count = count
        self.shape = shape
        self.output = output
        self.query = query
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        output.begin(batch)
        var rows = batch.rows
        for row in 0..<count {
            try query.check()
            let flow = try output.round(
                rows, build: columns.map { $0.constantRow(row, count: batch.capacity) }, buildRow: { _ in row })
            if flow != .more { return flow }
            if shape.stopsAtFirstMatch {
                rows = rows.filtered(capacity: rows.count) { !output.isMatched($0) }
                if rows.isEmpty { break }
            }
        }
        return try output.end()
    }
}

import Columnar
import Expressions
import Functions
import Planner

/// Each input row beside the rows that a table function makes of it.
package final class LateralViewOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalLateralView
    private let program: ExpressionProgram

    init(_ node: LogicalLateralView, input: PhysicalOperator) throws {
        self.node = node
        program = try ExpressionProgram(node.arguments, input: input.outputs)
        super.init(outputs: input.outputs + node.generated, inputs: [input])
    }

    package override var details: [String] {
        let arguments = node.arguments.map { describe($0) }.joined(separator: ", ")
        return ["function: \(node.name)(\(arguments))" + (node.isOuter ? " outer" : "")]
    }

    package override var isOrdered: Bool { inputs[0].isOrdered }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let node = node
        let program = program
        return PipelineStep(
            StageSet(downstream: target) { worker in
                LateralViewStage(
                    node, ExpressionEvaluator(program, context: query.context), query,
                    next: try target.stage(worker: worker))
            })
    }
}

private final class LateralViewStage: TransformStage {
    private let node: LogicalLateralView
    private let evaluator: ExpressionEvaluator
    private let query: QueryExecution

    init(_ node: LogicalLateralView, _ evaluator: ExpressionEvaluator, _ query: QueryExecution, next: Stage) {
        self.node = node
        self.evaluator = evaluator
        self.query = query
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        evaluator.begin(batch)
        defer { evaluator.end() }
        let arguments = try evaluator.program.roots.indices.map { try evaluator.plainResult($0) }
        // Some rows at a time: what a table function makes of a batch may be long.
        var begin = 0
        while begin < batch.rowCount {
            try query.check()
            var part = batch
            part.rows = batch.rows.dropFirst(begin).prefix(rowsAtATime)
            let generated = try node.function.generate(
                KernelInput(
                    arguments: arguments, rows: part.rows, count: batch.capacity, context: query.context,
                    sequence: batch.sequence))
            let flow = node.isOuter
                ? try pushOuter(generated, part) : try push(generated, sources: generated.sources, of: part)
            if flow != .more { return flow }
            begin += part.rowCount
            let isLong = generated.count > Self.fewRows
            rowsAtATime = isLong ? max(rowsAtATime / 2, 1) : min(rowsAtATime * 2, 1 << 16)
        }
        return .more
    }

    /// Input rows that the function gets at once: fewer, when it makes many of them.
    private var rowsAtATime = 64
    private static let fewRows = 1 << 14

    private func push(_ generated: GeneratedRows, sources: [Int32], of batch: Batch) throws -> Flow {
        var begin = 0
        while begin < generated.count {
            try query.check()
            let end = min(begin + query.batchSize, generated.count)
            let flow = try sources.withUnsafeBufferPointer { sources -> Flow in
                guard let first = sources.baseAddress else { return .more }
                let kept = batch.columns.map { Column.dictionary($0, indices: first + begin, count: end - begin) }
                let made = generated.columns.map { $0.slice(begin..<end) }
                return try next.push(Batch(columns: kept + made, capacity: end - begin, sequence: batch.sequence))
            }
            if flow != .more { return flow }
            begin = end
        }
        return .more
    }

    /// Rows for which nothing was generated come out between the others, with NULLs.
    private func pushOuter(_ generated: GeneratedRows, _ batch: Batch) throws -> Flow {
        var sources: [Int32] = []
        var rows: [Int32] = []
        var next = 0
        batch.rows.forEach { row in
            let source = Int32(truncatingIfNeeded: row)
            let before = next
            while next < generated.count, generated.sources[next] == source {
                sources.append(source)
                rows.append(Int32(truncatingIfNeeded: next))
                next += 1
            }
            if next == before {
                sources.append(source)
                rows.append(-1)
            }
        }
        let columns = generated.columns.map { $0.pickingRows(rows) }
        return try push(GeneratedRows(columns: columns, count: rows.count, sources: sources), sources: sources, of: batch)
    }
}

import Columnar
import Expressions
import Planner
import Platform

/// What sort and top-N share: workers collect rows with encoded keys, sort what they have, and the runs are merged in
/// parallel by ranges of keys.
package class SortingOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalSort
    private let limit: Int?
    private let specification: SortSpecification

    init(_ node: LogicalSort, limit: Int?, input: PhysicalOperator) throws {
        self.node = node
        self.limit = limit
        specification = SortSpecification(
            try ExpressionProgram(node.keys.map(\.expression), input: input.outputs),
            orders: node.keys.map { SortOrder(ascending: $0.isAscending, nullsFirst: $0.nullsFirst) },
            inputTypes: input.outputs.map(\.type))
        super.init(outputs: input.outputs, inputs: [input])
    }

    package override var details: [String] {
        ["keys: " + node.keys.map { describe($0) }.joined(separator: ", ")]
            + (limit.map { ["limit: \($0)"] } ?? [])
    }

    package override var isOrdered: Bool { true }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let specification = specification
        let limit = limit
        let stages = Guarded<[SortStage]>([])
        return PipelineStep(
            StageSet { _ in
                let stage = SortStage(specification, limit: limit.flatMap { $0 <= TopNOperator.largestCount ? $0 : nil }, query)
                stages.withLock { $0.append(stage) }
                return stage
            }
        ) { try self.merge(stages.withLock { $0 }, query, into: target) }
    }

    private func merge(_ stages: [SortStage], _ query: QueryExecution, into target: StageSet) throws {
        let begin = monotonicNanoseconds()
        let runs = stages.map(\.run).filter { $0.count > 0 }
        profile.add(bytes: runs.reduce(0) { $0 + $1.byteCount })
        let sorted = try SortedRows(runs, specification, query)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        let count = min(limit ?? sorted.count, sorted.count)
        // Slices small enough that an early stop does not make much in vain.
        let morselRows = max(query.batchSize, 1 << 15)
        let width = outputs.count
        try query.drive((count + morselRows - 1) / morselRows, of: self, into: target) { _ in
            { morsel, sequence, stage in
                var row = morsel * morselRows
                let end = min(row + morselRows, count)
                var position = 0
                while row < end {
                    try query.check()
                    let size = min(query.batchSize, end - row)
                    let columns = sorted.columns.prefix(width).map {
                        Column.dictionary($0, indices: sorted.order + row, count: size)
                    }
                    let flow = try stage.push(
                        Batch(
                            columns: columns, capacity: size,
                            sequence: BatchSequence(morsel: sequence, position: position)))
                    if flow != .more { return flow }
                    row += size
                    position += 1
                }
                return .more
            }
        }
    }
}

/// One worker's collection for a sort.
private final class SortStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    let run: SortRun
    private let specification: SortSpecification
    private let evaluator: ExpressionEvaluator
    private let limit: Int?
    private let query: QueryExecution
    private let reservation: MemoryReservation
    /// The key of the last row worth keeping, once more rows than needed were seen.
    private var bound: [UInt8] = []

    init(_ specification: SortSpecification, limit: Int?, _ query: QueryExecution) {
        self.specification = specification
        self.limit = limit
        self.query = query
        run = SortRun(specification)
        evaluator = ExpressionEvaluator(specification.program, context: query.context)
        reservation = MemoryReservation(query.memory, for: "ORDER BY")
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        if limit == 0 { return .stop }
        evaluator.begin(batch)
        defer { evaluator.end() }
        let keys = try specification.program.roots.indices.map { try evaluator.plainResult($0) }
        let comparison = specification.comparison
        var rows = batch.rows
        let place = run.reserve(rows.count)
        comparison.normalized.encode(keys, rows: rows, into: place, stride: comparison.stride)
        if !bound.isEmpty { rows = dropBeyondBound(rows, place) }
        if rows.isEmpty { return .more }
        run.append(
            batch.columns + specification.extraKeys.map { keys[$0] }, rows: rows, morsel: batch.sequence.morsel)
        if let limit, run.count >= limit * 2 + max(4096, query.batchSize) { bound = try run.prune(to: limit, check: query.check) }
        try reservation.update(to: run.byteCount)
        return .more
    }

    /// The rows whose keys are not surely behind the bound; their keys move together.
    private func dropBeyondBound(_ rows: RowSelection, _ place: UnsafeMutablePointer<UInt8>) -> RowSelection {
        let stride = specification.comparison.stride
        let length = specification.comparison.firstSegmentLength
        let kept = SelectionVector(capacity: rows.count)
        var used = 0
        bound.withUnsafeBufferPointer { bound in
            guard let limit = bound.baseAddress else { return }
            for ordinal in 0..<rows.count where compareBytes(place + ordinal * stride, limit, length) <= 0 {
                if used != ordinal { (place + used * stride).update(from: place + ordinal * stride, count: stride) }
                kept.indices[used] = Int32(truncatingIfNeeded: rows[ordinal])
                used += 1
            }
        }
        kept.setCount(used)
        return RowSelection(kept)
    }
}

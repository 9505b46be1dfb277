import Columnar
import Expressions
import Planner
import Platform

/// What sort and top-N share: workers collect rows with encoded keys, sort what they have, and the runs are merged in
/// parallel by ranges of keys. Rows that do not fit in memory are written as sorted runs, and merged from there.
package class SortingOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalSort
    /// Rows of the order that matter; those before `offset` are passed over.
    private let limit: Int?
    private let offset: Int
    private let specification: SortSpecification

    init(_ node: LogicalSort, limit: Int?, offset: Int, input: PhysicalOperator) throws {
        self.node = node
        self.limit = limit
        self.offset = offset
        specification = SortSpecification(
            try ExpressionProgram(node.keys.map(\.expression), input: input.outputs),
            orders: node.keys.map { SortOrder(ascending: $0.isAscending, nullsFirst: $0.nullsFirst) },
            inputTypes: input.outputs.map(\.type))
        super.init(outputs: input.outputs, inputs: [input])
    }

    package override var details: [String] {
        ["keys: " + node.keys.map { describe($0) }.joined(separator: ", ")]
            + (limit.map { ["limit: \($0)"] } ?? []) + (offset > 0 ? ["offset: \(offset)"] : [])
    }

    package override var isOrdered: Bool { true }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let specification = specification
        let droppingLimit = limit.flatMap { $0 <= TopNOperator.largestCount ? $0 : nil }
        let spilling = SortSpilling(specification, limit: limit, profile, query)
        let stages = Guarded<[SortStage]>([])
        return PipelineStep(
            StageSet { _ in
                let stage = SortStage(specification, limit: droppingLimit, spilling, query)
                stages.withLock { $0.append(stage) }
                return stage
            }
        ) {
            let collected = stages.value
            self.profile.add(bytes: collected.reduce(0) { $0 + $1.peakBytes })
            if spilling.fitsInMemory(collected) {
                try self.sort(collected, query, into: target)
            } else {
                try self.merge(collected, spilling, query, into: target)
            }
        }
    }

    private func sort(_ stages: [SortStage], _ query: QueryExecution, into target: StageSet) throws {
        let begin = monotonicNanoseconds()
        let sorted = try SortedRows(stages.map(\.run).filter { $0.count > 0 }, specification, query)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        let offset = offset
        let count = max(min(limit ?? sorted.count, sorted.count) - offset, 0)
        // Slices small enough that an early stop does not make much in vain.
        let morselRows = max(query.batchSize, 1 << 15)
        let width = outputs.count
        try query.drive((count + morselRows - 1) / morselRows, of: self, into: target) { _ in
            { morsel, sequence, stage in
                let first = offset + morsel * morselRows
                return try Self.push(min(morselRows, offset + count - first), sequence, into: stage, query) { rows in
                    sorted.columns.prefix(width).map {
                        Column.dictionary($0, indices: sorted.order + first + rows.lowerBound, count: rows.count)
                    }
                }
            }
        }
    }

    /// Merges the runs that were written with what is left in memory.
    private func merge(
        _ stages: [SortStage], _ spilling: SortSpilling, _ query: QueryExecution, into target: StageSet
    ) throws {
        let begin = monotonicNanoseconds()
        let slices = try spilling.slices(of: try spilling.sources(of: stages), from: offset)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        let width = outputs.count
        try query.drive(slices.count, of: self, into: target) { _ in
            { morsel, sequence, stage in
                let slice = try slices.take(morsel)
                return try Self.push(slice.rows.count, sequence, into: stage, query) { slice.columns($0, width: width) }
            }
        }
    }

    /// Pushes the rows of a morsel in batches.
    private static func push(
        _ count: Int, _ morsel: Int, into stage: Stage, _ query: QueryExecution, columns: (Range<Int>) -> [Column]
    ) throws -> Flow {
        var row = 0
        var position = 0
        while row < count {
            try query.check()
            let size = min(query.batchSize, count - row)
            let flow = try stage.push(
                Batch(
                    columns: columns(row..<row + size), capacity: size,
                    sequence: BatchSequence(morsel: morsel, position: position)))
            if flow != .more { return flow }
            row += size
            position += 1
        }
        return .more
    }
}

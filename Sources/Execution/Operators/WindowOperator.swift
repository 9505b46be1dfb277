import Columnar
import Functions
import Planner
import Platform

/// Computes functions over windows. Rows are collected, cut into ranges of the partition keys' hashes, and every range
/// is grouped, sorted and computed by one worker; all functions of the node share that one pass.
package final class WindowOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalWindow
    private let plan: WindowPlan

    init(_ node: LogicalWindow, input: PhysicalOperator) throws {
        self.node = node
        plan = try WindowPlan(node, input: input.outputs)
        super.init(outputs: LogicalPlan.window(node).outputs, inputs: [input])
    }

    package override var details: [String] {
        var lines = ["functions: " + node.functions.map(\.name).joined(separator: ", ")]
        if !node.partitionBy.isEmpty {
            lines.append("partition by: " + node.partitionBy.map { describe($0) }.joined(separator: ", "))
        }
        if !node.orderBy.isEmpty {
            lines.append("order by: " + node.orderBy.map { describe($0) }.joined(separator: ", "))
        }
        return lines
    }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let plan = plan
        let spilling = try WindowSpilling(plan, profile, query)
        let stages = Guarded<[WindowStage]>([])
        return PipelineStep(
            StageSet { _ in
                let stage = WindowStage(plan, spilling, query)
                stages.withLock { $0.append(stage) }
                return stage
            }
        ) {
            let collected = stages.value
            self.profile.add(bytes: collected.reduce(0) { $0 + $1.byteCount })
            guard let spilling, spilling.hasRows || !WindowInput.fits(collected, plan, query) else {
                try self.compute(collected, query, into: target)
                return
            }
            try query.forEachTask(collected.count) { _, task in try collected[task].putAside() }
            if let rows = spilling.spilledRows { try self.computeParts(rows, query, into: target) }
            if let streamed = spilling.streamed, streamed.hasRows { try streamed.produce(self, into: target) }
        }
    }

    /// Computes rows that were put aside, a part at a time; parts that do not fit are cut again.
    /// - Returns: false when `target` wants no more at all.
    @discardableResult
    private func computeParts(_ spill: PartitionedSpill, _ query: QueryExecution, into target: StageSet) throws -> Bool {
        for part in 0..<PartitionedSpill.partCount where spill.rowCount(of: part) > 0 {
            if !fits(spill, part, query), let parts = try cut(spill, part, query) {
                guard try computeParts(parts, query, into: target) else { return false }
                continue
            }
            // A morsel's rows were written by one worker, and are in order where they are taken so.
            let files = PartitionedSpill.grouped(spill.blocks(of: part))
            let stages = Guarded<[Int: WindowStage]>([:])
            try query.forEachTask(files.count) { _, task in
                let stage = WindowStage(self.plan, nil, query)
                stages.withLock { $0[task] = stage }
                for block in files[task] { try stage.restore(try spill.read(block), count: block.rowCount) }
            }
            let collected = stages.value.sorted { $0.key < $1.key }.map(\.value)
            guard try compute(collected, query, into: target) else { return false }
        }
        return true
    }

    /// Places, hashes and frames.
    private static let computedBytesPerRow = 64

    /// Whether a part's rows can be in memory, and what is computed of them beside.
    private func fits(_ spill: PartitionedSpill, _ part: Int, _ query: QueryExecution) -> Bool {
        let bytes = spill.memoryBytes(of: part) + spill.rowCount(of: part) * Self.computedBytesPerRow
        return 2 * bytes <= query.memory.bytesLeft - query.memory.limit / 8
    }

    /// The rows of a part, cut by other bits of their hashes; nil when that does not divide them.
    private func cut(_ spill: PartitionedSpill, _ part: Int, _ query: QueryExecution) throws -> PartitionedSpill? {
        guard let deeper = spill.deeper() else { return nil }
        let writer = try deeper.makeWriter()
        // Many rows are written together, so that blocks do not become ever smaller.
        let enough = max(query.memory.limit / 16, 1 << 16)
        let reservation = MemoryReservation(query.memory, for: "OVER")
        var rows = HashedRows(plan.types + [SourceRuns.morselType])
        for block in PartitionedSpill.grouped(spill.blocks(of: part)).joined() {
            let columns = try spill.read(block)
            let keys = plan.partitionColumns.map { columns[$0].decoded(.all(block.rowCount)) }
            rows.append(columns, keys: keys, rows: .all(block.rowCount), count: block.rowCount)
            try reservation.update(to: rows.bytesWithCopies)
            if rows.byteCount >= enough { try rows.write(to: writer) }
        }
        if rows.count > 0 { try rows.write(to: writer) }
        let count = spill.rowCount(of: part)
        return (0..<PartitionedSpill.partCount).contains { deeper.rowCount(of: $0) == count } ? nil : deeper
    }

    @discardableResult
    private func compute(_ collected: [WindowStage], _ query: QueryExecution, into target: StageSet) throws -> Bool {
        let plan = plan
        let begin = monotonicNanoseconds()
        let input = try WindowInput(collected, plan, query)
        profile.addDriveTime(monotonicNanoseconds() - begin)
        let wantsMore = try query.drive(input.partCount, of: self, into: target) { _ in
            { part, sequence, stage in
                try input.withRows(of: part) { rows, count in
                    count == 0 ? .more : try WindowTask(input, plan, rows, count, query).run(sequence, into: stage)
                }
            }
        }
        withExtendedLifetime(collected) {}
        return wantsMore
    }
}

import Columnar
import Planner
import Platform

/// The first rows, in the order of the source. Stops the source as soon as it can.
package final class LimitOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let count: Int
    private let offset: Int

    init(_ node: LogicalLimit, input: PhysicalOperator) {
        count = max(node.count, 0)
        offset = max(node.offset, 0)
        super.init(outputs: input.outputs, inputs: [input])
    }

    package override var details: [String] {
        ["count: \(count)"] + (offset > 0 ? ["offset: \(offset)"] : [])
    }

    package override var isOrdered: Bool { inputs[0].isOrdered }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        guard count > 0 else {
            return PipelineStep(nil) { try query.drive(0, of: self, into: target) { _ in { _, _, _ in .stop } } }
        }
        let (needed, overflow) = count.addingReportingOverflow(offset)
        let head = LimitHead(needed: overflow ? .max : needed, query.memory)
        return PipelineStep(StageSet(onBegin: head.begin) { _ in LimitStage(head) }) {
            try self.emit(head, query, into: target)
        }
    }

    private func emit(_ head: LimitHead, _ query: QueryExecution, into target: StageSet) throws {
        let batches = head.batches
        let (count, offset) = (count, offset)
        try query.drive(1, of: self, into: target) { _ in
            { _, sequence, stage in
                var skip = offset
                var left = count
                for (position, batch) in batches.enumerated() {
                    if left == 0 { break }
                    var part = batch
                    part.sequence = BatchSequence(morsel: sequence, position: position)
                    part.rows = batch.rows.dropFirst(skip).prefix(left)
                    skip = max(skip - batch.rowCount, 0)
                    left -= part.rowCount
                    if part.rowCount == 0 { continue }
                    let flow = try stage.push(part)
                    if flow != .more { return flow }
                }
                return .more
            }
        }
    }
}

/// The rows kept so far, by morsel. Enough are there when the morsels finished from the first on hold enough.
private final class LimitHead: Sendable {
    private struct State {
        var kept: [Int: [Batch]] = [:]
        var counts: [Int: Int] = [:]
        var finished: Set<Int> = []
        /// Where the current run of morsels begins, and its first that is not finished.
        var frontier = 0
        var rowsBeforeFrontier = 0
        var isComplete = false
    }

    private let needed: Int
    private let state = Guarded(State())

    private let memory: MemoryPool
    private let charged = Guarded(0)

    init(needed: Int, _ memory: MemoryPool) {
        self.needed = needed
        self.memory = memory
    }

    deinit { memory.release(charged.withLock { $0 }) }

    func begin(_ morsels: Range<Int>) { state.withLock { $0.frontier = morsels.lowerBound } }

    func take(_ batch: Batch) throws -> Flow {
        let morsel = batch.sequence.morsel
        let known = state.withLock { state -> Int? in
            state.isComplete ? nil : (state.counts[morsel] ?? 0)
        }
        guard let known else { return .stop }
        if known >= needed { return .endMorsel }
        var head = batch
        head.rows = batch.rows.prefix(needed - known)
        let copy = head.materialized()
        let size = copy.byteCount
        try memory.reserve(size, for: "LIMIT")
        charged.withLock { $0 += size }
        return state.withLock { state in
            state.kept[morsel, default: []].append(copy)
            state.counts[morsel] = known + copy.rowCount
            if morsel == state.frontier, state.rowsBeforeFrontier + known + copy.rowCount >= needed {
                state.isComplete = true
                return .stop
            }
            return known + copy.rowCount >= needed ? .endMorsel : .more
        }
    }

    func finish(_ morsel: Int) {
        state.withLock { state in
            state.finished.insert(morsel)
            while state.finished.remove(state.frontier) != nil {
                state.rowsBeforeFrontier += state.counts[state.frontier] ?? 0
                state.frontier += 1
            }
            if state.rowsBeforeFrontier >= needed { state.isComplete = true }
        }
    }

    var isComplete: Bool { state.withLock { $0.isComplete } }

    var batches: [Batch] { state.withLock { $0.kept.sorted { $0.key < $1.key }.flatMap(\.value) } }
}

private final class LimitStage: Stage {
    private let head: LimitHead

    init(_ head: LimitHead) { self.head = head }

    override func push(_ batch: Batch) throws -> Flow {
        if batch.rowCount == 0 { return head.isComplete ? .stop : .more }
        return try head.take(batch)
    }

    override func finishMorsel(_ morsel: Int) throws { head.finish(morsel) }
}

import Columnar
import Planner

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
        let morsel = query.reserveMorsels(1)
        target.begin(morsel)
        let head = LimitHead(count: count, offset: offset, morsel.lowerBound) { try target.stage(worker: 0) }
        let delivery = OrderedDelivery(head, query: query)
        let stages = delivery.stages
        let (needed, overflow) = count.addingReportingOverflow(offset)
        return PipelineStep(
            StageSet(downstream: stages) { worker in
                LimitStage(needed: overflow ? .max : needed, next: try stages.stage(worker: worker))
            }
        ) {
            try delivery.finish()
        }
    }
}

/// Takes rows in their order and hands the first ones on at once.
private final class LimitHead: ResultWorker {
    private var skip: Int
    private var left: Int
    private let morsel: Int
    private var position = 0
    private let makeNext: () throws -> Stage
    private var made: Stage?
    private var isStopped = false

    init(count: Int, offset: Int, _ morsel: Int, makeNext: @escaping () throws -> Stage) {
        left = count
        skip = offset
        self.morsel = morsel
        self.makeNext = makeNext
    }

    private func next() throws -> Stage {
        let next = try made ?? makeNext()
        made = next
        return next
    }

    var wantsMore: Bool { left > 0 && !isStopped }

    func consume(_ batch: Batch) throws {
        var part = batch
        part.rows = batch.rows.dropFirst(skip).prefix(left)
        skip = max(skip - batch.rowCount, 0)
        left -= part.rowCount
        guard part.rowCount > 0 else { return }
        part.sequence = BatchSequence(morsel: morsel, position: position)
        position += 1
        if try next().push(part) != .more { isStopped = true }
    }

    func finish() throws {
        try next().finishMorsel(morsel)
        try next().flush()
    }
}

/// One worker's rows of a morsel, no more of them than may be wanted.
private final class LimitStage: TransformStage {
    private let needed: Int
    private var morsel = -1
    private var count = 0

    init(needed: Int, next: Stage) {
        self.needed = needed
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        if batch.sequence.morsel != morsel {
            morsel = batch.sequence.morsel
            count = 0
        }
        if count >= needed { return .endMorsel }
        var head = batch
        head.rows = batch.rows.prefix(needed - count)
        count += head.rowCount
        let flow = try next.push(head)
        return flow == .more && count >= needed ? .endMorsel : flow
    }
}

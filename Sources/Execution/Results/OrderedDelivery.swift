import Columnar
import Platform

/// Hands batches of parallel workers to one consumer in the order of the source.
///
/// The worker of the lowest unfinished morsel delivers at once; what others make meanwhile is copied and waits.
/// A worker that runs far ahead sleeps, so that a slow consumer does not fill the memory.
final class OrderedDelivery: @unchecked Sendable {
    private struct State {
        var current = 0
        var finished: Set<Int> = []
        var waiting: [Int: [Batch]] = [:]
        var waitingRows = 0
        var worker: (any ResultWorker)?
    }

    private let query: QueryExecution
    private let state: Guarded<State>
    /// Rows that may wait before workers that are ahead pause.
    private static let rowLimit = 1 << 20

    init(_ consumer: any ResultConsumer, query: QueryExecution) throws {
        self.query = query
        state = Guarded(State())
        let worker = try consumer.makeWorker()
        state.withLock { $0.worker = worker }
    }

    func begin(_ morsels: Range<Int>) { state.withLock { $0.current = morsels.lowerBound } }

    func makeStage() -> Stage { DeliveryStage(self) }

    func finish() throws { try state.withLock { try $0.worker?.finish() } }

    fileprivate func deliver(_ batch: Batch) throws {
        while true {
            let isDone = try state.withLock { state -> Bool in
                if batch.sequence.morsel <= state.current {
                    try state.worker?.consume(batch)
                    return true
                }
                if state.waitingRows < Self.rowLimit {
                    let copy = batch.materialized()
                    state.waitingRows += copy.rowCount
                    state.waiting[batch.sequence.morsel, default: []].append(copy)
                    return true
                }
                return false
            }
            if isDone { return }
            try query.check()
            pauseBriefly()
        }
    }

    fileprivate func finishMorsel(_ morsel: Int) throws {
        try state.withLock { state in
            state.finished.insert(morsel)
            while state.finished.remove(state.current) != nil {
                state.current += 1
                for batch in state.waiting.removeValue(forKey: state.current) ?? [] {
                    state.waitingRows -= batch.rowCount
                    try state.worker?.consume(batch)
                }
            }
        }
    }
}

private final class DeliveryStage: Stage {
    private let delivery: OrderedDelivery

    init(_ delivery: OrderedDelivery) { self.delivery = delivery }

    override func push(_ batch: Batch) throws -> Flow {
        if batch.rowCount > 0 { try delivery.deliver(batch) }
        return .more
    }

    override func finishMorsel(_ morsel: Int) throws { try delivery.finishMorsel(morsel) }
}

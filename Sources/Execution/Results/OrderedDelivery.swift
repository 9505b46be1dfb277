import Columnar
import Platform

/// Hands batches of parallel workers to one taker in the order of the source.
///
/// The worker of the lowest unfinished morsel delivers at once; what others make meanwhile is copied and waits.
/// A worker that runs far ahead sleeps, so that a slow consumer does not fill the memory.
final class OrderedDelivery: @unchecked Sendable {
    // Unchecked, because `worker` is used only by the thread that made `isDelivering` true.
    private struct State {
        /// The lowest morsel that is not finished: its rows are next.
        var current = 0
        var finished: Set<Int> = []
        var waiting: [Int: [Batch]] = [:]
        /// Bytes of what waits, charged to the query's memory.
        var waitingBytes = 0
        /// Whether a thread hands rows on, without the lock.
        var isDelivering = false
        /// Whether the taker wants no more rows.
        var isSatisfied = false
    }

    private let query: QueryExecution
    private let worker: any ResultWorker
    private let state = Guarded(State())
    /// Bytes that may wait before workers that are ahead pause.
    private let byteLimit: Int

    init(_ worker: any ResultWorker, query: QueryExecution) {
        self.query = query
        self.worker = worker
        byteLimit = ResultQueue.byteLimit(of: query.memory)
        query.onStop { [state] in state.wakeAll() }
    }

    deinit { query.memory.release(state.withLock { $0.waitingBytes }) }

    /// Where the batches go in.
    var stages: StageSet { StageSet(onBegin: begin) { _ in DeliveryStage(self) } }

    private func begin(_ morsels: Range<Int>) { state.withLock { $0.current = morsels.lowerBound } }

    func finish() throws { try worker.finish() }

    fileprivate func deliver(_ batch: Batch) throws -> Flow {
        let morsel = batch.sequence.morsel
        // Morsels become current in ascending order: one that is ahead now may be current a moment later, not the other
        // way round.
        let copy = state.withLock { morsel > $0.current } ? batch.materialized() : nil
        let isOwnTurn = try state.wait { state -> Bool? in
            try query.check()
            if state.isSatisfied { return false }
            if morsel <= state.current {
                guard !state.isDelivering else { return nil }
                state.isDelivering = true
                return true
            }
            // Nothing is lost by waiting for the memory: this morsel's turn comes.
            guard let copy, state.waitingBytes < byteLimit,
                (try? query.memory.reserve(copy.byteCount, for: "rows out of order")) != nil
            else { return nil }
            state.waitingBytes += copy.byteCount
            state.waiting[morsel, default: []].append(copy)
            return false
        }
        guard isOwnTurn else { return state.withLock { $0.isSatisfied } ? .stop : .more }
        defer { finishDelivery() }
        if let copy { try worker.keep(copy) } else { try worker.consume(batch) }
        return worker.wantsMore ? .more : .stop
    }

    /// - Precondition: the calling thread is the one that delivers.
    private func finishDelivery() {
        let isSatisfied = !worker.wantsMore
        state.update { state in
            state.isDelivering = false
            state.isSatisfied = isSatisfied
        }
    }

    fileprivate func finishMorsel(_ morsel: Int) throws {
        state.withLock { _ = $0.finished.insert(morsel) }
        // Whoever is delivering meanwhile looks again when it is done.
        while let batches = advance() {
            if batches.isEmpty { continue }
            defer { finishDelivery() }
            for batch in batches where worker.wantsMore { try worker.keep(batch) }
        }
    }

    /// Makes the next morsel current when the current one is finished; gives what waited of it, to be delivered.
    private func advance() -> [Batch]? {
        state.update { state in
            guard !state.isDelivering, state.finished.remove(state.current) != nil else { return nil }
            state.current += 1
            let batches = state.waiting.removeValue(forKey: state.current) ?? []
            let bytes = batches.reduce(0) { $0 + $1.byteCount }
            state.waitingBytes -= bytes
            query.memory.release(bytes)
            state.isDelivering = !batches.isEmpty
            return batches
        }
    }
}

private final class DeliveryStage: Stage {
    private let delivery: OrderedDelivery

    init(_ delivery: OrderedDelivery) { self.delivery = delivery }

    override func push(_ batch: Batch) throws -> Flow {
        batch.rowCount > 0 ? try delivery.deliver(batch) : .more
    }

    override func finishMorsel(_ morsel: Int) throws { try delivery.finishMorsel(morsel) }
}

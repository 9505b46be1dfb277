import Columnar
import Execution
import FeatureTables
import Platform

/// Looks at the rows of a query as its workers make them, and keeps none.
final class ProfileConsumer: ResultConsumer {
    private let plan: ProfilePlan
    private let query = Guarded<QueryExecution?>(nil)
    private let workers = Guarded<[Worker]>([])
    private let moments = Guarded(OrderedMoments())

    init(_ plan: ProfilePlan) { self.plan = plan }

    // Which worker sees a row does not matter, but for the moments.
    var order: DeliveryOrder { .any }

    func begin(_ query: QueryExecution) { self.query.withLock { $0 = query } }

    func begin(_ morsels: Range<Int>) { moments.withLock { $0.begin(morsels) } }

    func makeWorker() throws -> any ResultWorker {
        workers.withLock { workers in
            let made = Worker(self, number: workers.count, query.value)
            workers.append(made)
            return made
        }
    }

    /// What the rows look like. To be asked once, after the query has ended.
    func profile(in zone: ZoneRules) -> Profile {
        let workers = workers.withLock { $0.map(\.profile) }
        return ProfileBuilder(plan, workers, moments: moments.withLock { $0.take() }, zone: zone).profile()
    }

    private final class Worker: ResultWorker {
        let profile: ProfileWorker
        private let consumer: ProfileConsumer
        private let query: QueryExecution?
        private let reservation: MemoryReservation?
        /// Of the rows whose moments were not taken yet.
        private var morsel: Int?

        init(_ consumer: ProfileConsumer, number: Int, _ query: QueryExecution?) {
            self.consumer = consumer
            self.query = query
            profile = ProfileWorker(consumer.plan, number: number)
            reservation = query.map { MemoryReservation($0.memory, for: "the profile") }
        }

        func consume(_ batch: Batch) throws {
            try query?.check()
            if let morsel, morsel != batch.sequence.morsel { handOver(morsel) }
            morsel = batch.sequence.morsel
            try profile.add(batch)
            try reservation?.update(to: profile.byteCount)
        }

        func finishMorsel(_ number: Int) throws {
            if let morsel { handOver(morsel) }
            consumer.moments.withLock { $0.finish(number) }
        }

        func finish() throws {
            if let morsel { handOver(morsel) }
        }

        private func handOver(_ number: Int) {
            let sums = profile.takeMoments()
            morsel = nil
            consumer.moments.withLock { $0.add(sums, of: number) }
        }
    }
}

/// Moments of the pieces of a source, put together in the pieces' order, so that it does not matter which worker had which.
private struct OrderedMoments {
    private var merged: MomentSums?
    /// The first piece that is not finished.
    private var next = 0
    private var finished: Set<Int> = []
    private var waiting: [Int: MomentSums] = [:]

    mutating func begin(_ morsels: Range<Int>) {
        // What came before has ended.
        mergeAll()
        next = morsels.lowerBound
    }

    mutating func add(_ sums: MomentSums, of morsel: Int) {
        if waiting[morsel]?.merge(sums) == nil { waiting[morsel] = sums }
    }

    mutating func finish(_ morsel: Int) {
        finished.insert(morsel)
        while finished.remove(next) != nil {
            if let sums = waiting.removeValue(forKey: next) { merge(sums) }
            next += 1
        }
    }

    /// All of it. Operators that end early finish no pieces.
    mutating func take() -> MomentSums? {
        mergeAll()
        return merged
    }

    private mutating func mergeAll() {
        for morsel in waiting.keys.sorted() {
            if let sums = waiting.removeValue(forKey: morsel) { merge(sums) }
        }
        finished.removeAll()
    }

    private mutating func merge(_ sums: MomentSums) {
        if merged?.merge(sums) == nil { merged = sums }
    }
}

import Columnar
import Functions
import Platform
import Synchronization

/// What all operators of one running query share.
package final class QueryExecution: @unchecked Sendable {
    // Unchecked: what varies is atomic or behind a lock; the evaluation context is only read.
    let settings: ExecutionSettings
    let context: EvaluationContext
    let cancellation: CancellationToken
    let progress: QueryProgress
    package let memory: MemoryPool
    /// What the scans read.
    let files: FileSnapshot
    /// What shared subplans gave so far. Operators begin on the statement's thread, one after the other.
    let sharedRows = Guarded<[ObjectIdentifier: SubplanRows]>([:])
    /// What recursive queries made in their last steps, by the number under which steps read it.
    let stepRows = Guarded<[Int: SubplanRows]>([:])
    /// The kept sides of joins in steps of recursive queries that are the same in every step.
    let keptSides = Guarded<[ObjectIdentifier: KeptJoinSide]>([:])
    /// Which buckets the scans read that begin now; nil: all. Operators begin on the statement's thread.
    let bucketTurn = Guarded<BucketTurn?>(nil)
    /// Made when a pipeline first has work for several workers.
    private let pool = Guarded<WorkerPool?>(nil)
    private let failed = Atomic<Bool>(false)
    private let morsels = Atomic<Int>(0)
    private let stopActions = Guarded<[@Sendable () -> Void]>([])
    private let cancellationAction: CancellationAction

    var batchSize: Int { settings.batchSize }
    /// Workers a pipeline may have.
    let workerCount: Int

    init(
        settings: ExecutionSettings, context: EvaluationContext, cancellation: CancellationToken,
        progress: QueryProgress, memory: MemoryPool, files: FileSnapshot
    ) {
        self.settings = settings
        self.context = context
        self.cancellation = cancellation
        self.progress = progress
        self.memory = memory
        self.files = files
        workerCount = settings.threads
        cancellationAction = cancellation.onCancel { [stopActions] in
            for action in stopActions.withLock({ $0 }) { action() }
        }
    }

    /// Gives the threads to the next query, once nothing runs any more.
    func releaseWorkers() {
        pool.withLock { pool in
            pool?.release()
            pool = nil
        }
    }

    /// Whether `check()` would throw.
    var isStopping: Bool { failed.load(ordering: .relaxed) || cancellation.isCancelled }

    /// Calls `action` when the query is to stop, for threads that sleep: `check()` throws by then. Register first, then
    /// check.
    package func onStop(_ action: @escaping @Sendable () -> Void) { stopActions.withLock { $0.append(action) } }

    private func fail() {
        failed.store(true, ordering: .releasing)
        for action in stopActions.withLock({ $0 }) { action() }
    }

    /// Called once a batch.
    /// - Throws: when the session cancelled the query or another worker failed.
    package func check() throws {
        if failed.load(ordering: .relaxed) { throw ExecutionError.cancelled }
        try cancellation.check()
    }

    /// Runs `body` for each worker number at once and waits. The first error stops the other workers and is rethrown.
    func onWorkers(_ count: Int, _ body: @escaping (_ worker: Int) throws -> Void) throws {
        try check()
        guard count > 1, workerCount > 1 else {
            if count > 0 { try body(0) }
            return
        }
        let pool = self.pool.withLock { pool in
            let made = pool ?? WorkerPool.acquire(threads: workerCount)
            pool = made
            return made
        }
        let errors = Guarded<[any Error]>([])
        let shared = UncheckedBody(body: body)
        pool.run(min(count, workerCount)) { worker in
            do {
                try shared.body(worker)
            } catch {
                // The cause comes first: others fail with `cancelled` because of it.
                errors.withLock { $0.append(error) }
                self.fail()
            }
        }
        let raised = errors.withLock { $0 }
        if let cause = raised.first {
            if cancellation.isCancelled { throw ExecutionError.cancelled }
            throw cause
        }
    }

    /// Runs `body` for each task number, on as many workers as there are.
    func forEachTask(_ count: Int, _ body: @escaping (_ worker: Int, _ task: Int) throws -> Void) throws {
        let ticket = Ticket()
        try onWorkers(min(count, workerCount)) { worker in
            while true {
                let task = ticket.next()
                guard task < count else { return }
                try self.check()
                try body(worker, task)
            }
        }
    }

    /// Numbers of morsels that nothing else has.
    func reserveMorsels(_ count: Int) -> Range<Int> {
        let base = morsels.add(count, ordering: .relaxed).oldValue
        return base..<base + count
    }

    /// Feeds `count` morsels to `target`. `makeWorker` is called on each worker's thread; what it returns pushes all
    /// batches of one morsel, whose sequence numbers must use the second argument, and says how the stage answered.
    /// - Returns: false when the stages want no more at all.
    @discardableResult
    func drive(
        _ count: Int, of source: PhysicalOperator, into target: StageSet,
        makeWorker: @escaping (_ worker: Int) throws -> (_ morsel: Int, _ sequence: Int, _ stage: Stage) throws -> Flow
    ) throws -> Bool {
        let base = reserveMorsels(count).lowerBound
        target.begin(base..<base + count)
        let started = DriveState(ticket: Ticket())
        try onWorkers(max(min(count, workerCount), 1)) { worker in
            let begin = monotonicNanoseconds()
            let stage = try target.stage(worker: worker)
            var run: ((Int, Int, Stage) throws -> Flow)?
            while !started.isStopped {
                let morsel = started.ticket.next()
                guard morsel < count else { break }
                try self.check()
                if run == nil { run = try makeWorker(worker) }
                guard let run else { break }
                let flow = try run(morsel, base + morsel, stage)
                try stage.finishMorsel(base + morsel)
                if flow == .stop { started.stop() }
            }
            try stage.flush()
            source.profile.addDriveTime(monotonicNanoseconds() - begin)
        }
        return !started.isStopped
    }
}

private struct UncheckedBody: @unchecked Sendable {
    // Unchecked: `onWorkers` promises that `body` may run beside itself.
    let body: (Int) throws -> Void
}

private final class DriveState: Sendable {
    let ticket: Ticket
    private let stopped = Atomic<Bool>(false)

    init(ticket: Ticket) { self.ticket = ticket }

    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    func stop() { stopped.store(true, ordering: .relaxed) }
}

import Columnar
import Functions
import Planner
import Platform

/// Runs logical plans: chooses operators, runs them in parallel, hands rows to a consumer.
package final class QueryExecutor: Sendable {
    private let settings: ExecutionSettings
    private let context: EvaluationContext
    private let cancellation: CancellationToken
    private let progress: QueryProgress
    private let resolvePath: @Sendable (String) throws -> String

    /// - Parameter resolvePath: the local path of a table's or partition's location.
    package init(
        settings: ExecutionSettings, context: EvaluationContext, cancellation: CancellationToken = CancellationToken(),
        progress: QueryProgress = QueryProgress(), resolvePath: @escaping @Sendable (String) throws -> String = { $0 }
    ) {
        self.settings = settings
        self.context = context
        self.cancellation = cancellation
        self.progress = progress
        self.resolvePath = resolvePath
    }

    /// The operators that `plan` would run as.
    package func physicalPlan(_ plan: LogicalPlan) throws -> PhysicalPlan {
        PhysicalPlan(root: try PhysicalPlanner().plan(plan))
    }

    /// Makes a plan ready to run: from now on it reads the files that its tables have at this moment, so the tables'
    /// locks are needed no longer than this call (`PreparedQuery.holdsItsFiles`).
    /// - Throws: errors of planning, and of files that cannot be listed or opened.
    package func prepare(_ plan: LogicalPlan) throws -> PreparedQuery {
        let physical = try physicalPlan(plan)
        let files = try FileSnapshot(
            of: physical.root.allLocations, limit: settings.snapshotFiles, resolvePath: resolvePath)
        return PreparedQuery(plan: physical, files: files, executor: self)
    }

    /// Runs `plan` to its end on the calling thread and the worker pool. Rows go to `consumer` as they come.
    /// - Throws: `ExecutionError`, errors of formats and functions, and what the consumer throws. Nothing runs any more
    ///   when it returns or throws.
    @discardableResult
    package func run(_ plan: LogicalPlan, into consumer: any ResultConsumer) throws -> QueryProfile {
        try prepare(plan).run(into: consumer)
    }

    fileprivate func run(
        _ physical: PhysicalPlan, _ files: FileSnapshot, into consumer: any ResultConsumer
    ) throws -> QueryProfile {
        let begin = monotonicNanoseconds()
        let memory = MemoryPool(limit: settings.memoryLimit)
        let pool = settings.threads > 1 ? WorkerPool.acquire(threads: settings.threads) : nil
        defer { pool?.release() }
        let query = QueryExecution(
            settings: settings, context: context.limited { memory.bytesLeft }, cancellation: cancellation, progress: progress,
            memory: memory, pool: pool, files: files)
        try consumer.begin(query)
        let isInOrder =
            switch consumer.order {
            case .any: false
            case .asPlanned: physical.root.isOrdered
            case .sequence: true
            }
        if isInOrder {
            let delivery = try OrderedDelivery(consumer, query: query)
            try physical.root.run(query, into: StageSet(onBegin: delivery.begin) { _ in delivery.makeStage() })
            try delivery.finish()
        } else {
            let workers = Guarded<[any ResultWorker]>([])
            try physical.root.run(
                query,
                into: StageSet { _ in
                    let worker = try consumer.makeWorker()
                    workers.withLock { $0.append(worker) }
                    return ConsumerStage(worker)
                })
            for worker in workers.withLock({ $0 }) { try worker.finish() }
        }
        try cancellation.check()
        return QueryProfile(
            plan: physical, rowCount: physical.root.profile.rows, nanoseconds: monotonicNanoseconds() - begin,
            peakMemoryBytes: memory.peakBytes, bytesScanned: progress.bytesScanned)
    }
}

/// A query that is ready to run, once.
package struct PreparedQuery: Sendable {
    package let plan: PhysicalPlan
    fileprivate let files: FileSnapshot
    fileprivate let executor: QueryExecutor

    /// Whether the query reads its files whatever happens to their names. If not, its tables' locks have to be held until
    /// it has run.
    package var holdsItsFiles: Bool { files.isWhole }

    /// See `QueryExecutor.run`.
    @discardableResult
    package func run(into consumer: any ResultConsumer) throws -> QueryProfile {
        try executor.run(plan, files, into: consumer)
    }
}

private final class ConsumerStage: Stage {
    private let worker: any ResultWorker

    init(_ worker: any ResultWorker) { self.worker = worker }

    override func push(_ batch: Batch) throws -> Flow {
        if batch.rowCount > 0 { try worker.consume(batch) }
        return .more
    }
}

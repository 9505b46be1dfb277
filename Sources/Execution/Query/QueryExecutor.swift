import Columnar
import Functions
import Planner
import Platform

/// Runs logical plans: chooses operators, runs them in parallel, hands rows to a consumer.
package final class QueryExecutor {
    private let settings: ExecutionSettings
    private let context: EvaluationContext
    private let cancellation: CancellationToken
    private let progress: QueryProgress
    private let resolvePath: (String) throws -> String

    /// - Parameter resolvePath: the local path of a table's or partition's location.
    package init(
        settings: ExecutionSettings, context: EvaluationContext, cancellation: CancellationToken = CancellationToken(),
        progress: QueryProgress = QueryProgress(), resolvePath: @escaping (String) throws -> String = { $0 }
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

    /// Runs `plan` to its end on the calling thread and the worker pool. Rows go to `consumer` as they come.
    /// - Throws: `ExecutionError`, errors of formats and functions, and what the consumer throws. Nothing runs any more
    ///   when it returns or throws.
    @discardableResult
    package func run(_ plan: LogicalPlan, into consumer: any ResultConsumer) throws -> QueryProfile {
        let begin = monotonicNanoseconds()
        let physical = try physicalPlan(plan)
        let memory = MemoryPool(limit: settings.memoryLimit)
        let pool = settings.threads > 1 ? WorkerPool.acquire(threads: settings.threads) : nil
        defer { pool?.release() }
        let query = QueryExecution(
            settings: settings, context: context, cancellation: cancellation, progress: progress, memory: memory,
            pool: pool, resolvePath: resolvePath)
        // A table written from sorted rows is read back in that order.
        if consumer.preservesOrder || (consumer is TableWriteConsumer && Self.isOrdered(plan)) {
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

    /// Whether the statement asked for an order of its rows.
    private static func isOrdered(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .sort: true
        case .project(let node): isOrdered(node.input)
        case .filter(let node): isOrdered(node.input)
        case .limit(let node): isOrdered(node.input)
        case .lateralView(let node): isOrdered(node.input)
        case .scan, .values, .aggregate, .join, .window, .union: false
        }
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

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
        var planner = PhysicalPlanner()
        return PhysicalPlan(root: try planner.plan(plan))
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

    /// Runs a plan with several branches, each into a consumer of its own.
    @discardableResult
    package func run(_ plan: LogicalPlan, into consumers: [any ResultConsumer]) throws -> QueryProfile {
        try prepare(plan).run(into: consumers)
    }

    fileprivate func run(
        _ physical: PhysicalPlan, _ files: FileSnapshot, into consumers: [any ResultConsumer]
    ) throws -> QueryProfile {
        let begin = monotonicNanoseconds()
        let memory = MemoryPool(limit: settings.memoryLimit)
        let query = QueryExecution(
            settings: settings, context: context.limited { memory.bytesLeft }, cancellation: cancellation, progress: progress,
            memory: memory, files: files)
        defer { query.releaseWorkers() }
        let branches = physical.branches
        guard branches.count == consumers.count else {
            throw ExecutionError.invalidPlan("\(branches.count) branches for \(consumers.count) consumers")
        }
        let deliveries = try zip(consumers, branches).map { consumer, branch in
            try consumer.begin(query)
            let isInOrder =
                switch consumer.order {
                case .any: false
                case .asPlanned: branch.isOrdered
                case .sequence: true
                }
            return try Delivery(consumer, isInOrder: isInOrder, query)
        }
        if let several = physical.severalBranches {
            try several.run(query, into: deliveries.map(\.stages))
        } else {
            try physical.root.run(query, into: deliveries[0].stages)
        }
        for delivery in deliveries { try delivery.finish() }
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
        try run(into: [consumer])
    }

    /// Runs a plan with several branches, each into a consumer of its own.
    @discardableResult
    package func run(into consumers: [any ResultConsumer]) throws -> QueryProfile {
        try executor.run(plan, files, into: consumers)
    }
}

/// The way of a branch's rows to its consumer.
private struct Delivery {
    let stages: StageSet
    /// After the last row.
    let finish: () throws -> Void

    init(_ consumer: any ResultConsumer, isInOrder: Bool, _ query: QueryExecution) throws {
        if isInOrder {
            let delivery = OrderedDelivery(try consumer.makeWorker(), query: query)
            stages = delivery.stages
            finish = delivery.finish
            return
        }
        let workers = Guarded<[any ResultWorker]>([])
        stages = StageSet(onBegin: { consumer.begin($0) }) { _ in
            let worker = try consumer.makeWorker()
            workers.withLock { $0.append(worker) }
            return ConsumerStage(worker)
        }
        finish = { for worker in workers.withLock({ $0 }) { try worker.finish() } }
    }
}

private final class ConsumerStage: Stage {
    private let worker: any ResultWorker

    init(_ worker: any ResultWorker) { self.worker = worker }

    override func push(_ batch: Batch) throws -> Flow {
        if batch.rowCount > 0 { try worker.consume(batch) }
        return .more
    }

    override func finishMorsel(_ morsel: Int) throws { try worker.finishMorsel(morsel) }
}

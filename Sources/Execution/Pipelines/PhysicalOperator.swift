import Columnar
import Expressions
import Planner
import Platform
import Synchronization

/// One operator of a physical plan: an immutable description. What a run needs is made in `produce`.
package class PhysicalOperator: @unchecked Sendable {
    // Unchecked: an operator is an immutable description; classes with subclasses cannot say so otherwise.
    package let outputs: [OutputColumn]
    package let inputs: [PhysicalOperator]
    package let profile = OperatorProfile()

    init(outputs: [OutputColumn], inputs: [PhysicalOperator]) {
        self.outputs = outputs
        self.inputs = inputs
    }

    /// What EXPLAIN prints: the type's name.
    package var name: String { "\(type(of: self))" }
    /// What EXPLAIN prints behind the name.
    package var details: [String] { [] }

    /// Whether the statement asked for the order of the rows (ORDER BY), so that whoever keeps them keeps it. Rows of
    /// other operators still have places in their source (`BatchSequence`).
    package var isOrdered: Bool { false }

    /// Where the files are that the operator itself reads.
    var locations: [String] { [] }

    /// Where the files are that the plan reads.
    final var allLocations: [String] { inputs.flatMap(\.allLocations) + locations }

    /// The input whose rows stream through the operator or into its state, where `begin` says how they do.
    var streamedInput: PhysicalOperator? { nil }

    /// Makes ready to take the rows of `streamedInput`: what else is needed, a join's other side, is computed here.
    func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        throw ExecutionError.invalidPlan("\(name) streams no input")
    }

    /// Pushes all rows into the stages of `target` and flushes them. Returns when that is done.
    func produce(_ query: QueryExecution, into target: StageSet) throws {
        let step = try begin(query, into: target)
        if let stages = step.stages { try streamedInput?.run(query, into: stages) }
        try step.finish()
    }

    /// `produce`, with what comes out counted in `profile`.
    final func run(_ query: QueryExecution, into target: StageSet) throws {
        try produce(query, into: metered(target))
    }

    /// Calls `body` with this operator and those that it runs, shared subplans left out.
    final func forEachOperator(_ body: (PhysicalOperator) -> Void) {
        body(self)
        for input in inputs { input.forEachOperator(body) }
    }

    /// Stages that count what comes out before they hand it on.
    final func metered(_ target: StageSet) -> StageSet {
        let profile = profile
        return StageSet(downstream: target) { worker in
            MeterStage(profile, next: try target.stage(worker: worker))
        }
    }
}

/// One operator's part of a pipeline that is about to run.
struct PipelineStep {
    /// Where the rows of the streamed input go; nil when none of them matters.
    let stages: StageSet?
    /// What is left to do when all of them have come.
    let finish: () throws -> Void

    init(_ stages: StageSet?, finish: @escaping () throws -> Void = {}) {
        self.stages = stages
        self.finish = finish
    }
}

/// What one operator did in a run.
package final class OperatorProfile: Sendable {
    private let rowCount = Atomic<Int>(0)
    private let batchCount = Atomic<Int>(0)
    private let downstreamTime = Atomic<Int>(0)
    private let driveTime = Atomic<Int>(0)
    private let byteCount = Atomic<Int>(0)
    private let allParts = Atomic<Int>(0)
    private let partsLeftOut = Atomic<Int>(0)
    private let filesSummarized = Atomic<Int>(0)
    private let allPages = Atomic<Int>(0)
    private let pagesLeftOut = Atomic<Int>(0)
    private let allBucketFiles = Atomic<Int>(0)
    private let bucketFilesLeftOut = Atomic<Int>(0)
    private let allTurns = Atomic<Int>(0)
    private let allSpilledRuns = Atomic<Int>(0)
    private let spilledByteCount = Atomic<Int>(0)

    /// Rows and batches that came out.
    package var rows: Int { rowCount.load(ordering: .relaxed) }
    package var batches: Int { batchCount.load(ordering: .relaxed) }
    /// Bytes read from files, or held in memory at the peak.
    package var bytes: Int { byteCount.load(ordering: .relaxed) }

    /// Row groups and stripes of the files read, and those of them that were left out by statistics and bloom filters.
    package var parts: Int { allParts.load(ordering: .relaxed) }
    package var skippedParts: Int { partsLeftOut.load(ordering: .relaxed) }
    /// Files of which only what they say of themselves was read.
    package var summarizedFiles: Int { filesSummarized.load(ordering: .relaxed) }
    /// Pages of the others' columns, or row groups of stripes, and those of them that were not read.
    package var pages: Int { allPages.load(ordering: .relaxed) }
    package var skippedPages: Int { pagesLeftOut.load(ordering: .relaxed) }

    /// Files with rows of bucketed tables from whose buckets some were chosen, and those of them that were left out.
    package var bucketFiles: Int { allBucketFiles.load(ordering: .relaxed) }
    package var skippedBucketFiles: Int { bucketFilesLeftOut.load(ordering: .relaxed) }

    /// Runs of the input, each with some buckets of its tables; 0 for one with all rows.
    package var turns: Int { allTurns.load(ordering: .relaxed) }

    /// Sorted runs that went to scratch files, and the bytes that they took there; runs that were merged into others count too.
    package var spilledRuns: Int { allSpilledRuns.load(ordering: .relaxed) }
    package var spilledBytes: Int { spilledByteCount.load(ordering: .relaxed) }

    fileprivate var downstreamNanoseconds: Int { downstreamTime.load(ordering: .relaxed) }
    fileprivate var driveNanoseconds: Int { driveTime.load(ordering: .relaxed) }

    func addDriveTime(_ nanoseconds: Int) { driveTime.add(nanoseconds, ordering: .relaxed) }
    func add(bytes: Int) { byteCount.add(bytes, ordering: .relaxed) }
    func add(bucketFiles: Int, skipped: Int) {
        allBucketFiles.add(bucketFiles, ordering: .relaxed)
        bucketFilesLeftOut.add(skipped, ordering: .relaxed)
    }
    func add(turns: Int) { allTurns.add(turns, ordering: .relaxed) }
    func add(parts: Int, skipped: Int) {
        allParts.add(parts, ordering: .relaxed)
        partsLeftOut.add(skipped, ordering: .relaxed)
    }
    func add(pages: Int, skipped: Int) {
        allPages.add(pages, ordering: .relaxed)
        pagesLeftOut.add(skipped, ordering: .relaxed)
    }

    func add(spilledRun bytes: Int) {
        allSpilledRuns.add(1, ordering: .relaxed)
        spilledByteCount.add(bytes, ordering: .relaxed)
    }

    func addSummarizedFile() { filesSummarized.add(1, ordering: .relaxed) }

    fileprivate func add(rows: Int, downstream nanoseconds: Int) {
        rowCount.add(rows, ordering: .relaxed)
        batchCount.add(1, ordering: .relaxed)
        downstreamTime.add(nanoseconds, ordering: .relaxed)
    }
}

extension PhysicalOperator {
    /// Nanoseconds all workers together spent in this operator itself.
    package var nanoseconds: Int {
        let received = inputs.reduce(0) { $0 + $1.profile.downstreamNanoseconds }
        return max(received + profile.driveNanoseconds - profile.downstreamNanoseconds, 0)
    }
}

/// Counts what leaves an operator and the time that is spent behind it.
private final class MeterStage: TransformStage {
    private let profile: OperatorProfile

    init(_ profile: OperatorProfile, next: Stage) {
        self.profile = profile
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        let begin = monotonicNanoseconds()
        let flow = try next.push(batch)
        profile.add(rows: batch.rowCount, downstream: monotonicNanoseconds() - begin)
        return flow
    }
}

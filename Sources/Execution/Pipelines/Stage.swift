import Columnar
import Platform

/// What a stage answers to a batch: whether the source should go on.
enum Flow: Sendable {
    /// More batches are welcome.
    case more
    /// Nothing more of the current morsel is needed.
    case endMorsel
    /// Nothing more is needed at all.
    case stop
}

/// One worker's state of one step of a pipeline. Used by one thread at a time.
class Stage {
    /// Takes a batch. Its bytes are the pusher's again after the call.
    func push(_ batch: Batch) throws -> Flow { .more }

    /// The source has handed out all batches of a morsel.
    func finishMorsel(_ morsel: Int) throws {}

    /// Passes on whatever is held back. More batches may follow (of another source, for UNION ALL).
    func flush() throws {}
}

/// A stage that hands batches to another one.
class TransformStage: Stage {
    let next: Stage

    init(next: Stage) { self.next = next }

    override func finishMorsel(_ morsel: Int) throws { try next.finishMorsel(morsel) }
    override func flush() throws { try next.flush() }
}

/// The stages of one step, one a worker, made when a worker first needs its own.
final class StageSet: @unchecked Sendable {
    // Unchecked: `make` is called by one worker at a time for itself, and what it shares is behind locks.
    private let make: (Int) throws -> Stage
    private let stages: Guarded<[Int: Stage]>
    private let downstream: StageSet?
    private let onBegin: ((Range<Int>) -> Void)?

    /// - Parameters:
    ///   - downstream: the stages that these push to.
    ///   - onBegin: hears of each run of morsels before its first batch.
    init(
        downstream: StageSet? = nil, onBegin: ((Range<Int>) -> Void)? = nil, make: @escaping (Int) throws -> Stage
    ) {
        self.make = make
        self.downstream = downstream
        self.onBegin = onBegin
        stages = Guarded([:])
    }

    func stage(worker: Int) throws -> Stage {
        if let stage = stages.withLock({ $0[worker] }) { return stage }
        let made = try make(worker)
        stages.withLock { $0[worker] = made }
        return made
    }

    /// A source is about to push batches whose sequence's morsels are in `morsels`. Runs come one after another, in
    /// ascending ranges.
    func begin(_ morsels: Range<Int>) {
        onBegin?(morsels)
        downstream?.begin(morsels)
    }
}

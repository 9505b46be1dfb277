import Columnar
import Platform
import Synchronization

/// When the rows of a sort leave memory, where they go, and how they come back in order.
///
/// The workers share three quarters of the query's memory: each sorts what it has and writes it as a run before it takes more
/// than its part, or when the pool has hardly more. The last quarter is for whoever takes the rows, and for the merge.
final class SortSpilling: Sendable {
    private struct State {
        /// Made when the first run is written.
        var space: ScratchSpace?
        /// Set apart from the first run on, so that there is room to merge.
        var room: MemoryReservation?
    }

    let specification: SortSpecification
    private let query: QueryExecution
    private let profile: OperatorProfile
    /// Rows that are wanted in all.
    private let limit: Int?
    private let workers = Atomic<Int>(0)
    private let state = Guarded(State())
    /// Bytes of a block of a run, about: several runs' blocks have to fit in memory together.
    private let blockBytes: Int

    private static let operation = "ORDER BY"
    /// More at once is of no use to those who take slices.
    private static let mostSliceBytes = 64 << 20

    init(_ specification: SortSpecification, limit: Int?, _ profile: OperatorProfile, _ query: QueryExecution) {
        self.specification = specification
        self.query = query
        self.profile = profile
        self.limit = limit
        blockBytes = ScratchSpace.blockBytes(under: query.memory)
    }

    // MARK: Collecting

    /// Counts a worker in that collects rows.
    func enroll() { workers.add(1, ordering: .relaxed) }

    /// Workers that collect rows.
    var workerCount: Int { max(workers.load(ordering: .relaxed), 1) }

    /// Bytes that a worker may hold, with what sorting them needs.
    var share: Int { (query.memory.limit - query.memory.limit / 4) / workerCount }

    /// What of the pool the rows may still take. The last eighth is for functions that make the rows, and for merges and queues
    /// that have to get on while others hold all the rest.
    var bytesLeft: Int { query.memory.bytesLeft - query.memory.limit / 8 }

    /// Rows that a worker may hold: those of all together are numbered by 32 bits.
    var mostRows: Int { Int(Int32.max) / 2 / workerCount }

    /// - Throws: `ExecutionError` naming the scratch folder.
    func makeFile() throws -> ScratchFile {
        let space = state.withLock { state in
            let made = state.space ?? ScratchSpace(folder: query.settings.scratchFolder)
            state.space = made
            return made
        }
        return try space.makeFile()
    }

    /// Sorts the rows of a run and writes those that may be wanted. The run gives its rows away.
    /// - Returns: the run in the file, and the key of its last row.
    func write(_ run: SortRun, to file: ScratchFile) throws -> (run: SpilledRun, lastKey: [UInt8]) {
        let (columns, order) = try run.sorted(check: query.check)
        let count = min(order.count, limit ?? .max)
        let writer = writer(to: file)
        try writer.append(order.rows, count: count, of: columns, keys: run.keys, morsels: run.morsels)
        return (finish(writer), count > 0 ? run.key(of: Int(order.rows[count - 1])) : [])
    }

    private func writer(to file: ScratchFile) -> SortedRunWriter {
        SortedRunWriter(file, specification, blockBytes: blockBytes, check: query.check)
    }

    private func finish(_ writer: SortedRunWriter) -> SpilledRun {
        let run = writer.finish()
        profile.add(spilledRun: run.bytes.count)
        return run
    }

    /// Sets memory apart for the merge, once a worker has given its own back.
    func keepRoom() {
        state.withLock { state in
            guard state.room == nil else { return }
            let bytes = min(query.memory.limit / 16, 64 << 20)
            state.room = try? MemoryReservation(query.memory, for: Self.operation, bytes: bytes)
        }
    }

    // MARK: Merging

    /// Whether the rows of all workers can be sorted in memory together.
    func fitsInMemory(_ stages: [SortStage]) -> Bool {
        if stages.contains(where: \.hasSpilled) { return false }
        for stage in stages where !stage.chargeRowsAlone() { return false }
        let needed = SortedRows.sortingBytes(stages.map(\.run), specification, workers: query.workerCount)
        // It is taken again, step by step, by what sorts.
        return (try? MemoryReservation(query.memory, for: Self.operation, bytes: needed)) != nil
    }

    /// What the workers have, as runs few enough to be merged at once.
    func sources(of stages: [SortStage]) throws -> [SortedSource] {
        // What is left in memory stays there as long as it leaves most of it to others.
        let keepsRest = stages.reduce(0) { $0 + $1.run.byteCount } <= query.memory.limit / 4
        let found = Guarded([[SortedSource]](repeating: [], count: stages.count))
        try query.forEachTask(stages.count) { _, task in
            let sources = try stages[task].finish(keepingRest: keepsRest)
            found.withLock { $0[task] = sources }
        }
        state.withLock { $0.room = nil }
        return try merged(found.value.flatMap { $0 }, within: query.memory.bytesLeft / 8)
    }

    /// Merges runs until what a merge of all of them holds is no more than `budget`.
    ///
    /// Only neighbours are merged, so that of equal rows the earlier run's stays first.
    private func merged(_ sources: [SortedSource], within budget: Int) throws -> [SortedSource] {
        var sources = sources
        while sources.count > 2, sources.reduce(0, { $0 + $1.mergeBytes }) > budget {
            let range = Self.cheapestMerge(of: sources, within: budget)
            let parts = Array(sources[range])
            let sliceBytes = budget / 4
            let size = sliceRows(of: parts, within: sliceBytes)
            let writer = writer(to: try makeFile())
            let merge = try RunMerge(parts, specification, sliceBytes: sliceBytes, query)
            var left = min(parts.reduce(0) { $0 + $1.rowCount }, limit ?? .max)
            while left > 0 {
                let slice = try merge.next(min(size, left))
                guard !slice.rows.isEmpty else { break }
                try slice.append(to: writer, specification)
                left -= slice.rows.count
            }
            sources.replaceSubrange(range, with: [.spilled(finish(writer))])
        }
        return sources
    }

    /// The neighbours to merge: as many as fit, as far as that is needed, that cost the fewest bytes for each run that goes.
    private static func cheapestMerge(of sources: [SortedSource], within budget: Int) -> Range<Int> {
        let holds = sources.map(\.mergeBytes)
        let reads = sources.map(\.byteCount)
        let all = holds.reduce(0, +)
        var best = 0..<2
        var least = Double.infinity
        for begin in 0..<sources.count - 1 {
            var held = 0
            var largest = 0
            var bytes = 0
            var end = begin
            while end < sources.count, end - begin < 2 || held + holds[end] <= budget {
                held += holds[end]
                largest = max(largest, holds[end])
                bytes += reads[end]
                end += 1
                if end - begin >= 2, all - held + largest <= budget { break }
            }
            let cost = Double(bytes) / Double(end - begin - 1)
            if cost < least {
                least = cost
                best = begin..<end
            }
        }
        return best
    }

    /// Rows that a worker takes out of a merge at once, so that with the blocks that they are in they hold no more than
    /// `budget`.
    private func sliceRows(of sources: [SortedSource], within budget: Int) -> Int {
        let rows = sources.reduce(0) { $0 + $1.rowCount }
        let bytes = sources.reduce(0) { $0 + $1.byteCount }
        return min(max(budget / max(2 * bytes / max(rows, 1), 1), 1), 1 << 15)
    }

    /// The rows of all runs that are wanted, in order. Workers take slices of them, one after the other.
    /// - Parameter offset: rows that are passed over.
    func slices(of sources: [SortedSource], from offset: Int) throws -> SortedSlices {
        let rows = min(sources.reduce(0) { $0 + $1.rowCount }, limit ?? .max)
        let sliceBytes = min(query.memory.bytesLeft / 8, Self.mostSliceBytes)
        let merge = try RunMerge(sources, specification, sliceBytes: sliceBytes, query)
        var passed = 0
        while passed < min(offset, rows) {
            let part = try merge.next(min(offset - passed, 1 << 10))
            guard !part.rows.isEmpty else { break }
            passed += part.rows.count
        }
        return SortedSlices(
            merge, rowCount: rows - passed, sliceRows: sliceRows(of: sources, within: sliceBytes / query.workerCount), query)
    }
}

/// What a merge gives, cut into slices for the workers behind it.
final class SortedSlices: Sendable {
    let rowCount: Int
    private let sliceRows: Int
    private let merge: RunMerge
    private let query: QueryExecution
    /// The slice that is next.
    private let turn = Guarded(0)

    fileprivate init(_ merge: RunMerge, rowCount: Int, sliceRows: Int, _ query: QueryExecution) {
        self.merge = merge
        self.rowCount = rowCount
        self.sliceRows = sliceRows
        self.query = query
        query.onStop { [turn] in turn.wakeAll() }
    }

    var count: Int { (rowCount + sliceRows - 1) / sliceRows }

    /// The rows of a slice; waits until those before it are taken.
    func take(_ slice: Int) throws -> MergedRows {
        try turn.wait { next in
            try query.check()
            return next == slice ? () : nil
        }
        let rows = try merge.next(min(sliceRows, rowCount - slice * sliceRows))
        turn.update { $0 += 1 }
        return rows
    }
}

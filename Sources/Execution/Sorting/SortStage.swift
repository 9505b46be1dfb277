import Columnar
import Expressions

/// One worker's collection for a sort.
final class SortStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    /// The rows in memory.
    private(set) var run: SortRun
    /// Most bytes that the run held.
    private(set) var peakBytes = 0
    /// The runs that were written, in the order in which their rows came.
    private var spilled: [SpilledRun] = []
    private var file: ScratchFile?
    private let specification: SortSpecification
    private let spilling: SortSpilling
    private let evaluator: ExpressionEvaluator
    private let limit: Int?
    private let query: QueryExecution
    private var reservation: MemoryReservation
    /// The key of the last row worth keeping, once more rows than needed were seen.
    private var bound: [UInt8] = []

    /// - Parameter limit: rows that are wanted, where so few are that the others are dropped early.
    init(_ specification: SortSpecification, limit: Int?, _ spilling: SortSpilling, _ query: QueryExecution) {
        self.specification = specification
        self.spilling = spilling
        self.limit = limit
        self.query = query
        run = SortRun(specification)
        evaluator = ExpressionEvaluator(specification.program, context: query.context)
        reservation = MemoryReservation(query.memory, for: "ORDER BY")
        spilling.enroll()
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        if limit == 0 { return .stop }
        evaluator.begin(batch)
        defer { evaluator.end() }
        let keys = try specification.program.roots.indices.map { try evaluator.plainResult($0) }
        let comparison = specification.comparison
        var rows = batch.rows
        let place = run.reserve(rows.count)
        comparison.normalized.encode(keys, rows: rows, into: place, stride: comparison.stride)
        if !bound.isEmpty { rows = dropBeyondBound(rows, place) }
        if rows.isEmpty { return .more }
        run.append(
            batch.columns + specification.extraKeys.map { keys[$0] }, rows: rows, morsel: batch.sequence.morsel)
        if let limit, run.count >= limit * 2 + max(4096, query.batchSize) { bound = try run.prune(to: limit, check: query.check) }
        try charge()
        return .more
    }

    /// Charges the rows and what sorting them needs, or writes them.
    private func charge() throws {
        let bytes = run.byteCount
        peakBytes = max(peakBytes, bytes)
        let wanted = bytes + run.sortingBytes(withOthers: spilling.workerCount > 1)
        if wanted <= spilling.share, run.count < spilling.mostRows, wanted - reservation.bytes <= spilling.bytesLeft,
            (try? reservation.update(to: wanted)) != nil
        {
            return
        }
        try spill()
    }

    private func spill() throws {
        let target = try file ?? spilling.makeFile()
        file = target
        let (written, lastKey) = try spilling.write(run, to: target)
        spilled.append(written)
        if let limit, run.count >= limit { bound = lastKey }
        run = SortRun(specification)
        try reservation.update(to: 0)
        spilling.keepRoom()
    }

    // MARK: After the last row

    var hasSpilled: Bool { !spilled.isEmpty }

    /// Charges the rows without what sorting them needs, which whoever sorts charges; false when the pool has not as much.
    func chargeRowsAlone() -> Bool { (try? reservation.update(to: run.byteCount)) != nil }

    /// All rows as runs in the order in which they came.
    /// - Parameter keepingRest: the rows that are in memory stay there.
    func finish(keepingRest: Bool) throws -> [SortedSource] {
        let bytes = run.byteCount + run.count * MemoryLayout<Int32>.stride
        if run.count > 0, !keepingRest || !holds(bytes) { try spill() }
        var sources = spilled.map { SortedSource.spilled($0) }
        spilled = []
        guard run.count > 0 else { return sources }
        let (columns, order) = try run.sorted(check: query.check)
        try reservation.update(to: bytes)
        // From now on the block holds the rows and what they are charged.
        sources.append(.inMemory(SortedBlock(run, columns, in: order, specification, reservation)))
        run = SortRun(specification)
        reservation = MemoryReservation(query.memory, for: "ORDER BY")
        return sources
    }

    /// Whether as much is charged, or can be.
    private func holds(_ bytes: Int) -> Bool { reservation.bytes >= bytes || (try? reservation.update(to: bytes)) != nil }

    /// The rows whose keys are not surely behind the bound; their keys move together.
    private func dropBeyondBound(_ rows: RowSelection, _ place: UnsafeMutablePointer<UInt8>) -> RowSelection {
        let stride = specification.comparison.stride
        let length = specification.comparison.firstSegmentLength
        let kept = SelectionVector(capacity: rows.count)
        var used = 0
        bound.withUnsafeBufferPointer { bound in
            guard let limit = bound.baseAddress else { return }
            for ordinal in 0..<rows.count where compareBytes(place + ordinal * stride, limit, length) <= 0 {
                if used != ordinal { (place + used * stride).update(from: place + ordinal * stride, count: stride) }
                kept.indices[used] = Int32(truncatingIfNeeded: rows[ordinal])
                used += 1
            }
        }
        kept.setCount(used)
        return RowSelection(kept)
    }
}

import Columnar
import Platform
import Synchronization

/// The rows of a shared subplan, in the order of their source.
final class SubplanRows: @unchecked Sendable {
    // Unchecked: one thread makes and finishes it; its stages keep to themselves until then.
    /// Rows that follow each other in one set of columns.
    struct Piece {
        let columns: [Column]
        let rows: Range<Int>
    }

    /// False when they were too many to keep.
    private(set) var isWhole = true
    private(set) var pieces: [Piece] = []
    private(set) var byteCount = 0
    /// Readers that have had all rows; guarded by the query's lock.
    var readersDone = 0
    private let types: [SQLType]
    private let operation: String
    private let mustKeep: Bool
    private let query: QueryExecution
    private let stages = Guarded<[SubplanRowsStage]>([])
    private let isOverfull = Atomic<Bool>(false)
    /// Charges what the pieces hold, as long as they do.
    private var reservations: [MemoryReservation] = []

    /// Rows that a reader hands out as one morsel.
    private static let pieceRows = 1 << 15

    /// - Parameters:
    ///   - operation: whom errors name when there is no memory for the rows.
    ///   - mustKeep: rows that cannot be kept are an error.
    init(_ types: [SQLType], for operation: String, mustKeep: Bool, _ query: QueryExecution) {
        self.types = types
        self.operation = operation
        self.mustKeep = mustKeep
        self.query = query
    }

    func makeStage() -> Stage {
        let stage = SubplanRowsStage(self, types, MemoryReservation(query.memory, for: operation))
        stages.withLock { $0.append(stage) }
        return stage
    }

    /// Whether the collecting goes on; charges what a stage holds.
    fileprivate func charge(_ reservation: MemoryReservation, _ bytes: Int) throws -> Bool {
        if isOverfull.load(ordering: .relaxed) { return false }
        if mustKeep {
            try reservation.update(to: bytes)
            return true
        }
        // The readers need memory too: what they would lack is not worth keeping.
        let room = query.memory.limit / 2
        if query.memory.bytesUsed + bytes - reservation.bytes <= room, (try? reservation.update(to: bytes)) != nil {
            return true
        }
        isOverfull.store(true, ordering: .relaxed)
        return false
    }

    /// After the last row.
    func finish() throws {
        let collected = stages.withLock { stages in
            defer { stages = [] }
            return stages
        }
        guard !isOverfull.load(ordering: .relaxed) else {
            isWhole = false
            byteCount = collected.reduce(0) { $0 + $1.rows.byteCount }
            return
        }
        var found: [(morsel: Int, piece: Piece)] = []
        for stage in collected where stage.rows.rowCount > 0 {
            byteCount += stage.rows.byteCount
            reservations.append(stage.reservation)
            let columns = try RowCollector.concatenated([stage.rows], types, query, for: operation)
            for segment in stage.segments {
                var begin = segment.rows.lowerBound
                while begin < segment.rows.upperBound {
                    let end = min(begin + Self.pieceRows, segment.rows.upperBound)
                    found.append((segment.morsel, Piece(columns: columns, rows: begin..<end)))
                    begin = end
                }
            }
        }
        // A morsel's rows are one worker's, so they are in order already.
        pieces = found.enumerated().sorted { ($0.element.morsel, $0.offset) < ($1.element.morsel, $1.offset) }
            .map(\.element.piece)
    }
}

extension SubplanRows {
    /// Hands the rows out, of each the columns at `places`.
    /// - Returns: false when `target` wants no more.
    @discardableResult
    func produce(_ places: [Int], as source: PhysicalOperator, _ query: QueryExecution, into target: StageSet) throws -> Bool {
        let pieces = pieces
        let isStopped = Atomic<Bool>(false)
        try query.drive(pieces.count, of: source, into: target) { _ in
            { morsel, sequence, stage in
                let piece = pieces[morsel]
                var begin = piece.rows.lowerBound
                var position = 0
                while begin < piece.rows.upperBound {
                    try query.check()
                    let end = min(begin + query.batchSize, piece.rows.upperBound)
                    let flow = try stage.push(
                        Batch(
                            columns: places.map { piece.columns[$0].slice(begin..<end) }, capacity: end - begin,
                            sequence: BatchSequence(morsel: sequence, position: position)))
                    if flow == .stop { isStopped.store(true, ordering: .relaxed) }
                    if flow != .more { return flow }
                    position += 1
                    begin = end
                }
                return .more
            }
        }
        return !isStopped.load(ordering: .relaxed)
    }
}

/// One worker's collection.
private final class SubplanRowsStage: Stage, @unchecked Sendable {
    // Unchecked: one worker fills it; others read when all workers have finished.
    let rows: RowCollector
    /// Runs of rows of one morsel.
    private(set) var segments: [(morsel: Int, rows: Range<Int>)] = []
    let reservation: MemoryReservation
    private let owner: SubplanRows

    init(_ owner: SubplanRows, _ types: [SQLType], _ reservation: MemoryReservation) {
        self.owner = owner
        self.reservation = reservation
        rows = RowCollector(types)
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        let begin = rows.rowCount
        rows.append(batch.columns, rows: batch.rows)
        if let last = segments.last, last.morsel == batch.sequence.morsel {
            segments[segments.count - 1].rows = last.rows.lowerBound..<rows.rowCount
        } else {
            segments.append((batch.sequence.morsel, begin..<rows.rowCount))
        }
        return try owner.charge(reservation, rows.byteCount) ? .more : .stop
    }
}

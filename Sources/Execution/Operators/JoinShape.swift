import Columnar
import Expressions
import Planner
import Synchronization

/// A join seen from the side that is streamed (probe) and the side that is kept (build).
struct JoinShape: Sendable {
    /// What becomes of the rows of the probe side.
    enum ProbeOutput: Sendable {
        /// Pairs come out.
        case pairs
        /// Pairs, and rows without a match with NULLs.
        case outerPairs
        /// Rows with a match, or without one, once.
        case semi, anti
        /// All rows once, and whether they have a match.
        case mark
        /// Nothing while probing: the build side's rows come out at the end.
        case nothing
    }

    /// What comes of the build side's rows at the end.
    enum BuildOutput: Sendable { case nothing, unmatchedWithNulls, matched, unmatched }

    let buildIsRight: Bool
    let probeOutput: ProbeOutput
    let buildOutput: BuildOutput
    let isNullAware: Bool
    let isSingleMatch: Bool

    init(_ node: LogicalJoin) {
        // A second match is noticed where a probe row's matches are counted.
        buildIsRight = node.buildSide == .right || node.isSingleMatch || node.kind == .mark
        isNullAware = node.kind == .leftAntiNullAware
        isSingleMatch = node.isSingleMatch
        switch node.kind {
        case .inner, .cross: (probeOutput, buildOutput) = (.pairs, .nothing)
        case .left:
            (probeOutput, buildOutput) = buildIsRight ? (.outerPairs, .nothing) : (.pairs, .unmatchedWithNulls)
        case .right:
            (probeOutput, buildOutput) = buildIsRight ? (.pairs, .unmatchedWithNulls) : (.outerPairs, .nothing)
        case .full: (probeOutput, buildOutput) = (.outerPairs, .unmatchedWithNulls)
        case .leftSemi: (probeOutput, buildOutput) = buildIsRight ? (.semi, .nothing) : (.nothing, .matched)
        case .leftAnti, .leftAntiNullAware:
            (probeOutput, buildOutput) = buildIsRight ? (.anti, .nothing) : (.nothing, .unmatched)
        case .mark: (probeOutput, buildOutput) = (.mark, .nothing)
        }
    }

    /// Whether a probe row is done with its first match.
    var stopsAtFirstMatch: Bool { probeOutput == .semi || probeOutput == .anti || probeOutput == .mark }
    /// Whether rows of the probe side must remember that they had a match.
    var needsProbeFlags: Bool { isSingleMatch || probeOutput != .pairs && probeOutput != .nothing }
    /// Whether rows of the build side must remember that they had a match.
    var marksBuild: Bool { buildOutput != .nothing }

    /// The columns of a pair in the order of the join's inputs.
    func arrange(probe: [Column], build: [Column]) -> [Column] { buildIsRight ? probe + build : build + probe }
}

/// Which rows of the build side had a match. Workers only ever set marks, so they need no order among them.
final class MatchMarks: @unchecked Sendable {
    // Unchecked: workers mark the same row at the same time, by atomic stores of one value.
    let marks: UnsafeMutablePointer<Atomic<UInt8>>

    init(count: Int) {
        marks = .allocate(capacity: max(count, 1))
        for row in 0..<count { (marks + row).initialize(to: Atomic(0)) }
    }

    deinit { marks.deallocate() }
}

/// Matches of a batch's rows where the build side is kept in turns.
struct CarriedMatches {
    /// By position in the batch: 1 where the row has a match.
    let flags: UnsafeMutablePointer<UInt8>
    /// Whether all of the build side has been seen with this turn.
    let isLast: Bool
}

/// One worker's side of a join while it probes: takes matches a round at a time and makes the join's rows of them.
/// A round has at most one match for each row of the batch.
final class JoinOutput {
    private let shape: JoinShape
    private let residual: ExpressionEvaluator?
    private let buildTypes: [SQLType]
    private let marks: MatchMarks?
    private let next: Stage
    private var batch = Batch(columns: [], capacity: 0)
    /// By position in the batch: whether the row had a match.
    private var matched: [UInt8] = []
    private let needsFlags: Bool
    /// What rows of the build side that were kept before found for the rows of the next batch; nil: there were none and will be none.
    var carried: CarriedMatches?

    init(_ shape: JoinShape, residual: ExpressionEvaluator?, buildTypes: [SQLType], marks: MatchMarks?, next: Stage) {
        self.shape = shape
        self.residual = residual
        self.buildTypes = buildTypes
        self.marks = marks
        self.next = next
        needsFlags = shape.needsProbeFlags
    }

    func begin(_ batch: Batch) {
        self.batch = batch
        guard needsFlags else { return }
        if matched.count < batch.capacity { matched = Array(repeating: 0, count: batch.capacity) }
        if let carried {
            batch.rows.forEach { matched[$0] = carried.flags[$0] }
        } else {
            batch.rows.forEach { matched[$0] = 0 }
        }
    }

    var hasResidual: Bool { residual != nil }

    func isMatched(_ row: Int) -> Bool { matched[row] != 0 }

    /// Rows `rows` of the batch match, each one build row. `build` are the build columns beside the batch's rows;
    /// `buildRow` gives a row's match.
    func round(_ rows: RowSelection, build: [Column], buildRow: (Int) -> Int) throws -> Flow {
        if rows.isEmpty { return .more }
        var pairs = Batch(
            columns: shape.arrange(probe: batch.columns, build: build), capacity: batch.capacity, rows: rows,
            sequence: batch.sequence)
        if let residual {
            residual.begin(pairs)
            defer { residual.end() }
            pairs.rows = try residual.conjunction()
            if pairs.rows.isEmpty { return .more }
        }
        return try finish(pairs, probeRow: { $0 }, buildRow: buildRow)
    }

    /// `count` pairs of a row of the batch and a build row, given as indices.
    func pairs(
        _ count: Int, probe probeIndices: UnsafePointer<Int32>, build buildIndices: UnsafePointer<Int32>,
        buildColumns: [Column]
    ) throws -> Flow {
        var pairs = Batch(
            columns: shape.arrange(
                probe: batch.columns.map { Column.dictionary($0, indices: probeIndices, count: count) },
                build: buildColumns.map { Column.dictionary($0, indices: buildIndices, count: count) }),
            capacity: count, sequence: batch.sequence)
        if let residual {
            residual.begin(pairs)
            defer { residual.end() }
            pairs.rows = try residual.conjunction()
            if pairs.rows.isEmpty { return .more }
        }
        return try finish(pairs, probeRow: { Int(probeIndices[$0]) }, buildRow: { Int(buildIndices[$0]) })
    }

    private func finish(_ pairs: Batch, probeRow: (Int) -> Int, buildRow: (Int) -> Int) throws -> Flow {
        if needsFlags {
            let isSingle = shape.isSingleMatch
            var repeated = false
            pairs.rows.forEach { position in
                let row = probeRow(position)
                if isSingle && matched[row] != 0 { repeated = true }
                matched[row] = 1
            }
            if repeated { throw ExecutionError.subqueryMoreThanOneRow }
        }
        if let marks {
            let target = marks.marks
            pairs.rows.forEach { target[buildRow($0)].store(1, ordering: .relaxed) }
        }
        switch shape.probeOutput {
        case .pairs, .outerPairs: return try next.push(pairs)
        case .semi, .anti, .mark, .nothing: return .more
        }
    }

    /// All matches of the batch are known.
    func end() throws -> Flow {
        defer { batch = Batch(columns: [], capacity: 0) }
        if needsFlags, let carried {
            batch.rows.forEach { carried.flags[$0] = matched[$0] }
            if !carried.isLast { return .more }
        }
        switch shape.probeOutput {
        case .pairs, .nothing: return .more
        case .outerPairs:
            let lone = batch.rows.filtered(capacity: batch.rowCount) { matched[$0] == 0 }
            if lone.isEmpty { return .more }
            let nulls = buildTypes.map { Column.nulls($0, count: batch.capacity) }
            return try next.push(
                Batch(
                    columns: shape.arrange(probe: batch.columns, build: nulls), capacity: batch.capacity, rows: lone,
                    sequence: batch.sequence))
        case .mark:
            let marks = Column(flat: .boolean, count: batch.capacity)
            let target = marks.values(as: UInt8.self)
            batch.rows.forEach { target[$0] = matched[$0] }
            return try next.push(
                Batch(
                    columns: batch.columns + [marks], capacity: batch.capacity, rows: batch.rows,
                    sequence: batch.sequence))
        case .semi, .anti:
            let wanted: UInt8 = shape.probeOutput == .semi ? 1 : 0
            var kept = batch
            kept.rows = batch.rows.filtered(capacity: batch.rowCount) { matched[$0] == wanted }
            return kept.rows.isEmpty ? .more : try next.push(kept)
        }
    }
}

extension JoinShape {
    /// Pushes the rows of the build side that come out after all probing.
    /// - Returns: false when `target` wants no more at all.
    @discardableResult
    func emitBuildRows(
        _ columns: [Column], count: Int, marks: MatchMarks?, isExcluded: @escaping (Int) -> Bool,
        probeTypes: [SQLType], of source: PhysicalOperator, _ query: QueryExecution, into target: StageSet
    ) throws -> Bool {
        guard buildOutput != .nothing, let marks else { return true }
        let morselRows = 1 << 16
        let morsels = (count + morselRows - 1) / morselRows
        let wanted: UInt8 = buildOutput == .matched ? 1 : 0
        return try query.drive(morsels, of: source, into: target) { _ in
            let indices = SelectionVector(capacity: query.batchSize)
            return { morsel, sequence, stage in
                var row = morsel * morselRows
                let end = min(row + morselRows, count)
                var position = 0
                while row < end {
                    try query.check()
                    var used = 0
                    while row < end, used < query.batchSize {
                        if marks.marks[row].load(ordering: .relaxed) == wanted, !isExcluded(row) {
                            indices.indices[used] = Int32(truncatingIfNeeded: row)
                            used += 1
                        }
                        row += 1
                    }
                    if used == 0 { continue }
                    let build = columns.map { Column.dictionary($0, indices: indices.indices, count: used) }
                    let probe = probeTypes.map { Column.nulls($0, count: used) }
                    let batch = Batch(
                        columns: buildOutput == .unmatchedWithNulls ? arrange(probe: probe, build: build) : build,
                        capacity: used, sequence: BatchSequence(morsel: sequence, position: position))
                    position += 1
                    let flow = try stage.push(batch)
                    if flow != .more { return flow }
                }
                return .more
            }
        }
    }
}

import Columnar
import Expressions
import Platform

/// A hash join whose kept side does not fit in memory. Both sides are cut into parts by the hashes of their keys, and one part
/// after the other is joined: its rows of the kept side in a table, its other rows streamed past it. Of a part that is too
/// large, as with one key that most rows have, the kept rows take turns, and the streamed ones are read again in each.
final class SpilledHashJoin: @unchecked Sendable {
    // Unchecked: an immutable description; what it shares is behind locks.
    private let join: PhysicalOperator
    private let shape: JoinShape
    private let build: JoinBuildPlan
    private let probeKeys: ExpressionProgram
    private let probeTypes: [SQLType]
    private let residual: ExpressionProgram?
    private let buildRows: PartitionedSpill
    private let streamed: JoinProbeSpill
    private let sawNullKey: Bool
    private let query: QueryExecution

    /// - Parameter sawNullKey: whether the kept side had a NULL among its keys that matches nothing.
    init(
        _ join: PhysicalOperator, _ shape: JoinShape, _ build: JoinBuildPlan, probeKeys: ExpressionProgram, probeTypes: [SQLType],
        residual: ExpressionProgram?, _ spilling: JoinSpilling, _ buildRows: PartitionedSpill, sawNullKey: Bool, _ query: QueryExecution
    ) {
        self.join = join
        self.shape = shape
        self.build = build
        self.probeKeys = probeKeys
        self.probeTypes = probeTypes
        self.residual = residual
        self.buildRows = buildRows
        self.sawNullKey = sawNullKey
        self.query = query
        // Rows that the join gives without a match.
        let keepsNullKeys = !shape.isNullAware && shape.probeOutput != .pairs && shape.probeOutput != .semi
            && shape.probeOutput != .nothing
        streamed = JoinProbeSpill(
            JoinProbePlan(keys: probeKeys, types: probeTypes, nullSafe: build.nullSafe, keepsNullKeys: keepsNullKeys),
            spilling.budget, join.profile, query)
    }

    private var probeRows: PartitionedSpill { streamed.rows }
    private var observations: ProbeObservations { streamed.observations }

    func begin(into target: StageSet) -> PipelineStep {
        if shape.isNullAware, shape.buildIsRight, sawNullKey { return PipelineStep(nil) }
        return PipelineStep(streamed.stages) {
            try self.streamed.finish()
            try self.joinParts(into: target)
        }
    }

    private func joinParts(into target: StageSet) throws {
        if shape.isNullAware, !shape.buildIsRight, observations.nullKey { return }
        let held = shape.isSingleMatch ? HeldOutput(of: join, query) : nil
        for part in 0..<PartitionedSpill.partCount {
            guard try joinPart(part, into: held?.stages ?? target) else { break }
        }
        try held?.release(into: target)
    }

    /// - Returns: false when `target` wants no more at all.
    private func joinPart(_ part: Int, into target: StageSet) throws -> Bool {
        let probe = probeRows.blocks(of: part)
        let build = buildRows.blocks(of: part)
        if probe.isEmpty, !shape.marksBuild { return true }
        if build.isEmpty, shape.probeOutput == .pairs || shape.probeOutput == .semi || shape.probeOutput == .nothing { return true }
        let turns = turns(of: build)
        let matches = turns.count > 1 && shape.needsProbeFlags ? try ProbeMatches(probe, query) : nil
        for (number, turn) in turns.enumerated() {
            let isLast = number == turns.count - 1
            guard try joinTurn(Array(build[turn]), probe, matches, isLast: isLast, into: target) else { return false }
        }
        return true
    }

    /// Slots of a table, hashes, and what chains rows.
    private static let tableBytesPerRow = 64

    /// Cuts a part's rows of the kept side so that each piece fits in memory.
    private func turns(of build: [PartitionedSpill.Block]) -> [Range<Int>] {
        // They are there twice while a table is made of them.
        let room = max(query.memory.bytesLeft - query.memory.limit / 8, 0) / 3
        var turns: [Range<Int>] = []
        var begin = 0
        var bytes = 0
        for (index, block) in build.enumerated() {
            let needed = block.memoryBytes + block.rowCount * Self.tableBytesPerRow
            if index > begin, bytes + needed > room {
                turns.append(begin..<index)
                begin = index
                bytes = 0
            }
            bytes += needed
        }
        return turns + [begin..<build.count]
    }

    private func joinTurn(
        _ build: [PartitionedSpill.Block], _ probe: [PartitionedSpill.Block], _ matches: ProbeMatches?, isLast: Bool,
        into target: StageSet
    ) throws -> Bool {
        let table = try table(of: build)
        let marks = shape.marksBuild ? MatchMarks(count: table.rowCount) : nil
        let wantsMore = try query.drive(probe.count, of: join, into: target) { _ in
            var stage: (probe: HashJoinProbeStage, output: JoinOutput)?
            return { block, sequence, next in
                // Nothing more was wanted of the block in a turn before.
                if let matches, matches.isDone(block) { return .endMorsel }
                let made = stage ?? self.makeProbeStage(table, marks, next)
                stage = made
                let flow = try self.probeRows.push(probe[block], sequence, into: made.probe) { begin in
                    made.output.carried = matches.map { CarriedMatches(flags: $0.flags(of: block) + begin, isLast: isLast) }
                }
                if flow != .more { matches?.setDone(block) }
                return flow
            }
        }
        guard wantsMore else { return false }
        let excludesNulls = shape.isNullAware && observations.anyRow
        return try shape.emitBuildRows(
            table.columns, count: table.rowCount, marks: marks, isExcluded: { excludesNulls && table.hasNullKey($0) },
            probeTypes: probeTypes, of: join, query, into: target)
    }

    private func table(of blocks: [PartitionedSpill.Block]) throws -> JoinTable {
        try JoinTable(JoinBuildStage.restored(blocks, of: buildRows, build, query), build, query)
    }

    private func makeProbeStage(
        _ table: JoinTable, _ marks: MatchMarks?, _ next: Stage
    ) -> (probe: HashJoinProbeStage, output: JoinOutput) {
        let output = JoinOutput(
            shape, residual: residual.map { ExpressionEvaluator($0, context: query.context) }, buildTypes: build.types,
            marks: marks, next: next)
        let probe = HashJoinProbeStage(
            table, shape, ExpressionEvaluator(probeKeys, context: query.context), output, observations,
            keepsNullKeys: !shape.isNullAware, query, next: next)
        return (probe, output)
    }
}

/// Which rows of a part's streamed side had a match in a turn before.
private final class ProbeMatches: @unchecked Sendable {
    // Unchecked: workers write the rows of the block that is theirs.
    private let buffer: ChargedBuffer<UInt8>
    private var begins: [Int] = []
    /// By block: 1 when nothing more is wanted of it.
    private let done: ChargedBuffer<UInt8>

    init(_ blocks: [PartitionedSpill.Block], _ query: QueryExecution) throws {
        var count = 0
        for block in blocks {
            begins.append(count)
            count += block.rowCount
        }
        buffer = try ChargedBuffer(max(count, 1), query, for: "JOIN")
        buffer.pointer.initialize(repeating: 0, count: count)
        done = try ChargedBuffer(max(blocks.count, 1), query, for: "JOIN")
        done.pointer.initialize(repeating: 0, count: blocks.count)
    }

    func isDone(_ block: Int) -> Bool { done.pointer[block] != 0 }
    func setDone(_ block: Int) { done.pointer[block] = 1 }

    func flags(of block: Int) -> UnsafeMutablePointer<UInt8> { buffer.pointer + begins[block] }
}

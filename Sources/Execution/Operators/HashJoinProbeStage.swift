import Columnar
import Expressions

/// One worker's probing of a hash join.
final class HashJoinProbeStage: TransformStage {
    private let table: JoinTable
    private let shape: JoinShape
    private let evaluator: ExpressionEvaluator
    private let output: JoinOutput
    private let observations: ProbeObservations
    private let keepsNullKeys: Bool
    private let query: QueryExecution
    private var capacity = 0
    private var hashes: UnsafeMutablePointer<UInt64>
    /// By position: the build row looked at.
    private var heads: UnsafeMutablePointer<Int32>
    private var open: UnsafeMutablePointer<Int32>
    private let pairCapacity: Int
    private let probePairs: UnsafeMutablePointer<Int32>
    private let buildPairs: UnsafeMutablePointer<Int32>

    init(
        _ table: JoinTable, _ shape: JoinShape, _ evaluator: ExpressionEvaluator, _ output: JoinOutput,
        _ observations: ProbeObservations, keepsNullKeys: Bool, _ query: QueryExecution, next: Stage
    ) {
        self.table = table
        self.shape = shape
        self.evaluator = evaluator
        self.output = output
        self.observations = observations
        self.keepsNullKeys = keepsNullKeys
        self.query = query
        hashes = .allocate(capacity: 1)
        heads = .allocate(capacity: 1)
        open = .allocate(capacity: 1)
        pairCapacity = query.batchSize
        probePairs = .allocate(capacity: pairCapacity)
        buildPairs = .allocate(capacity: pairCapacity)
        super.init(next: next)
    }

    deinit {
        hashes.deallocate()
        heads.deallocate()
        open.deallocate()
        probePairs.deallocate()
        buildPairs.deallocate()
    }

    private func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        hashes.deallocate()
        heads.deallocate()
        open.deallocate()
        capacity = wanted
        hashes = .allocate(capacity: wanted)
        heads = .allocate(capacity: wanted)
        heads.initialize(repeating: 0, count: wanted)
        open = .allocate(capacity: wanted)
    }

    override func push(_ pushed: Batch) throws -> Flow {
        guard pushed.rowCount > 0 else { return .more }
        try query.check()
        reserve(pushed.capacity)
        evaluator.begin(pushed)
        defer { evaluator.end() }
        let keys = try evaluator.program.roots.indices.map { try evaluator.plainResult($0) }
        var batch = pushed
        let rows = BooleanLogic.select(rowsThatMayMatch: keys, nullSafe: table.nullSafeKeys, rows: batch.rows)
        if shape.isNullAware {
            observations.noteRow()
            if rows.count < batch.rowCount { observations.noteNullKey() }
            if !keepsNullKeys { batch.rows = rows }
        }
        output.begin(batch)
        if !rows.isEmpty, table.rowCount > 0 {
            Hashing.hash(keys, rows: rows, count: batch.capacity, into: hashes)
            let flow = try probe(rows, keys, batch)
            if flow != .more { return flow }
        }
        return try output.end()
    }

    private func probe(_ rows: RowSelection, _ keys: [Column], _ batch: Batch) throws -> Flow {
        var count = table.find(rows, hashes: hashes, heads: heads, found: open)
        let sparse = batch.capacity / 8
        var isFirst = true
        while count > 0 {
            try query.check()
            if !isFirst, count <= sparse { return try probePairwise(count, keys) }
            isFirst = false
            let matched = table.matches(open, count: count, probe: keys, heads: heads)
            if matched.count > 0 {
                let build = shape.probeOutput == .pairs || shape.probeOutput == .outerPairs || output.hasResidual
                    ? buildColumns(batch, matched) : []
                let flow = try output.round(RowSelection(matched), build: build) { Int(self.heads[$0]) }
                if flow != .more { return flow }
            }
            guard table.hasChains else { return .more }
            if shape.stopsAtFirstMatch { count = dropMatched(count) }
            count = table.advance(open, count: count, heads: heads)
        }
        return .more
    }

    /// The build columns beside the batch's rows.
    private func buildColumns(_ batch: Batch, _ matched: SelectionVector) -> [Column] {
        // Positions without a match may hold anything: they must still be rows of the build side.
        if matched.count < batch.capacity {
            let rows = batch.capacity
            let heads = heads
            let limit = Int32(truncatingIfNeeded: table.rowCount)
            for row in 0..<rows {
                let head = heads[row]
                heads[row] = head < 0 || head >= limit ? 0 : head
            }
        }
        return table.columns.map { Column.dictionary($0, indices: heads, count: batch.capacity) }
    }

    private func dropMatched(_ count: Int) -> Int {
        var used = 0
        for index in 0..<count where !output.isMatched(Int(open[index])) {
            open[used] = open[index]
            used += 1
        }
        return used
    }

    /// Long chains of few rows: pairs of many build rows with one probe row share a batch.
    private func probePairwise(_ first: Int, _ keys: [Column]) throws -> Flow {
        var used = 0
        var count = first
        while count > 0 {
            try query.check()
            let matched = table.matches(open, count: count, probe: keys, heads: heads)
            for index in 0..<matched.count {
                let row = matched.indices[index]
                probePairs[used] = row
                buildPairs[used] = heads[Int(row)]
                used += 1
                if used == pairCapacity {
                    try query.check()
                    let flow = try output.pairs(
                        used, probe: probePairs, build: buildPairs, buildColumns: table.columns)
                    if flow != .more { return flow }
                    used = 0
                }
            }
            count = table.advance(open, count: count, heads: heads)
        }
        if used == 0 { return .more }
        return try output.pairs(used, probe: probePairs, build: buildPairs, buildColumns: table.columns)
    }
}

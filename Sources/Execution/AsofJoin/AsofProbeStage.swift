import Columnar
import Expressions

/// One worker's left rows of an ASOF join.
final class AsofProbeStage: TransformStage {
    private let index: AsofIndex
    private let programs: AsofPrograms
    private let keys: ExpressionEvaluator
    private let ofLeft: ExpressionEvaluator?
    private let walk: NearestWalk?
    private let query: QueryExecution
    private var buffers = ProbeBuffers(capacity: 1)
    private let extremes: (least: UInt64, greatest: UInt64)?

    init(_ index: AsofIndex, _ programs: AsofPrograms, _ query: QueryExecution, next: Stage) {
        self.index = index
        self.programs = programs
        self.query = query
        keys = ExpressionEvaluator(programs.leftKeys, context: query.context)
        ofLeft = programs.ofLeft.map { ExpressionEvaluator($0, context: query.context) }
        walk = programs.limits == nil && programs.ofPairs == nil ? nil : NearestWalk(index, programs, query)
        extremes = programs.limits == nil ? nil : index.extremes
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        guard batch.rowCount > 0 else { return .more }
        try query.check()
        if buffers.capacity < batch.capacity { buffers = ProbeBuffers(capacity: batch.capacity) }
        // Rows without a match: those that come out point at the row of NULLs, the others at any.
        let none = Int32(truncatingIfNeeded: programs.isOuter ? index.rowCount : 0)
        let right = buffers.right
        right.update(repeating: none, count: batch.capacity)
        let matched = index.rowCount == 0 ? nil : try match(batch)
        if !programs.isOuter, matched?.isEmpty ?? true { return .more }
        let columns = index.columns.map { Column.dictionary($0, indices: right, count: batch.capacity) }
        return try next.push(
            Batch(
                columns: batch.columns + columns, capacity: batch.capacity,
                rows: programs.isOuter ? batch.rows : matched, sequence: batch.sequence))
    }

    /// Writes the right row of each left row that has one to `buffers.right`.
    /// - Returns: the left rows that have one, ascending.
    private func match(_ batch: Batch) throws -> RowSelection {
        keys.begin(batch)
        defer { keys.end() }
        let keyCount = programs.nullSafe.count
        let keyColumns = try (0..<keyCount).map { try keys.plainResult($0) }
        let value = try keys.plainResult(keyCount)
        var rows = BooleanLogic.select(
            rowsThatMayMatch: keyColumns + [value], nullSafe: programs.nullSafe + [false], rows: batch.rows)
        if let ofLeft, !rows.isEmpty {
            var asked = batch
            asked.rows = rows
            ofLeft.begin(asked)
            defer { ofLeft.end() }
            rows = try ofLeft.conjunction()
        }
        if let groups = index.groups { rows = findGroups(groups, rows, keyColumns, capacity: batch.capacity) } else {
            buffers.begins.update(repeating: 0, count: rows.count)
            buffers.ends.update(repeating: Int32(truncatingIfNeeded: index.rowCount), count: rows.count)
        }
        if rows.isEmpty { return rows }
        _ = NearestWords.encode(value, index.order, rows: rows, into: buffers.words)
        let search = NearestSearch(
            begins: buffers.begins, ends: buffers.ends, sizes: buffers.sizes, count: rows.count)
        search.run(index, value, rows, words: buffers.words)
        if let walk {
            return try walk.run(
                batch, rows, buffers, limitsHold: limitsHold(UnsafeBufferPointer(start: buffers.words, count: rows.count)))
        }
        let found = SelectionVector(capacity: rows.count)
        let (begins, ends, right) = (buffers.begins, buffers.ends, buffers.right)
        let sorted = index.rows.pointer
        var used = 0
        var ordinal = 0
        rows.forEach { row in
            let place = begins[ordinal]
            if place < ends[ordinal] {
                right[row] = sorted[Int(place)]
                found.indices[used] = Int32(truncatingIfNeeded: row)
                used &+= 1
            }
            ordinal &+= 1
        }
        found.setCount(used)
        return RowSelection(found)
    }

    /// Looks up the groups of the rows' keys; the `n`-th of the rows returned has its group's places in `begins[n]` and
    /// `ends[n]`.
    private func findGroups(
        _ groups: JoinTable, _ rows: RowSelection, _ keyColumns: [Column], capacity: Int
    ) -> RowSelection {
        guard !rows.isEmpty else { return rows }
        let (heads, open) = (buffers.heads, buffers.open)
        Hashing.hash(keyColumns, rows: rows, count: capacity, into: buffers.words)
        var count = groups.find(rows, hashes: buffers.words, heads: heads, found: open)
        var found = RowSelection.all(0)
        var isFirst = true
        while count > 0 {
            let same = RowSelection(groups.matches(open, count: count, probe: keyColumns, heads: heads))
            // Heads of rows that are found stay as they are.
            found = isFirst ? same : .union([found, same], within: rows)
            isFirst = false
            guard groups.hasChains, same.count < count else { break }
            count = remove(same, from: open, count: count)
            count = groups.advance(open, count: count, heads: heads)
        }
        let starts = index.starts.pointer
        var ordinal = 0
        found.forEach { row in
            let group = Int(heads[row])
            buffers.begins[ordinal] = starts[group]
            buffers.ends[ordinal] = starts[group &+ 1]
            ordinal &+= 1
        }
        return found
    }

    /// Takes ascending positions out of an ascending list.
    private func remove(_ taken: RowSelection, from list: UnsafeMutablePointer<Int32>, count: Int) -> Int {
        var used = 0
        var next = 0
        for position in 0..<count {
            let row = list[position]
            if next < taken.count, taken[next] == Int(row) {
                next &+= 1
                continue
            }
            list[used] = row
            used &+= 1
        }
        return used
    }

    /// Whether a limit that fails for a right row fails for all farther ones, for left values with these words.
    private func limitsHold(_ words: UnsafeBufferPointer<UInt64>) -> Bool {
        guard programs.limits != nil, let extremes else { return true }
        let order = index.order
        switch programs.validity {
        case .always: return true
        case .differenceFits(let bits):
            let ends = words.reduce((least: UInt64.max, greatest: UInt64.min)) { (min($0.least, $1), max($0.greatest, $1)) }
            func fits(_ left: UInt64, _ right: UInt64) -> Bool {
                let (difference, overflows) = NearestWords.integer(left, order).subtractingReportingOverflow(
                    NearestWords.integer(right, order))
                return !overflows && difference > Int64.min >> Int64(64 - bits) && difference <= Int64.max >> Int64(64 - bits)
            }
            return fits(ends.least, extremes.greatest) && fits(ends.greatest, extremes.least)
        case .finite:
            let type = programs.leftKeys.nodes[programs.leftKeys.roots[programs.nullSafe.count]].type
            let ends = [Double.infinity, -Double.infinity].map { NearestWords.word(of: $0, type: type, order) }
            let (low, high) = (min(ends[0], ends[1]), max(ends[0], ends[1]))
            return words.allSatisfy { $0 > low && $0 < high }
        }
    }
}

/// What a worker's probing writes for the rows of one batch.
final class ProbeBuffers {
    let capacity: Int
    /// By position in the batch: the right row, the group, hashes.
    let right: UnsafeMutablePointer<Int32>
    let heads: UnsafeMutablePointer<Int32>
    let open: UnsafeMutablePointer<Int32>
    let words: UnsafeMutablePointer<UInt64>
    /// By ordinal: places in the index.
    let begins: UnsafeMutablePointer<Int32>
    let ends: UnsafeMutablePointer<Int32>
    let sizes: UnsafeMutablePointer<Int32>

    init(capacity: Int) {
        self.capacity = capacity
        right = .allocate(capacity: capacity)
        heads = .allocate(capacity: capacity)
        open = .allocate(capacity: capacity)
        words = .allocate(capacity: capacity)
        begins = .allocate(capacity: capacity)
        ends = .allocate(capacity: capacity)
        sizes = .allocate(capacity: capacity)
    }

    deinit {
        for pointer in [right, heads, open, begins, ends, sizes] { pointer.deallocate() }
        words.deallocate()
    }
}

import Columnar

/// Merges runs that are in order. Of equal rows that of the lower morsel comes first, then that of the earlier run.
///
/// A tournament tree: each node keeps the loser of the match below it, so that a row that leaves costs one comparison a level.
final class RunMerge: @unchecked Sendable {
    // Unchecked: one thread at a time takes rows.
    /// The next row of a run, with what is compared of it, and the block that it is in.
    private struct Head: BitwiseCopyable {
        /// The first bytes of the key, which decide most comparisons.
        var word: UInt64 = 0
        var key: UnsafePointer<UInt8>
        var row = 0
        var morsel: Int32 = 0
        /// There are no more rows.
        var isDone = false
        var position = 0
        /// Of the block, whose object is in `blocks`.
        var count = 0
        var keys: UnsafePointer<UInt8>
        var morsels: UnsafePointer<Int32>?
        var order: UnsafePointer<Int32>?
    }

    private let comparison: SortKeyComparison
    private let check: () throws -> Void
    /// Bits of `Head.word` that decide.
    private let wordMask: UInt64
    // One thread at a time merges; the run-time checks of that would cost as much as a comparison.
    @exclusivity(unchecked) private var readers: [SpilledRunReader?]
    /// What each run's next row is in.
    @exclusivity(unchecked) private var blocks: [SortedBlock?]
    @exclusivity(unchecked) private var keyColumns: [[Column]]
    private let heads: UnsafeMutablePointer<Head>
    /// Place 0: the run with the next row.
    private let tree: UnsafeMutablePointer<Int>
    private let runCount: Int

    private static let rowsWithoutCheck = 1 << 16

    /// - Parameters:
    ///   - sources: the runs of one worker in the order in which it made them.
    ///   - sliceBytes: what the blocks hold that rows of `next` are in, while others have the rows.
    /// - Throws: `ExecutionError`.
    init(
        _ sources: [SortedSource], _ specification: SortSpecification, sliceBytes: Int, _ query: QueryExecution
    ) throws {
        // Of each run the block at hand, and one that is done with while its last rows are in slices.
        let memory = try MergeMemory(query.memory, bytes: sources.reduce(sliceBytes) { $0 + 2 * $1.mergeBytes })
        comparison = specification.comparison
        check = query.check
        let length = min(comparison.firstSegmentLength, 8)
        wordMask = length == 8 ? ~0 : ~(~0 >> UInt64(length * 8))
        runCount = sources.count
        readers = []
        blocks = []
        keyColumns = Array(repeating: [], count: sources.count)
        heads = .allocate(capacity: max(sources.count, 1))
        let nothing = StringView().pointer
        heads.initialize(repeating: Head(key: nothing, keys: nothing), count: max(sources.count, 1))
        tree = .allocate(capacity: max(sources.count, 1))
        tree.initialize(repeating: -1, count: max(sources.count, 1))
        for source in sources {
            switch source {
            case .inMemory(let block):
                readers.append(nil)
                blocks.append(block)
            case .spilled(let run):
                let reader = SpilledRunReader(run, specification, memory)
                readers.append(reader)
                blocks.append(try reader.next())
            }
            try begin(blocks.count - 1)
        }
        for run in 0..<runCount { enter(run) }
    }

    deinit {
        heads.deallocate()
        tree.deallocate()
    }

    /// The next rows, at most `limit`; fewer only when there are no more.
    /// - Throws: `ExecutionError`.
    func next(_ limit: Int) throws -> MergedRows {
        var taken: [SortedBlock] = []
        // Where each run's block stands in `taken`; -1: not yet.
        var places = [Int32](repeating: -1, count: runCount)
        let rows = try [RowSource](unsafeUninitializedCapacity: max(limit, 0)) { buffer, count in
            let heads = heads
            let tree = tree
            while count < limit {
                let run = tree[0]
                guard run >= 0, !heads[run].isDone else { return }
                if places[run] < 0 {
                    guard let block = blocks[run] else { return }
                    places[run] = Int32(truncatingIfNeeded: taken.count)
                    taken.append(block)
                }
                buffer[count] = RowSource(column: places[run], row: Int32(truncatingIfNeeded: heads[run].row))
                count += 1
                if count & (Self.rowsWithoutCheck - 1) == 0 { try check() }
                let next = heads[run].position + 1
                if next < heads[run].count {
                    look(heads + run, at: next)
                } else {
                    blocks[run] = try readers[run]?.next()
                    places[run] = -1
                    try begin(run)
                }
                replay(run)
            }
        }
        return MergedRows(blocks: taken, rows: rows)
    }

    /// Goes to the first row of a run's block.
    private func begin(_ run: Int) throws {
        try check()
        guard let block = blocks[run] else {
            keyColumns[run] = []
            heads[run].isDone = true
            return
        }
        keyColumns[run] = block.keyColumns
        heads[run].count = block.count
        heads[run].keys = block.keys
        heads[run].morsels = block.morsels
        heads[run].order = block.order
        look(heads + run, at: 0)
    }

    @inline(__always)
    private func look(_ head: UnsafeMutablePointer<Head>, at position: Int) {
        let row = head.pointee.order.map { Int($0[position]) } ?? position
        let key = head.pointee.keys + row &* comparison.stride
        head.pointee.position = position
        head.pointee.row = row
        head.pointee.key = key
        head.pointee.word = UInt64(bigEndian: UnsafeRawPointer(key).loadUnaligned(as: UInt64.self)) & wordMask
        head.pointee.morsel = head.pointee.morsels.map { $0[row] } ?? 0
    }

    /// Whether the next row of run `left` comes before that of run `right`.
    @inline(__always)
    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let a = heads + left
        let b = heads + right
        if a.pointee.isDone || b.pointee.isDone { return !a.pointee.isDone }
        if a.pointee.word != b.pointee.word { return a.pointee.word < b.pointee.word }
        let order = comparison.compare(
            a.pointee.key, keyColumns[left], a.pointee.row, b.pointee.key, keyColumns[right], b.pointee.row)
        if order != 0 { return order < 0 }
        return a.pointee.morsel != b.pointee.morsel ? a.pointee.morsel < b.pointee.morsel : left < right
    }

    /// Puts a run into the tree for the first time: it waits for its opponent, or plays and the winner goes on.
    private func enter(_ run: Int) {
        var winner = run
        var node = (run + runCount) / 2
        while node > 0 {
            if tree[node] < 0 {
                tree[node] = winner
                return
            }
            if precedes(tree[node], winner) { swap(&tree[node], &winner) }
            node /= 2
        }
        tree[0] = winner
    }

    /// Plays the matches of a run whose next row has changed.
    @inline(__always)
    private func replay(_ run: Int) {
        var winner = run
        var node = (run + runCount) / 2
        while node > 0 {
            let loser = tree[node]
            if precedes(loser, winner) {
                tree[node] = winner
                winner = loser
            }
            node /= 2
        }
        tree[0] = winner
    }
}

/// Rows in order, still in the blocks that they came in.
struct MergedRows {
    let blocks: [SortedBlock]
    /// For each row its place in `blocks` and its row there.
    let rows: [RowSource]

    /// The first `width` columns of some of the rows. Strings' bytes are the blocks'.
    func columns(_ range: Range<Int>, width: Int) -> [Column] {
        rows.withUnsafeBufferPointer { places in
            guard let start = places.baseAddress, !blocks.isEmpty else { return [] }
            return (0..<width).map { index in
                Column.interleaved(blocks.map { $0.columns[index] }, start + range.lowerBound, count: range.count)
            }
        }
    }

    /// Writes the rows as a part of a longer run.
    func append(to writer: SortedRunWriter, _ specification: SortSpecification) throws {
        let count = rows.count
        let stride = specification.comparison.stride
        let columns = columns(0..<count, width: specification.types.count)
        let order = RowOrder(count: count)
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(count * stride, 1)) { keyBuffer in
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(count, 1)) { morselBuffer in
                guard let keys = keyBuffer.baseAddress, let morsels = morselBuffer.baseAddress else { return }
                for (index, place) in rows.enumerated() {
                    let block = blocks[Int(place.column)]
                    (keys + index * stride).update(from: block.keys + Int(place.row) * stride, count: stride)
                    morsels[index] = block.morsels[Int(place.row)]
                }
                try writer.append(order.rows, count: count, of: columns, keys: keys, morsels: morsels)
            }
        }
    }
}

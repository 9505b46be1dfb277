import Columnar

/// The rows of several runs in order.
final class SortedRows: @unchecked Sendable {
    // Unchecked: sorted in `init`, only read afterwards.
    let columns: [Column]
    let count: Int
    /// Row numbers of `columns` in order.
    let order: UnsafeMutablePointer<Int32>
    private let reservation: MemoryReservation

    init(_ runs: [SortRun], _ specification: SortSpecification, _ query: QueryExecution) throws {
        let count = runs.reduce(0) { $0 + $1.count }
        self.count = count
        guard count < Int(Int32.max) else {
            throw ExecutionError.message("A sort of more than 2,147,483,647 rows is not supported yet")
        }
        columns = try RowCollector.concatenated(runs.map(\.rows), specification.types, query, for: Self.operation)
        let numberBytes = count * MemoryLayout<Int32>.stride
        reservation = try MemoryReservation(query.memory, for: Self.operation, bytes: numberBytes)
        order = LargeAllocation.elements(Int32.self, count)
        let comparison = specification.comparison
        let stride = comparison.stride
        var segments: [Range<Int>] = []
        var begin = 0
        let bytes: UnsafeMutablePointer<UInt8>
        let ownsBytes = runs.count != 1
        let scratch = try MemoryReservation(
            query.memory, for: Self.operation,
            bytes: Self.scratchBytes(runs.map(\.count), specification, workers: query.workerCount))
        let morsels = LargeAllocation.elements(Int32.self, count)
        defer { morsels.deallocate() }
        if let only = runs.first, !ownsBytes {
            bytes = only.keys
            segments = [0..<count]
        } else {
            bytes = LargeAllocation.elements(UInt8.self, count * stride)
        }
        defer { if ownsBytes { bytes.deallocate() } }
        for run in runs {
            if ownsBytes {
                (bytes + begin * stride).update(from: run.keys, count: run.count * stride)
                segments.append(begin..<begin + run.count)
            }
            (morsels + begin).update(from: run.morsels, count: run.count)
            begin += run.count
        }
        for row in 0..<count { order[row] = Int32(truncatingIfNeeded: row) }
        let sorter = RowSorter(comparison: comparison, bytes: bytes, columns: specification.keyColumns(columns), check: query.check)
        let shared = SharedSort(sorter: sorter, order: order, morsels: morsels)
        let ready = segments
        try query.forEachTask(ready.count) { _, task in
            try shared.sorter.sort(shared.order + ready[task].lowerBound, count: ready[task].count)
        }
        if ready.count > 1 { try Self.merge(ready, shared, count, query) }
        withExtendedLifetime((runs, scratch)) {}
    }

    deinit { order.deallocate() }

    private static let operation = "ORDER BY"

    /// Bytes that the rows of `runs` need beside themselves while they are sorted: columns are copied first, then numbers of
    /// rows are sorted by `workers` workers.
    static func sortingBytes(_ runs: [SortRun], _ specification: SortSpecification, workers: Int) -> Int {
        let numberBytes = runs.reduce(0) { $0 + $1.count } * MemoryLayout<Int32>.stride
        return max(
            runs.reduce(0) { $0 + $1.rows.concatenationBytes },
            numberBytes + scratchBytes(runs.map(\.count).filter { $0 > 0 }, specification, workers: workers))
    }

    /// The morsels, what the sorter keeps of the rows that are sorted at once, or what merges them, and the keys of several
    /// runs together.
    private static func scratchBytes(_ counts: [Int], _ specification: SortSpecification, workers: Int) -> Int {
        let count = counts.reduce(0, +)
        let numberBytes = count * MemoryLayout<Int32>.stride
        let sortedAtOnce = counts.sorted(by: >).prefix(workers).reduce(0, +)
        let areSeveral = counts.count != 1
        return numberBytes + max(sortedAtOnce * RowSorter.bytesPerRow, areSeveral ? numberBytes : 0)
            + (areSeveral ? count * specification.comparison.stride : 0)
    }

    private struct SharedSort: @unchecked Sendable {
        // Unchecked: the workers of a sort write ranges of the rows that do not meet.
        let sorter: RowSorter
        let order: UnsafeMutablePointer<Int32>
        let morsels: UnsafeMutablePointer<Int32>

        /// Whether row `left` comes before row `right`, which is of another run.
        func precedes(_ left: Int32, _ right: Int32) -> Bool {
            let order = sorter.comparison.compare(sorter.bytes, sorter.columns, Int(left), Int(right))
            if order != 0 { return order < 0 }
            let a = morsels[Int(left)]
            let b = morsels[Int(right)]
            return a != b ? a < b : left < right
        }
    }

    /// Merges sorted segments: each task takes the rows between two splitters out of every segment.
    private static func merge(
        _ segments: [Range<Int>], _ shared: SharedSort, _ count: Int, _ query: QueryExecution
    ) throws {
        let merged = LargeAllocation.elements(Int32.self, count)
        defer { merged.deallocate() }
        let tasks = count < 8192 ? 1 : min(query.workerCount * 2, 64)
        guard let longest = segments.max(by: { $0.count < $1.count }) else { return }
        // cuts[t][s]: where task t begins in segment s.
        var cuts: [[Int]] = [segments.map(\.lowerBound)]
        for task in 1..<max(tasks, 1) {
            let splitter = shared.order[longest.lowerBound + longest.count * task / tasks]
            cuts.append(
                segments.map { segment in
                    if segment == longest { return longest.lowerBound + longest.count * task / tasks }
                    var low = segment.lowerBound
                    var high = segment.upperBound
                    while low < high {
                        let middle = (low + high) / 2
                        if shared.precedes(shared.order[middle], splitter) { low = middle + 1 } else { high = middle }
                    }
                    return low
                })
        }
        cuts.append(segments.map(\.upperBound))
        let ready = cuts
        let target = SharedPointer(merged)
        try query.forEachTask(tasks) { _, task in
            var places = ready[task]
            let ends = ready[task + 1]
            var next = places.indices.reduce(0) { $0 + places[$1] - segments[$1].lowerBound }
            while true {
                if next & 0xffff == 0 { try query.check() }
                var best = -1
                for segment in places.indices where places[segment] < ends[segment] {
                    if best < 0 || shared.precedes(shared.order[places[segment]], shared.order[places[best]]) {
                        best = segment
                    }
                }
                if best < 0 { break }
                target.pointer[next] = shared.order[places[best]]
                places[best] += 1
                next += 1
            }
        }
        shared.order.update(from: merged, count: count)
    }
}

import Columnar
import Expressions
import Functions

extension Hashing {
    /// The hashes of the selected rows, in their order.
    static func hashes(of keys: [Column], rows: RowSelection, count: Int) -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: rows.count) { target, used in
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(count, 1)) { buffer in
                guard let words = buffer.baseAddress, let first = target.baseAddress else { return }
                hash(keys, rows: rows, count: count, into: words)
                var ordinal = 0
                rows.forEach { row in
                    first[ordinal] = words[row]
                    ordinal &+= 1
                }
            }
            used = rows.count
        }
    }
}

/// All rows of a window operator, cut into parts that hold whole partitions.
final class WindowInput: @unchecked Sendable {
    // Unchecked: made by one thread; afterwards its workers read it, and write parts that are theirs alone.
    let columns: [Column]
    let count: Int
    let partCount: Int
    private static let singlePartRows = 16_384
    private let split: HashPartitions?
    /// Rows in the order of the source, and the hashes of their partition keys.
    private let bySource: UnsafeMutablePointer<Int32>
    private let hashes: UnsafeMutablePointer<UInt64>
    private let reservation: MemoryReservation

    /// Whether the rows can be put together and computed with memory left for others. Each worker's rows are charged alone
    /// afterwards.
    static func fits(_ stages: [WindowStage], _ plan: WindowPlan, _ query: QueryExecution) -> Bool {
        for stage in stages where !stage.chargeRowsAlone() { return false }
        let count = stages.reduce(0) { $0 + $1.rows.rowCount }
        let copies = stages.reduce(0) { $0 + $1.rows.concatenationBytes }
        let results = plan.functions.reduce(0) { $0 + $1.named.output.type.physical.stride }
        let needed = max(copies, count * (bytesPerRow + MemoryLayout<UInt64>.stride + results + 32))
        return needed <= query.memory.bytesLeft - query.memory.limit / 8
    }

    init(_ stages: [WindowStage], _ plan: WindowPlan, _ query: QueryExecution) throws {
        let count = stages.reduce(0) { $0 + $1.rows.rowCount }
        guard count < Int(Int32.max) else {
            throw ExecutionError.message("A window of more than 2,147,483,647 rows is not supported yet")
        }
        self.count = count
        columns = try RowCollector.concatenated(stages.map(\.rows), plan.types, query, for: "OVER")
        let isPartitioned = !plan.partitionRoots.isEmpty
        // All that may be refused comes before what only `deinit` frees.
        reservation = try MemoryReservation(
            query.memory, for: "OVER", bytes: count * (isPartitioned ? Self.bytesPerRow : MemoryLayout<Int32>.stride))
        let copies = try MemoryReservation(
            query.memory, for: "OVER", bytes: isPartitioned ? count * MemoryLayout<UInt64>.stride : 0)
        defer { withExtendedLifetime(copies) {} }
        bySource = LargeAllocation.elements(Int32.self, count)
        hashes = LargeAllocation.elements(UInt64.self, isPartitioned ? count : 0)
        SourceRuns.order(stages.map(\.sources), into: bySource)
        guard isPartitioned else {
            partCount = count > 0 ? 1 : 0
            split = nil
            return
        }
        let byRow = LargeAllocation.elements(UInt64.self, count)
        defer { byRow.deallocate() }
        var begin = 0
        for stage in stages { begin += stage.hashes.write(to: byRow + begin) }
        for index in 0..<count { hashes[index] = byRow[Int(bySource[index])] }
        // A small input is one part, whose partitions come out in the order of their keys.
        if count <= Self.singlePartRows {
            partCount = count > 0 ? 1 : 0
            split = nil
            return
        }
        partCount = HashPartitions.count(for: count)
        split = HashPartitions(hashes: hashes, count: count, parts: partCount)
    }

    /// Rows of one partition in the windows' order, which somebody else charges.
    init(sorted columns: [Column], count: Int, _ query: QueryExecution) throws {
        self.columns = columns
        self.count = count
        partCount = 1
        split = nil
        reservation = try MemoryReservation(query.memory, for: "OVER", bytes: count * MemoryLayout<Int32>.stride)
        bySource = LargeAllocation.elements(Int32.self, count)
        hashes = LargeAllocation.elements(UInt64.self, 0)
        for row in 0..<count { bySource[row] = Int32(truncatingIfNeeded: row) }
    }

    /// With PARTITION BY: `bySource`, `hashes`, and what `split` keeps.
    private static let bytesPerRow = 2 * MemoryLayout<Int32>.stride + MemoryLayout<UInt64>.stride

    deinit {
        bySource.deallocate()
        hashes.deallocate()
    }

    /// The rows of a part, in the order of the source.
    func withRows<Result>(of part: Int, _ body: (UnsafePointer<Int32>, Int) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        guard let split else { return try body(bySource, count) }
        return try split.withRows(of: part) { positions, count in
            try withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(count, 1)) { buffer in
                guard let rows = buffer.baseAddress else { return try body(bySource, 0) }
                for index in 0..<count { rows[index] = bySource[Int(positions[index])] }
                return try body(rows, count)
            }
        }
    }
}

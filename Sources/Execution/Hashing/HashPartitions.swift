/// Rows sorted by the highest bits of their hashes, so that tasks can each take a range of hashes.
final class HashPartitions: @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`.
    private let order: UnsafeMutablePointer<Int32>
    private let starts: [Int]

    /// Partitions for so many rows: a power of two, such that a table of one partition stays in a core's cache.
    static func count(for rows: Int) -> Int {
        var parts = 8
        while parts < 256, rows / parts > 16_384 { parts *= 2 }
        return parts
    }

    /// - Parameter parts: a power of two, at least 2.
    init(hashes: UnsafePointer<UInt64>, count: Int, parts: Int) {
        order = LargeAllocation.elements(Int32.self, count)
        let shift = UInt64(truncatingIfNeeded: 64 - parts.trailingZeroBitCount)
        let order = order
        starts = withUnsafeTemporaryAllocation(of: Int.self, capacity: parts + 1) { ends in
            guard let counts = ends.baseAddress else { return [] }
            counts.initialize(repeating: 0, count: parts + 1)
            for row in 0..<count { counts[Int(truncatingIfNeeded: hashes[row] >> shift) &+ 1] &+= 1 }
            for part in 0..<parts { counts[part + 1] += counts[part] }
            let starts = (0...parts).map { counts[$0] }
            for row in 0..<count {
                let part = Int(truncatingIfNeeded: hashes[row] >> shift)
                order[counts[part]] = Int32(truncatingIfNeeded: row)
                counts[part] &+= 1
            }
            return starts
        }
    }

    deinit { order.deallocate() }

    func size(of part: Int) -> Int { starts[part + 1] - starts[part] }

    /// The rows of a partition, ascending.
    func withRows<Result>(of part: Int, _ body: (UnsafePointer<Int32>, Int) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafePointer(order + starts[part]), size(of: part))
    }
}

import Dispatch
import Platform
import Synchronization

/// Rows cut into blocks whose bounds depend on the number of rows alone, so that sums taken block by block and added in
/// the blocks' order are the same with any number of threads.
package struct RowBlocks: Sendable {
    package let rowCount: Int
    package let count: Int
    private let blockSize: Int

    package init(rowCount: Int) { self.init(rowCount: rowCount, most: 128) }

    /// Fewer blocks, of each of which `width` numbers are summed, so that all sums fit in memory.
    package init(rowCount: Int, width: Int) {
        self.init(rowCount: rowCount, most: max(1, min(32, 16_777_216 / max(width, 1))))
    }

    private init(rowCount: Int, most: Int) {
        self.rowCount = rowCount
        let blocks = min(most, max(1, (rowCount + 1023) / 1024))
        blockSize = max(1, (rowCount + blocks - 1) / blocks)
        count = max(1, (rowCount + blockSize - 1) / blockSize)
    }

    /// One block a group, for work that is cut by the caller.
    package init(groups: Int) {
        rowCount = groups
        blockSize = 1
        count = max(1, groups)
    }

    package func rows(_ block: Int) -> Range<Int> {
        let start = min(block * blockSize, rowCount)
        return start..<min(start + blockSize, rowCount)
    }

    /// Calls `body` once for every block, on up to `threads` threads; `body` must write only what belongs to its block.
    package func forEach(threads: Int, _ body: (_ block: Int, _ rows: Range<Int>) -> Void) {
        let workers = min(threads, count)
        guard workers > 1 else {
            for block in 0..<count { body(block, rows(block)) }
            return
        }
        let next = Atomic<Int>(0)
        withoutActuallyEscaping(body) { body in
            let work = BlockWork(body: body)
            DispatchQueue.concurrentPerform(iterations: workers) { _ in
                while true {
                    let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard block < count else { return }
                    work.body(block, rows(block))
                }
            }
        }
    }

    /// Work that keeps to its block, and so may run beside itself.
    private struct BlockWork: @unchecked Sendable {
        // Unchecked: `body` writes only what belongs to its block.
        let body: (Int, Range<Int>) -> Void
    }

    /// As `forEach`, for work that can fail.
    /// - Throws: what the first of the blocks that failed threw.
    package func forEachThrowing(threads: Int, _ body: (_ block: Int, _ rows: Range<Int>) throws -> Void) throws {
        let failures = Guarded<(block: Int, error: any Error)?>(nil)
        forEach(threads: threads) { block, rows in
            do { try body(block, rows) } catch {
                failures.withLock { first in
                    if first.map({ $0.block > block }) ?? true { first = (block, error) }
                }
            }
        }
        if let failure = failures.value { throw failure.error }
    }

    /// What `body` makes of each block, in the blocks' order.
    package func map<Part>(threads: Int, _ body: (_ block: Int, _ rows: Range<Int>) -> Part) -> [Part] {
        let parts = UnsafeMutablePointer<Part?>.allocate(capacity: count)
        parts.initialize(repeating: nil, count: count)
        defer {
            parts.deinitialize(count: count)
            parts.deallocate()
        }
        forEach(threads: threads) { block, rows in parts[block] = body(block, rows) }
        return (0..<count).compactMap { parts[$0] }
    }

    /// The sums of `width` numbers over all rows: `body` adds its rows' share to a buffer of zeros.
    package func sums(
        width: Int, threads: Int,
        _ body: (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let slots = UnsafeMutablePointer<Double>.allocate(capacity: max(count * width, 1))
        slots.initialize(repeating: 0, count: count * width)
        defer { slots.deallocate() }
        forEach(threads: threads) { block, rows in body(rows, slots + block * width) }
        return [Double](unsafeUninitializedCapacity: width) { total, used in
            if let target = total.baseAddress {
                target.initialize(repeating: 0, count: width)
                for block in 0..<count {
                    let share = slots + block * width
                    for position in 0..<width { target[position] += share[position] }
                }
            }
            used = width
        }
    }
}

import Dispatch
import Synchronization

/// Rows cut into blocks whose bounds depend on the number of rows alone, so that sums taken block by block and added in
/// the blocks' order are the same with any number of threads.
struct RowBlocks {
    let rowCount: Int
    let count: Int
    private let blockSize: Int

    init(rowCount: Int) {
        self.rowCount = rowCount
        let blocks = min(128, max(1, (rowCount + 1023) / 1024))
        blockSize = max(1, (rowCount + blocks - 1) / blocks)
        count = max(1, (rowCount + blockSize - 1) / blockSize)
    }

    /// One block a group, for work that is cut by the caller.
    init(groups: Int) {
        rowCount = groups
        blockSize = 1
        count = max(1, groups)
    }

    func rows(_ block: Int) -> Range<Int> {
        let start = min(block * blockSize, rowCount)
        return start..<min(start + blockSize, rowCount)
    }

    /// Calls `body` once for every block, on up to `threads` threads; `body` must write only what belongs to its block.
    func forEach(threads: Int, _ body: (_ block: Int, _ rows: Range<Int>) -> Void) {
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

    /// The sums of `width` numbers over all rows: `body` adds its rows' share to a buffer of zeros.
    func sums(
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

/// Σ weights · (values − means).
@inline(__always)
func centredDot(
    _ weights: UnsafePointer<Double>, _ values: UnsafePointer<Double>, _ means: UnsafePointer<Double>, _ count: Int
) -> Double {
    var sum0 = 0.0, sum1 = 0.0, sum2 = 0.0, sum3 = 0.0
    var position = 0
    while position &+ 4 <= count {
        sum0 += weights[position] * (values[position] - means[position])
        sum1 += weights[position &+ 1] * (values[position &+ 1] - means[position &+ 1])
        sum2 += weights[position &+ 2] * (values[position &+ 2] - means[position &+ 2])
        sum3 += weights[position &+ 3] * (values[position &+ 3] - means[position &+ 3])
        position &+= 4
    }
    while position < count {
        sum0 += weights[position] * (values[position] - means[position])
        position &+= 1
    }
    return (sum0 + sum1) + (sum2 + sum3)
}

/// sums += factor · (values − means).
@inline(__always)
func addCentred(
    _ sums: UnsafeMutablePointer<Double>, _ factor: Double, _ values: UnsafePointer<Double>,
    _ means: UnsafePointer<Double>, _ count: Int
) {
    for position in 0..<count { sums[position] += factor * (values[position] - means[position]) }
}

/// Σ weights · values.
@inline(__always)
func dot(_ weights: UnsafePointer<Double>, _ values: UnsafePointer<Double>, _ count: Int) -> Double {
    var sum0 = 0.0, sum1 = 0.0, sum2 = 0.0, sum3 = 0.0
    var position = 0
    while position &+ 4 <= count {
        sum0 += weights[position] * values[position]
        sum1 += weights[position &+ 1] * values[position &+ 1]
        sum2 += weights[position &+ 2] * values[position &+ 2]
        sum3 += weights[position &+ 3] * values[position &+ 3]
        position &+= 4
    }
    while position < count {
        sum0 += weights[position] * values[position]
        position &+= 1
    }
    return (sum0 + sum1) + (sum2 + sum3)
}

func dot(_ left: [Double], _ right: [Double]) -> Double {
    left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
            guard let a = left.baseAddress, let b = right.baseAddress else { return 0 }
            return dot(a, b, min(left.count, right.count))
        }
    }
}

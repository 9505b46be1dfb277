import Execution
import Platform
import Testing

@Suite struct WorkerPoolTests {
    private final class Probe: Sendable {}

    /// Each round's closure must be gone when `run` returns, on whichever thread it was used last.
    @Test func noThreadKeepsTheClosure() {
        let pool = WorkerPool(threads: 4)
        var kept = 0
        for round in 0..<5_000 {
            weak var left: Probe?
            do {
                let probe = Probe()
                left = probe
                pool.run(1 + round % 4) { _ in withExtendedLifetime(probe) {} }
            }
            if left != nil { kept += 1 }
        }
        #expect(kept == 0)
    }

    /// All bodies run, once each, however many threads the system gives.
    @Test(arguments: 0...4) func allBodiesRunOnTheThreadsThereAre(available: Int) {
        var left = available
        let pool = WorkerPool(threads: 4) { stackBytes, body in
            guard left > 0 else { return nil }
            left -= 1
            return SystemThread(stackBytes: stackBytes, body)
        }
        #expect(pool.threadCount == available)
        for count in [1, 2, 3, 4, 7, 0, 5] {
            let runs = Guarded([Int](repeating: 0, count: count))
            for _ in 0..<200 { pool.run(count) { index in runs.withLock { $0[index] += 1 } } }
            #expect(runs.withLock { $0 } == [Int](repeating: 200, count: count))
        }
    }

    /// What a body wrote is seen by whoever waited, and by the next body.
    @Test func workIsOrderedBetweenRuns() {
        let pool = WorkerPool(threads: 3)
        let slots = UnsafeMutablePointer<Int>.allocate(capacity: 3)
        slots.initialize(repeating: 0, count: 3)
        defer { slots.deallocate() }
        let address = UInt(bitPattern: slots)
        for round in 0..<2_000 {
            pool.run(3) { index in
                guard let slots = UnsafeMutablePointer<Int>(bitPattern: address) else { return }
                slots[(index + round) % 3] += 1
            }
        }
        #expect((0..<3).map { slots[$0] } == [2_000, 2_000, 2_000])
    }
}

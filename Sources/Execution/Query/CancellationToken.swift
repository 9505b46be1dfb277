import Synchronization

/// Tells a running query to stop. Workers look at it once a batch.
package final class CancellationToken: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package func cancel() { flag.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// - Throws: `ExecutionError.cancelled` after `cancel()`.
    package func check() throws {
        if isCancelled { throw ExecutionError.cancelled }
    }
}

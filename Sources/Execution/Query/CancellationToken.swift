import Platform
import Synchronization

/// Tells a running statement to stop. Whatever may take long looks at it: the binder and the optimizer at every node,
/// workers once a batch, and loops over rows or bytes that data makes long. Who sleeps is
/// woken by an action.
package final class CancellationToken: Sendable {
    private let flag = Atomic<Bool>(false)
    private let actions = Guarded<[CancellationAction.Entry]>([])
    /// The looks that are left before the statement is cancelled, where that is counted.
    private let looksLeft: Atomic<Int>
    private let countsLooks: Bool

    package init() {
        looksLeft = Atomic(0)
        countsLooks = false
    }

    /// Cancels itself when it is looked at for the `look`th time: tests see so that a loop looks at all, without a clock.
    package init(cancellingAtLook look: Int) {
        looksLeft = Atomic(look)
        countsLooks = true
    }

    /// May be called from any thread, any number of times.
    package func cancel() {
        flag.store(true, ordering: .releasing)
        for entry in actions.value { entry.action() }
    }

    package var isCancelled: Bool {
        if countsLooks, looksLeft.subtract(1, ordering: .relaxed).newValue <= 0 {
            // Not `cancel()`: whoever looks may hold a lock that its actions take.
            flag.store(true, ordering: .releasing)
        }
        return flag.load(ordering: .relaxed)
    }

    /// - Throws: `ExecutionError.cancelled` after `cancel()`.
    package func check() throws {
        if isCancelled { throw ExecutionError.cancelled }
    }

    /// Calls `action` on every later `cancel()`, on its caller's thread, as long as the result lives. `isCancelled` is
    /// true by then; whoever waits for it asks once more after registering.
    package func onCancel(_ action: @escaping @Sendable () -> Void) -> CancellationAction {
        let entry = CancellationAction.Entry(action)
        actions.withLock { $0.append(entry) }
        return CancellationAction(token: self, entry: entry)
    }

    fileprivate func remove(_ entry: CancellationAction.Entry) {
        actions.withLock { $0.removeAll { $0 === entry } }
    }
}

/// Keeps an action registered with a `CancellationToken`.
package final class CancellationAction: Sendable {
    fileprivate final class Entry: Sendable {
        let action: @Sendable () -> Void
        init(_ action: @escaping @Sendable () -> Void) { self.action = action }
    }

    private let token: CancellationToken
    private let entry: Entry

    fileprivate init(token: CancellationToken, entry: Entry) {
        self.token = token
        self.entry = entry
    }

    deinit { token.remove(entry) }
}

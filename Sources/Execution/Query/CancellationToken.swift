import Platform
import Synchronization

/// Tells a running statement to stop. Whatever may take long looks at it: the binder and the optimizer at every node,
/// workers once a batch, and loops over rows or bytes that data makes long. Who
/// sleeps is woken by an action.
package final class CancellationToken: Sendable {
    private let flag = Atomic<Bool>(false)
    private let actions = Guarded<(next: Int, byNumber: [Int: @Sendable () -> Void])>((0, [:]))
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
        for action in actions.withLock({ Array($0.byNumber.values) }) { action() }
    }

    package var isCancelled: Bool {
        if countsLooks, looksLeft.subtract(1, ordering: .relaxed).newValue <= 0 { cancel() }
        return flag.load(ordering: .relaxed)
    }

    /// - Throws: `ExecutionError.cancelled` after `cancel()`.
    package func check() throws {
        if isCancelled { throw ExecutionError.cancelled }
    }

    /// Calls `action` on every later `cancel()`, on its caller's thread, as long as the result lives. `isCancelled` is
    /// true by then; whoever waits for it asks once more after registering.
    package func onCancel(_ action: @escaping @Sendable () -> Void) -> CancellationAction {
        let number = actions.withLock { actions -> Int in
            actions.next += 1
            actions.byNumber[actions.next] = action
            return actions.next
        }
        return CancellationAction(token: self, number: number)
    }

    fileprivate func remove(_ number: Int) { actions.withLock { _ = $0.byNumber.removeValue(forKey: number) } }
}

/// Keeps an action registered with a `CancellationToken`.
package final class CancellationAction: Sendable {
    private let token: CancellationToken
    private let number: Int

    fileprivate init(token: CancellationToken, number: Int) {
        self.token = token
        self.number = number
    }

    deinit { token.remove(number) }
}

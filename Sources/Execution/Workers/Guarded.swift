import Synchronization

/// A value behind a lock, for values that are not `Sendable` themselves.
final class Guarded<Value>: @unchecked Sendable {
    private let mutex = Mutex<Void>(())
    private var value: Value

    init(_ value: Value) { self.value = value }

    @discardableResult
    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try mutex.withLock { _ in try body(&value) }
    }
}

/// Gives each caller the next number, once.
final class Ticket: Sendable {
    private let counter: Atomic<Int>

    init(first: Int = 0) { counter = Atomic(first) }

    func next() -> Int { counter.add(1, ordering: .relaxed).oldValue }
}

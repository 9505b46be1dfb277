import Synchronization

/// Gives each caller the next number, once.
final class Ticket: Sendable {
    private let counter: Atomic<Int>

    init(first: Int = 0) { counter = Atomic(first) }

    func next() -> Int { counter.add(1, ordering: .relaxed).oldValue }
}

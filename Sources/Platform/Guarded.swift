#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A value behind a lock, on which threads can wait until it has changed. For values that are not `Sendable` themselves.
///
/// The system's lock and condition: the standard library's `Mutex` cannot be waited on, and the thread sanitizer does
/// not see its order.
package final class Guarded<Value>: @unchecked Sendable {
    // Unchecked, because `stored` is touched with the lock held only.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var stored: Value

    package init(_ value: Value) {
        stored = value
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the value; nobody who waits is told.
    @discardableResult
    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&stored)
    }

    /// A copy of the value as it is now.
    package var value: Value { withLock { $0 } }

    /// Changes the value and lets those who wait look at it again.
    @discardableResult
    package func update<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return try body(&stored)
    }

    /// Lets those who wait look again at what they wait for, when that is more than the value.
    package func wakeAll() { update { _ in } }

    /// Waits until `body` gives a result; it is asked at once and after every `update`.
    /// - Throws: what `body` throws, which ends the wait.
    package func wait<Result>(until body: (inout Value) throws -> Result?) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = try body(&stored) { return result }
            pthread_cond_wait(changed, mutex)
        }
    }

    /// Waits as `wait(until:)` does for a `body` that changes the value when it gives a result; others who wait then look
    /// again.
    package func waitAndUpdate<Result>(until body: (inout Value) throws -> Result?) rethrows -> Result {
        try wait { value in
            guard let result = try body(&value) else { return nil }
            pthread_cond_broadcast(changed)
            return result
        }
    }
}

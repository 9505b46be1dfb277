import Platform
import Synchronization
import TableFormats

/// Counts the bytes that a query's buffers hold against a limit.
package final class MemoryPool: Sendable {
    package let limit: Int
    private let used = Atomic<Int>(0)
    private let peak = Atomic<Int>(0)

    /// Less is not worth asking the system for.
    private static let unasked = 1 << 15

    package init(limit: Int) { self.limit = limit }

    /// What may still be taken. What grows is held twice while it is copied.
    package var bytesLeft: Int { min(max(limit - bytesUsed, 0), SystemMemory.mappable() / 2) }
    package var bytesUsed: Int { used.load(ordering: .relaxed) }
    package var peakBytes: Int { peak.load(ordering: .relaxed) }

    /// Charges `bytes` for `operation`.
    /// - Throws: `ExecutionError.outOfMemory` when that passes the limit, or a message when the process has no address space
    ///   for it; nothing is charged then.
    package func reserve(_ bytes: Int, for operation: @autoclosure () -> String) throws {
        let total = used.add(bytes, ordering: .relaxed).newValue
        guard total <= limit else {
            used.subtract(bytes, ordering: .relaxed)
            throw ExecutionError.outOfMemory(operation: operation(), requested: bytes, limit: limit)
        }
        guard bytes < Self.unasked || bytes <= SystemMemory.mappable() / 2 else {
            used.subtract(bytes, ordering: .relaxed)
            throw ExecutionError.message(
                "\(operation()) needs \(bytes) more bytes than the process's address space leaves (ulimit -v)")
        }
        peak.max(total, ordering: .relaxed)
    }

    package func release(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}

/// What one structure holds of a `MemoryPool`; given back when the structure goes.
package final class MemoryReservation: @unchecked Sendable {
    // Unchecked: it belongs to one structure, which one thread at a time changes.
    private let pool: MemoryPool
    private let operation: String
    private(set) var bytes = 0

    package init(_ pool: MemoryPool, for operation: String) {
        self.pool = pool
        self.operation = operation
    }

    /// What is held until the reservation goes.
    convenience init(_ pool: MemoryPool, for operation: String, bytes: Int) throws {
        self.init(pool, for: operation)
        try add(bytes)
    }

    deinit { pool.release(bytes) }

    /// Charges `more` bytes.
    func add(_ more: Int) throws {
        try pool.reserve(more, for: operation)
        bytes += more
    }

    /// Gives `fewer` bytes back.
    func remove(_ fewer: Int) {
        pool.release(fewer)
        bytes -= fewer
    }

    /// Charges or gives back what the structure's size changed by. Small changes wait.
    package func update(to size: Int) throws {
        let change = size - bytes
        if change > 1 << 16 || (change > 0 && bytes == 0) {
            try pool.reserve(change, for: operation)
            bytes = size
        } else if change < -(1 << 16) {
            pool.release(-change)
            bytes = size
        }
    }
}

extension MemoryReservation: ScanMemory {}

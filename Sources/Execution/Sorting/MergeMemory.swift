import Platform

/// Memory that a merge sets apart for the blocks of its runs before it begins: whoever takes its rows may take all that is left
/// of the pool, and the merge still has to get on.
final class MergeMemory: Sendable {
    private struct State {
        var used = 0
        /// At least what is used.
        let reservation: MemoryReservation
    }

    private let state: Guarded<State>

    /// - Throws: `ExecutionError.outOfMemory`.
    init(_ pool: MemoryPool, bytes: Int) throws {
        state = Guarded(State(reservation: try MemoryReservation(pool, for: "ORDER BY", bytes: bytes)))
    }

    /// - Throws: `ExecutionError.outOfMemory` when more than was set apart is needed and the pool has not got it.
    fileprivate func take(_ bytes: Int) throws {
        try state.withLock { state in
            let missing = state.used + bytes - state.reservation.bytes
            if missing > 0 { try state.reservation.add(missing) }
            state.used += bytes
        }
    }

    fileprivate func giveBack(_ bytes: Int) { state.withLock { $0.used -= bytes } }
}

/// What one block holds of a merge's memory; given back when the block goes.
final class MergeShare {
    private let memory: MergeMemory
    private var bytes = 0

    init(_ memory: MergeMemory) { self.memory = memory }

    deinit { memory.giveBack(bytes) }

    /// - Throws: as `MergeMemory.take`.
    func update(to size: Int) throws {
        if size > bytes { try memory.take(size - bytes) } else { memory.giveBack(bytes - size) }
        bytes = size
    }
}

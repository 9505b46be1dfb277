import Execution
import Platform

/// What a session is doing: which statements run, whose turn it is, and what `cancel()` is meant for.
final class SessionActivity: Sendable {
    private struct State {
        /// Statements that have not ended or whose rows are not all read, in the order in which they were given.
        var statements: [RunningStatement] = []
        /// Locks that queries hold until they end, because they could not open all their files at once.
        var keptLocks: [(statement: RunningStatement, locks: HeldLocks)] = []
        /// Whether a statement has the session for itself.
        var isTaken = false
        /// Scripts that run, and whether one of them was cancelled since the first began.
        var scripts = 0
        var isScriptCancelled = false
    }

    private let state = Guarded(State())

    /// Counts a statement in: from now on `cancel()` reaches it.
    func add(_ statement: RunningStatement) {
        state.withLock { state in
            state.statements.append(statement)
            if state.isScriptCancelled { statement.cancellation.cancel() }
        }
    }

    /// The statement has ended: it holds nothing any more. With a reader `cancel()` goes on to reach that.
    func end(_ statement: RunningStatement) {
        state.withLock { state in
            if !statement.hasReader { state.statements.removeAll { $0 === statement } }
            for kept in state.keptLocks where kept.statement === statement { kept.locks.release() }
            state.keptLocks.removeAll { $0.statement === statement }
        }
    }

    /// Nobody waits for anything of the statement any more.
    func remove(_ statement: RunningStatement) {
        state.withLock { state in state.statements.removeAll { $0 === statement } }
    }

    func keep(_ locks: HeldLocks, for statement: RunningStatement) {
        state.withLock { $0.keptLocks.append((statement, locks)) }
    }

    /// - Throws: `HiveError` when an open result of this session keeps a lock that stands in the way of `wanted`: its reader
    ///   may be who waits.
    func checkNotReading(_ wanted: [String: LockMode]) throws {
        let kept = state.withLock { $0.keptLocks.flatMap(\.locks.names) }
        guard let name = kept.sorted().first(where: { wanted[$0] == .exclusive }) else { return }
        throw HiveError(
            message: "FAILED: Error in acquiring locks: An open result of this session reads \(name), which has too many "
                + "files to be held open; read it to its end or close it first")
    }

    /// Waits for the session's other statements to let go of it, and takes it.
    /// - Throws: `ExecutionError.cancelled` when the statement is cancelled meanwhile.
    func take(for statement: RunningStatement) throws {
        try state.waitAndUpdate { state -> Void? in
            try statement.cancellation.check()
            guard !state.isTaken else { return nil }
            state.isTaken = true
            return ()
        }
    }

    func giveBack() { state.update { $0.isTaken = false } }

    /// Stops what runs and what waits for its turn, and the scripts that they belong to.
    func cancel() {
        // Cancelled without the lock: what a cancellation wakes may ask for it.
        let tokens = state.withLock { state in
            state.isScriptCancelled = state.scripts > 0
            return state.statements.map(\.cancellation)
        }
        for token in tokens { token.cancel() }
        state.wakeAll()
    }

    /// Runs a script: a cancellation between two of its statements stops the next one.
    func script<Value>(_ body: () throws -> Value) rethrows -> Value {
        state.withLock { $0.scripts += 1 }
        defer {
            state.withLock { state in
                state.scripts -= 1
                if state.scripts == 0 { state.isScriptCancelled = false }
            }
        }
        return try body()
    }

    var statementCount: Int { state.withLock { $0.statements.count } }

    /// The progress of the statement that was given last.
    var progress: QueryProgress? { state.withLock { $0.statements.last { !$0.hasEnded }?.progress } }
}

import Columnar
import Execution
import Platform

/// One statement from the moment it was given to a session until its rows are read: what its thread, its reader and
/// whoever cancels it share.
final class RunningStatement: StatementHandle {
    let cancellation = CancellationToken()
    let progress = QueryProgress()
    /// Rows on their way to the reader. Those of a statement without a reader are in its result.
    let queue = ResultQueue()
    /// Whether somebody reads the rows as they come.
    let hasReader: Bool
    /// Whether anything else than a query, or the name of a table, is refused.
    let isQueryOnly: Bool
    /// Which columns the reader will not look at; nil: it reads all, and is not to be told by what the rows are known.
    let leavesAside: (@Sendable ([SchemaColumn]) -> Set<Int>)?

    /// Given, the text is what may stand behind SUMMARIZE, and somebody wants to know all that can be told of its rows.
    let profiling: ProfileRequest?
    /// Given, what is done in the place of what the text, which may be empty, says.
    let work: (@Sendable (StatementRunner) throws -> Void)?

    private struct State {
        var opening: Opening?
        var outcome: Result<StatementResult, any Error>?
    }

    /// What is known of the rows before the first.
    struct Opening {
        var schema: [SchemaColumn]
        var hasHeader: Bool
        var rowKey: ResultCursor.RowKey?
        var leftAside: Set<Int>
    }

    private let state = Guarded(State())
    private let activity: SessionActivity

    init(
        hasReader: Bool, isQueryOnly: Bool = false, leavesAside: (@Sendable ([SchemaColumn]) -> Set<Int>)? = nil,
        profiling: ProfileRequest? = nil, work: (@Sendable (StatementRunner) throws -> Void)? = nil, in activity: SessionActivity
    ) {
        self.hasReader = hasReader
        self.isQueryOnly = isQueryOnly
        self.leavesAside = leavesAside
        self.profiling = profiling
        self.work = work
        self.activity = activity
    }

    // MARK: The statement's side

    /// The statement will give rows, and other statements of the session may run from now on.
    func open(
        _ schema: [SchemaColumn], hasHeader: Bool, rowKey: ResultCursor.RowKey? = nil, leftAside: Set<Int> = []
    ) {
        state.update {
            $0.opening = Opening(schema: schema, hasHeader: hasHeader, rowKey: rowKey, leftAside: leftAside)
        }
    }

    /// The last thing that a statement does. Whoever cancels it still reaches its reader.
    func end(_ outcome: Result<StatementResult, any Error>) {
        let isCancellation = if case .failure(let error as HiveError) = outcome { error.isCancellation } else { false }
        // The outcome first: who reads the end of the rows finds it, and need not be woken again.
        state.update { $0.outcome = outcome }
        queue.end(outcome.map { _ in }, dropsRows: isCancellation)
    }

    var hasEnded: Bool { state.withLock { $0.outcome != nil } }

    // MARK: The reader's side

    /// Waits until the columns are known or the statement has ended.
    /// - Throws: why it failed before it had columns.
    func waitUntilOpen() throws {
        try state.wait { state -> Result<Void, any Error>? in
            if state.opening != nil { return .success(()) }
            return state.outcome.map { $0.map { _ in } }
        }.get()
    }

    /// Waits for the end.
    func result() throws -> StatementResult { try state.wait { $0.outcome }.get() }

    var opening: (schema: [SchemaColumn], hasHeader: Bool)? {
        state.withLock { $0.opening.map { ($0.schema, $0.hasHeader) } }
    }

    var rowKey: ResultCursor.RowKey? { state.withLock { $0.opening?.rowKey } }

    var leftAside: Set<Int> { state.withLock { $0.opening?.leftAside ?? [] } }

    func next() throws -> Batch? {
        do {
            try cancellation.check()
            if let batch = try queue.next() { return batch }
        } catch {
            activity.remove(self)
            _ = try result()
            throw HiveError(error, source: nil)
        }
        activity.remove(self)
        return nil
    }

    func close() {
        if !hasEnded { cancellation.cancel() }
        queue.close()
        _ = try? result()
        activity.remove(self)
    }
}

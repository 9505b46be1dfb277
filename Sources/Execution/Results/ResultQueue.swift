import Columnar
import Platform

/// A query's rows between the workers that make them and one reader, in the order of their sequence: so many bytes at
/// most that a reader which is slow, or never comes, costs no more memory, while the workers sleep.
package final class ResultQueue: ResultConsumer, Sendable {
    private struct State {
        /// What was put and its bytes, which are charged to the query's memory.
        var entries: [(batch: Batch, bytes: Int)] = []
        /// Entries before this one were read.
        var first = 0
        /// Bytes of the entries that were not read.
        var bytes = 0
        /// The query whose rows these are, as long as it runs.
        var query: QueryExecution?
        var byteLimit = ResultQueue.largestByteLimit
        var isLimited = true
        /// No more rows come; with an error that the reader gets after the rows.
        var end: Result<Void, any Error>?
        /// The reader has gone.
        var isClosed = false

        var isEmpty: Bool { first == entries.count }

        mutating func takeFirst() -> Batch {
            let entry = entries[first]
            entries[first].batch = Batch(columns: [], capacity: 0)
            first += 1
            release(entry.bytes)
            // Places of read entries go together, so that taking one is cheap.
            if first == entries.count || first > 64 {
                entries.removeFirst(first)
                first = 0
            }
            return entry.batch
        }

        mutating func drop() {
            entries = []
            first = 0
            release(bytes)
        }

        private mutating func release(_ count: Int) {
            bytes -= count
            query?.memory.release(count)
        }
    }

    private let state = Guarded(State())

    private static let largestByteLimit = 32 << 20

    package init() {}

    /// Bytes of rows that may wait on their way to a consumer.
    static func byteLimit(of memory: MemoryPool) -> Int { min(max(memory.limit / 16, 1), largestByteLimit) }

    // MARK: The workers' side

    package var order: DeliveryOrder { .sequence }

    package func begin(_ query: QueryExecution) {
        state.withLock { state in
            state.query = query
            state.byteLimit = Self.byteLimit(of: query.memory)
        }
        query.onStop { [weak self] in self?.state.wakeAll() }
    }

    package func makeWorker() throws -> any ResultWorker { Worker(self) }

    /// Rows that are in memory already: taken without waiting.
    package func append(contentsOf batches: [Batch]) {
        state.update { state in
            if !state.isClosed { state.entries += batches.filter { $0.rowCount > 0 }.map { ($0, 0) } }
        }
    }

    /// Lets any number of rows wait, for a reader that comes only after the last.
    package func liftLimit() { state.withLock { $0.isLimited = false } }

    /// Says that no more rows come, and whether those that wait are not to be read either.
    package func end(_ result: Result<Void, any Error>, dropsRows: Bool = false) {
        state.update { state in
            guard state.end == nil else { return }
            state.end = result
            if dropsRows { state.drop() }
            // What waits is the reader's now; the query's memory ends with it.
            for index in state.entries.indices { state.entries[index].bytes = 0 }
            state.bytes = 0
            state.query = nil
        }
    }

    /// Waits until there is room.
    /// - Throws: when the query is to stop or the reader has gone; `ExecutionError.outOfMemory` when the memory has no
    ///   room for the batch alone.
    private func put(_ batch: Batch) throws {
        let bytes = batch.byteCount
        try state.waitAndUpdate { state -> Void? in
            if state.isClosed { throw ExecutionError.cancelled }
            try state.query?.check()
            guard state.isEmpty || state.bytes < state.byteLimit || !state.isLimited else { return nil }
            do { try state.query?.memory.reserve(bytes, for: "the result's rows") } catch {
                // What the reader takes makes room.
                if state.isEmpty || !state.isLimited { throw error }
                return nil
            }
            state.bytes += bytes
            state.entries.append((batch, bytes))
            return ()
        }
    }

    private final class Worker: ResultWorker {
        private let queue: ResultQueue

        init(_ queue: ResultQueue) { self.queue = queue }

        func consume(_ batch: Batch) throws { try keep(batch.materialized()) }
        func keep(_ batch: Batch) throws { try queue.put(batch) }
        func finish() throws {}
    }

    // MARK: The reader's side

    /// The next rows; nil at the end. Waits for them.
    /// - Throws: what ended the rows early.
    package func next() throws -> Batch? {
        try state.waitAndUpdate { state -> Result<Batch?, any Error>? in
            if !state.isEmpty { return .success(state.takeFirst()) }
            return state.end.map { end in end.map { _ in Batch?.none } }
        }.get()
    }

    /// The reader goes: rows that were not read are dropped, and workers that bring more are told to stop.
    package func close() {
        state.update { state in
            state.isClosed = true
            state.drop()
        }
    }
}

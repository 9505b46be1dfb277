import Columnar
import Platform

/// Keeps all rows in memory, in the order of the source.
package final class CollectingConsumer: ResultConsumer {
    private let collected = Guarded<[Batch]>([])
    private let query = Guarded<QueryExecution?>(nil)

    package init() {}

    package var order: DeliveryOrder { .any }

    package func begin(_ query: QueryExecution) { self.query.withLock { $0 = query } }

    package func makeWorker() throws -> any ResultWorker { Worker(self, query.value?.memory) }

    /// Flat batches that own their strings. Read them after the query ended.
    package var batches: [Batch] {
        // Stable, so that batches of one morsel keep the order in which their worker made them.
        collected.withLock { $0 }.enumerated()
            .sorted { ($0.element.sequence.morsel, $0.offset) < ($1.element.sequence.morsel, $1.offset) }
            .map(\.element)
    }

    package var rowCount: Int { collected.withLock { $0.reduce(0) { $0 + $1.rowCount } } }

    private final class Worker: ResultWorker {
        private let consumer: CollectingConsumer
        private let reservation: MemoryReservation?
        private var own: [Batch] = []
        private var byteCount = 0

        init(_ consumer: CollectingConsumer, _ memory: MemoryPool?) {
            self.consumer = consumer
            reservation = memory.map { MemoryReservation($0, for: "the result's rows") }
        }

        func consume(_ batch: Batch) throws {
            if batch.rowCount > 0 { try keep(batch.materialized()) }
        }

        func keep(_ batch: Batch) throws {
            byteCount += batch.byteCount
            try reservation?.update(to: byteCount)
            own.append(batch)
        }

        func finish() throws {
            let batches = own
            own = []
            consumer.collected.withLock { $0.append(contentsOf: batches) }
        }
    }
}

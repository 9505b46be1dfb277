import Columnar
import Platform

/// Keeps all rows in memory, in the order of the source.
package final class CollectingConsumer: ResultConsumer {
    private let collected = Guarded<[Batch]>([])

    package init() {}

    package var preservesOrder: Bool { false }

    package func makeWorker() throws -> any ResultWorker { Worker(self) }

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
        private var own: [Batch] = []

        init(_ consumer: CollectingConsumer) { self.consumer = consumer }

        func consume(_ batch: Batch) throws {
            if batch.rowCount > 0 { own.append(batch.materialized()) }
        }

        func finish() throws {
            let batches = own
            own = []
            consumer.collected.withLock { $0.append(contentsOf: batches) }
        }
    }
}

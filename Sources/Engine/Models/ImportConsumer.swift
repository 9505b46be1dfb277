import Columnar
import Execution
import FeatureTables

/// Gathers a query's rows, in their order, for a training.
final class ImportConsumer: ResultConsumer {
    private let builder: ImportDataBuilder

    init(_ builder: ImportDataBuilder) { self.builder = builder }

    var order: DeliveryOrder { .sequence }

    func makeWorker() throws -> any ResultWorker { Worker(builder) }

    /// The rows, once the query has ended.
    func data() throws -> ImportData { try ImportData(builder) }

    private final class Worker: ResultWorker {
        private let builder: ImportDataBuilder

        init(_ builder: ImportDataBuilder) { self.builder = builder }

        func consume(_ batch: Batch) throws { if batch.rowCount > 0 { try keep(batch.materialized()) } }
        func keep(_ batch: Batch) throws { try builder.append(batch) }
        func finish() throws {}
    }
}

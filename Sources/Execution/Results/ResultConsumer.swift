import Columnar

/// In which order a `ResultConsumer` gets a query's rows.
package enum DeliveryOrder: Sendable {
    /// As the workers make them, each to a worker of the consumer's.
    case any
    /// In the plan's order where the statement asked for one (`PhysicalOperator.isOrdered`), else as `any`.
    case asPlanned
    /// In the order of their sequence, to one worker, one batch at a time.
    case sequence
}

/// Takes the rows of a query.
package protocol ResultConsumer: AnyObject {
    var order: DeliveryOrder { get }
    /// Called once, before all else.
    func begin(_ query: QueryExecution) throws
    /// Rows of these pieces of a source (`BatchSequence.morsel`) are about to come. Runs come one after another, in ascending
    /// ranges; nothing of one comes before all of the one before has ended.
    func begin(_ morsels: Range<Int>)
    /// One for each thread that hands out rows.
    func makeWorker() throws -> any ResultWorker
}

extension ResultConsumer {
    package func begin(_ query: QueryExecution) throws {}
    package func begin(_ morsels: Range<Int>) {}
}

/// One thread's side of a `ResultConsumer`.
package protocol ResultWorker: AnyObject {
    /// The batch's bytes are valid until the call returns. Columns may have any encoding.
    func consume(_ batch: Batch) throws
    /// Takes a batch of flat columns that own their bytes: it may be kept as it is.
    func keep(_ batch: Batch) throws
    /// All rows of a piece of the source, of which there may be none, have come, and came to this worker. Not called where
    /// rows are delivered in their sequence.
    func finishMorsel(_ morsel: Int) throws
    /// No more rows will come to this worker.
    func finish() throws
    /// False when further rows would be for nothing. Asked where rows are delivered in their sequence.
    var wantsMore: Bool { get }
}

extension ResultWorker {
    package func keep(_ batch: Batch) throws { try consume(batch) }
    package func finishMorsel(_ morsel: Int) throws {}
    package var wantsMore: Bool { true }
}

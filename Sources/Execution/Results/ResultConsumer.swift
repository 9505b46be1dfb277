import Columnar

/// Takes the rows of a query.
package protocol ResultConsumer: AnyObject {
    /// Whether batches must come in the order of their sequence, to one worker, one at a time.
    var preservesOrder: Bool { get }
    /// One for each thread that hands out rows.
    func makeWorker() throws -> any ResultWorker
}

/// One thread's side of a `ResultConsumer`.
package protocol ResultWorker: AnyObject {
    /// The batch's bytes are valid until the call returns. Columns may have any encoding.
    func consume(_ batch: Batch) throws
    /// No more rows will come to this worker.
    func finish() throws
}

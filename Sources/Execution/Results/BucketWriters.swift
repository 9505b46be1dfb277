import Catalog
import Columnar
import Platform

/// How the rows of a table fall into buckets.
struct TableBucketing: Sendable {
    /// Ordinals of the bucket columns.
    let columns: [Int]
    /// The table's types of these columns.
    let types: [SQLType]
    let bucketCount: Int32
    let hash: HiveHash

    /// - Parameter storage: of a partition that has buckets of its own; the table's when it is nil.
    /// - Precondition: there are buckets.
    init(_ table: Table, storage: StorageDescriptor? = nil) throws {
        let storage = storage ?? table.storage
        columns = try storage.bucketColumns.map { name in
            guard let index = table.columns.firstIndex(where: { $0.name == name }) else {
                throw ExecutionError.message("Bucket column \(name) is not a column of \(table.qualifiedName)")
            }
            return index
        }
        types = columns.map { table.columns[$0].type }
        bucketCount = Int32(clamping: storage.bucketCount)
        hash = table.bucketHash
    }

    /// Each row's bucket, INT.
    /// - Parameter data: the table's columns.
    func buckets(_ data: [Column], _ batch: Batch) throws -> Column {
        let keys = try zip(columns, types).map { index, type in
            let column = data[index]
            return column.type == type
                ? column : try Cast.apply(column.decoded(batch.rows), to: type, rows: batch.rows, count: batch.capacity)
        }
        return hash.buckets(of: keys, rows: batch.rows, count: batch.capacity, bucketCount: bucketCount)
    }
}

/// Writes the buckets of a table, or the files of reducers, by several workers: a bucket's file belongs to one of as many
/// writers as there are threads, and each worker hands the rows it has to the writers one after the other.
final class BucketWriters: Sendable {
    /// nil: the rows' last column says which file they go to.
    private let bucketing: TableBucketing?
    private let columnCount: Int
    private let writers: [Guarded<TableWriter>]
    private let query: QueryExecution?
    /// Workers that were made and have not finished.
    private let working = Guarded((made: 0, left: 0))

    init(_ consumer: TableWriteConsumer, _ fileCount: Int, _ query: QueryExecution?) throws {
        bucketing = consumer.bucketing
        self.query = query
        columnCount = consumer.table.columns.count
        let count = consumer.order == .sequence ? 1 : max(min(query?.workerCount ?? 1, fileCount), 1)
        writers = try (0..<count).map { Guarded(try TableWriter(consumer, number: $0, memory: query?.memory)) }
    }

    func makeWorker() -> any ResultWorker {
        BucketWorker(self, number: working.withLock { working in
            working.left += 1
            working.made += 1
            return working.made - 1
        })
    }

    fileprivate func write(_ batch: Batch, from number: Int) throws {
        var batch = batch
        let buckets: Column
        if let bucketing {
            guard batch.columns.count >= columnCount else {
                throw ExecutionError.invalidPlan("rows for a bucketed table lack columns")
            }
            buckets = try bucketing.buckets(Array(batch.columns[..<columnCount]), batch)
        } else {
            guard let places = batch.columns.popLast(), places.type == .int else {
                throw ExecutionError.invalidPlan("rows for several files do not say which they go to")
            }
            buckets = places.decoded(batch.rows)
        }
        guard writers.count > 1 else { return try writers[0].withLock { try $0.write(batch, buckets: buckets) } }
        let parts = split(batch.rows, by: buckets, batch.capacity)
        // Workers begin at different writers, so that they seldom wait for one another.
        for step in writers.indices {
            let place = (number + step) % writers.count
            guard parts[place].count > 0 else { continue }
            let own = Batch(
                columns: batch.columns, capacity: batch.capacity, rows: RowSelection(parts[place]), sequence: batch.sequence)
            try writers[place].withLock { try $0.write(own, buckets: buckets) }
        }
    }

    /// The rows of each writer.
    private func split(_ rows: RowSelection, by buckets: Column, _ capacity: Int) -> [SelectionVector] {
        let parts = writers.map { _ in SelectionVector(capacity: rows.count) }
        let targets = parts.map(\.indices)
        var counts = [Int](repeating: 0, count: parts.count)
        let values = UnsafePointer(buckets.values(as: Int32.self))
        let scale = buckets.isConstant ? 0 : 1
        let count = Int32(parts.count)
        targets.withUnsafeBufferPointer { targets in
            counts.withUnsafeMutableBufferPointer { counts in
                rows.forEach { row in
                    let place = Int(values[row &* scale] % count)
                    targets[place][counts[place]] = Int32(truncatingIfNeeded: row)
                    counts[place] &+= 1
                }
            }
        }
        for (part, count) in zip(parts, counts) { part.setCount(count) }
        return parts
    }

    /// The last worker closes the files, which is when formats of columns write most.
    fileprivate func finish() throws {
        guard working.withLock({ working in
            working.left -= 1
            return working.left == 0
        }) else { return }
        guard let query else {
            for writer in writers { try writer.withLock { try $0.finish() } }
            return
        }
        try query.forEachTask(writers.count) { _, place in try self.writers[place].withLock { try $0.finish() } }
    }
}

private final class BucketWorker: ResultWorker {
    private let writers: BucketWriters
    private let number: Int

    init(_ writers: BucketWriters, number: Int) {
        self.writers = writers
        self.number = number
    }

    func consume(_ batch: Batch) throws { try writers.write(batch, from: number) }

    func finish() throws { try writers.finish() }
}

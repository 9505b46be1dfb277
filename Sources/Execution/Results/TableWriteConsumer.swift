import Catalog
import Columnar
import Expressions
import Platform
import TableFormats

/// Writes rows as files of a table into a staging folder: a file a worker and partition (`month=1/000000_0`), or, for a
/// bucketed table, a file a bucket and partition. Whoever runs the query makes the files durable and moves them to where they belong.
package final class TableWriteConsumer: ResultConsumer {
    /// How many partitions the rows may make.
    package struct PartitionLimits: Sendable {
        /// `hive.exec.max.dynamic.partitions`
        package var total: Int
        /// `hive.exec.max.dynamic.partitions.pernode`, where it holds: this process is the node.
        package var perNode: Int?

        package init(total: Int = 1000, perNode: Int? = nil) {
            self.total = total
            self.perNode = perNode
        }
    }

    /// A file that was written.
    package struct File: Sendable {
        package var path: String
        /// A value for each partition column, not escaped; empty for a table without partitions.
        package var partitionValues: [String]
        /// The bucket, or the worker that wrote it.
        package var bucket: Int
        package var rowCount: Int
        package var byteCount: Int
    }

    let table: Table
    let folder: String
    private let format: any TableFormat
    /// The formats of partitions that are stored otherwise than the table, by their values.
    private let otherFormats: [[String]: any TableFormat]
    let staticValues: [String?]
    private let limits: PartitionLimits
    /// What stands in the name of a partition for NULL and for an empty text.
    let nullPartition: String
    /// Into how many files each partition's rows go, by an INT behind their columns; nil: nobody says.
    let reducers: Int?
    /// Partitions that are written whether they get rows or not.
    private let partitions: [[String]]
    /// A file that has as many bytes is followed by another one; never in bucketed tables.
    let targetFileBytes: Int?
    private let keepsOrder: Bool
    private let state = Guarded(State())

    private struct State {
        var workers = 0
        var partitions = Set<String>()
        var files: [File] = []
        var query: QueryExecution?
        var buckets: BucketWriters?
    }

    /// - Parameters:
    ///   - folder: exists and is empty.
    ///   - staticPartitionValues: for each partition column its value, nil where the rows have it: those columns come
    ///     last in the batches, in the table's order, of any type.
    ///   - partitions: those that are written whether they get rows or not: each gets the files of its buckets.
    ///   - reducers: into how many files each partition's rows go, by an INT behind their columns, in a table without buckets.
    ///   - nullPartition: what stands in the name of a partition for NULL and for an empty text.
    ///   - otherStorages: of partitions that are stored otherwise than the table, by their values.
    ///   - targetFileBytes: bytes from which on a file is followed by another one.
    ///   - keepsOrder: the rows go one after the other, in the plan's order, into as few files as they fit in.
    ///   - settings: of the session, by which files are written where the table does not say.
    /// - Throws: `ExecutionError.unsupportedFormat` when files like the table's cannot be written.
    package init(
        table: Table, folder: String, staticPartitionValues: [String?], partitions: [[String]] = [],
        reducers: Int? = nil, nullPartition: String = PartitionName.defaultValue, otherStorages: [[String]: StorageDescriptor] = [:],
        limits: PartitionLimits = PartitionLimits(),
        targetFileBytes: Int? = nil, keepsOrder: Bool = false, settings: [String: String] = [:]
    ) throws {
        guard staticPartitionValues.count == table.partitionColumns.count else {
            throw ExecutionError.invalidPlan("a value or nil is needed for each partition column")
        }
        self.table = table
        self.folder = folder
        self.limits = limits
        self.partitions = partitions
        self.nullPartition = nullPartition
        self.reducers = table.storage.isBucketed ? nil : reducers
        self.keepsOrder = keepsOrder
        self.targetFileBytes = table.storage.isBucketed ? nil : targetFileBytes
        bucketing = try table.storage.isBucketed ? TableBucketing(table) : nil
        staticValues = staticPartitionValues
        let format = try TableStorage(table.storage, of: table, settings: settings).tableFormat(of: table)
        self.format = format
        var made: [TableStorage: any TableFormat] = [:]
        otherFormats = try otherStorages.mapValues { descriptor in
            let storage = TableStorage(descriptor, of: table, settings: settings)
            if let known = made[storage] { return known }
            let own = try storage.tableFormat(of: table)
            made[storage] = own
            return own
        }
    }

    /// A table written from sorted rows is read back in that order.
    package var order: DeliveryOrder { keepsOrder ? .sequence : .asPlanned }

    /// How rows fall into buckets; nil for a table without.
    let bucketing: TableBucketing?

    /// How many files a partition has, where the rows say which they go to; nil: a file each worker.
    private var fileCount: Int? { bucketing.map { Int($0.bucketCount) } ?? reducers }

    /// The files written, once the query has ended.
    package var files: [File] { state.withLock { $0.files.sorted { $0.path < $1.path } } }

    /// How the files of a partition are written.
    func format(of partitionValues: [String]) -> any TableFormat { otherFormats[partitionValues] ?? format }

    package func begin(_ query: QueryExecution) { state.withLock { $0.query = query } }

    package func makeWorker() throws -> any ResultWorker {
        try state.withLock { state in
            defer { state.workers += 1 }
            guard let fileCount else { return try TableWriter(self, number: state.workers, memory: state.query?.memory) }
            let writers = try state.buckets ?? BucketWriters(self, fileCount, state.query)
            state.buckets = writers
            return writers.makeWorker()
        }
    }

    /// Where a file of the staging folder begins, before its format's suffix.
    /// - Parameter partition: the name of the partition's folder; empty for none.
    func path(ofBucket bucket: Int, partition: String) -> String {
        let digits = "\(bucket)"
        return folder + (partition.isEmpty ? "" : "/" + partition) + "/"
            + String(repeating: "0", count: max(6 - digits.count, 0)) + digits + "_0"
    }

    /// Adds files without rows for buckets that got none, once the query has ended: as in Hive a bucketed table has a
    /// file for each bucket, in every partition that is written. So has each reducer, but in partitions that rows make.
    /// - Parameter check: throws when the statement is to end.
    package func completeBuckets(check: () throws -> Void) throws {
        guard let fileCount else { return }
        var written: [[String]: Set<Int>] = [:]
        let values = staticValues.compactMap { $0 }
        if values.count == staticValues.count { written[values] = [] }
        for values in partitions { written[values] = [] }
        for file in files where reducers == nil || written[file.partitionValues] != nil {
            written[file.partitionValues, default: []].insert(file.bucket)
        }
        let outputs = OutputFileSet(maximumOpen: 1, maximumBufferBytes: OutputFile.largestBuffer)
        for (values, buckets) in written {
            try check()
            let format = format(of: values)
            let writer = try format.makeWriter(schema: table.columns)
            let name = PartitionName.make(columns: table.partitionColumns.map(\.name), values: values)
            for bucket in 0..<fileCount where !buckets.contains(bucket) {
                try check()
                let output = outputs.add(path: path(ofBucket: bucket, partition: name) + format.fileSuffix)
                var byteCount = 0
                if format.leavesEmptyFilesBlank {
                    try output.close()
                } else {
                    byteCount = try writer.open(output).close().byteCount
                }
                add([File(path: output.path, partitionValues: values, bucket: bucket, rowCount: 0, byteCount: byteCount)])
            }
        }
    }

    /// Counts a partition in, by the name of its folder; false when it is beyond the limits and its rows need not be
    /// written.
    func register(_ name: String) -> Bool {
        guard staticValues.contains(where: { $0 == nil }) else { return true }
        let count = state.withLock { state in
            state.partitions.insert(name)
            return state.partitions.count
        }
        return count <= limits.total
    }

    /// - Throws: `ExecutionError.task` when the rows had more partitions than the limits allow. Asked once the query has
    ///   ended, since the message says how many there are.
    package func checkLimits() throws {
        guard staticValues.contains(where: { $0 == nil }) else { return }
        let count = state.withLock { $0.partitions.count }
        // Hive counts before it adds one.
        if let perNode = limits.perNode, count > perNode + 1 {
            throw ExecutionError.task(
                name: "mr.MapRedTask", code: 2,
                ". [Error 20004]: Fatal error occurred when node tried to create too many dynamic partitions. The maximum "
                    + "number of dynamic partitions is controlled by hive.exec.max.dynamic.partitions and "
                    + "hive.exec.max.dynamic.partitions.pernode. Maximum was set to \(perNode) partitions per node, "
                    + "number of dynamic partitions on this node: \(count)")
        }
        guard count <= limits.total else {
            throw ExecutionError.task(
                name: "MoveTask", code: 1,
                ". Number of dynamic partitions created is \(count), which is more than \(limits.total). To solve this try "
                    + "to set hive.exec.max.dynamic.partitions to at least \(count).")
        }
    }

    func add(_ written: [File]) { state.withLock { $0.files += written } }
}

import Catalog
import Columnar
import Expressions
import Platform
import TableFormats

/// Writes rows as files of a table into a staging folder: a file a worker and partition (`month=1/000000_0`), or, for a
/// bucketed table, a file a bucket. Whoever runs the query makes the files durable and moves them to where they belong.
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
    /// A file that has as many bytes is followed by another one; never in bucketed tables.
    let targetFileBytes: Int?
    private let keepsOrder: Bool
    private let state = Guarded((workers: 0, partitions: Set<String>(), files: [File](), memory: MemoryPool?.none))

    /// - Parameters:
    ///   - folder: exists and is empty.
    ///   - staticPartitionValues: for each partition column its value, nil where the rows have it: those columns come
    ///     last in the batches, in the table's order, of any type.
    ///   - otherStorages: of partitions that are stored otherwise than the table, by their values.
    ///   - targetFileBytes: bytes from which on a file is followed by another one.
    ///   - keepsOrder: the rows go one after the other, in the plan's order, into as few files as they fit in.
    ///   - settings: of the session, by which files are written where the table does not say.
    /// - Throws: `ExecutionError.unsupportedFormat` when files like the table's cannot be written.
    package init(
        table: Table, folder: String, staticPartitionValues: [String?],
        otherStorages: [[String]: StorageDescriptor] = [:], limits: PartitionLimits = PartitionLimits(),
        targetFileBytes: Int? = nil, keepsOrder: Bool = false, settings: [String: String] = [:]
    ) throws {
        guard staticPartitionValues.count == table.partitionColumns.count else {
            throw ExecutionError.invalidPlan("a value or nil is needed for each partition column")
        }
        self.table = table
        self.folder = folder
        self.limits = limits
        self.keepsOrder = keepsOrder
        let isBucketed = table.storage.bucketCount > 0 && !table.storage.bucketColumns.isEmpty
        self.targetFileBytes = isBucketed ? nil : targetFileBytes
        self.isBucketed = isBucketed
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

    /// A bucket has one file, so bucketed tables have one writer; a table written from sorted rows is read back in that
    /// order.
    package var order: DeliveryOrder { isBucketed || keepsOrder ? .sequence : .asPlanned }

    let isBucketed: Bool

    /// The files written, once the query has ended.
    package var files: [File] { state.withLock { $0.files.sorted { $0.path < $1.path } } }

    /// How the files of a partition are written.
    func format(of partitionValues: [String]) -> any TableFormat { otherFormats[partitionValues] ?? format }

    package func begin(_ query: QueryExecution) { state.withLock { $0.memory = query.memory } }

    package func makeWorker() throws -> any ResultWorker {
        let (number, memory) = state.withLock { state in
            defer { state.workers += 1 }
            return (state.workers, state.memory)
        }
        return try TableWriter(self, number: number, memory: memory)
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

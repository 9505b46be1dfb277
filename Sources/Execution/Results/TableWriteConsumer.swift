import Catalog
import Columnar
import Expressions
import Platform
import TableFormats

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes rows as files of a table into a staging folder: a file a worker and partition (`month=1/000000_0`), or, for a
/// bucketed table, a file a bucket. Whoever runs the query moves the files to where they belong.
package final class TableWriteConsumer: ResultConsumer {
    /// A file that was written.
    package struct File: Sendable {
        package var path: String
        /// A value for each partition column, not escaped; empty for a table without partitions.
        package var partitionValues: [String]
        package var rowCount: Int
        package var byteCount: Int
    }

    fileprivate let table: Table
    fileprivate let folder: String
    fileprivate let format: TextFormat
    fileprivate let staticValues: [String?]
    private let maximumPartitions: Int
    private let state = Guarded((workers: 0, partitions: Set<[String]>(), files: [File]()))

    /// - Parameters:
    ///   - folder: exists and is empty.
    ///   - staticPartitionValues: for each partition column its value, nil where the rows have it: those columns come
    ///     last in the batches, in the table's order.
    /// - Throws: `ExecutionError.unsupportedFormat` when the table is not stored as text.
    package init(
        table: Table, folder: String, staticPartitionValues: [String?], maximumPartitions: Int = 1000,
        compresses: Bool = false
    ) throws {
        let serde = table.storage.serde
        guard table.storage.format == .text,
            serde.hasSuffix("LazySimpleSerDe") || serde.hasSuffix("MetadataTypedColumnsetSerDe")
        else {
            throw ExecutionError.unsupportedFormat(
                table: table.qualifiedName,
                format: table.storage.format == .text
                    ? "text with SerDe \(serde)" : table.storage.format.rawValue.uppercased())
        }
        guard !compresses else {
            throw ExecutionError.message("Compressed output (hive.exec.compress.output) cannot be written yet")
        }
        guard staticPartitionValues.count == table.partitionColumns.count else {
            throw ExecutionError.invalidPlan("a value or nil is needed for each partition column")
        }
        self.table = table
        self.folder = folder
        self.maximumPartitions = maximumPartitions
        staticValues = staticPartitionValues
        format = try TextFormat(serdeProperties: table.storage.serdeProperties, tableProperties: table.properties)
    }

    /// A bucket has one file, so bucketed tables have one writer; a table written from sorted rows is read back in that
    /// order.
    package var order: DeliveryOrder { isBucketed ? .sequence : .asPlanned }

    fileprivate var isBucketed: Bool { table.storage.bucketCount > 0 && !table.storage.bucketColumns.isEmpty }

    /// The files written, once the query has ended.
    package var files: [File] { state.withLock { $0.files.sorted { $0.path < $1.path } } }

    package func makeWorker() throws -> any ResultWorker {
        let number = state.withLock { state in
            defer { state.workers += 1 }
            return state.workers
        }
        return try TableWriter(self, number: number)
    }

    /// Counts a partition in.
    fileprivate func register(_ values: [String]) throws {
        let count = state.withLock { state in
            state.partitions.insert(values)
            return state.partitions.count
        }
        guard count <= maximumPartitions || staticValues.allSatisfy({ $0 != nil }) else {
            throw ExecutionError.message(
                "Number of dynamic partitions created is \(count), which is more than \(maximumPartitions). To solve "
                    + "this try to set hive.exec.max.dynamic.partitions to at least \(count).")
        }
    }

    fileprivate func add(_ file: File) { state.withLock { $0.files.append(file) } }
}

/// One worker's files.
private final class TableWriter: ResultWorker {
    private let consumer: TableWriteConsumer
    private let number: Int
    /// Partition values and bucket of each open file, numbered.
    private let targets: KeyTable
    private var files: [Int: (writer: TextWriter, values: [String])] = [:]
    private var hashCapacity = 1
    private var hashBuffer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    private let bucketColumns: [Int]

    init(_ consumer: TableWriteConsumer, number: Int) throws {
        self.consumer = consumer
        self.number = number
        let dynamic = consumer.staticValues.filter { $0 == nil }.count
        targets = KeyTable(KeyLayout(Array(repeating: .string, count: dynamic) + [.int]))
        let table = consumer.table
        bucketColumns = consumer.isBucketed
            ? try table.storage.bucketColumns.map { name in
                guard let index = table.columns.firstIndex(where: { $0.name == name }) else {
                    throw ExecutionError.message("Bucket column \(name) is not a column of \(table.qualifiedName)")
                }
                return index
            } : []
    }

    deinit { hashBuffer.deallocate() }

    func consume(_ batch: Batch) throws {
        let width = consumer.table.columns.count
        guard batch.columns.count == width + targets.layout.types.count - 1 else {
            throw ExecutionError.invalidPlan("rows for \(consumer.table.qualifiedName) have another number of columns")
        }
        let data = Array(batch.columns[..<width])
        var keys = try batch.columns[width...].map { column in
            try Cast.apply(column.decoded(batch.rows), to: .string, rows: batch.rows, count: batch.capacity)
        }
        keys.append(buckets(data, batch))
        if keys.allSatisfy(\.isConstant) {
            Hashing.hash(keys, rows: .all(1), count: 1, into: hashes(1))
            let target = Int(try targets.insert(keys, row: 0, hash: hashes(1)[0]))
            try openFile(target, keys, row: 0)
            try write(data, batch, batch.rows, to: target)
            return
        }
        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: batch.rowCount) { buffer in
            guard let numbers = buffer.baseAddress else { return }
            let words = hashes(batch.capacity)
            Hashing.hash(keys, rows: batch.rows, count: batch.capacity, into: words)
            try targets.insert(keys, rows: batch.rows, hashes: words, into: numbers)
            // The rows of each file, by counting.
            var ends = [Int](repeating: 0, count: targets.count + 1)
            for ordinal in 0..<batch.rowCount {
                let target = Int(numbers[ordinal])
                if files[target] == nil { try openFile(target, keys, row: batch.rows[ordinal]) }
                ends[target + 1] += 1
            }
            for target in 0..<targets.count { ends[target + 1] += ends[target] }
            let sorted = SelectionVector(capacity: batch.rowCount)
            for ordinal in 0..<batch.rowCount {
                let target = Int(numbers[ordinal])
                sorted.indices[ends[target]] = Int32(truncatingIfNeeded: batch.rows[ordinal])
                ends[target] += 1
            }
            var begin = 0
            for target in 0..<targets.count where ends[target] > begin {
                let rows = SelectionVector(capacity: ends[target] - begin)
                rows.indices.update(from: sorted.indices + begin, count: ends[target] - begin)
                rows.setCount(ends[target] - begin)
                try write(data, batch, RowSelection(rows), to: target)
                begin = ends[target]
            }
        }
    }

    /// Room for so many hashes.
    private func hashes(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        if count > hashCapacity {
            hashBuffer.deallocate()
            hashCapacity = count
            hashBuffer = .allocate(capacity: count)
        }
        return hashBuffer
    }

    private func write(_ data: [Column], _ batch: Batch, _ rows: RowSelection, to target: Int) throws {
        try files[target]?.writer.write(
            Batch(columns: data, capacity: batch.capacity, rows: rows, sequence: batch.sequence))
    }

    /// Each row's bucket by Hive's hash; the worker's number for a table without buckets.
    private func buckets(_ data: [Column], _ batch: Batch) -> Column {
        guard consumer.isBucketed else {
            return .constant(Int32(truncatingIfNeeded: number), type: .int, count: batch.capacity)
        }
        let columns = bucketColumns.map { data[$0].decoded(batch.rows) }
        let hashes = HiveHash.apply(columns, rows: batch.rows, count: batch.capacity)
        let result = Column(flat: .int, count: batch.capacity)
        let target = result.values(as: Int32.self)
        let count = Int32(clamping: consumer.table.storage.bucketCount)
        let source = hashes.values(as: Int32.self)
        batch.rows.forEach { row in target[row] = (source[hashes.isConstant ? 0 : row] & .max) % count }
        return result
    }

    /// Opens file `target`, if it is new, for the partition values and the bucket of a row.
    private func openFile(_ target: Int, _ keys: [Column], row: Int) throws {
        if files[target] != nil { return }
        var next = 0
        let values = consumer.staticValues.map { fixed -> String in
            if let fixed { return fixed }
            let column = keys[next]
            next += 1
            guard !column.isNull(row) else { return PartitionName.defaultValue }
            let text = column.values(as: StringView.self)[column.element(of: row)].string
            return text.isEmpty ? PartitionName.defaultValue : text
        }
        if !values.isEmpty { try consumer.register(values) }
        let bucketKey = keys[keys.count - 1]
        let bucket = Int(bucketKey.values(as: Int32.self)[bucketKey.element(of: row)])
        files[target] = (try open(values, bucket), values)
    }

    private func open(_ values: [String], _ bucket: Int) throws -> TextWriter {
        var path = consumer.folder
        if !values.isEmpty {
            let name = PartitionName.make(columns: consumer.table.partitionColumns.map(\.name), values: values)
            for part in name.split(separator: "/") {
                path += "/" + part
                guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
                    throw TableFormatError("cannot make the folder: \(String(cString: strerror(errno)))", path: path)
                }
            }
        }
        let digits = String(bucket)
        path += "/" + String(repeating: "0", count: max(6 - digits.count, 0)) + digits + "_0"
        return try TextWriter(path: path, schema: consumer.table.columns, format: consumer.format)
    }

    func finish() throws {
        for (writer, values) in files.values {
            try writer.close()
            consumer.add(
                TableWriteConsumer.File(
                    path: writer.path, partitionValues: values, rowCount: writer.rowCount, byteCount: writer.byteCount))
        }
        files = [:]
    }
}

import Catalog
import Columnar
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

    /// A bucket has one file, so bucketed tables have one writer.
    package var preservesOrder: Bool { isBucketed }

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
    private var writers: [(writer: TextWriter, values: [String])] = []
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
            let target = try target(keys, row: batch.rows[0])
            try write(data, batch, batch.rows, to: target)
            return
        }
        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: batch.rowCount) { buffer in
            guard let numbers = buffer.baseAddress else { return }
            var ordinal = 0
            try batch.rows.forEach { row in
                numbers[ordinal] = Int32(truncatingIfNeeded: try target(keys, row: row))
                ordinal += 1
            }
            var rows: [Int: [Int32]] = [:]
            for ordinal in 0..<batch.rowCount {
                rows[Int(numbers[ordinal]), default: []].append(Int32(truncatingIfNeeded: batch.rows[ordinal]))
            }
            for (target, positions) in rows.sorted(by: { $0.key < $1.key }) {
                let selection = SelectionVector(capacity: positions.count)
                for (index, row) in positions.enumerated() { selection.indices[index] = row }
                selection.setCount(positions.count)
                try write(data, batch, RowSelection(selection), to: target)
            }
        }
    }

    private func write(_ data: [Column], _ batch: Batch, _ rows: RowSelection, to target: Int) throws {
        try writers[target].writer.write(
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

    /// The number of the file for a row's partition values and bucket; a new file is opened.
    private func target(_ keys: [Column], row: Int) throws -> Int {
        var hash: UInt64 = 0
        for key in keys { hash = Hashing.combine(hash, Hashing.hash(key, row: row)) }
        let found = Int(targets.insert(keys, row: row, hash: hash))
        if found < writers.count { return found }
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
        writers.append((try open(values, bucket), values))
        return writers.count - 1
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
        for (writer, values) in writers {
            try writer.close()
            consumer.add(
                TableWriteConsumer.File(
                    path: writer.path, partitionValues: values, rowCount: writer.rowCount, byteCount: writer.byteCount))
        }
        writers = []
    }
}

import Catalog
import Columnar
import Execution
import Synchronization
import TableFormats

/// Writes a query's rows into files of a staging folder: a file a worker and partition, `<folder>/<k>=<v>/000000_0`.
///
/// The rows have the table's columns, then the partition columns without a static value, whose values choose the
/// partition.
final class StagedFileWriter: ResultConsumer {
    struct File: Sendable {
        var path: String
        /// One a partition column.
        var partitionValues: [String]
        var rowCount: Int
        var byteCount: Int
    }

    /// Files that one worker has open at a time; with more partitions it begins new files.
    fileprivate static let openFileLimit = 64

    fileprivate let table: Table
    fileprivate let folder: String
    fileprivate let staticValues: [String?]
    fileprivate let format: TextFormat
    fileprivate let maximumPartitions: Int
    /// Rows come in the query's order and go into one file a partition.
    let preservesOrder: Bool
    private let state = Mutex(State())

    private struct State {
        var workers = 0
        var files: [File] = []
        var partitions = Set<[String]>()
    }

    init(
        table: Table, folder: String, staticValues: [String?], maximumPartitions: Int, preservesOrder: Bool
    ) throws {
        guard table.storage.format == .text, table.storage.serde.hasSuffix("LazySimpleSerDe") else {
            let format = table.storage.format == .text ? "text with SerDe \(table.storage.serde)" : table.storage.format.rawValue
            throw ExecutionError.unsupportedFormat(table: table.qualifiedName, format: format)
        }
        self.table = table
        self.folder = folder
        self.staticValues = staticValues
        self.maximumPartitions = maximumPartitions
        self.preservesOrder = preservesOrder
        format = try TextFormat(
            serdeProperties: table.storage.serdeProperties, tableProperties: table.properties)
    }

    /// What was written; complete when the query has ended.
    var files: [File] {
        state.withLock { $0.files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) } }
    }

    func makeWorker() throws -> any ResultWorker {
        let number = state.withLock { state in
            state.workers += 1
            return state.workers - 1
        }
        return Worker(self, number: number)
    }

    fileprivate func finish(_ file: File) { state.withLock { $0.files.append(file) } }

    /// - Throws: when there are more dynamic partitions than `hive.exec.max.dynamic.partitions`.
    fileprivate func begin(partition values: [String]) throws {
        let count = state.withLock { state in
            state.partitions.insert(values)
            return state.partitions.count
        }
        guard count <= maximumPartitions else {
            throw ExecutionError.message(
                "Number of dynamic partitions created is \(count), which is more than \(maximumPartitions). To solve this "
                    + "try to set hive.exec.max.dynamic.partitions to at least \(count).")
        }
    }
}

private final class Worker: ResultWorker {
    private let owner: StagedFileWriter
    private let number: Int
    private let dataColumns: Int
    /// Positions in the table's partition columns that the rows give.
    private let dynamic: [Int]
    private var open: [[String]: TextWriter] = [:]
    private var begun = 0
    private let formatter = TextFormatter(.output)

    init(_ owner: StagedFileWriter, number: Int) {
        self.owner = owner
        self.number = number
        dataColumns = owner.table.columns.count
        dynamic = owner.staticValues.indices.filter { owner.staticValues[$0] == nil }
    }

    func consume(_ batch: Batch) throws {
        guard batch.rowCount > 0 else { return }
        guard !dynamic.isEmpty else {
            try writer(for: owner.staticValues.map { $0 ?? "" }).write(batch)
            return
        }
        guard batch.columns.count == dataColumns + dynamic.count else {
            throw ExecutionError.invalidPlan("rows to write have \(batch.columns.count) columns")
        }
        let data = Array(batch.columns[..<dataColumns])
        let keys = batch.columns[dataColumns...].map {
            formatter.format($0, rows: batch.rows, count: batch.capacity).flattened(batch.rows)
        }
        for (values, selection) in groups(batch, keys) {
            try writer(for: values).write(
                Batch(columns: data, capacity: batch.capacity, rows: RowSelection(selection), sequence: batch.sequence))
        }
    }

    /// The batch's rows by their partition. Neighbours mostly share it, so that values are compared before they become
    /// Swift strings.
    private func groups(_ batch: Batch, _ keys: [Column]) -> [(values: [String], rows: SelectionVector)] {
        var order: [(values: [String], rows: SelectionVector)] = []
        var known: [[String]: Int] = [:]
        var current = -1
        var previous = -1
        for ordinal in 0..<batch.rowCount {
            let row = batch.rows[ordinal]
            if previous < 0 || !isSame(keys, previous, row) {
                let values = partitionValues(keys, row)
                if let index = known[values] {
                    current = index
                } else {
                    current = order.count
                    known[values] = current
                    order.append((values, SelectionVector(capacity: batch.rowCount)))
                }
            }
            let selection = order[current].rows
            selection.indices[selection.count] = Int32(truncatingIfNeeded: row)
            selection.setCount(selection.count + 1)
            previous = row
        }
        return order
    }

    private func isSame(_ keys: [Column], _ left: Int, _ right: Int) -> Bool {
        keys.allSatisfy { key in
            let isNull = key.isNull(left)
            guard isNull == key.isNull(right) else { return false }
            let values = key.values(as: StringView.self)
            return isNull || values[left] == values[right]
        }
    }

    private func partitionValues(_ keys: [Column], _ row: Int) -> [String] {
        var given = keys.makeIterator()
        return owner.staticValues.map { fixed in
            if let fixed { return fixed }
            guard let key = given.next(), !key.isNull(row) else { return PartitionName.defaultValue }
            let text = key.values(as: StringView.self)[row].string
            return text.isEmpty ? PartitionName.defaultValue : text
        }
    }

    private func writer(for values: [String]) throws -> TextWriter {
        if let writer = open[values] { return writer }
        try owner.begin(partition: values)
        if open.count >= StagedFileWriter.openFileLimit { try closeAll() }
        var folder = owner.folder
        if !values.isEmpty {
            folder += "/" + PartitionName.make(columns: owner.table.partitionColumns.map(\.name), values: values)
            try LocalFiles.makeFolders(folder)
        }
        let writer = try TextWriter(
            path: "\(folder)/\(name())", schema: owner.table.columns, format: owner.format)
        open[values] = writer
        return writer
    }

    /// `000000_0`: the worker's number, then how often it had to begin again.
    private func name() -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(6 - digits.count, 0)) + digits + "_\(begun)"
    }

    private func closeAll() throws {
        for (values, writer) in open {
            try writer.close()
            owner.finish(
                StagedFileWriter.File(
                    path: writer.path, partitionValues: values, rowCount: writer.rowCount, byteCount: writer.byteCount))
        }
        open = [:]
        begun += 1
    }

    func finish() throws { try closeAll() }
}

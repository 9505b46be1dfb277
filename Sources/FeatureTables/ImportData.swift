import Columnar
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The rows of a query as typed columns, ready to be encoded as features.
///
/// It owns all it holds, strings included. Rows are numbered from 0 in the order of the query's result.
public final class ImportData: Sendable {
    /// Column names without a table prefix (`t.x` is `x`) wherever that leaves them distinct.
    public let schema: [SchemaColumn]
    /// One column a column of `schema`, each of `rowCount` rows: flat, or all NULL where it was left aside.
    public let columns: [Column]
    public let rowCount: Int
    /// Workers that encode and divide the rows; no result depends on it.
    public let threads: Int
    /// What the rows, their keys and their matrices are charged to.
    public let memory: ImportMemory
    /// By what the rows are known; nil when nothing tells.
    package let rowKeys: RowKeys?
    private let reservation: ImportReservation?
    /// Bytes that the rows were charged with.
    var byteCount: Int { reservation?.bytes ?? 0 }
    /// Distinct values that were asked for.
    let knownDistinct = Guarded<[Int: (values: DistinctValues, reservation: ImportReservation)]>([:])

    /// Copies the selected rows of `batches`, in order.
    /// - Throws: `FeatureError` when two columns have the same name, a batch does not fit the schema, there are
    ///   more than 2³¹ − 1 rows, or they take more than `memory` has.
    /// - Complexity: O(rows × columns).
    public convenience init(
        schema: [SchemaColumn], batches: [Batch], threads: Int = 1, memory: ImportMemory = ImportMemory()
    ) throws {
        let rows = batches.reduce(0) { $0 + $1.rowCount }
        let builder = try ImportDataBuilder(schema: schema, threads: threads, memory: memory, capacity: rows)
        for batch in batches { try builder.append(batch) }
        try self.init(builder)
    }

    /// Takes the rows out of a builder.
    package init(_ builder: ImportDataBuilder) throws {
        try builder.flush()
        schema = builder.schema
        rowCount = builder.rowCount
        threads = builder.threads
        memory = builder.memory
        rowKeys = builder.rowKeys
        columns = builder.finishColumns()
        reservation = builder.reservation
        // The pieces that many rows came in are free by now, and matrices are still to be made.
        if rowCount * schema.count * 8 > Self.largeBytes { SystemMemory.trimHeap() }
    }

    private static let largeBytes = 32 << 20

    /// The same rows, known by the same keys, with other columns.
    /// - Parameter columns: flat, of as many rows.
    /// - Throws: `FeatureError` when two columns have one name, or they take more than the memory has.
    package init(_ rows: ImportData, schema: [SchemaColumn], columns: [Column]) throws {
        self.schema = try ColumnName.plain(schema)
        self.columns = columns
        rowCount = rows.rowCount
        threads = rows.threads
        memory = rows.memory
        rowKeys = rows.rowKeys
        reservation = try ImportReservation(
            memory, for: "the transformed rows", help: ImportMemory.fewerRows,
            bytes: columns.reduce(0) { $0 + $1.count * $1.type.physical.stride + ($1.heap?.byteCount ?? 0) })
    }

    private init(columns: [Column], schema: [SchemaColumn], rowCount: Int) {
        self.schema = schema
        self.columns = columns
        self.rowCount = rowCount
        threads = 1
        memory = ImportMemory()
        rowKeys = nil
        reservation = nil
    }

    /// The selected rows of one batch. Where all are selected nothing is copied, and they are valid as long as the batch is.
    /// - Parameter schema: with distinct names.
    /// - Throws: `FeatureError` when the batch does not fit the schema.
    package convenience init(reading batch: Batch, schema: [SchemaColumn]) throws {
        guard batch.rows.isAll, batch.columns.count == schema.count else {
            try self.init(schema: schema, batches: [batch])
            return
        }
        try Self.check(batch.columns, schema)
        self.init(columns: batch.columns.map { $0.flattened(batch.rows) }, schema: schema, rowCount: batch.rowCount)
    }

    /// - Throws: `FeatureError.typeChanged` for the first column that is stored otherwise than `schema` says.
    static func check(_ columns: [Column], _ schema: [SchemaColumn]) throws {
        for (column, expected) in zip(columns, schema) where column.type.physical != expected.type.physical {
            throw FeatureError.typeChanged(column: expected.name, expected: "\(expected.type)", found: "\(column.type)")
        }
    }

    /// The same rows with other values in a column.
    /// - Parameter column: flat, of the same type and as many rows.
    package func replacing(_ position: Int, with column: Column) throws -> ImportData {
        var columns = columns
        columns[position] = column
        return try ImportData(self, schema: schema, columns: columns)
    }

    /// The position of a column by its name, with or without a table prefix.
    /// - Throws: `FeatureError.unknownColumn`, which proposes a near name.
    public func columnIndex(_ name: String) throws -> Int {
        let wanted = name.lowercased()
        if let exact = schema.firstIndex(where: { $0.name.lowercased() == wanted }) { return exact }
        let plain = ColumnName.plain(wanted)
        if let found = schema.firstIndex(where: { $0.name.lowercased() == plain }) { return found }
        throw FeatureError.unknownColumn(name, known: schema.map { $0.name })
    }

    /// Charges what takes `bytes` a row.
    func reserveKeys(_ bytes: Int, for what: String) throws -> ImportReservation {
        try ImportReservation(memory, for: what, help: ImportMemory.fewerRows, bytes: rowCount * bytes)
    }
}

extension ImportMemory {
    package static let fewerRows = "select fewer rows or columns, or raise hiveql.memory.limit"
}

/// Gathers batches as they come.
package final class ImportDataBuilder {
    package let schema: [SchemaColumn]
    package private(set) var rowCount = 0
    package private(set) var rowKeys: RowKeys?
    let threads: Int
    let memory: ImportMemory
    let reservation: ImportReservation
    /// Of the rows that were copied by now.
    package var byteCount: Int { reservation.bytes }
    private let builders: [ColumnBuilder]
    /// Columns that nobody will read.
    private let isAside: [Bool]
    /// Batches that wait until there are enough for all workers.
    private var waiting: [Batch] = []
    private var waitingRows = 0
    /// Bytes of a row but for its texts.
    private let rowWidth: Int

    private let batchesTogether: Int

    /// - Parameters:
    ///   - rowKeys: what the columns of batches say that stand behind those of the schema.
    ///   - threads: 0: one a processor.
    ///   - aside: columns that nobody will read; they become NULL.
    ///   - batchesTogether: how many are copied at once; nil: as the threads like it.
    package init(
        schema: [SchemaColumn], rowKeys: RowKeys? = nil, aside: Set<Int> = [], threads: Int = 1,
        memory: ImportMemory = ImportMemory(), capacity: Int = 0, batchesTogether: Int? = nil
    ) throws {
        guard capacity <= Int(Int32.max) else { throw FeatureError.tooLarge(rows: capacity, columns: schema.count) }
        self.rowKeys = rowKeys
        self.threads = threads > 0 ? threads : max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1)
        self.memory = memory
        self.batchesTogether = batchesTogether ?? (self.threads > 1 ? 64 : 1)
        self.schema = try ColumnName.plain(schema)
        let isAside = schema.indices.map { aside.contains($0) }
        self.isAside = isAside
        let widths = zip(schema, isAside).map { $1 ? 0 : $0.type.physical.stride }
        rowWidth = widths.reduce(0, +)
        reservation = try ImportReservation(
            memory, for: "the imported rows", help: ImportMemory.fewerRows, bytes: capacity * rowWidth)
        builders = zip(schema, isAside).map { ColumnBuilder($0.type, capacity: $1 ? 0 : capacity) }
    }

    /// Takes the selected rows of a batch, which owns its bytes.
    package func append(_ batch: Batch) throws {
        guard batch.columns.count == schema.count + (rowKeys?.columnCount ?? 0) else {
            throw FeatureError.invalidOption(
                "a batch has \(batch.columns.count) columns where the schema has \(schema.count)")
        }
        guard rowCount + batch.rowCount <= Int(Int32.max) else {
            throw FeatureError.tooLarge(rows: rowCount + batch.rowCount, columns: schema.count)
        }
        try ImportData.check(batch.columns, schema)
        rowCount += batch.rowCount
        waiting.append(batch)
        waitingRows += batch.rowCount
        if waiting.count >= batchesTogether || waitingRows * rowWidth > memory.limit / 64 { try flush() }
    }

    /// Copies what waits, several columns at a time.
    func flush() throws {
        guard !waiting.isEmpty else { return }
        let batches = waiting
        waiting.removeAll(keepingCapacity: true)
        waitingRows = 0
        rowKeys?.append(batches, behind: schema.count)
        let work = BuilderWork(builders: builders, isAside: isAside)
        RowBlocks(groups: schema.count).forEach(threads: threads) { position, _ in
            guard work.isAside.indices.contains(position), !work.isAside[position] else { return }
            for batch in batches { work.builders[position].append(batch.columns[position], rows: batch.rows) }
        }
        try reservation.update(
            to: max(reservation.bytes, builders.reduce(0) { $0 + $1.byteCount } + (rowKeys?.byteCount ?? 0)))
    }

    func finishColumns() -> [Column] {
        zip(builders, isAside).map { $1 ? Column.nulls($0.type, count: rowCount) : $0.finish() }
    }

    private struct BuilderWork: Sendable {
        let builders: [ColumnBuilder]
        let isAside: [Bool]
    }
}

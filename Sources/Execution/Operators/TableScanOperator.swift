import Catalog
import Columnar
import Expressions
import Planner
import Platform
import TableFormats

/// Reads the files of a table's partitions, split among workers.
package final class TableScanOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    let scan: LogicalScan
    /// Conjuncts over partition columns alone: they choose partitions.
    private let partitionFilters: [BoundExpression]
    /// Conjuncts that the reader evaluates before it reads other columns.
    private let pushedFilters: [BoundExpression]
    /// Conjuncts whose value may differ from call to call or from file to file: evaluated on whole batches.
    private let lateFilters: [BoundExpression]
    /// What of the pushed conjuncts statistics of files can exclude.
    private let predicates: [ColumnPredicate]

    init(_ scan: LogicalScan) throws {
        self.scan = scan
        let fileColumns = Set(
            scan.columns.filter { $0.ordinal < scan.table.columns.count }.map(\.output.id))
        let virtualColumns = Set(scan.columns.filter { $0.ordinal < 0 }.map(\.output.id))
        let conjuncts = scan.filters.flatMap(\.conjuncts)
        func isStable(_ conjunct: BoundExpression) -> Bool {
            conjunct.isDeterministic && conjunct.columnIDs.isDisjoint(with: virtualColumns)
        }
        lateFilters = conjuncts.filter { !isStable($0) }
        let stable = conjuncts.filter(isStable)
        partitionFilters = stable.filter { $0.columnIDs.isDisjoint(with: fileColumns) }
        pushedFilters = stable.filter { !$0.columnIDs.isDisjoint(with: fileColumns) }
        let ordinals = scan.columns.filter { fileColumns.contains($0.output.id) }.map { ($0.output.id, $0.ordinal) }
        predicates = pushedFilters.compactMap {
            ColumnPredicate($0, ordinals: Dictionary(ordinals) { first, _ in first })
        }
        super.init(outputs: scan.columns.map(\.output), inputs: [])
    }

    package override var details: [String] {
        var lines = ["table: \(scan.table.qualifiedName)"]
        if scan.table.isPartitioned { lines.append("partitions: \(scan.partitions.count)") }
        lines.append("columns: " + scan.columns.map(\.output.name).joined(separator: ", "))
        if !scan.filters.isEmpty {
            lines.append("filter: " + scan.filters.map { describe($0) }.joined(separator: " and "))
        }
        return lines
    }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        let begin = monotonicNanoseconds()
        var morsels: [ScanMorsel] = []
        let formats = ScanFormats(scan.table, settings: query.settings.formatSettings)
        let width = scan.table.columns.count
        let keyColumns = scan.columns.enumerated().filter { $1.ordinal >= width }
        let keys = try PartitionKeys(
            scan.partitions, keys: keyColumns.map { ($1.output, $1.ordinal - width) }, context: query.context)
        for index in try keys.partitions(meeting: partitionFilters) {
            let partition = scan.partitions[index]
            let layout = try ScanLayout(
                scan, partition, formats.format(of: partition),
                constants: zip(keyColumns.map(\.offset), keys.constants(of: index)).map { ($0, $1) })
            morsels += try splits(of: partition, layout, query).map { ScanMorsel(layout: layout, split: $0) }
        }
        morsels = ScanSampling.choose(morsels, scan.sample)
        query.progress.expect(bytes: morsels.reduce(0) { $0 + $1.split.byteCount })
        profile.addDriveTime(monotonicNanoseconds() - begin)
        let filter = try pushedFilters.isEmpty ? nil : ExpressionProgram(pushedFilters, input: outputs)
        let late = try lateFilters.isEmpty ? nil : ExpressionProgram(lateFilters, input: outputs)
        let ready = morsels
        try query.drive(ready.count, of: self, into: target) { _ in
            let worker = TableScanWorker(self, query, filter: filter, late: late)
            return { morsel, sequence, stage in try worker.run(ready[morsel], sequence, stage) }
        }
    }

    override var locations: [String] { scan.partitions.map(\.storage.location) }

    private func splits(of partition: Partition, _ layout: ScanLayout, _ query: QueryExecution) throws -> [any FileSplit] {
        var files = query.files.files(at: partition.storage.location)
        if let wanted = try BucketPruning(scan, predicates).files(
            files, emptyFiles: query.files.emptyFiles(at: partition.storage.location), of: partition)
        {
            profile.add(bucketFiles: files.count, skipped: files.count - wanted.count)
            files = wanted
        }
        var bytes = query.settings.splitBytes
        if case .rows? = scan.sample { bytes = .max / 4 }
        let found = try layout.format.splits(of: files, for: request(layout, query), splitBytes: bytes)
        profile.add(parts: found.partCount, skipped: found.skippedPartCount)
        return found.splits
    }

    /// What is read of files with a layout.
    fileprivate func request(
        _ layout: ScanLayout, _ query: QueryExecution, filter: (any ScanFilter)? = nil
    ) -> ScanRequest {
        ScanRequest(
            schema: scan.table.columns, storedSchema: layout.storedSchema, columns: layout.fileColumns.map(\.ordinal), filter: filter,
            predicates: predicates, batchCapacity: query.batchSize, zone: query.context.zone,
            makeMemory: { MemoryReservation(query.memory, for: $0) })
    }
}

/// The formats of a table's partitions: those that are stored alike share one.
private final class ScanFormats {
    private let table: Table
    private let settings: [String: String]
    private var formats: [TableStorage: any TableFormat] = [:]

    init(_ table: Table, settings: [String: String]) {
        self.table = table
        self.settings = settings
    }

    func format(of partition: Partition) throws -> any TableFormat {
        let storage = TableStorage(partition.storage, of: table, partition: partition.properties, settings: settings)
        if let known = formats[storage] { return known }
        let made = try storage.tableFormat(of: table)
        formats[storage] = made
        return made
    }
}

/// One partition's way of becoming the columns of a scan.
final class ScanLayout: Sendable {
    let format: any TableFormat
    /// The partition's columns where they are not the table's.
    let storedSchema: [SchemaColumn]?
    /// For each column that the reader makes: its place in the output and its ordinal in the table's schema.
    let fileColumns: [(place: Int, ordinal: Int)]
    /// Places in the output that hold the file's name.
    private let fileNamePlaces: [Int]
    /// For each partition column: its place in the output and its value as a constant of one row.
    let constants: [(place: Int, column: Column)]

    init(
        _ scan: LogicalScan, _ partition: Partition, _ format: any TableFormat, constants: [(place: Int, column: Column)]
    ) {
        self.format = format
        storedSchema = partition.columns
        self.constants = constants
        let width = scan.table.columns.count
        fileColumns = scan.columns.enumerated().compactMap { place, column in
            if column.ordinal == LogicalScan.VirtualColumn.blockOffset.rawValue {
                return (place, ScanRequest.lineOffsetColumn)
            }
            return (0..<width).contains(column.ordinal) ? (place, column.ordinal) : nil
        }
        fileNamePlaces = scan.columns.indices.filter {
            scan.columns[$0].ordinal == LogicalScan.VirtualColumn.inputFileName.rawValue
        }
    }
}

/// A piece of a file.
struct ScanMorsel: Sendable {
    let layout: ScanLayout
    var split: any FileSplit
    /// Rows that may come out; nil: all.
    var rowLimit: Int?
}

/// TABLESAMPLE: Hive samples by pieces of files, not by rows.
enum ScanSampling {
    static func choose(_ morsels: [ScanMorsel], _ sample: LogicalScan.ScanSample?) -> [ScanMorsel] {
        switch sample {
        case nil: return morsels
        case .rows(let count): return morsels.map { ScanMorsel(layout: $0.layout, split: $0.split, rowLimit: count) }
        case .percent(let percent):
            let total = morsels.reduce(0) { $0 + $1.split.byteCount }
            return prefix(morsels, bytes: Int((Double(total) * min(max(percent, 0), 100) / 100).rounded(.up)))
        case .bytes(let count): return prefix(morsels, bytes: count)
        }
    }

    private static func prefix(_ morsels: [ScanMorsel], bytes: Int) -> [ScanMorsel] {
        var taken = 0
        return Array(
            morsels.prefix { morsel in
                guard taken < bytes else { return false }
                taken += morsel.split.byteCount
                return true
            })
    }
}

/// One worker's reader, and the columns it makes of what the reader gives.
private final class TableScanWorker {
    private let scan: TableScanOperator
    private let query: QueryExecution
    private let filter: ExpressionProgram?
    private let late: ExpressionEvaluator?
    private var reader: (any SplitReader)?
    private var layout: ScanLayout?

    init(_ scan: TableScanOperator, _ query: QueryExecution, filter: ExpressionProgram?, late: ExpressionProgram?) {
        self.scan = scan
        self.query = query
        self.filter = filter
        self.late = late.map { ExpressionEvaluator($0, context: query.context) }
    }

    func run(_ morsel: ScanMorsel, _ sequence: Int, _ stage: Stage) throws -> Flow {
        let reader = try prepare(morsel.layout)
        let before = reader.statistics
        var flow = Flow.more
        var left = morsel.rowLimit ?? .max
        try reader.scan(morsel.split, isCancelled: { flow != .more || left <= 0 || query.isStopping }) { scanned in
            var batch = morsel.layout.complete(
                scanned, path: morsel.split.file.path, width: scan.outputs.count,
                sequence: BatchSequence(morsel: sequence, position: scanned.sequence.position))
            if let late {
                late.begin(batch)
                batch.rows = try late.conjunction()
                late.end()
            }
            if batch.rowCount > left { batch.rows = batch.rows.prefix(left) }
            left -= batch.rowCount
            if batch.rowCount > 0 { flow = try stage.push(batch) }
        }
        let bytes = reader.statistics.byteCount - before.byteCount
        query.progress.scanned(bytes: morsel.split.byteCount)
        query.progress.scanned(rows: reader.statistics.rowCount - before.rowCount)
        scan.profile.add(bytes: bytes)
        try query.check()
        return flow
    }

    private func prepare(_ wanted: ScanLayout) throws -> any SplitReader {
        if let reader, let layout, layout === wanted
            || (layout.format === wanted.format && layout.storedSchema == wanted.storedSchema && filter == nil)
        {
            self.layout = wanted
            return reader
        }
        let pushed = filter.map { PushedFilter($0, wanted, scan, query) }
        let made = try wanted.format.makeReader(scan.request(wanted, query, filter: pushed))
        reader = made
        layout = wanted
        return made
    }
}

extension ScanLayout {
    /// The reader's columns beside the partition's.
    func complete(_ scanned: Batch, path: String, width: Int, sequence: BatchSequence) -> Batch {
        if constants.isEmpty, fileNamePlaces.isEmpty {
            return Batch(columns: scanned.columns, capacity: scanned.capacity, rows: scanned.rows, sequence: sequence)
        }
        var columns = [Column?](repeating: nil, count: width)
        for (index, column) in fileColumns.enumerated() { columns[column.place] = scanned.columns[index] }
        for (place, column) in constants { columns[place] = column.withCount(scanned.capacity) }
        if !fileNamePlaces.isEmpty {
            let name = Column.constant(string: "file:\(path)".utf8, count: scanned.capacity)
            for place in fileNamePlaces { columns[place] = name }
        }
        return Batch(
            columns: columns.compactMap { $0 }, capacity: scanned.capacity, rows: scanned.rows, sequence: sequence)
    }
}

/// Conditions that the reader asks for before it reads the columns they do not need.
private final class PushedFilter: ScanFilter {
    let columns: [Int]
    private let evaluator: ExpressionEvaluator
    private let width: Int
    /// For each output of the scan where its column comes from.
    private let places: [Int]
    private let constants: [(place: Int, column: Column)]

    init(_ program: ExpressionProgram, _ layout: ScanLayout, _ scan: TableScanOperator, _ query: QueryExecution) {
        var used: Set<Int> = []
        for node in program.nodes { if case .column(let place) = node.operation { used.insert(place) } }
        let read = layout.fileColumns.filter { used.contains($0.place) }
        columns = read.map(\.ordinal)
        places = read.map(\.place)
        constants = layout.constants.filter { used.contains($0.place) }
        width = scan.outputs.count
        evaluator = ExpressionEvaluator(program, context: query.context)
        unused = Column.nulls(.boolean, count: 1)
    }

    /// Stands where the conditions look at no column.
    private let unused: Column

    func select(_ columns: [Column], count: Int) throws -> RowSelection {
        var inputs = [Column](repeating: unused.withCount(count), count: width)
        for (place, column) in zip(places, columns) { inputs[place] = column }
        for (place, column) in constants { inputs[place] = column.withCount(count) }
        evaluator.begin(Batch(columns: inputs, capacity: count))
        defer { evaluator.end() }
        return try evaluator.conjunction()
    }
}

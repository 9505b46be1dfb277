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
    /// Which parts of columns are needed, by ordinals in the table's schema.
    private let fields: [Int: FieldSelection]
    /// nil: rows come out.
    fileprivate let summaries: ScanSummaries?
    /// The scan's columns, as its conditions see them.
    fileprivate var columns: [OutputColumn] { scan.columns.map(\.output) }

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
        fields = Dictionary(scan.columns.filter { !$0.fields.isWhole }.map { ($0.ordinal, $0.fields) }) { $0.union($1) }
        summaries = try ScanSummaries(scan)
        super.init(outputs: scan.outputs, inputs: [])
    }

    package override var details: [String] {
        var lines = ["table: \(scan.table.qualifiedName)"]
        if scan.table.isPartitioned { lines.append("partitions: \(scan.partitions.count)") }
        lines.append("columns: " + scan.columnPaths.joined(separator: ", "))
        if !scan.filters.isEmpty {
            lines.append("filter: " + scan.filters.map { describe($0) }.joined(separator: " and "))
        }
        if !scan.summaries.isEmpty {
            let names = Dictionary(columns.map { ($0.id, $0.name) }) { first, _ in first }
            let calls = scan.summaries.map { PlanPrinter.text($0.call, names) }
            lines.append("summaries of files: " + calls.joined(separator: ", "))
        }
        return lines
    }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        let begin = monotonicNanoseconds()
        let formats = ScanFormats(scan.table, settings: query.settings.formatSettings)
        var files: [FileToPlan] = []
        for (partition, constants) in try chosenPartitions(query) {
            let layout = try ScanLayout(
                scan, partition, formats.format(of: partition), folder: query.files.folder(at: partition.storage.location),
                constants: constants)
            files += try self.files(of: partition, layout, query).map { FileToPlan(layout: layout, file: $0) }
        }
        var morsels: [ScanMorsel] = []
        var known: [SummarizedFile] = []
        for (file, plan) in zip(files, try plans(of: files, query)) {
            switch plan {
            case .summarized(let summary): known.append(summary)
            case .read(let splits): morsels += splits.map { ScanMorsel(layout: file.layout, split: $0) }
            }
        }
        morsels = ScanSampling.choose(morsels, scan.sample)
        if query.bucketTurn.value == nil { query.progress.expect(bytes: morsels.reduce(0) { $0 + $1.split.byteCount }) }
        profile.addDriveTime(monotonicNanoseconds() - begin)
        let filter = try pushedFilters.isEmpty ? nil : ExpressionProgram(pushedFilters, input: columns)
        let late = try lateFilters.isEmpty ? nil : ExpressionProgram(lateFilters, input: columns)
        let ready = morsels
        // What is known comes first.
        let first = known.isEmpty ? 0 : 1
        let said = known
        try query.drive(first + ready.count, of: self, into: target) { _ in
            let worker = TableScanWorker(self, query, filter: filter, late: late)
            return { morsel, sequence, stage in
                morsel < first
                    ? try Self.push(said, sequence, stage) : try worker.run(ready[morsel - first], sequence, stage)
            }
        }
    }

    private struct FileToPlan: Sendable {
        let layout: ScanLayout
        let file: ScanFile
    }

    /// What becomes of a file.
    private enum FilePlan {
        case summarized(SummarizedFile)
        case read([any FileSplit])
    }

    /// For so long this thread asks the files alone: wakening the workers takes about as long.
    private static let nanosecondsAlone = 1_000_000

    /// Asks the files, whose footers may have to be read and decoded for it.
    private func plans(of files: [FileToPlan], _ query: QueryExecution) throws -> [FilePlan] {
        func plan(_ file: FileToPlan) throws -> FilePlan {
            if let found = try summary(of: file.file, file.layout, query) { return .summarized(found) }
            return .read(try splits(of: file.file, file.layout, query))
        }
        var first: [FilePlan] = []
        let end = monotonicNanoseconds() + Self.nanosecondsAlone
        while first.count < files.count, monotonicNanoseconds() < end { first.append(try plan(files[first.count])) }
        let others = files[first.count...]
        guard others.count > 1 else { return first + (try others.map(plan)) }
        let plans = Guarded<[FilePlan?]>(Array(repeating: nil, count: others.count))
        try query.forEachTask(others.count) { _, task in
            let made = try plan(others[others.startIndex + task])
            plans.withLock { $0[task] = made }
        }
        return first + plans.value.compactMap { $0 }
    }

    /// What a file says instead of its rows; nil when it has to be read.
    private func summary(of file: ScanFile, _ layout: ScanLayout, _ query: QueryExecution) throws -> SummarizedFile? {
        guard let summaries, layout.format.hasSummaries else { return nil }
        try query.check()
        guard let summary = try layout.format.summary(of: file, for: request(layout, query)) else { return nil }
        if summary.rowCounts.isEmpty { return SummarizedFile(layout: layout, columns: [], partCount: 0) }
        guard let columns = summaries.columns(of: summary, layout) else { return nil }
        profile.addSummarizedFile()
        return SummarizedFile(layout: layout, columns: columns, partCount: summary.rowCounts.count)
    }

    private static func push(_ files: [SummarizedFile], _ sequence: Int, _ stage: Stage) throws -> Flow {
        for (position, file) in files.enumerated() where file.partCount > 0 {
            let flow = try stage.push(
                file.layout.complete(
                    summaries: file.columns, count: file.partCount, BatchSequence(morsel: sequence, position: position)))
            if flow != .more { return flow }
        }
        return .more
    }

    override var locations: [String] { scan.partitions.map(\.storage.location) }

    /// The partitions that the conditions let through, each with its values at the places of their columns.
    private func chosenPartitions(
        _ query: QueryExecution
    ) throws -> [(partition: Partition, constants: [(place: Int, column: Column)])] {
        let width = scan.table.columns.count
        let keyColumns = scan.columns.enumerated().filter { $1.ordinal >= width }
        let keys = try PartitionKeys(
            scan.partitions, keys: keyColumns.map { ($1.output, $1.ordinal - width) }, context: query.context)
        return try keys.partitions(meeting: partitionFilters).map { index in
            (scan.partitions[index], zip(keyColumns.map(\.offset), keys.constants(of: index)).map { ($0, $1) })
        }
    }

    /// Files of a partition but for those of buckets that no wanted row is in, or whose turn it is not.
    private func files(of partition: Partition, _ layout: ScanLayout, _ query: QueryExecution) throws -> [ScanFile] {
        var files = query.files.files(at: partition.storage.location)
        let turn = query.bucketTurn.value
        let pruning = BucketPruning(scan, predicates)
        guard turn != nil || pruning.mayLeaveOut, let known = try buckets(of: partition, layout.format, query) else { return files }
        var buckets = known.buckets
        if let turn {
            files = zip(files, buckets).filter { turn.takes($1) }.map { $0.0 }
            buckets.removeAll { !turn.takes($0) }
        }
        guard pruning.mayLeaveOut, let wanted = try pruning.wantedBuckets(known.bucketing, of: partition) else { return files }
        let left = zip(files, buckets).filter { wanted[$1] }.map { $0.0 }
        profile.add(bucketFiles: files.count, skipped: files.count - left.count)
        return left
    }

    private func buckets(of partition: Partition, _ format: any TableFormat, _ query: QueryExecution) throws -> BucketFiles? {
        try BucketFiles(
            query.files.files(at: partition.storage.location),
            emptyFiles: query.files.emptyFiles(at: partition.storage.location), of: partition, in: scan.table, format: format)
    }

    /// How many bytes the scan's files have, and how many buckets each partition; nil when the files of one may be others
    /// than those of its buckets, or fall into buckets by other columns than the table's.
    func bucketedFiles(_ query: QueryExecution) throws -> (byteCount: Int, bucketCounts: [Int])? {
        let formats = ScanFormats(scan.table, settings: query.settings.formatSettings)
        var byteCount = 0
        var counts: [Int] = []
        for (partition, _) in try chosenPartitions(query) {
            let files = query.files.files(at: partition.storage.location)
            if files.isEmpty { continue }
            guard partition.storage.bucketColumns == scan.table.storage.bucketColumns,
                let buckets = try buckets(of: partition, formats.format(of: partition), query)
            else { return nil }
            byteCount += files.reduce(0) { $0 + $1.byteCount }
            counts.append(buckets.bucketCount)
        }
        return (byteCount, counts)
    }

    private func splits(of file: ScanFile, _ layout: ScanLayout, _ query: QueryExecution) throws -> [any FileSplit] {
        var bytes = query.settings.splitBytes
        if case .rows? = scan.sample { bytes = .max / 4 }
        let found = try layout.format.splits(of: [file], for: request(layout, query), splitBytes: bytes)
        profile.add(parts: found.partCount, skipped: found.skippedPartCount)
        return found.splits
    }

    /// What is read of files with a layout.
    fileprivate func request(
        _ layout: ScanLayout, _ query: QueryExecution, filter: (any ScanFilter)? = nil
    ) -> ScanRequest {
        ScanRequest(
            schema: scan.table.columns, storedSchema: layout.storedSchema, columns: layout.fileColumns.map(\.ordinal),
            fields: fields, filter: filter,
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
    /// Places in the output that hold the rows' places, made of their offsets in the file.
    private let rowPlaces: [Int]
    private let partitionPlace: PartitionPlace?
    /// For each partition column: its place in the output and its value as a constant of one row.
    let constants: [(place: Int, column: Column)]

    init(
        _ scan: LogicalScan, _ partition: Partition, _ format: any TableFormat, folder: String,
        constants: [(place: Int, column: Column)]
    ) {
        self.format = format
        storedSchema = format.hasOwnSchema ? nil : partition.columns
        self.constants = constants
        let width = scan.table.columns.count
        fileColumns = scan.columns.enumerated().compactMap { place, column in
            switch LogicalScan.VirtualColumn(rawValue: column.ordinal) {
            case .blockOffset, .rowPlace: return (place, ScanRequest.lineOffsetColumn)
            case .inputFileName, nil: break
            }
            return (0..<width).contains(column.ordinal) ? (place, column.ordinal) : nil
        }
        fileNamePlaces = scan.columns.indices.filter {
            scan.columns[$0].ordinal == LogicalScan.VirtualColumn.inputFileName.rawValue
        }
        rowPlaces = scan.columns.indices.filter {
            scan.columns[$0].ordinal == LogicalScan.VirtualColumn.rowPlace.rawValue
        }
        partitionPlace = rowPlaces.isEmpty ? nil : PartitionPlace(values: partition.values, folder: folder)
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
        let aggregation = scan.summaries.map { ScanSummaries.Aggregation($0, query.context) }
        var flow = Flow.more
        var left = morsel.rowLimit ?? .max
        try reader.scan(morsel.split, isCancelled: { flow != .more || left <= 0 || query.isStopping }) { scanned in
            var batch = morsel.layout.complete(
                scanned, of: morsel.split.file, width: scan.columns.count,
                sequence: BatchSequence(morsel: sequence, position: scanned.sequence.position))
            if let late {
                late.begin(batch)
                batch.rows = try late.conjunction()
                late.end()
            }
            if batch.rowCount > left { batch.rows = batch.rows.prefix(left) }
            left -= batch.rowCount
            if let aggregation { return try aggregation.add(batch) }
            if batch.rowCount > 0 { flow = try stage.push(batch) }
        }
        if !query.isStopping, let row = try aggregation?.finish() {
            flow = try stage.push(
                morsel.layout.complete(summaries: row, count: 1, BatchSequence(morsel: sequence, position: 0)))
        }
        let bytes = reader.statistics.byteCount - before.byteCount
        query.progress.scanned(bytes: morsel.split.byteCount)
        query.progress.scanned(rows: reader.statistics.rowCount - before.rowCount)
        scan.profile.add(bytes: bytes)
        scan.profile.add(parts: 0, skipped: reader.statistics.skippedPartCount - before.skippedPartCount)
        scan.profile.add(
            pages: reader.statistics.pageCount - before.pageCount,
            skipped: reader.statistics.skippedPageCount - before.skippedPageCount)
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
    func complete(_ scanned: Batch, of file: ScanFile, width: Int, sequence: BatchSequence) -> Batch {
        if constants.isEmpty, fileNamePlaces.isEmpty, rowPlaces.isEmpty {
            return Batch(columns: scanned.columns, capacity: scanned.capacity, rows: scanned.rows, sequence: sequence)
        }
        var columns = [Column?](repeating: nil, count: width)
        for (index, column) in fileColumns.enumerated() { columns[column.place] = scanned.columns[index] }
        for (place, column) in constants { columns[place] = column.withCount(scanned.capacity) }
        if !fileNamePlaces.isEmpty {
            let name = Column.constant(string: file.uri.utf8, count: scanned.capacity)
            for place in fileNamePlaces { columns[place] = name }
        }
        if let partitionPlace {
            for place in rowPlaces {
                columns[place] = columns[place].map { partitionPlace.rowPlaces(offsets: $0, path: file.path, count: scanned.capacity) }
            }
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
        width = scan.columns.count
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

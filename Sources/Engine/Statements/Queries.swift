import Catalog
import Columnar
import Execution
import Expressions
import HiveSyntax
import Planner
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension StatementRunner {
    func runQuery(_ query: Query) throws -> StatementResult {
        let locked = try bound { binder in try binder.bindShownQuery(query) }
        let columns = locked.bound.columns
        var plan = locked.bound.plan
        var rowKey: ResultCursor.RowKey?
        let aside = running.leavesAside?(columns) ?? []
        if running.leavesAside != nil, let keyed = try RowKeyPlanner.adding(to: plan, locked.binder) {
            plan = keyed.plan
            rowKey = ResultCursor.RowKey(keyed.key)
        }
        if !aside.isEmpty { plan = plan.replacingBody { $0.leavingAside(aside, locked.binder) } }
        let prepared = try makeExecutor().prepare(try optimize(plan, locked.binder))
        // The files are held open: whoever writes the tables need not wait for the rows to be read.
        if prepared.holdsItsFiles { locked.locks.release() } else { session.activity.keep(locked.locks, for: running) }
        guard running.hasReader else {
            let collector = CollectingConsumer()
            try prepared.run(into: collector)
            return StatementResult(output: .rows(QueryResult(schema: columns, batches: collector.batches)))
        }
        running.open(columns, hasHeader: true, rowKey: rowKey, leftAside: aside)
        let profile = try prepared.run(into: running.queue)
        return StatementResult(output: .streamed(schema: columns, rowCount: profile.rowCount))
    }

    func makeExecutor() throws -> QueryExecutor {
        let locations = self.locations
        return QueryExecutor(
            settings: try executionSettings(), context: evaluationContext, cancellation: running.cancellation,
            progress: running.progress, resolvePath: { try locations.path(of: $0) })
    }

    private func executionSettings() throws -> ExecutionSettings {
        let settings = self.settings
        var threads = Int(settings[Settings.threads])
        if threads <= 0 { threads = max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }
        let configured = settings[Settings.scratchFolder]
        let memoryLimit = settings.memoryLimit
        return ExecutionSettings(
            threads: threads, batchSize: Int(settings[Settings.batchSize]), memoryLimit: memoryLimit,
            scratchFolder: configured.isEmpty ? TemporaryFolder.pathForLargeFiles : LocalFiles.absolute(configured),
            splitBytes: settings[Settings.splitBytes].bytes ?? 4 << 20,
            bucketwiseBytes: settings[Settings.isBucketwise]
                ? settings[Settings.bucketwiseBytes].bytes ?? min(64 << 20, memoryLimit / 16) : nil,
            recursionLimit: settings[Settings.recursionLimit] == 0 ? nil : Int(settings[Settings.recursionLimit]),
            snapshotFiles: settings[Settings.snapshotFiles].value.map { Int(clamping: $0) },
            formatSettings: settings.ofFormats,
            scripts: ScriptSettings(
                allowsPartialConsumption: settings[Settings.scriptsMayLeaveInput], variables: settings.asEnvironment,
                files: session.resources.value.of(.file) + session.resources.value.of(.archive)))
    }

    /// Runs `plan` into files of a new staging folder inside `folder`, in `table`'s format.
    ///
    /// The plan's columns are the table's, then the partition columns that have no static value. Gives the files of
    /// each partition that got rows; nothing when there were no rows at all.
    func write(
        _ plan: LogicalPlan, _ binder: Binder, into table: Table, staticValues: [String?], reducers: Int? = nil, folder: String,
        change: WriteTransaction
    ) throws -> [WrittenPart] {
        let writer = try makeWriter(
            of: table, staticValues: staticValues, reducers: reducers, folder: folder, change: change)
        try run(try sorted(plan, for: table, binder), binder, into: [writer])
        return Self.parts(of: writer)
    }

    /// What writes rows into files of a new staging folder inside `folder`, in `table`'s format.
    /// - Parameters:
    ///   - otherStorages: of partitions that are stored otherwise, by their values.
    ///   - keepsOrder: rows go one after the other into as few files as they fit in.
    func makeWriter(
        of table: Table, staticValues: [String?], replacing partitions: [[String]]? = nil, reducers: Int? = nil, folder: String,
        otherStorages: [[String]: StorageDescriptor] = [:], keepsOrder: Bool = false, change: WriteTransaction
    ) throws -> TableWriteConsumer {
        try TableWriteConsumer(
            table: table, folder: try change.makeStagingFolder(in: folder), staticPartitionValues: staticValues,
            partitions: partitions ?? [], reducers: reducers, nullPartition: nullPartition, otherStorages: otherStorages,
            limits: partitions.map { TableWriteConsumer.PartitionLimits(total: $0.count) } ?? partitionLimits,
            targetFileBytes: targetFileBytes, keepsOrder: keepsOrder, settings: settings.ofFormats)
    }

    /// The rows of a plan in the order in which the files of a sorted table have them, a partition and a bucket after the
    /// other.
    /// - Parameter plan: gives the table's columns, then the partition columns that have no static value.
    func sorted(_ plan: LogicalPlan, for table: Table, _ binder: Binder) throws -> LogicalPlan {
        let storage = table.storage
        guard storage.isBucketed, !storage.sortColumns.isEmpty else { return plan }
        let outputs = plan.outputs
        func column(_ name: String) throws -> BoundExpression {
            guard let index = table.columns.firstIndex(where: { $0.name == name }) else {
                throw HiveError.semantic("Invalid column reference \(name)", code: 10002)
            }
            return .column(outputs[index])
        }
        let bucket = try binder.bucket(
            of: try storage.bucketColumns.map(column), count: storage.bucketCount, by: table.bucketHash)
        var keys = outputs[table.columns.count...].map { BoundExpression.column($0) } + [bucket]
        keys.removeAll { $0.type.isComplex }
        let places = keys.map { SortKey(expression: $0, isAscending: true, nullsFirst: true) }
        let order = try storage.sortColumns.map { sort in
            SortKey(expression: try column(sort.name), isAscending: sort.isAscending, nullsFirst: sort.isAscending)
        }
        return plan.replacingBody { .sort(LogicalSort(input: $0, keys: places + order)) }
    }

    /// How many files a query's last stage deals rows out to; nil: as many as there are workers.
    var reducers: Int? {
        let count = settings[Settings.reducers]
        return count > 0 ? Int(count) : nil
    }

    /// `hiveql.write.target.file.size`; nil: no limit.
    var targetFileBytes: Int? { settings[Settings.targetFileSize].bytes.flatMap { $0 > 0 ? $0 : nil } }

    /// Runs a plan, each of its branches into a writer of its own.
    func run(_ plan: LogicalPlan, _ binder: Binder, into writers: [TableWriteConsumer]) throws {
        try makeExecutor().run(try optimize(plan, binder), into: writers)
        for writer in writers {
            try writer.checkLimits()
            try writer.completeBuckets { try running.cancellation.check() }
        }
    }

    /// The files that were written, by partition.
    static func parts(of writer: TableWriteConsumer) -> [WrittenPart] {
        var parts: [String: WrittenPart] = [:]
        for file in writer.files {
            let stagedFolder = LocalFiles.parent(of: file.path)
            parts[stagedFolder, default: WrittenPart(values: file.partitionValues, stagedFolder: stagedFolder)]
                .add(
                    WrittenFile(path: file.path, name: LocalFiles.lastPart(of: file.path), byteCount: file.byteCount),
                    rowCount: file.rowCount)
        }
        return parts.values.sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }

    /// Hive's limits of dynamic partitions. The one of a node has its default of 100 for clusters, whose nodes share
    /// the work; here one process does all of it, so it holds only where somebody set it.
    private var partitionLimits: TableWriteConsumer.PartitionLimits {
        TableWriteConsumer.PartitionLimits(
            total: Int(settings[Settings.maximumDynamicPartitions]),
            perNode: settings.given(Settings.maximumDynamicPartitionsOfNode).map { Int($0) })
    }
}

extension ResultCursor.RowKey {
    init(_ key: RowKeyPlanner.Key) {
        columnCount = key.columnCount
        switch key.source {
        case .place(let table): description = "the rows' places in \(table)"
        case .groups(let names): description = "the groups (\(names.joined(separator: ", ")))"
        }
    }
}

extension SessionSettings {
    /// Bytes that the buffers of a query may hold together.
    var memoryLimit: Int { self[Settings.memoryLimit].bytes ?? max(SystemMemory.available() / 2, 64 << 20) }
}

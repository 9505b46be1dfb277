import Catalog
import Columnar
import Execution
import HiveSyntax
import Planner

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension StatementRunner {
    func runQuery(_ query: Query) throws -> StatementResult {
        try locked { binder in
            try binder.bindShownQuery(query)
        } body: { binder, bound in
            let plan = try optimize(bound.plan, binder)
            guard let consumer else {
                let collector = CollectingConsumer()
                try makeExecutor().run(plan, into: collector)
                return StatementResult(
                    output: .rows(QueryResult(schema: bound.columns, batches: collector.batches)))
            }
            try consumer.begin(bound.columns, hasHeader: true)
            let stream = StreamingConsumer(consumer)
            try makeExecutor().run(plan, into: stream)
            return StatementResult(output: .streamed(schema: bound.columns, rowCount: stream.rowCount))
        }
    }

    func makeExecutor() throws -> QueryExecutor {
        let locations = self.locations
        return QueryExecutor(
            settings: try executionSettings(), context: evaluationContext, cancellation: cancellation,
            progress: progress, resolvePath: { try locations.path(of: $0) })
    }

    private func executionSettings() throws -> ExecutionSettings {
        let settings = self.settings
        var threads = Int(settings[Settings.threads])
        if threads <= 0 { threads = max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }
        let memory = settings[Settings.memoryLimit].bytes
            ?? max(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 2, 256 << 20)
        let configured = settings[Settings.scratchFolder]
        return ExecutionSettings(
            threads: threads, batchSize: Int(settings[Settings.batchSize]), memoryLimit: memory,
            scratchFolder: configured.isEmpty ? "\(warehouse.folder)/.scratch" : LocalFiles.absolute(configured),
            splitBytes: settings[Settings.splitBytes].bytes ?? 4 << 20)
    }

    /// Runs `plan` into files of a new staging folder inside `folder`, in `table`'s format.
    ///
    /// The plan's columns are the table's, then the partition columns that have no static value. Gives the files of
    /// each partition that got rows; nothing when there were no rows at all.
    func write(
        _ plan: LogicalPlan, _ binder: Binder, into table: Table, staticValues: [String?], folder: String,
        change: WriteTransaction
    ) throws -> [WrittenPart] {
        let plan = try optimize(plan, binder)
        let staging = try change.makeStagingFolder(in: folder)
        let writer = try TableWriteConsumer(
            table: table, folder: staging, staticPartitionValues: staticValues,
            maximumPartitions: Int(settings[Settings.maximumDynamicPartitions]),
            compresses: settings[Settings.compressesOutput])
        try makeExecutor().run(plan, into: Self.isOrdered(plan) ? OrderedWriter(writer) : writer)
        var parts: [[String]: WrittenPart] = [:]
        for file in writer.files {
            parts[file.partitionValues, default: WrittenPart(values: file.partitionValues, files: [], rowCount: 0)]
                .files.append(
                    WrittenFile(path: file.path, name: LocalFiles.lastPart(of: file.path), byteCount: file.byteCount))
            parts[file.partitionValues]?.rowCount += file.rowCount
        }
        return parts.values.sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }

    /// Whether the rows' order was asked for.
    private static func isOrdered(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .sort: true
        case .limit(let node): isOrdered(node.input)
        case .project(let node): isOrdered(node.input)
        default: false
        }
    }
}

/// Writes rows in the query's order, all by one writer.
private final class OrderedWriter: ResultConsumer {
    private let writer: TableWriteConsumer

    init(_ writer: TableWriteConsumer) { self.writer = writer }

    var preservesOrder: Bool { true }

    func makeWorker() throws -> any ResultWorker { try writer.makeWorker() }
}

/// Hands rows on in the result's order.
private final class StreamingConsumer: ResultConsumer {
    private let consumer: any RowConsumer
    private(set) var rowCount = 0

    init(_ consumer: any RowConsumer) { self.consumer = consumer }

    var preservesOrder: Bool { true }

    func makeWorker() throws -> any ResultWorker { Worker(self) }

    private final class Worker: ResultWorker {
        private let owner: StreamingConsumer

        init(_ owner: StreamingConsumer) { self.owner = owner }

        func consume(_ batch: Batch) throws {
            owner.rowCount += batch.rowCount
            try owner.consumer.consume(batch)
        }

        func finish() throws {}
    }
}

import Catalog
import Columnar
import Execution
import Expressions
import Planner
import Platform
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Subplans with several readers, and plans with several branches.
@Suite struct SharedPlanTests {
    private let input = TestTable([("k", .int), ("s", .string)], rows: (0..<5_000).map { [.integer($0), .string("text \($0 % 97)")] })

    private func reader(_ firstID: Int) -> LogicalPlan {
        .sharedScan(
            LogicalSharedScan(
                subplan: 1, name: "q",
                columns: input.columns.enumerated().map { index, column in
                    .init(
                        output: OutputColumn(id: ColumnID(firstID + index), name: column.name, type: column.type),
                        source: column.id)
                }))
    }

    private func with(_ input: LogicalPlan) -> LogicalPlan {
        .with(LogicalWith(subplans: [SharedSubplan(id: 1, name: "q", plan: self.input.plan(pieces: 7))], input: input))
    }

    private func union(_ inputs: [LogicalPlan]) -> LogicalPlan {
        .union(
            LogicalUnion(
                inputs: inputs,
                outputs: input.columns.enumerated().map { OutputColumn(id: ColumnID(900 + $0), name: $1.name, type: $1.type) }))
    }

    private func executor(_ mode: RunMode, memoryLimit: Int = .max, _ token: CancellationToken = CancellationToken()) -> QueryExecutor {
        QueryExecutor(
            settings: ExecutionSettings(threads: mode.threads, batchSize: mode.batchSize, memoryLimit: memoryLimit),
            context: testContext, cancellation: token)
    }

    private func operators(_ plan: PhysicalOperator, _ name: String) -> [PhysicalOperator] {
        (plan.name == name ? [plan] : []) + plan.inputs.flatMap { operators($0, name) }
    }

    @Test(arguments: RunMode.all) func rowsAreComputedOnceAndKeepTheirOrder(mode: RunMode) throws {
        let consumer = CollectingConsumer()
        let profile = try executor(mode).run(with(union([reader(100), reader(200)])), into: consumer)
        #expect(consumer.batches.flatMap(cells) == input.rows + input.rows)
        let shared = try #require(operators(profile.plan.root, "SharedSubplanOperator").first)
        #expect(shared.profile.rows == input.rows.count)
        // Kept rows go when their last reader is done, but they were charged.
        #expect(profile.peakMemoryBytes > input.rows.count * 4)
    }

    @Test(arguments: RunMode.all) func rowsThatDoNotFitAreComputedByEveryReader(mode: RunMode) throws {
        // Charged for nothing: the limit is for the kept rows alone.
        let consumer = UnchargedConsumer()
        let profile = try executor(mode, memoryLimit: 64 << 10).run(
            with(union([reader(100), reader(200)])), into: consumer)
        #expect(sorted(consumer.batches.flatMap(cells)) == sorted(input.rows + input.rows))
        let shared = try #require(operators(profile.plan.root, "SharedSubplanOperator").first)
        #expect(shared.profile.rows > input.rows.count * 2)
    }

    @Test func joinsOfTheSameRows() throws {
        let join = LogicalPlan.join(
            LogicalJoin(
                kind: .inner, left: reader(100), right: reader(200),
                equalities: [
                    .init(
                        left: .column(OutputColumn(id: ColumnID(100), name: "k", type: .int)),
                        right: .column(OutputColumn(id: ColumnID(200), name: "k", type: .int)))
                ]))
        for mode in RunMode.all {
            #expect(sorted(try run(with(join), mode)) == sorted(input.rows.map { $0 + $0 }), "\(mode)")
        }
    }

    /// Branches of every kind over one table: its file is read once.
    @Test(arguments: RunMode.all) func branchesReadTheirSourceOnce(mode: RunMode) throws {
        var template = Array("/tmp/hiveql-execution-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } }
        let folder = try #require(made)
        let table = Table(
            database: "default", name: "t", columns: input.columns.map { SchemaColumn(name: $0.name, type: $0.type) },
            storage: StorageDescriptor(location: folder))
        let writer = try TableWriteConsumer(table: table, folder: folder, staticPartitionValues: [])
        try executor(RunMode(threads: 1, batchSize: 1024)).run(input.plan(), into: writer)
        let bytes = writer.files.reduce(0) { $0 + $1.byteCount }
        let scan = LogicalPlan.scan(
            LogicalScan(
                table: table,
                columns: input.columns.enumerated().map { LogicalScan.ScanColumn(output: $1, ordinal: $0) },
                partitions: [Partition(values: [], storage: table.storage)]))
        func key(_ id: Int) -> BoundExpression { .column(OutputColumn(id: ColumnID(id), name: "k", type: .int)) }
        let count = try aggregate("count", [], id: 801)
        let branches: [LogicalPlan] = [
            .filter(LogicalFilter(input: reader(100), predicate: try call("<", key(100), integer(10)))),
            .aggregate(LogicalAggregate(input: reader(200), groups: [], aggregates: [count])),
            .limit(LogicalLimit(input: reader(300), count: 3)),
            .sort(
                LogicalSort(
                    input: reader(400), keys: [SortKey(expression: key(400), isAscending: false, nullsFirst: false)],
                    limit: 2)),
        ]
        let plan = LogicalPlan.with(
            LogicalWith(
                subplans: [SharedSubplan(id: 1, name: "source", plan: scan)],
                input: .branches(LogicalBranches(inputs: branches))))
        let consumers = branches.map { _ in CollectingConsumer() }
        let profile = try executor(mode).run(plan, into: consumers)
        #expect(profile.bytesScanned == bytes)
        #expect(sorted(consumers[0].batches.flatMap(cells)) == Array(input.rows.prefix(10)))
        #expect(consumers[1].batches.flatMap(cells) == [[.integer(5_000)]])
        #expect(consumers[2].batches.flatMap(cells) == Array(input.rows.prefix(3)))
        #expect(consumers[3].batches.flatMap(cells) == Array(input.rows.suffix(2).reversed()))
        // Nothing but the branches' own state is kept.
        #expect(operators(profile.plan.root, "SharedSubplanOperator").allSatisfy { $0.profile.bytes == 0 })
        unlink(folder)
    }
}

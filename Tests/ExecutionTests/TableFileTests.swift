import Catalog
import Columnar
import Execution
import Expressions
import Planner
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Tables written by `TableWriteConsumer` and read back by `TableScanOperator`.
@Suite struct TableFileTests {
    private func temporaryFolder() throws -> String {
        var template = Array("/tmp/hiveql-execution-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        return try #require(made)
    }

    private func table(_ folder: String, partitioned: Bool, format: StorageDescriptor.Format = .text) -> Table {
        Table(
            database: "default", name: "t",
            columns: [SchemaColumn(name: "i", type: .int), SchemaColumn(name: "s", type: .string)],
            partitionColumns: partitioned ? [SchemaColumn(name: "p", type: .int)] : [],
            storage: StorageDescriptor(location: folder, format: format))
    }

    private func scan(_ table: Table, _ partitions: [Partition], filters: (TestTable) throws -> [BoundExpression] = { _ in [] })
        rethrows -> LogicalPlan
    {
        let columns = TestTable(table.allColumns.map { ($0.name, $0.type) }, firstID: 500, rows: [])
        return .scan(
            LogicalScan(
                table: table,
                columns: columns.columns.enumerated().map { LogicalScan.ScanColumn(output: $1, ordinal: $0) },
                partitions: partitions, filters: try filters(columns)))
    }

    private func rows(_ count: Int) -> [[Cell]] {
        (0..<count).map { row -> [Cell] in
            let text: Cell = row % 11 == 0 ? .null : .string("value \(row)")
            let partition: Cell = row % 5 == 4 ? .null : .integer(Int64(row % 5))
            return [.integer(Int64(row)), text, partition]
        }
    }

    @Test func dynamicPartitionsComeBackAsWritten() throws {
        let input = TestTable([("i", .int), ("s", .string), ("p", .int)], rows: rows(700))
        for mode in RunMode.all {
            let folder = try temporaryFolder()
            let table = table(folder, partitioned: true)
            let consumer = try TableWriteConsumer(table: table, folder: folder, staticPartitionValues: [nil])
            let executor = QueryExecutor(
                settings: ExecutionSettings(threads: mode.threads, batchSize: mode.batchSize), context: testContext)
            try executor.run(input.plan(pieces: 4), into: consumer)
            #expect(consumer.files.reduce(0) { $0 + $1.rowCount } == 700)
            let values = Set(consumer.files.map(\.partitionValues))
            #expect(values == Set([["0"], ["1"], ["2"], ["3"], ["__HIVE_DEFAULT_PARTITION__"]]))
            let partitions = values.map { value in
                Partition(values: value, storage: StorageDescriptor(location: folder + "/p=" + value[0]))
            }
            #expect(sorted(try run(scan(table, partitions), mode)) == sorted(input.rows), "\(mode)")
            let filtered = try scan(table, partitions) { columns in
                [
                    try call("=", columns.column(2), integer(2)),
                    try call("<", columns.column(0), integer(300)),
                ]
            }
            let wanted = input.rows.filter { row in
                guard case .integer(let number) = row[0] else { return false }
                return row[2] == .integer(2) && number < 300
            }
            #expect(sorted(try run(filtered, mode)) == sorted(wanted), "\(mode)")
        }
    }

    @Test func sortedRowsAreReadBackInOrder() throws {
        let input = TestTable([("i", .int), ("s", .string)], rows: rows(900).map { Array($0.prefix(2)) })
        let plan = LogicalPlan.sort(
            LogicalSort(
                input: input.plan(pieces: 5),
                keys: [SortKey(expression: input.column(0), isAscending: false, nullsFirst: false)]))
        for mode in RunMode.all {
            let folder = try temporaryFolder()
            let table = table(folder, partitioned: false)
            let consumer = try TableWriteConsumer(table: table, folder: folder, staticPartitionValues: [])
            try QueryExecutor(
                settings: ExecutionSettings(threads: mode.threads, batchSize: mode.batchSize), context: testContext
            ).run(plan, into: consumer)
            let whole = Partition(values: [], storage: table.storage)
            #expect(try run(scan(table, [whole]), mode) == input.rows.reversed(), "\(mode)")
        }
    }

    @Test func tooManyPartitionsAreRefused() throws {
        let input = TestTable([("i", .int), ("s", .string), ("p", .int)], rows: rows(100))
        let folder = try temporaryFolder()
        let consumer = try TableWriteConsumer(
            table: table(folder, partitioned: true), folder: folder, staticPartitionValues: [nil],
            limits: TableWriteConsumer.PartitionLimits(total: 3))
        try QueryExecutor(settings: ExecutionSettings(threads: 2), context: testContext).run(input.plan(), into: consumer)
        #expect(throws: ExecutionError.self) { try consumer.checkLimits() }
    }

    @Test func otherFormatsAreNamed() throws {
        let table = table("/nowhere", partitioned: false, format: .rcfile)
        let error = #expect(throws: ExecutionError.self) {
            try run(scan(table, [Partition(values: [], storage: table.storage)]))
        }
        #expect(error?.description.contains("RCFILE") == true)
    }

    @Test func cancellationEndsAQuery() throws {
        let input = TestTable([("i", .int)], rows: (0..<500).map { [.integer($0)] })
        let cancellation = CancellationToken()
        cancellation.cancel()
        let executor = QueryExecutor(
            settings: ExecutionSettings(threads: 2), context: testContext, cancellation: cancellation)
        #expect(throws: ExecutionError.self) { try executor.run(input.plan(), into: CollectingConsumer()) }
    }
}

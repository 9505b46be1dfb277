#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Columnar
import Execution
import Expressions
import Planner
import Testing

/// Sorts that hold more than their memory give the same rows in the same order.
@Suite struct SpillTests {
    private func table(_ random: inout SeededGenerator, rows: Int) -> TestTable {
        let stem = "a stem longer than sixteen bytes "
        let spread = Int.random(in: 1...200, using: &random)
        let longest = [3, 40, 2000][Int.random(in: 0..<3, using: &random)]
        func null() -> Bool { Int.random(in: 0..<9, using: &random) == 0 }
        return TestTable(
            [("s", .string), ("d", .double), ("i", .int), ("b", .bigint), ("payload", .string), ("row", .int)],
            rows: (0..<rows).map { row in
                [
                    null() ? .null : .string((Bool.random(using: &random) ? stem : "") + "\(Int.random(in: 0..<spread, using: &random))"),
                    null() ? .null : .double(Double(Int.random(in: -spread..<spread, using: &random)) / 2),
                    .integer(Int64(Int.random(in: -3..<3, using: &random))),
                    null() ? .null : .integer(Int64(Int.random(in: 0..<spread, using: &random))),
                    null() ? .null : .string(String(repeating: "x", count: Int.random(in: 0...longest, using: &random))),
                    .integer(Int64(row)),
                ]
            })
    }

    private func keys(_ input: TestTable, _ random: inout SeededGenerator) throws -> [SortKey] {
        try (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let column = Int.random(in: 0..<5, using: &random)
            // Keys that are computed are kept beside the rows, or in their encoded form alone.
            let expression: BoundExpression =
                switch (Int.random(in: 0..<3, using: &random), column) {
                case (0, 0), (0, 4): try call("upper", input.column(column))
                case (0, 2): try call("+", input.column(2), integer(1))
                default: input.column(column)
                }
            return SortKey(
                expression: expression, isAscending: Bool.random(using: &random), nullsFirst: Bool.random(using: &random))
        }
    }

    /// - Returns: the rows in order, and what the sort wrote.
    private func sort(
        _ plan: LogicalPlan, _ mode: RunMode, memoryLimit: Int, folder: String = "/tmp",
        _ token: CancellationToken = CancellationToken()
    ) throws -> (rows: [[Cell]], spilledRuns: Int, spilledBytes: Int) {
        let executor = QueryExecutor(
            settings: ExecutionSettings(
                threads: mode.threads, batchSize: mode.batchSize, memoryLimit: memoryLimit, scratchFolder: folder),
            context: testContext, cancellation: token)
        let consumer = UnchargedConsumer()
        let profile = try executor.run(plan, into: consumer)
        let rows = consumer.batches.enumerated()
            .sorted { ($0.element.sequence.morsel, $0.offset) < ($1.element.sequence.morsel, $1.offset) }
            .flatMap { cells($0.element) }
        return (rows, profile.plan.root.profile.spilledRuns, profile.plan.root.profile.spilledBytes)
    }

    @Test(arguments: 0..<24) func spilledRowsAreInTheSameOrder(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let input = table(&random, rows: [5000, 8000, 12_000][seed % 3])
        // A sort above a sort has its rows from several workers.
        let source = seed % 2 == 0
            ? input.plan(pieces: 5) : .sort(LogicalSort(input: input.plan(), keys: try keys(input, &random)))
        let keys = try keys(input, &random)
        var spilled = 0
        for limit in [nil, 100, 1500] {
            let plan = LogicalPlan.sort(LogicalSort(input: source, keys: keys, limit: limit))
            for mode in RunMode.all {
                let whole = try sort(plan, mode, memoryLimit: .max)
                #expect(whole.spilledRuns == 0)
                for memoryLimit in [600 << 10, 1200 << 10] {
                    let part = try sort(plan, mode, memoryLimit: memoryLimit)
                    spilled += part.spilledRuns
                    #expect(
                        part.rows == whole.rows,
                        "seed \(seed), limit \(String(describing: limit)), \(mode), \(memoryLimit) bytes, \(part.spilledRuns) runs")
                    #expect((part.spilledRuns > 0) == (part.spilledBytes > 0))
                }
            }
        }
        #expect(spilled > 0, "seed \(seed)")
    }

    private func numbers(_ rows: Int) -> (input: TestTable, plan: LogicalPlan) {
        let input = TestTable(
            [("k", .int), ("s", .string), ("row", .int)],
            rows: (0..<rows).map {
                [.integer(Int64($0 * 7919 % 13)), .string("a text of row \($0) that is long enough"), .integer(Int64($0))]
            })
        let plan = LogicalPlan.sort(
            LogicalSort(
                input: input.plan(pieces: 3),
                keys: [SortKey(expression: input.column(0), isAscending: false, nullsFirst: false)]))
        return (input, plan)
    }

    /// Runs are merged into longer ones when a merge of all would not fit, and ties stay in the order of the source.
    @Test(arguments: [1, 4]) func manyRunsAreMergedInSeveralPasses(threads: Int) throws {
        let mode = RunMode(threads: threads, batchSize: 50)
        let (input, plan) = numbers(9000)
        let wanted = input.rows.enumerated().sorted { left, right in
            let (a, b) = (left.element[0], right.element[0])
            return a == b ? left.offset < right.offset : Cell.order(a, b) > 0
        }.map(\.element)
        let few = try sort(plan, mode, memoryLimit: 1 << 20)
        #expect(few.rows == wanted)
        let many = try sort(plan, mode, memoryLimit: 128 << 10)
        #expect(many.rows == wanted)
        #expect(many.spilledRuns > few.spilledRuns + 10 && few.spilledRuns > 0)
        // What was merged was written again.
        #expect(many.spilledBytes > few.spilledBytes * 3 / 2)
    }

    @Test func wideRowsAreMergedAFewAtATime() throws {
        let input = TestTable(
            [("k", .int), ("s", .string)],
            rows: (0..<60).map { [.integer(Int64($0 * 37 % 60)), .string(String(repeating: "x", count: 20_000) + "\($0)")] })
        let plan = LogicalPlan.sort(
            LogicalSort(input: input.plan(), keys: [SortKey(expression: input.column(0), isAscending: true, nullsFirst: true)]))
        let result = try sort(plan, RunMode(threads: 1, batchSize: 2), memoryLimit: 400 << 10)
        #expect(result.rows == input.rows.sorted { Cell.order($0[0], $1[0]) < 0 })
        #expect(result.spilledRuns > 3)
    }

    #if os(Linux)
    /// Files of this process in a folder, also those without a name.
    private func openFiles(in folder: String) -> [String] {
        (0..<1024).compactMap { descriptor in
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
            let path = String(decoding: target.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return path.hasPrefix(folder + "/") ? path : nil
        }
    }

    /// Wherever a sort is cancelled, it ends at once, and its files are gone.
    @Test(arguments: [1, 2]) func cancelledSortsLeaveNothing(threads: Int) throws {
        var template = Array("/tmp/hiveql-spill-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } }
        let folder = try #require(made)
        defer { rmdir(folder) }
        let (_, plan) = numbers(6000)
        let mode = RunMode(threads: threads, batchSize: 256)
        var cancelled = 0
        var look = 1
        while true {
            let token = CancellationToken(cancellingAtLook: look)
            do {
                let result = try sort(plan, mode, memoryLimit: 128 << 10, folder: folder, token)
                #expect(result.spilledRuns > 0)
                break
            } catch ExecutionError.cancelled { cancelled += 1 }
            #expect(openFiles(in: folder).isEmpty, "cancelled at look \(look)")
            look += 1 + look / 8
        }
        #expect(cancelled > 20)
        #expect(openFiles(in: folder).isEmpty)
        // Nothing had a name, so that the folder can go.
        #expect(rmdir(folder) == 0)
    }
    #endif

    @Test func aScratchFolderThatIsNotThereIsAnError() throws {
        let (_, plan) = numbers(3000)
        let error = #expect(throws: ExecutionError.self) {
            try sort(plan, RunMode(threads: 2, batchSize: 256), memoryLimit: 100 << 10, folder: "/tmp/hiveql-no-such-folder")
        }
        let message = error?.description ?? ""
        #expect(message.contains("/tmp/hiveql-no-such-folder (hiveql.scratch.dir)") && message.contains("No such file or directory"))
        // Sorts that fit do not look for it.
        #expect(try sort(plan, RunMode.all[0], memoryLimit: .max, folder: "/tmp/hiveql-no-such-folder").rows.count == 3000)
    }
}

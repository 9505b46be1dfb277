import Columnar
import Execution
import Expressions
import Planner
import Testing

@Suite struct AggregateTests {
    private func table(seed: UInt64, rows: Int, keys: Int) -> TestTable {
        var random = SeededGenerator(seed: seed)
        return TestTable(
            [("k", .string), ("n", .int), ("v", .bigint), ("d", .double)],
            rows: (0..<rows).map { _ in
                let key = Int.random(in: 0...keys, using: &random)
                return [
                    key == 0 ? .null : .string("key with a long common prefix \(key)"),
                    Int.random(in: 0..<10, using: &random) == 0 ? .null : .integer(Int64.random(in: 0..<4, using: &random)),
                    Int.random(in: 0..<7, using: &random) == 0 ? .null : .integer(Int64.random(in: -50..<50, using: &random)),
                    .double(Double(Int.random(in: -8..<8, using: &random))),
                ]
            })
    }

    private struct Totals {
        var count: Int64 = 0
        var sum: Int64?
        var least: Int64?
        var distinct: Set<Int64> = []

        mutating func add(_ cell: Cell) {
            count += 1
            guard case .integer(let value) = cell else { return }
            sum = (sum ?? 0) + value
            least = min(least ?? .max, value)
            distinct.insert(value)
        }

        var cells: [Cell] {
            [
                .integer(count), sum.map { .integer($0) } ?? .null, least.map { .integer($0) } ?? .null,
                .integer(Int64(distinct.count)), distinct.isEmpty ? .null : .integer(distinct.reduce(0, +)),
            ]
        }
    }

    private func aggregates(_ input: TestTable) throws -> [NamedAggregate] {
        [
            try aggregate("count", [], id: 100), try aggregate("sum", [input.column(2)], id: 101),
            try aggregate("min", [input.column(2)], id: 102),
            try aggregate("count", [input.column(2)], distinct: true, id: 103),
            try aggregate("sum", [input.column(2)], distinct: true, id: 104),
        ]
    }

    @Test(arguments: [(1, 400, 7), (2, 2000, 150), (3, 6000, 4000), (4, 3, 1)])
    func groupsByKeysAsANaiveLoopDoes(_ seed: Int, _ rows: Int, _ keys: Int) throws {
        let input = table(seed: UInt64(seed), rows: rows, keys: keys)
        for groups in [[0], [1], [0, 1], [3], [1, 3, 0]] {
            var expected: [[Cell]: Totals] = [:]
            for row in input.rows { expected[groups.map { row[$0] }, default: Totals()].add(row[2]) }
            let plan = LogicalPlan.aggregate(
                LogicalAggregate(
                    input: input.plan(pieces: 5),
                    groups: groups.enumerated().map {
                        NamedExpression(
                            output: OutputColumn(id: ColumnID(50 + $0), name: "g", type: input.columns[$1].type),
                            expression: input.column($1))
                    }, aggregates: try aggregates(input)))
            let wanted = sorted(expected.map { $0.key + $0.value.cells })
            for mode in RunMode.all where rows < 5000 || mode.batchSize > 3 {
                let got = sorted(try run(plan, mode))
                #expect(got == wanted, "seed \(seed), groups \(groups), \(mode)")
            }
        }
    }

    @Test func noGroupsGiveOneRowOfNothing() throws {
        let input = table(seed: 1, rows: 0, keys: 3)
        let plan = LogicalPlan.aggregate(
            LogicalAggregate(input: input.plan(), groups: [], aggregates: try aggregates(input)))
        for mode in RunMode.all {
            #expect(try run(plan, mode) == [[.integer(0), .null, .null, .integer(0), .null]])
        }
    }

    @Test func noGroupsFoldAllRows() throws {
        let input = table(seed: 9, rows: 3000, keys: 3)
        var totals = Totals()
        for row in input.rows { totals.add(row[2]) }
        let plan = LogicalPlan.aggregate(
            LogicalAggregate(input: input.plan(pieces: 4), groups: [], aggregates: try aggregates(input)))
        for mode in RunMode.all { #expect(try run(plan, mode) == [totals.cells], "\(mode)") }
    }

    @Test func groupingSetsTellTheirSets() throws {
        let input = table(seed: 5, rows: 500, keys: 3)
        let sets = [[0, 1], [0], []]
        var expected: [[Cell]: Totals] = [:]
        for row in input.rows {
            for set in sets {
                let identity = [0, 1].reduce(0) { set.contains($1) ? $0 : $0 | 1 << (1 - $1) }
                let key = [set.contains(0) ? row[0] : .null, set.contains(1) ? row[1] : .null]
                expected[key + [.integer(Int64(identity))], default: Totals()].add(row[2])
            }
        }
        let plan = LogicalPlan.aggregate(
            LogicalAggregate(
                input: input.plan(pieces: 3),
                groups: [0, 1].map {
                    NamedExpression(
                        output: OutputColumn(id: ColumnID(50 + $0), name: "g", type: input.columns[$0].type),
                        expression: input.column($0))
                }, groupingSets: sets,
                groupingID: OutputColumn(id: ColumnID(60), name: "grouping__id", type: .bigint),
                aggregates: try aggregates(input)))
        let wanted = sorted(expected.map { $0.key + $0.value.cells })
        for mode in RunMode.all { #expect(sorted(try run(plan, mode)) == wanted, "\(mode)") }
    }

    @Test func theMemoryLimitIsAnError() throws {
        let input = table(seed: 3, rows: 20_000, keys: 12_000)
        let plan = LogicalPlan.aggregate(
            LogicalAggregate(
                input: input.plan(),
                groups: [
                    NamedExpression(
                        output: OutputColumn(id: ColumnID(50), name: "g", type: .string), expression: input.column(0))
                ], aggregates: try aggregates(input)))
        #expect(throws: ExecutionError.self) { try run(plan, memoryLimit: 100_000) }
    }
}

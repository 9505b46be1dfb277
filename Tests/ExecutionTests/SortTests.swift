import Columnar
import Execution
import Planner
import Testing

@Suite struct SortTests {
    private func table(seed: UInt64, rows: Int) -> TestTable {
        var random = SeededGenerator(seed: seed)
        let stem = "a stem longer than sixteen bytes "
        return TestTable(
            [("s", .string), ("d", .double), ("i", .int), ("row", .int)],
            rows: (0..<rows).map { row in
                [
                    Int.random(in: 0..<9, using: &random) == 0
                        ? .null : .string((Bool.random(using: &random) ? stem : "") + "\(Int.random(in: 0..<30, using: &random))"),
                    Int.random(in: 0..<9, using: &random) == 0 ? .null : .double(Double(Int.random(in: -9..<9, using: &random)) / 2),
                    .integer(Int64(Int.random(in: -3..<3, using: &random))), .integer(Int64(row)),
                ]
            })
    }

    private func naive(_ table: TestTable, _ keys: [(column: Int, ascending: Bool, nullsFirst: Bool)]) -> [[Cell]] {
        table.rows.enumerated().sorted { left, right in
            for key in keys {
                let (a, b) = (left.element[key.column], right.element[key.column])
                if a == b { continue }
                if a == .null { return key.nullsFirst }
                if b == .null { return !key.nullsFirst }
                return (Cell.order(a, b) < 0) == key.ascending
            }
            return left.offset < right.offset
        }.map(\.element)
    }

    @Test(arguments: [(1, 10), (2, 600), (3, 1500)])
    func sortsStablyByAnyKeys(_ seed: Int, _ rows: Int) throws {
        let input = table(seed: UInt64(seed), rows: rows)
        let orders: [[(column: Int, ascending: Bool, nullsFirst: Bool)]] = [
            [(0, true, true)], [(0, false, false), (2, true, true)], [(1, true, false), (0, true, true)],
            [(2, false, false)], [(2, true, true), (1, false, true), (0, false, true)], [(3, false, false)],
        ]
        for keys in orders {
            let wanted = naive(input, keys)
            for limit in [nil, 0, 7, 500] {
                let plan = LogicalPlan.sort(
                    LogicalSort(
                        input: input.plan(pieces: 6),
                        keys: keys.map {
                            SortKey(
                                expression: input.column($0.column), isAscending: $0.ascending, nullsFirst: $0.nullsFirst)
                        }, limit: limit))
                for mode in RunMode.all {
                    let got = try run(plan, mode)
                    #expect(got == Array(wanted.prefix(limit ?? .max)), "seed \(seed), \(keys), limit \(String(describing: limit)), \(mode)")
                }
            }
        }
    }

    @Test func limitKeepsTheFirstRowsOfTheSource() throws {
        let input = table(seed: 4, rows: 900)
        for (count, offset) in [(0, 0), (5, 0), (200, 130), (2000, 0), (10, 895), (10, 2000)] {
            let plan = LogicalPlan.limit(LogicalLimit(input: input.plan(pieces: 3), count: count, offset: offset))
            let wanted = Array(input.rows.dropFirst(offset).prefix(count))
            for mode in RunMode.all { #expect(try run(plan, mode) == wanted, "\(count) \(offset) \(mode)") }
        }
    }
}

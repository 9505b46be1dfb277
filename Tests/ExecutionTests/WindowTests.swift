import Columnar
import Execution
import Expressions
import Functions
import Planner
import Testing

@Suite struct WindowTests {
    private func table(seed: UInt64, rows: Int) -> TestTable {
        var random = SeededGenerator(seed: seed)
        return TestTable(
            [("p", .string), ("o", .int), ("v", .int), ("d", .double), ("row", .int)],
            rows: (0..<rows).map { row in
                [
                    Int.random(in: 0..<9, using: &random) == 0 ? .null : .string("p\(Int.random(in: 0..<5, using: &random))"),
                    Int.random(in: 0..<9, using: &random) == 0 ? .null : .integer(Int64(Int.random(in: 0..<40, using: &random))),
                    Int.random(in: 0..<6, using: &random) == 0 ? .null : .integer(Int64(Int.random(in: -20..<20, using: &random))),
                    Int.random(in: 0..<6, using: &random) == 0 ? .null : .double(Double(Int.random(in: -20..<20, using: &random))),
                    .integer(Int64(row)),
                ]
            })
    }

    private static func rows(_ count: Int64) -> (LiteralValue, SQLType) { (.integer(count), .int) }

    private static let frames: [WindowFrame] = [
        .wholePartition,
        WindowFrame(unit: .range, start: .unboundedPreceding, end: .currentRow),
        WindowFrame(unit: .rows, start: .unboundedPreceding, end: .currentRow),
        WindowFrame(unit: .rows, start: .preceding(.integer(3), .int), end: .preceding(.integer(1), .int)),
        WindowFrame(unit: .rows, start: .preceding(.integer(100), .int), end: .following(.integer(50), .int)),
        WindowFrame(unit: .rows, start: .following(.integer(2), .int), end: .unboundedFollowing),
        WindowFrame(unit: .range, start: .preceding(.integer(4), .int), end: .following(.integer(2), .int)),
        WindowFrame(unit: .range, start: .currentRow, end: .unboundedFollowing),
    ]

    /// Partitions of row numbers in window order.
    private func partitions(_ table: TestTable, ascending: Bool) -> [[Int]] {
        var byKey: [Cell: [Int]] = [:]
        for (row, cells) in table.rows.enumerated() { byKey[cells[0], default: []].append(row) }
        return byKey.values.map { rows in
            rows.sorted { left, right in
                let order = Cell.order(table.rows[left][1], table.rows[right][1])
                if order != 0 { return ascending ? order < 0 : order > 0 }
                return left < right
            }
        }
    }

    private func frame(_ frame: WindowFrame, _ place: Int, _ keys: [Cell], ascending: Bool) -> [Int] {
        func offset(_ value: LiteralValue) -> Int { if case .integer(let n) = value { Int(n) } else { 0 } }
        let all = Array(keys.indices)
        func isInside(_ other: Int, _ bound: WindowFrame.Bound, isStart: Bool) -> Bool {
            switch bound {
            case .unboundedPreceding, .unboundedFollowing: return true
            case .currentRow:
                if frame.unit == .rows { return isStart ? other >= place : other <= place }
                return keys[other] == keys[place] || (isStart ? other > place : other < place)
            case .preceding(let value, _), .following(let value, _):
                var sign = 1
                if case .preceding = bound { sign = -1 }
                if frame.unit == .rows {
                    return isStart ? other >= place + sign * offset(value) : other <= place + sign * offset(value)
                }
                guard case .integer(let own) = keys[place] else { return keys[other] == .null }
                guard case .integer(let theirs) = keys[other] else { return false }
                let limit = Int(own) + (ascending ? sign : -sign) * offset(value)
                return isStart == ascending ? Int(theirs) >= limit : Int(theirs) <= limit
            }
        }
        return all.filter { isInside($0, frame.start, isStart: true) && isInside($0, frame.end, isStart: false) }
    }

    private func fold(_ name: String, _ values: [Cell]) -> Cell {
        let integers = values.compactMap { if case .integer(let n) = $0 { n } else { nil } }
        let doubles = values.compactMap { if case .double(let n) = $0 { n } else { nil } }
        switch name {
        case "count": return .integer(Int64(integers.count + doubles.count))
        case "sum" where !doubles.isEmpty: return .double(doubles.reduce(0, +))
        case "sum": return integers.isEmpty ? .null : .integer(integers.reduce(0, +))
        case "avg" where !doubles.isEmpty: return .double(doubles.reduce(0, +) / Double(doubles.count))
        case "avg": return integers.isEmpty ? .null : .double(Double(integers.reduce(0, +)) / Double(integers.count))
        case "min": return integers.min().map { .integer($0) } ?? doubles.min().map { .double($0) } ?? .null
        case "max": return integers.max().map { .integer($0) } ?? doubles.max().map { .double($0) } ?? .null
        case "distinct": return .integer(Int64(Set(values.filter { $0 != .null }).count))
        default: return .null
        }
    }

    @Test(arguments: [(1, 40), (2, 500)])
    func aggregatesOverFramesAreThoseOfTheirRows(_ seed: Int, _ count: Int) throws {
        let input = table(seed: UInt64(seed), rows: count)
        for ascending in [true, false] {
            let order = partitions(input, ascending: ascending)
            for frame in Self.frames {
                let calls = [("count", 2), ("sum", 2), ("avg", 2), ("min", 2), ("max", 3), ("sum", 3), ("avg", 3), ("distinct", 2)]
                let functions = try calls.enumerated().map { index, item in
                    let (name, column) = item
                    let isDistinct = name == "distinct"
                    let made = try aggregate(isDistinct ? "count" : name, [input.column(column)], distinct: isDistinct, id: 100 + index)
                    return NamedWindowFunction(
                        output: made.output, name: isDistinct ? "count" : name,
                        function: .aggregate(made.call.function, made.call.resolved, isDistinct: isDistinct),
                        arguments: [input.column(column)],
                        frame: frame)
                }
                let plan = LogicalPlan.window(
                    LogicalWindow(
                        input: input.plan(pieces: 4), partitionBy: [input.column(0)],
                        orderBy: [SortKey(expression: input.column(1), isAscending: ascending, nullsFirst: ascending)],
                        functions: functions))
                var wanted: [[Cell]] = []
                for rows in order {
                    let keys = rows.map { input.rows[$0][1] }
                    for (place, row) in rows.enumerated() {
                        let members = self.frame(frame, place, keys, ascending: ascending)
                        wanted.append(
                            input.rows[row]
                                + calls.map { name, column in fold(name, members.map { input.rows[rows[$0]][column] }) })
                    }
                }
                let expected = wanted.sorted { Cell.order($0[4], $1[4]) < 0 }
                for mode in RunMode.all {
                    let got = try run(plan, mode).sorted { Cell.order($0[4], $1[4]) < 0 }
                    #expect(got == expected, "seed \(seed), ascending \(ascending), \(frame), \(mode)")
                }
            }
        }
    }

    @Test(arguments: [1, 2])
    func rankingAndNeighboursFollowTheOrder(_ seed: Int) throws {
        let input = table(seed: UInt64(seed), rows: 300)
        let kinds: [(String, WindowFunctionKind, [BoundExpression], SQLType)] = [
            ("row_number", .rowNumber, [], .int), ("rank", .rank, [], .int), ("dense_rank", .denseRank, [], .int),
            ("percent_rank", .percentRank, [], .double), ("cume_dist", .cumulativeDistribution, [], .double),
            ("ntile", .ntile, [integer(4)], .int), ("lag", .lag, [input.column(2), integer(2), integer(-99)], .int),
            ("lead", .lead, [input.column(2)], .int), ("first_value", .firstValue, [input.column(2)], .int),
            ("last_value", .lastValue, [input.column(2)], .int),
        ]
        let frame = WindowFrame(unit: .rows, start: .preceding(.integer(2), .int), end: .following(.integer(1), .int))
        var functions = kinds.enumerated().map { index, item in
            NamedWindowFunction(
                output: OutputColumn(id: ColumnID(100 + index), name: item.0, type: item.3), name: item.0,
                function: .window(item.1, ignoreNulls: false), arguments: item.2, frame: frame)
        }
        functions.append(
            NamedWindowFunction(
                output: OutputColumn(id: ColumnID(150), name: "first_value", type: .int), name: "first_value",
                function: .window(.firstValue, ignoreNulls: true), arguments: [input.column(2)], frame: frame))
        let plan = LogicalPlan.window(
            LogicalWindow(
                input: input.plan(pieces: 4), partitionBy: [input.column(0)],
                orderBy: [SortKey(expression: input.column(1), isAscending: true, nullsFirst: true)],
                functions: functions))
        var wanted: [[Cell]] = []
        for rows in partitions(input, ascending: true) {
            let keys = rows.map { input.rows[$0][1] }
            let values = rows.map { input.rows[$0][2] }
            let size = rows.count
            for (place, row) in rows.enumerated() {
                let rank = keys.firstIndex(of: keys[place]) ?? 0
                let behind = (keys.lastIndex(of: keys[place]) ?? 0) + 1
                let dense = Set(keys[...place]).count
                let (small, larger) = (size / 4, size % 4)
                let tile = place < larger * (small + 1)
                    ? place / (small + 1) : larger + (place - larger * (small + 1)) / max(small, 1)
                let low = max(place - 2, 0)
                let high = min(place + 1, size - 1)
                wanted.append(
                    input.rows[row] + [
                        .integer(Int64(place + 1)), .integer(Int64(rank + 1)), .integer(Int64(dense)),
                        .double(size > 1 ? Double(rank) / Double(size - 1) : 0), .double(Double(behind) / Double(size)),
                        .integer(Int64(tile + 1)), place >= 2 ? values[place - 2] : .integer(-99),
                        place + 1 < size ? values[place + 1] : .null, values[low], values[high],
                        values[low...high].first { $0 != .null } ?? .null,
                    ])
            }
        }
        let expected = wanted.sorted { Cell.order($0[4], $1[4]) < 0 }
        for mode in RunMode.all {
            let got = try run(plan, mode).sorted { Cell.order($0[4], $1[4]) < 0 }
            #expect(got == expected, "seed \(seed), \(mode)")
        }
    }
}

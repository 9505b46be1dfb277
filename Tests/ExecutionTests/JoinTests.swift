import Columnar
import Execution
import Planner
import Testing

@Suite struct JoinTests {
    private func table(_ random: inout SeededGenerator, rows: Int, keys: Int, firstID: Int) -> TestTable {
        TestTable(
            [("s", .string), ("i", .bigint), ("v", .int)], firstID: firstID,
            rows: (0..<rows).map { row in
                let key = Int.random(in: 0..<keys, using: &random)
                return [
                    Int.random(in: 0..<15, using: &random) == 0 ? .null : .string("medallion number \(key % 7) of some"),
                    Int.random(in: 0..<15, using: &random) == 0 ? .null : .integer(Int64(key)),
                    .integer(Int64(row)),
                ]
            })
    }

    private func expected(
        _ kind: LogicalJoin.Kind, _ left: TestTable, _ right: TestTable, nullSafe: Bool, residual: Bool
    ) -> [[Cell]] {
        let nulls: [Cell] = [.null, .null, .null]
        func matches(_ a: [Cell], _ b: [Cell]) -> Bool {
            for key in 0..<2 {
                if a[key] == .null || b[key] == .null {
                    guard nullSafe, a[key] == b[key] else { return false }
                } else if a[key] != b[key] {
                    return false
                }
            }
            guard residual, case .integer(let x) = a[2], case .integer(let y) = b[2] else { return true }
            return x < y
        }
        var result: [[Cell]] = []
        var rightMatched = Set<Int>()
        for a in left.rows {
            var matched = false
            for (index, b) in right.rows.enumerated() where matches(a, b) {
                matched = true
                rightMatched.insert(index)
                switch kind {
                case .leftSemi, .leftAnti, .leftAntiNullAware: break
                default: result.append(a + b)
                }
            }
            switch kind {
            case .left, .full: if !matched { result.append(a + nulls) }
            case .leftSemi: if matched { result.append(a) }
            case .leftAnti: if !matched { result.append(a) }
            default: break
            }
        }
        if kind == .right || kind == .full {
            for (index, b) in right.rows.enumerated() where !rightMatched.contains(index) { result.append(nulls + b) }
        }
        return result
    }

    @Test(arguments: [(1, 100, 150, 40), (2, 300, 30, 5), (3, 0, 20, 3), (4, 20, 0, 3), (5, 200, 250, 900)])
    func everyKindJoinsAsNestedLoopsDo(_ seed: Int, _ leftRows: Int, _ rightRows: Int, _ keys: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let left = table(&random, rows: leftRows, keys: keys, firstID: 0)
        let right = table(&random, rows: rightRows, keys: keys, firstID: 10)
        for kind in [LogicalJoin.Kind.inner, .left, .right, .full, .leftSemi, .leftAnti] {
            for (nullSafe, hasResidual) in [(false, false), (true, false), (false, true)] {
                let wanted = sorted(expected(kind, left, right, nullSafe: nullSafe, residual: hasResidual))
                for side in [LogicalJoin.BuildSide.left, .right] {
                    let plan = LogicalPlan.join(
                        LogicalJoin(
                            kind: kind, left: left.plan(pieces: 3), right: right.plan(pieces: 2),
                            equalities: [0, 1].map {
                                LogicalJoin.Equality(left: left.column($0), right: right.column($0), isNullSafe: nullSafe)
                            }, residual: hasResidual ? try call("<", left.column(2), right.column(2)) : nil,
                            buildSide: side))
                    for mode in RunMode.all {
                        let got = sorted(try run(plan, mode))
                        #expect(
                            got == wanted,
                            "seed \(seed), \(kind), build \(side), null-safe \(nullSafe), residual \(hasResidual), \(mode)")
                    }
                }
            }
        }
    }

    @Test func joinsWithoutEqualitiesCompareAllPairs() throws {
        var random = SeededGenerator(seed: 11)
        let left = table(&random, rows: 30, keys: 9, firstID: 0)
        let right = table(&random, rows: 40, keys: 9, firstID: 10)
        for kind in [LogicalJoin.Kind.inner, .cross, .left, .right, .full, .leftSemi, .leftAnti] {
            for side in [LogicalJoin.BuildSide.left, .right] {
                let residual = kind == .cross ? nil : try call("<", left.column(1), right.column(1))
                var wanted: [[Cell]] = []
                var rightMatched = Set<Int>()
                for a in left.rows {
                    var matched = false
                    for (index, b) in right.rows.enumerated() {
                        if residual != nil {
                            guard case .integer(let x) = a[1], case .integer(let y) = b[1], x < y else { continue }
                        }
                        matched = true
                        rightMatched.insert(index)
                        if kind != .leftSemi, kind != .leftAnti { wanted.append(a + b) }
                    }
                    if kind == .leftSemi, matched { wanted.append(a) }
                    if kind == .leftAnti, !matched { wanted.append(a) }
                    if kind == .left || kind == .full, !matched { wanted.append(a + [.null, .null, .null]) }
                }
                if kind == .right || kind == .full {
                    for (index, b) in right.rows.enumerated() where !rightMatched.contains(index) {
                        wanted.append([.null, .null, .null] + b)
                    }
                }
                let plan = LogicalPlan.join(
                    LogicalJoin(
                        kind: kind, left: left.plan(), right: right.plan(), equalities: [], residual: residual,
                        buildSide: side))
                for mode in RunMode.all { #expect(sorted(try run(plan, mode)) == sorted(wanted), "\(kind) \(side) \(mode)") }
            }
        }
    }

    @Test func notInKnowsUnknown() throws {
        func values(_ cells: [Cell], _ id: Int) -> TestTable {
            TestTable([("x", .int)], firstID: id, rows: cells.map { [$0] })
        }
        let left = values([.integer(1), .integer(2), .null], 0)
        let cases: [([Cell], [[Cell]])] = [
            ([.integer(1)], [[.integer(2)]]), ([.integer(1), .null], []),
            ([], [[.integer(1)], [.integer(2)], [.null]]),
        ]
        for (cells, wanted) in cases {
            let right = values(cells, 10)
            for side in [LogicalJoin.BuildSide.left, .right] {
                let plan = LogicalPlan.join(
                    LogicalJoin(
                        kind: .leftAntiNullAware, left: left.plan(), right: right.plan(),
                        equalities: [LogicalJoin.Equality(left: left.column(0), right: right.column(0))], buildSide: side))
                for mode in RunMode.all {
                    #expect(sorted(try run(plan, mode)) == sorted(wanted), "\(cells) \(side) \(mode)")
                }
            }
        }
    }

    @Test func aSecondMatchOfAScalarSubqueryIsAnError() throws {
        let left = TestTable([("x", .int)], rows: [[.integer(1)]])
        let right = TestTable([("y", .int)], firstID: 10, rows: [[.integer(1)], [.integer(1)]])
        let plan = LogicalPlan.join(
            LogicalJoin(
                kind: .left, left: left.plan(), right: right.plan(),
                equalities: [LogicalJoin.Equality(left: left.column(0), right: right.column(0))], isSingleMatch: true))
        #expect(throws: ExecutionError.self) { try run(plan) }
    }
}

import Columnar
import Execution
import Expressions
import Planner
import Testing

/// ASOF joins of random rows against their definition: of all right rows that match, the nearest, and of equally near
/// ones the first.
@Suite struct AsofJoinTests {
    private enum Values: CaseIterable {
        case integers, wideIntegers, doubles, floats, texts, longTexts, dates, smallDecimals

        var type: SQLType {
            switch self {
            case .integers: .int
            case .wideIntegers: .bigint
            case .doubles: .double
            case .floats: .float
            case .texts, .longTexts: .string
            case .dates: .date
            case .smallDecimals: .decimal(precision: 38, scale: 2)
            }
        }

        func draw(_ random: inout SeededGenerator, among count: Int) -> Cell {
            let number = Int.random(in: -count..<count, using: &random)
            switch self {
            case .integers, .dates: return .integer(Int64(number))
            case .smallDecimals: return .integer(Int64(number))
            case .wideIntegers:
                return .integer([Int64.min, .max, Int64(number), Int64(number) << 40][Int.random(in: 0..<4, using: &random)])
            case .doubles, .floats:
                switch Int.random(in: 0..<12, using: &random) {
                case 0: return .double(.nan)
                case 1: return .double(-0.0)
                case 2: return .double(0.0)
                case 3: return .double(.infinity)
                case 4: return .double(-.infinity)
                default: return .double(Double(number) / 4)
                }
            case .texts: return .string("\(number)")
            case .longTexts: return .string("a long common beginning \(number)")
            }
        }

        func literal(_ cell: Cell) -> LiteralValue {
            if self == .smallDecimals, case .integer(let value) = cell { return .decimal(Int128(value)) }
            return TestTable.literal(cell)
        }
    }

    /// Hive's order: NaN above all, -0.0 equal to 0.0.
    private func order(_ left: Cell, _ right: Cell) -> Int {
        guard case .double(let a) = left, case .double(let b) = right else { return Cell.order(left, right) }
        if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? 0 : a.isNaN ? 1 : -1 }
        return a < b ? -1 : a == b ? 0 : 1
    }

    private func holds(_ operation: ComparisonOperator, _ left: Cell, _ right: Cell) -> Bool {
        let result = order(left, right)
        switch operation {
        case .greaterOrEqual: return result >= 0
        case .greater: return result > 0
        case .lessOrEqual: return result <= 0
        case .less: return result < 0
        default: return false
        }
    }

    /// A table of a key, a second key, the value and the row's number.
    private struct Rows {
        let table: TestTable
        let values: Values

        init(_ random: inout SeededGenerator, _ values: Values, count: Int, keys: Int, among: Int, firstID: Int) {
            self.values = values
            let types: [SQLType] = [.int, .string, values.type, .int]
            table = TestTable(
                types.enumerated().map { ("c\($0)", $1) }, firstID: firstID,
                rows: (0..<count).map { row in
                    func orNull(_ cell: (inout SeededGenerator) -> Cell) -> Cell {
                        Int.random(in: 0..<12, using: &random) == 0 ? .null : cell(&random)
                    }
                    return [
                        orNull { .integer(Int64.random(in: 0..<Int64(keys), using: &$0)) },
                        orNull { .string("key \(Int.random(in: 0..<2, using: &$0))") },
                        orNull { values.draw(&$0, among: among) }, .integer(Int64(row)),
                    ]
                })
        }

        var cells: [[Cell]] { table.rows }

        func plan(pieces: Int) -> LogicalPlan {
            table.plan(pieces: pieces) { cell, column in
                column.id == table.columns[2].id ? values.literal(cell) : TestTable.literal(cell)
            }
        }

        func column(_ index: Int) -> BoundExpression { .column(table.columns[index]) }
    }

    private enum Condition: CaseIterable {
        case none, tolerance, parity, ofLeft, toleranceAndParity
    }

    private func residual(_ condition: Condition, _ left: Rows, _ right: Rows, _ operation: ComparisonOperator) throws -> BoundExpression? {
        let isBackward = operation == .greaterOrEqual || operation == .greater
        func tolerance() throws -> BoundExpression {
            let difference = isBackward
                ? try call("-", left.column(2), right.column(2)) : try call("-", right.column(2), left.column(2))
            return try call("<=", difference, integer(3))
        }
        func parity() throws -> BoundExpression {
            try call("=", try call("%", left.column(3), integer(3)), try call("%", right.column(3), integer(3)))
        }
        switch condition {
        case .none: return nil
        case .tolerance: return try tolerance()
        case .parity: return try parity()
        case .ofLeft: return try call("<>", try call("%", left.column(3), integer(4)), integer(0))
        case .toleranceAndParity: return .conjunction([try tolerance(), try parity()])
        }
    }

    private func meets(_ condition: Condition, _ a: [Cell], _ b: [Cell], _ operation: ComparisonOperator) -> Bool {
        guard case .integer(let x) = a[3], case .integer(let y) = b[3] else { return false }
        let isBackward = operation == .greaterOrEqual || operation == .greater
        func tolerance() -> Bool {
            switch (a[2], b[2]) {
            // BIGINT wraps around.
            case (.integer(let p), .integer(let q)): return (isBackward ? p &- q : q &- p) <= 3
            case (.double(let p), .double(let q)):
                let difference = isBackward ? p - q : q - p
                return !difference.isNaN && difference <= 3
            default: return false
            }
        }
        switch condition {
        case .none: return true
        case .tolerance: return tolerance()
        case .parity: return x % 3 == y % 3
        case .ofLeft: return x % 4 != 0
        case .toleranceAndParity: return tolerance() && x % 3 == y % 3
        }
    }

    /// The number of each left row's match.
    private func expected(
        _ left: Rows, _ right: Rows, keys: [Int], nullSafe: Bool, _ operation: ComparisonOperator, _ condition: Condition
    ) -> [Int?] {
        left.cells.map { a in
            var best: Int?
            for (row, b) in right.cells.enumerated() {
                guard a[2] != .null, b[2] != .null, holds(operation, a[2], b[2]), meets(condition, a, b, operation),
                    keys.allSatisfy({ a[$0] == b[$0] && (nullSafe || a[$0] != .null) })
                else { continue }
                guard let known = best else {
                    best = row
                    continue
                }
                let nearer = order(b[2], right.cells[known][2])
                let isBackward = operation == .greaterOrEqual || operation == .greater
                if isBackward ? nearer > 0 : nearer < 0 { best = row }
            }
            return best
        }
    }

    @Test(arguments: 1..<7) func theNearestMatchIsFound(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let sizes = [(60, 80, 4, 10), (0, 20, 2, 5), (20, 0, 2, 5), (40, 200, 1, 3), (200, 40, 30, 50), (90, 90, 2, 400)]
        let (leftRows, rightRows, keyCount, among) = sizes[seed % sizes.count]
        for values in Values.allCases {
            let left = Rows(&random, values, count: leftRows, keys: keyCount, among: among, firstID: 0)
            let right = Rows(&random, values, count: rightRows, keys: keyCount, among: among, firstID: 10)
            let keys = [[], [0], [0, 1], [1]][Int.random(in: 0..<4, using: &random)]
            let nullSafe = Bool.random(using: &random)
            for operation in [ComparisonOperator.greaterOrEqual, .greater, .lessOrEqual, .less] {
                let isNumber = values != .texts && values != .longTexts && values != .dates && values != .smallDecimals
                for condition in isNumber ? Condition.allCases : [.none, .parity, .ofLeft] {
                    let matches = expected(left, right, keys: keys, nullSafe: nullSafe, operation, condition)
                    for isOuter in [false, true] {
                        let plan = LogicalPlan.asofJoin(
                            LogicalAsofJoin(
                                isOuter: isOuter, left: left.plan(pieces: 2), right: right.plan(pieces: 3),
                                equalities: keys.map {
                                    LogicalJoin.Equality(left: left.column($0), right: right.column($0), isNullSafe: nullSafe)
                                },
                                match: LogicalAsofJoin.Match(
                                    left: left.column(2), operation: operation, right: right.column(2)),
                                residual: try residual(condition, left, right, operation)))
                        let wanted: [[Cell]] = matches.enumerated().compactMap { row, match in
                            if match == nil, !isOuter { return nil }
                            return [.integer(Int64(row)), match.map { .integer(Int64($0)) } ?? .null]
                        }
                        for mode in RunMode.all + [RunMode(threads: 1, batchSize: 3)] {
                            let got = try run(plan, mode).map { [$0[3], $0[7]] }
                            let place = "seed \(seed), \(values) \(operation.rawValue) keys \(keys) null-safe \(nullSafe), "
                                + "\(condition), outer \(isOuter), \(mode)"
                            #expect(sorted(got) == wanted, "\(place)")
                            // One worker keeps the order of the left side.
                            if mode.threads == 1 { #expect(got == wanted, "\(place), order") }
                            guard operation == .greaterOrEqual else { continue }
                            let isAhead = got.contains { pair in
                                guard case .integer(let a) = pair[0], case .integer(let b) = pair[1] else { return false }
                                return order(right.cells[Int(b)][2], left.cells[Int(a)][2]) > 0
                            }
                            #expect(!isAhead, "\(place) looks ahead")
                        }
                    }
                }
            }
        }
    }

    @Test func decimalsThatNoTypeHoldsTogetherAreComparedExactly() throws {
        func rows(_ cells: [Int128], scale: Int, _ id: Int) -> (LogicalPlan, BoundExpression) {
            let column = OutputColumn(id: ColumnID(id), name: "d", type: .decimal(precision: 38, scale: scale))
            let plan = LogicalPlan.values(
                LogicalValues(
                    outputs: [column],
                    rows: cells.map { [BoundExpression(.literal(.decimal($0)), type: column.type)] }))
            return (plan, .column(column))
        }
        let large = Int128(10_000_000_000) * 10_000_000_000 * 10_000_000_000
        let (left, leftValue) = rows([large, 2, -3], scale: 0, 0)
        let (right, rightValue) = rows([1_999_999_999_999_999_999, 2_000_000_000_000_000_000, -4_000_000_000_000_000_000], scale: 18, 10)
        let plan = LogicalPlan.asofJoin(
            LogicalAsofJoin(
                isOuter: false, left: left, right: right, equalities: [],
                match: LogicalAsofJoin.Match(left: leftValue, operation: .greater, right: rightValue)))
        let consumer = CollectingConsumer()
        try QueryExecutor(settings: ExecutionSettings(threads: 2), context: testContext).run(plan, into: consumer)
        let values = consumer.batches.flatMap { batch in
            (0..<batch.rowCount).map { ordinal in
                let column = batch.columns[1].decoded(.all(batch.columns[1].count))
                return column.values(as: Int128.self)[column.element(of: batch.rows[ordinal])]
            }
        }
        #expect(values == [2_000_000_000_000_000_000, 1_999_999_999_999_999_999, -4_000_000_000_000_000_000])
    }

    @Test func theRightSideIsChargedToMemory() throws {
        var random = SeededGenerator(seed: 5)
        let left = Rows(&random, .integers, count: 10, keys: 3, among: 10, firstID: 0)
        let right = Rows(&random, .integers, count: 6_000, keys: 3, among: 1_000, firstID: 10)
        let plan = LogicalPlan.asofJoin(
            LogicalAsofJoin(
                isOuter: true, left: left.plan(pieces: 1), right: right.plan(pieces: 1), equalities: [],
                match: LogicalAsofJoin.Match(left: left.column(2), operation: .less, right: right.column(2))))
        #expect(throws: ExecutionError.self) { try run(plan, memoryLimit: 200_000) }
        #expect(try run(plan, memoryLimit: 20_000_000).count == 10)
    }
}

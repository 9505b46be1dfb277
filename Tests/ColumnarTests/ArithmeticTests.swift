import Columnar
import Testing

@Suite struct ArithmeticTests {
    private func compute(
        _ a: String, _ left: SQLType, _ operation: ArithmeticOperator, _ b: String, _ right: SQLType
    ) throws -> String {
        let type = try #require(ArithmeticTypes.resultType(operation, left, right))
        let flat = try Arithmetic.apply(
            operation, column(left, texts: [nil, a]), column(right, texts: [b, b]), resultType: type, rows: .all(2), count: 2)
        let constant = try Arithmetic.apply(
            operation, Cast.apply(.constant(string: a.utf8, count: 2), to: left, rows: .all(2), count: 2),
            Cast.apply(.constant(string: b.utf8, count: 2), to: right, rows: .all(2), count: 2), resultType: type,
            rows: .all(2), count: 2)
        #expect(constant.isConstant)
        #expect(texts(flat)[0] == "NULL")
        #expect(texts(constant)[1] == texts(flat)[1])
        #expect(flat.type == type)
        return texts(flat)[1]
    }

    @Test func integersAsHive() throws {
        #expect(try compute("100", .tinyint, .add, "100", .tinyint) == "-56")
        #expect(try compute("2147483647", .int, .add, "1", .int) == "-2147483648")
        #expect(try compute("9223372036854775807", .bigint, .add, "1", .bigint) == "-9223372036854775808")
        #expect(try compute("5", .int, .divide, "2", .int) == "2.5")
        #expect(try compute("5", .int, .integerDivide, "2", .int) == "2")
        #expect(try compute("-5", .int, .integerDivide, "2", .int) == "-2")
        #expect(try compute("-2147483648", .int, .integerDivide, "-1", .int) == "2147483648")
        #expect(try compute("-5", .int, .remainder, "3", .int) == "-2")
        #expect(try compute("-2147483648", .int, .remainder, "-1", .int) == "0")
        #expect(try compute("5", .int, .remainder, "0", .int) == "NULL")
        #expect(try compute("1", .int, .divide, "0", .int) == "NULL")
        #expect(try compute("5", .bigint, .integerDivide, "0", .bigint) == "NULL")
        #expect(try compute("-9223372036854775808", .bigint, .integerDivide, "-1", .bigint) == "-9223372036854775808")
        #expect(try compute("5", .int, .bitwiseAnd, "3", .int) == "1")
        #expect(try compute("5", .int, .bitwiseOr, "3", .tinyint) == "7")
        #expect(try compute("5", .int, .bitwiseXor, "3", .int) == "6")
        #expect(texts(try Arithmetic.negate(column(.tinyint, [Int8(-128)]), rows: .all(1), count: 1)) == ["-128"])
        #expect(texts(try Arithmetic.bitwiseNot(column(.int, [Int32(1)]), rows: .all(1), count: 1)) == ["-2"])
    }

    @Test func floatingPointAsHive() throws {
        #expect(try compute("5.5", .double, .remainder, "2", .int) == "1.5")
        #expect(try compute("-5.5", .double, .remainder, "3", .int) == "-2.5")
        #expect(try compute("0", .double, .divide, "0", .double) == "NULL")
        #expect(try compute("5.5", .double, .remainder, "0", .double) == "NULL")
        #expect(try compute("1.1", .float, .multiply, "2", .bigint) == "2.2")
        #expect(try compute("1.1", .float, .add, "1.1", .double) == "2.200000023841858")
        #expect(try compute("9.99", .float, .remainder, "2", .int) == "1.9899998")
        #expect(try compute("1.5", .string, .add, "1", .int) == "2.5")
        #expect(try compute("a", .string, .add, "1", .int) == "NULL")
        #expect(texts(try Arithmetic.negate(stringColumn(["1.5", ""]), rows: .all(2), count: 2)) == ["-1.5", "NULL"])
    }

    @Test func decimalsAsHive() throws {
        func decimal(_ precision: Int, _ scale: Int) -> SQLType { .decimal(precision: precision, scale: scale) }
        #expect(try compute("1.5", decimal(38, 18), .divide, "0.7", decimal(38, 18)) == "2.142857")
        #expect(try compute("1.5", decimal(38, 18), .multiply, "0.7", decimal(38, 18)) == "1.050000")
        #expect(
            try compute("1", decimal(1, 0), .divide, "3", decimal(38, 0)) == "0.3333333333333333333333333333333333333")
        #expect(try compute("3", decimal(38, 0), .divide, "1.5", decimal(10, 2)) == "2.000000")
        #expect(try compute("1.50", decimal(10, 2), .remainder, "0.7", decimal(1, 1)) == "0.10")
        #expect(try compute("-1.5", decimal(2, 1), .remainder, "0.4", decimal(1, 1)) == "-0.3")
        #expect(try compute("2", decimal(1, 0), .divide, "3", .int) == "0.66666666667")
        #expect(try compute("1.5", decimal(2, 1), .divide, "0", .int) == "NULL")
        #expect(try compute("1.5", decimal(2, 1), .remainder, "0", .int) == "NULL")
        let nines = String(repeating: "9", count: 38)
        #expect(try compute(nines, decimal(38, 0), .add, "1", .int) == "NULL")
        #expect(try compute(nines, decimal(38, 0), .multiply, "10", .int) == "NULL")
        #expect(try compute("1.5", decimal(2, 1), .add, "1.5", .double) == "3.0")
    }

    @Test func intervalsAsHive() throws {
        func day(_ operation: ArithmeticOperator, _ interval: String, _ type: SQLType) throws -> String {
            try compute("2020-01-31", .date, operation, interval, type)
        }
        #expect(try day(.add, "0-1", .intervalYearMonth) == "2020-02-29")
        #expect(try day(.subtract, "1-0", .intervalYearMonth) == "2019-01-31")
        #expect(try day(.add, "1 00:00:00", .intervalDayTime) == "2020-02-01 00:00:00")
        #expect(
            try compute("2020-01-31 10:00:00.5", .timestamp, .add, "1-1", .intervalYearMonth) == "2021-02-28 10:00:00.5")
        #expect(
            try compute("2020-01-31 10:00:00.5", .timestamp, .subtract, "1 02:03:04.6", .intervalDayTime)
                == "2020-01-30 07:56:55.9")
        #expect(try compute("2020-01-31", .date, .subtract, "2020-01-01", .date) == "30 00:00:00.000000000")
        #expect(
            try compute("2020-01-31 10:00:00.5", .timestamp, .subtract, "2020-01-31 10:00:01", .timestamp)
                == "-0 00:00:00.500000000")
        #expect(
            try compute("2020-01-31", .date, .subtract, "2020-01-31 10:00:01", .timestamp) == "-0 10:00:01.000000000")
        #expect(try compute("1-0", .intervalYearMonth, .add, "0-2", .intervalYearMonth) == "1-2")
        #expect(
            try compute("1 00:00:00", .intervalDayTime, .subtract, "0 02:00:00", .intervalDayTime)
                == "0 22:00:00.000000000")
        #expect(ArithmeticTypes.resultType(.add, .int, .intervalDayTime) == nil)
        #expect(ArithmeticTypes.resultType(.add, .date, .int) == nil)
    }

    @Test func selectedRowsOnly() throws {
        let left = column(.int, (0..<100).map { Int32($0) as Int32? })
        let right = column(.int, (0..<100).map { Int32($0 % 3) as Int32? })
        for rows in [selection([0, 50, 99]), selection(Array(0..<80)), .all(100)] {
            let result = try Arithmetic.apply(.remainder, left, right, resultType: .int, rows: rows, count: 100)
            for row in positions(rows) {
                #expect(elements(result, Int32.self)[row] == (row % 3 == 0 ? nil : Int32(row % (row % 3))))
            }
        }
    }
}

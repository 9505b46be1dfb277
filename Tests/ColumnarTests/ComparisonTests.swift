import Columnar
import Testing

@Suite struct ComparisonTests {
    @Test func nanAndNegativeZeroAsHive() throws {
        let left = column(.double, [Double.nan, .nan, 1, -0.0])
        let right = column(.double, [Double.nan, 1, .nan, 0.0])
        let expected: [(ComparisonOperator, [UInt8?])] = [
            (.equal, [1, 0, 0, 1]), (.less, [0, 0, 1, 0]), (.lessOrEqual, [1, 0, 1, 1]), (.greater, [0, 1, 0, 0]),
            (.greaterOrEqual, [1, 1, 0, 1]), (.notEqual, [0, 1, 1, 0]), (.nullSafeEqual, [1, 0, 0, 1]),
        ]
        for (operation, truth) in expected {
            let result = try Comparison.apply(operation, left, right, rows: .all(4), count: 4)
            #expect(elements(result, UInt8.self) == truth, "\(operation)")
            let kept = try Comparison.select(operation, left, right, rows: .all(4), count: 4)
            #expect(positions(kept) == truth.indices.filter { truth[$0] == 1 }, "\(operation)")
        }
    }

    /// Every operator over every layout and encoding against a comparison of single values.
    @Test func everyEncodingAgreesWithSingleValues() throws {
        var random = SeededGenerator(seed: 3)
        let count = 200
        let types: [SQLType] = [
            .boolean, .tinyint, .smallint, .int, .bigint, .float, .double, .decimal(precision: 10, scale: 2),
            .decimal(precision: 38, scale: 20), .string, .date, .timestamp,
        ]
        func make(_ type: SQLType) throws -> Column {
            let texts: [String?] = (0..<count).map { _ in
                switch Int.random(in: 0..<5, using: &random) {
                case 0: nil
                default:
                    switch type {
                    case .date: "2020-01-0\(Int.random(in: 1...4, using: &random))"
                    case .timestamp: "2020-01-01 00:00:0\(Int.random(in: 1...4, using: &random))"
                    case .boolean: Bool.random(using: &random) ? "x" : ""
                    case .string: String(repeating: "a", count: Int.random(in: 0...9, using: &random))
                    default: "\(Int.random(in: -3...3, using: &random))"
                    }
                }
            }
            return try column(type, texts: texts)
        }
        for type in types {
            let left = try make(type)
            let other: SQLType = if case .decimal = type { .decimal(precision: 12, scale: 4) } else { type }
            let right = try make(other)
            let constant = Column.dictionary(right, indices: [Int32](repeating: 5, count: count), count: count)
                .decoded(.all(count))
            let single = try Cast.apply(
                Column.constant(string: texts(right)[5].utf8, count: count), to: other, rows: .all(count), count: count)
            for operation in ComparisonOperator.allCases {
                for (a, b) in [(left, right), (left, constant), (left, single), (single, left)] {
                    let expected: [UInt8?] = (0..<count).map { row in
                        let aNull = a.isNull(row)
                        let bNull = b.isNull(row)
                        if operation == .nullSafeEqual, aNull || bNull { return aNull == bNull ? 1 : 0 }
                        if aNull || bNull { return nil }
                        let order = RowComparator.compare(a, row, b, row)
                        return switch operation {
                        case .equal, .nullSafeEqual: order == 0 ? 1 : 0
                        case .notEqual: order != 0 ? 1 : 0
                        case .less: order < 0 ? 1 : 0
                        case .lessOrEqual: order <= 0 ? 1 : 0
                        case .greater: order > 0 ? 1 : 0
                        case .greaterOrEqual: order >= 0 ? 1 : 0
                        }
                    }
                    let all = try Comparison.apply(operation, a, b, rows: .all(count), count: count)
                    #expect(elements(all, UInt8.self) == expected, "\(type) \(operation)")
                    let rows = selection(stride(from: 1, to: count, by: 9).map { $0 })
                    let some = try Comparison.apply(operation, a, b, rows: rows, count: count)
                    let someElements = elements(some, UInt8.self)
                    #expect(positions(rows).allSatisfy { someElements[$0] == expected[$0] }, "\(type) \(operation)")
                    let kept = try Comparison.select(operation, a, b, rows: .all(count), count: count)
                    #expect(positions(kept) == (0..<count).filter { expected[$0] == 1 }, "\(type) \(operation)")
                    let keptOfSome = try Comparison.select(operation, a, b, rows: rows, count: count)
                    #expect(positions(keptOfSome) == positions(rows).filter { expected[$0] == 1 }, "\(type) \(operation)")
                }
            }
        }
    }

    @Test func mixedTypes() throws {
        func holds(_ a: String, _ left: SQLType, _ operation: ComparisonOperator, _ b: String, _ right: SQLType) throws -> String {
            let result = try Comparison.apply(
                operation, column(left, texts: [a]), column(right, texts: [b]), rows: .all(1), count: 1)
            return texts(result)[0]
        }
        #expect(try holds("10", .string, .less, "9", .int) == "false")
        #expect(try holds("abc", .string, .equal, "1", .int) == "NULL")
        #expect(try holds("1 ", .string, .equal, "1", .int) == "true")
        #expect(try holds("2020-1-1", .string, .equal, "2020-01-01", .date) == "true")
        #expect(try holds("2020-01-01", .date, .equal, "2020-01-01 00:00:00", .timestamp) == "true")
        #expect(try holds("9007199254740993", .bigint, .equal, "9007199254740992", .double) == "true")
        #expect(try holds("1.1", .float, .equal, "1.1", .decimal(precision: 2, scale: 1)) == "true")
        #expect(try holds("1.1", .float, .equal, "1.1", .double) == "false")
        #expect(try holds("ab", .char(length: 5), .equal, "ab", .string) == "true")
        #expect(try holds("ab", .char(length: 5), .equal, "ab   ", .string) == "false")
        #expect(try holds("ab ", .char(length: 5), .equal, "ab", .char(length: 3)) == "true")
        #expect(try holds("ab ", .varchar(length: 5), .equal, "ab", .varchar(length: 3)) == "false")
        #expect(try holds("ä", .string, .greater, "z", .string) == "true")
    }

    @Test func threeValuedLogic() {
        let left = column(.boolean, [UInt8(1), 1, 1, 0, 0, 0, nil, nil, nil])
        let right = column(.boolean, [UInt8(1), 0, nil, 1, 0, nil, 1, 0, nil])
        let rows = RowSelection.all(9)
        #expect(elements(BooleanLogic.and(left, right, rows: rows, count: 9), UInt8.self) == [1, 0, nil, 0, 0, 0, nil, 0, nil])
        #expect(elements(BooleanLogic.or(left, right, rows: rows, count: 9), UInt8.self) == [1, 1, 1, 1, 0, nil, 1, nil, nil])
        #expect(elements(BooleanLogic.not(left, rows: rows, count: 9), UInt8.self) == [0, 0, 0, 1, 1, 1, nil, nil, nil])
        #expect(positions(BooleanLogic.select(trueRowsOf: left, rows: rows)) == [0, 1, 2])
        #expect(positions(BooleanLogic.select(otherThanTrueRowsOf: left, rows: rows)) == [3, 4, 5, 6, 7, 8])
        #expect(positions(BooleanLogic.select(validRowsOf: right, rows: rows)) == [0, 1, 3, 4, 6, 7])
        #expect(elements(BooleanLogic.isNull(right, rows: rows, count: 9), UInt8.self) == [0, 0, 1, 0, 0, 1, 0, 0, 1])
        let null = Column.nulls(.boolean, count: 9)
        #expect(elements(BooleanLogic.and(left, null, rows: rows, count: 9), UInt8.self)[3] == 0)
        #expect(elements(BooleanLogic.and(null, null, rows: rows, count: 9), UInt8.self) == [UInt8?](repeating: nil, count: 9))
    }
}

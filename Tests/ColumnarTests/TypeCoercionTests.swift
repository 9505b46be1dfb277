import Columnar
import Testing

@Suite struct TypeCoercionTests {
    @Test func arithmeticAsHive() throws {
        for (left, name, right, expected) in hiveArithmeticTypes {
            let operation = try #require(ArithmeticOperator(rawValue: name))
            let type = ArithmeticTypes.resultType(
                operation, try #require(primitiveType(left)), try #require(primitiveType(right)))
            #expect(type?.description ?? "" == expected, "\(left) \(name) \(right)")
        }
    }

    @Test func branchesAsHive() throws {
        for (left, right, expected) in hiveCommonTypes {
            let a = try #require(primitiveType(left))
            let b = try #require(primitiveType(right))
            #expect(TypeCoercion.commonType(a, b)?.description ?? "" == expected, "\(left), \(right)")
            #expect(TypeCoercion.commonType(b, a)?.description ?? "" == expected, "\(right), \(left)")
        }
    }

    @Test func unionsAsHive() throws {
        for (left, right, expected) in hiveUnionTypes {
            let a = try #require(primitiveType(left))
            let b = try #require(primitiveType(right))
            #expect(TypeCoercion.unionType(a, b)?.description ?? "" == expected, "\(left), \(right)")
            #expect(TypeCoercion.unionType(b, a)?.description ?? "" == expected, "\(right), \(left)")
        }
    }

    @Test func comparisonTypes() {
        #expect(TypeCoercion.comparisonType(.string, .int) == .double)
        #expect(TypeCoercion.comparisonType(.date, .string) == .date)
        #expect(TypeCoercion.comparisonType(.string, .timestamp) == .timestamp)
        #expect(TypeCoercion.comparisonType(.timestamp, .date) == .timestamp)
        #expect(TypeCoercion.comparisonType(.timestamp, .bigint) == .double)
        #expect(TypeCoercion.comparisonType(.decimal(precision: 2, scale: 1), .float) == .float)
        #expect(TypeCoercion.comparisonType(.bigint, .double) == .double)
        #expect(TypeCoercion.comparisonType(.boolean, .string) == .double)
        #expect(TypeCoercion.comparisonType(.void, .date) == .date)
        #expect(TypeCoercion.comparisonType(.array(.int), .int) == nil)
    }

    @Test func conversionCosts() throws {
        let chain: [SQLType] = [.tinyint, .smallint, .int, .bigint, .float, .double]
        for (position, from) in chain.enumerated() {
            for (other, to) in chain.enumerated() {
                #expect(TypeCoercion.isImplicitlyConvertible(from, to) == (position <= other), "\(from) to \(to)")
            }
        }
        let toDouble = try #require(TypeCoercion.conversionCost(.int, .double))
        let toBigint = try #require(TypeCoercion.conversionCost(.int, .bigint))
        let toString = try #require(TypeCoercion.conversionCost(.int, .string))
        #expect(toBigint < toDouble && toDouble < toString)
        #expect(TypeCoercion.conversionCost(.string, .int) == nil)
        #expect(TypeCoercion.isImplicitlyConvertible(.string, .double))
        #expect(!TypeCoercion.isImplicitlyConvertible(.boolean, .int))
    }
}

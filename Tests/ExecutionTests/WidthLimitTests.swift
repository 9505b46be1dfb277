import Columnar
import Execution
import Functions
import Testing

/// What numbers of 31 bits stand for is refused before it does not fit; the limits are made small to be reached.
@Suite struct WidthLimitTests {
    private static func keys(_ range: Range<Int32>) -> Column {
        let builder = ColumnBuilder(.int)
        for value in range { builder.append(value) }
        return builder.finish()
    }

    private static func insert(_ column: Column, into table: KeyTable) throws -> [Int32] {
        var hashes = [UInt64](repeating: 0, count: column.count)
        var numbers = [Int32](repeating: -1, count: column.count)
        Hashing.hash([column], rows: .all(column.count), count: column.count, into: &hashes)
        try table.insert([column], rows: .all(column.count), hashes: hashes, into: &numbers)
        return numbers
    }

    @Test func keysBeyondTheNumbersAreRefused() throws {
        let table = KeyTable(KeyLayout([.int]), limit: 100)
        #expect(try Self.insert(Self.keys(0..<100), into: table) == Array(0..<100))
        // Known keys still have numbers.
        #expect(try Self.insert(Self.keys(50..<100), into: table) == Array(50..<100))
        #expect(throws: ExecutionError.self) { try Self.insert(Self.keys(99..<101), into: table) }
        let single = KeyTable(KeyLayout([.int]), limit: 1)
        let column = Self.keys(0..<2)
        #expect(try single.insert([column], row: 0, hash: Hashing.hash(column, row: 0)) == 0)
        #expect(throws: ExecutionError.self) { try single.insert([column], row: 1, hash: Hashing.hash(column, row: 1)) }
    }

    @Test func mergedKeysBeyondTheNumbersAreRefused() throws {
        let first = KeyTable(KeyLayout([.int]), limit: 100)
        let second = KeyTable(KeyLayout([.int]))
        _ = try Self.insert(Self.keys(0..<90), into: first)
        _ = try Self.insert(Self.keys(80..<101), into: second)
        let numbers = Array(Int32(0)..<21)
        var targets = [Int32](repeating: -1, count: 21)
        try first.merge(second, numbers: numbers, count: 20, into: &targets)
        #expect(targets.prefix(20) == Array(80..<100)[...])
        #expect(throws: ExecutionError.self) { try first.merge(second, numbers: numbers, count: 21, into: &targets) }
        #expect(KeyTable.largestCount == Int(Int32.max))
    }

    /// A list column whose elements stand where no real test has memory for them.
    private static func farList(offset: Int, length: Int) -> Column {
        let list = Column(flat: .array(.int), count: 1, children: [Column.constant(Int32(7), type: .int, count: offset + length)])
        list.values(as: ListEntry.self)[0] = ListEntry(offset: offset, length: length)
        return list
    }

    @Test func placesOfElementsAreAsWideAsMemory() {
        let entry = ListEntry(offset: 5 << 31, length: 3 << 31)
        #expect(entry.offset == 5 << 31 && entry.length == 3 << 31)
        #expect(PhysicalType.list.stride == MemoryLayout<ListEntry>.stride)
    }

    @Test func elementsBeyondTheNumbersAreRefused() throws {
        let context = EvaluationContext(queryStart: Timestamp(seconds: 0))
        let far = Self.farList(offset: Int(Int32.max) - 1, length: 3)
        let explode = try #require(FunctionRegistry.builtIn.table("explode"))
            .resolve(FunctionCall(name: "explode", argumentTypes: [.array(.int)]))
        #expect(throws: FunctionError.self) {
            _ = try explode.generate(KernelInput(arguments: [far], rows: .all(1), count: 1, context: context))
        }
        let index = try #require(FunctionRegistry.builtIn.scalar("index"))
            .resolve(FunctionCall(name: "index", argumentTypes: [.array(.int), .int]))
        func element(_ number: Int32) throws -> Column {
            let position = Column.constant(number, type: .int, count: 1)
            let kernel = try #require(index.kernel)
            return try kernel(KernelInput(arguments: [far, position], rows: .all(1), count: 1, context: context))
        }
        #expect(throws: FunctionError.self) { try element(2) }
        #expect(throws: FunctionError.self) {
            let stack = try #require(FunctionRegistry.builtIn.table("stack")).resolve(
                FunctionCall(
                    name: "stack", argumentTypes: [.int, .int], constants: [.constant(Int32(1 << 20), type: .int, count: 1), nil]))
            let count = 1 << 11
            _ = try stack.generate(
                KernelInput(
                    arguments: [.constant(Int32(1 << 20), type: .int, count: count), .constant(Int32(1), type: .int, count: count)],
                    rows: .all(count), count: count, context: context))
        }
    }
}

import Columnar
import FeatureTables
import Testing

@Suite struct RowSplitTests {
    private func sample(_ rows: [Int]) throws -> ImportData {
        try data([
            ("id", .int, rows.map { .integer($0) }), ("name", .string, rows.map { .text("row number \($0)") }),
            ("y", .int, rows.map { .integer($0 % 10 == 0 ? 1 : 0) }),
        ])
    }

    @Test func hasTheAskedSizeAndIsRepeatable() throws {
        let table = try sample(Array(0..<1000))
        let split = try table.split(SplitOptions(fraction: 0.75, seed: 7))
        #expect(split.first.count == 750 && split.second.count == 250)
        #expect(Set(split.first + split.second).count == 1000)
        #expect(try table.split(SplitOptions(fraction: 0.75, seed: 7)) == split)
        #expect(try table.split(SplitOptions(fraction: 0.75, seed: 8)) != split)
    }

    /// A parallel query may give its rows in any order: each row must still land on the same side.
    @Test func doesNotDependOnTheOrderOfRows() throws {
        let forward = Array(0..<500)
        var shuffled = forward
        var generator = SeededGenerator(seed: 3)
        shuffled.shuffle(using: &generator)
        let options = SplitOptions(fraction: 0.6, seed: 11)
        let first = try sample(forward).split(options).first.map { forward[Int($0)] }
        let second = try sample(shuffled).split(options).first.map { shuffled[Int($0)] }
        #expect(Set(first) == Set(second))
    }

    @Test func spreadsEqualRowsOverBothParts() throws {
        let table = try data([("x", .int, Array(repeating: 1, count: 1000))])
        let split = try table.split(SplitOptions(fraction: 0.5, seed: 1))
        #expect(split.first.count == 500)
        let early = split.first.filter { $0 < 500 }.count
        #expect(early > 180 && early < 320)
    }

    @Test func stratifiesByLabel() throws {
        let table = try sample(Array(0..<1000))
        let split = try table.split(SplitOptions(fraction: 0.7, seed: 5, stratifiedBy: "y"))
        #expect(split.first.filter { $0 % 10 == 0 }.count == 70)
        #expect(split.first.count == 700)
    }

    @Test func keepsRowsOfAKeyTogether() throws {
        let rows = Array(0..<3000)
        let table = try data([("customer", .int, rows.map { .integer($0 % 300) }), ("x", .int, rows.map { .integer($0) })])
        let split = try table.split(SplitOptions(fraction: 0.7, seed: 5, key: .column("customer")))
        let first = Set(split.first.map { $0 % 300 }), second = Set(split.second.map { $0 % 300 })
        #expect(first.isDisjoint(with: second))
        #expect(first.count > 180 && first.count < 240)
    }

    @Test func refusesSharesThatAreNone() throws {
        let table = try sample([1, 2])
        #expect(error { _ = try table.split(SplitOptions(fraction: 1.5)) } != nil)
        #expect(error { _ = try table.split(SplitOptions(fraction: .nan)) } != nil)
    }

    /// The split is part of what a seed promises: it must stay as it is from version to version.
    @Test func isTheSameInEveryVersion() throws {
        let split = try sample(Array(0..<12)).split(SplitOptions(fraction: 0.5, seed: 42))
        #expect(split.first == [1, 3, 4, 5, 8, 10])
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 1
        return mixed(state)
    }
}

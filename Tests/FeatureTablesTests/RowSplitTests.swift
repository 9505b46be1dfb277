import Columnar
import Platform
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

    /// Of many rows, whose keys are sorted in parts, too.
    @Test func manyRowsAreDividedAlike() throws {
        let rows = 30_000
        let schema = [SchemaColumn(name: "id", type: .int)]
        let batch = Batch(columns: [column(.int, (0..<rows).map { .integer($0) })], capacity: rows)
        let one = try ImportData(schema: schema, batches: [batch]), four = try ImportData(schema: schema, batches: [batch], threads: 4)
        for key in [SplitOptions.Key.position, .content, .columns(["id"])] {
            let options = SplitOptions(fraction: 0.3, seed: 5, key: key)
            let split = try one.split(options)
            #expect(split.first.count == 9000 && Set(split.first + split.second).count == rows)
            #expect(try four.split(options) == split)
            // A greater part has the rows of the smaller one.
            let more = try one.split(SplitOptions(fraction: 0.31, seed: 5, key: key))
            #expect(Set(split.first).isSubset(of: Set(more.first)) && more.first.count == 9300)
        }
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
        let split = try table.split(SplitOptions(fraction: 0.7, seed: 5, key: .group(["customer"])))
        let first = Set(split.first.map { $0 % 300 }), second = Set(split.second.map { $0 % 300 })
        #expect(first.isDisjoint(with: second))
        #expect(first.count > 180 && first.count < 240)
    }

    @Test func dividesByColumnsWhateverElseThereIs() throws {
        func ids(_ extra: [(String, SQLType, [Cell])]) throws -> [Int32] {
            let id: [Cell] = (0..<400).map { .integer($0 / 2) }
            let split = try data([("id", .int, id)] + extra).split(SplitOptions(fraction: 0.75, seed: 2, key: .columns(["id"])))
            #expect(split.first.count == 300 && split.second.count == 100)
            return split.first
        }
        let plain = try ids([])
        #expect(try ids([("k", .int, Array(repeating: 1, count: 400))]) == plain)
        #expect(try ids([("x", .double, (0..<400).map { .number(Double($0)) })]) == plain)
        // As text the same numbers would be other rows; as BIGINT they are not.
        let wide = try data([("id", .bigint, (0..<400).map { .integer($0 / 2) })])
        #expect(try wide.split(SplitOptions(fraction: 0.75, seed: 2, key: .columns(["id"]))).first == plain)
    }

    @Test func theLatestRowsAreEvaluatedOn() throws {
        let days: [Cell] = (0..<100).map { .integer(18_000 + ($0 * 37) % 50) }
        let table = try data([("day", .date, days + [nil]), ("x", .int, (0...100).map { .integer($0) })])
        let split = try table.split(SplitOptions(fraction: 0.755, key: .time("day")))
        // 75.5 of 100 rows lies inside the two rows of a day, which stay together.
        #expect(split.first.count == 76 && split.second.count == 24)
        #expect(split.first.allSatisfy { $0 * 37 % 50 < 38 } && split.second.allSatisfy { $0 * 37 % 50 >= 38 })
        #expect(split.notes == ["evaluated on rows from day = 2019-05-22 on", "1 row(s) without day are in no part"])
        let texts = try data([("at", .string, ["2020-01-09", "2020-01-10", "2019-12-31", "2020-02-01"])])
        #expect(try texts.split(SplitOptions(fraction: 0.5, key: .time("at"))).second == [1, 3])
        #expect(error { _ = try table.split(SplitOptions(key: .time("day"), stratifiedBy: "x")) } != nil)
    }

    @Test func aColumnSaysTheParts() throws {
        let table = try data([
            ("part", .string, ["train", "EVAL", "validation", nil, "Train", "test"]),
            ("held", .boolean, [false, true, true, nil, false, true]), ("x", .string, ["a", "b", "c", "d", "e", "f"]),
        ])
        let split = try table.split(SplitOptions(key: .parts("part")))
        #expect(split.first == [0, 4] && split.second == [1, 5] && split.validation == [2])
        #expect(split.notes.contains("1 row(s) without part are in no part"))
        let flags = try table.split(SplitOptions(key: .parts("held")))
        #expect(flags.first == [0, 4] && flags.second == [1, 2, 5])
        #expect(error { _ = try table.split(SplitOptions(key: .parts("x"))) }?.description.contains("says 'a'") == true)
    }

    @Test func keysSurviveJSON() throws {
        for key in [SplitOptions.Key.row, .content, .position, .columns(["a", "b"]), .group(["c"]), .time("t"), .parts("p")] {
            #expect(try roundTrip(SplitOptions(key: key)).key == key)
        }
        // As earlier versions wrote them.
        for (text, key) in [
            (#"{"content":{}}"#, SplitOptions.Key.content), (#"{"position":{}}"#, .position),
            (#"{"column":{"_0":"customer"}}"#, .group(["customer"])),
        ] {
            #expect(try decoded(SplitOptions.Key.self, text) == key)
        }
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
        return SplitMix.mix(state)
    }
}

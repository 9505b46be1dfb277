import FeatureTables
import Testing

/// Samples of the rows with the least keys.
@Suite struct LeastKeysTests {
    /// The rows that are kept of rows `0..<keys.count`, which come in pieces of `size`.
    private func kept(_ keys: [UInt64], limit: Int, size: Int, then: Int? = nil) throws -> [Int] {
        var least = LeastKeys<[Int]>(limit: limit) { rows, places in places.map { rows[Int($0)] } }
        for start in stride(from: 0, to: keys.count, by: size) {
            let range = start..<min(start + size, keys.count)
            try least.add(Array(range), places: (0..<Int32(range.count)).map { $0 }, keys: Array(keys[range]))
        }
        if let then { try least.keep(then) }
        let pieces = try least.finished()
        #expect(least.count == 0 && least.pieces.isEmpty)
        return pieces.flatMap { $0 }
    }

    @Test(arguments: [1, 7, 100, 1000]) func rowsDoNotDependOnPieces(_ size: Int) throws {
        // Of 1000 numbers each once: those below 51, as 0 is no key here.
        let keys = (0..<1000).map { UInt64($0 * 389 % 1000 + 1) }
        #expect(try kept(keys, limit: 50, size: size) == keys.indices.filter { keys[$0] <= 50 })
        #expect(try kept(keys, limit: 5000, size: size) == Array(keys.indices))
        #expect(try kept(keys, limit: 50, size: size, then: 10) == keys.indices.filter { keys[$0] <= 10 })
    }

    @Test(arguments: [1, 7, 100, 1000]) func firstOfEqualKeys(_ size: Int) throws {
        #expect(try kept([UInt64](repeating: 5, count: 300), limit: 20, size: size) == Array(0..<20))
        #expect(try kept([UInt64](repeating: .max, count: 30), limit: 40, size: size) == Array(0..<30))
    }

    @Test(arguments: [1, 7, 100, 1000]) func rowsOfEveryTime(_ size: Int) throws {
        let keys = (0..<400).map { $0 % 100 == 99 ? LeastKeys<[Int]>.always : UInt64($0 + 1) }
        #expect(try kept(keys, limit: 6, size: size) == [0, 1, 99, 199, 299, 399])
        // More than are wanted.
        #expect(try kept(keys, limit: 2, size: size) == [99, 199, 299, 399])
        #expect(try kept(keys, limit: 0, size: size) == [99, 199, 299, 399])
    }

    @Test func onlyRowsThatMayBeChosen() throws {
        var least = LeastKeys<[Int]>(limit: 10) { rows, places in places.map { rows[Int($0)] } }
        try least.add([10, 20, 30, 40], places: [1, 3], keys: [1, 2, 3, 4])
        #expect(least.count == 2)
        #expect(try !least.keep(2))
        #expect(try least.keep(1))
        #expect(try least.finished() == [[20]])
    }
}

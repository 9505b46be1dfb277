import Columnar
import Foundation
import TableFormats
import Testing

/// Damaged files: an error that names the file, or values; nothing traps, nothing hangs.
@Suite struct ORCMutationTests {
    @Test(arguments: ORCFixtures.names)
    func damagedFiles(name: String) throws {
        let original = Array(try Data(contentsOf: URL(fileURLWithPath: ORCFixtures.path(name))))
        let rounds = Mutation.rounds(of: ORCFixtures.names.count, usual: 120)
        for round in 0..<rounds {
            let seed = UInt64(round) &* 1_000_003 &+ UInt64(truncatingIfNeeded: name.utf8.reduce(0) { $0 &* 31 &+ Int($1) })
            var generator = SeededGenerator(seed: seed)
            let damaged = try ORCTestFile(Mutation.mutated(original, often: .tail(300), &generator))
            do {
                let file = try ORCFile(path: damaged.path)
                for stripe in file.stripes.indices.prefix(4) { try Self.readAll(file, stripe, &generator) }
                _ = try file.stripeStatistics()
            } catch let error as TableFormatError {
                #expect(error.path == damaged.path, "seed \(seed): \(error)")
            }
        }
    }

    private static func readAll(_ file: ORCFile, _ stripe: Int, _ generator: inout SeededGenerator) throws {
        let columns = Array(file.columns.indices)
        let reader = try ORCStripeReader(file, stripe: stripe, columns: columns, memory: LimitedMemory(64 << 20))
        var batches = 0
        while let batch = try reader.next(Int.random(in: 1...1000, using: &generator)), batches < 200 {
            _ = ORCFixtures.lines(batch)
            batches += 1
        }
        for column in columns {
            _ = try reader.rowGroupStatistics(ofColumn: column)
            for filter in try reader.bloomFilters(ofColumn: column) { _ = filter.mayContain(.integer(7)) }
        }
        for group in 0..<min(reader.rowGroupCount, 5) {
            try reader.seek(toRowGroup: group)
            _ = try reader.next(50).map(ORCFixtures.lines)
        }
    }
}

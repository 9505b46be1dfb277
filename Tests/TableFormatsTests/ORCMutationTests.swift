import Columnar
import Foundation
import TableFormats
import Testing

/// Damaged files: an error that names the file, or values; nothing traps, nothing hangs.
@Suite struct ORCMutationTests {
    @Test(arguments: ORCFixtures.names)
    func damagedFiles(name: String) throws {
        let original = Array(try Data(contentsOf: URL(fileURLWithPath: ORCFixtures.path(name))))
        let rounds = Int(ProcessInfo.processInfo.environment["HIVEQL_TEST_ORC_MUTATIONS"] ?? "") ?? 120
        for round in 0..<rounds {
            let seed = UInt64(round) &* 1_000_003 &+ UInt64(truncatingIfNeeded: name.utf8.reduce(0) { $0 &* 31 &+ Int($1) })
            var generator = SeededGenerator(seed: seed)
            let damaged = try ORCTestFile(Self.mutated(original, &generator))
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
        final class Limit: ScanMemory {
            struct Exceeded: Error {}
            func update(to bytes: Int) throws { if bytes > 64 << 20 { throw Exceeded() } }
        }
        let columns = Array(file.columns.indices)
        let reader = try ORCStripeReader(file, stripe: stripe, columns: columns, memory: Limit())
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

    private static func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            // Half of them in the tail, on which all else hangs.
            let at = Bool.random(using: &generator)
                ? Int.random(in: 0..<bytes.count, using: &generator)
                : Int.random(in: max(0, bytes.count - 300)..<bytes.count, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes[at] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 3: bytes.remove(at: at)
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: at)
            case 5: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &generator)))
            default:
                for index in at..<min(bytes.count, at + 9) { bytes[index] = 0xFF }
            }
        }
        return bytes
    }
}

import Columnar
import Foundation
import TableFormats
import Testing

/// Damaged files: an error that names the file, or values; nothing traps, nothing hangs.
@Suite struct AvroMutationTests {
    @Test(arguments: AvroFixtures.names)
    func damagedFiles(name: String) throws {
        let original = Array(try Data(contentsOf: URL(fileURLWithPath: AvroFixtures.set.path(name))))
        let rounds = Mutation.rounds(of: AvroFixtures.names.count, usual: 120)
        for round in 0..<rounds {
            let seed = UInt64(round) &* 1_000_003 &+ UInt64(truncatingIfNeeded: name.utf8.reduce(0) { $0 &* 31 &+ Int($1) })
            var generator = SeededGenerator(seed: seed)
            let damaged = try ORCTestFile(Mutation.mutated(original, often: .head(1200), &generator))
            do {
                let file = try AvroFile(path: damaged.path)
                let all = Array(file.columns.indices)
                let columns = Bool.random(using: &generator) ? all : all.filter { _ in Bool.random(using: &generator) }
                let start = Bool.random(using: &generator) ? 0 : Int.random(in: 0...file.byteCount, using: &generator)
                var fields: [Int: FieldSelection] = [:]
                for column in columns where Bool.random(using: &generator) {
                    fields[column] = SelectedParts.selection(of: file.columns[column].type, &generator)
                }
                let reader = try AvroReader(
                    file, range: start..<file.byteCount, columns: columns, fields: fields, memory: LimitedMemory(64 << 20))
                var batches = 0
                while let batch = try reader.next(Int.random(in: 1...1000, using: &generator)), batches < 200 {
                    _ = ORCFixtures.lines(batch)
                    batches += 1
                }
            } catch let error as TableFormatError {
                #expect(error.path == damaged.path, "seed \(seed): \(error)")
            }
        }
    }
}

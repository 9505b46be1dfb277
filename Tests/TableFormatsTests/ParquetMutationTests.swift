import Columnar
import Foundation
import TableFormats
import Testing

/// Damaged files: an error or values, whatever was damaged; never a trap, nor memory beyond the limit.
@Suite struct ParquetMutationTests {
    /// Mutations of each file.
    private static let rounds = Mutation.rounds(of: ParquetFixtures.files.count, usual: 60)

    @Test(arguments: ParquetFixtures.files.indices)
    func mutations(index: Int) throws {
        let name = ParquetFixtures.files[index].name
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: ParquetFixtures.path(name))))
        let footer = bytes.count - 8 - bytes[(bytes.count - 8)...].prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let path = NSTemporaryDirectory() + "parquet-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var outcomes = (errors: 0, values: 0)
        for round in 0..<Self.rounds {
            let seed = UInt64(index * 100_000 + round)
            var generator = SeededGenerator(seed: seed)
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                // Half of them in the footer, where a byte says most.
                let inFooter = Bool.random(using: &generator) && footer < damaged.count - 8
                let range = inFooter ? footer..<damaged.count - 8 : 4..<damaged.count
                let at = Int.random(in: range, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: damaged[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2: damaged[at] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
                case 3: damaged[at] = damaged[at] &+ 1
                default:
                    let count = min(Int.random(in: 1...6, using: &generator), damaged.count - at)
                    for offset in 0..<count { damaged[at + offset] = 0xFF }
                }
            }
            if round % 10 == 9 { damaged.removeSubrange(Int.random(in: 4..<footer, using: &generator)..<footer) }
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            var options = ParquetReadOptions()
            options.memoryLimit = 16 << 20
            options.batchCapacity = round % 2 == 0 ? 2048 : 13
            do {
                try read(path, options)
                outcomes.values += 1
            } catch let error as TableFormatError {
                #expect(error.path == path, "seed \(seed)")
                outcomes.errors += 1
            }
        }
        #expect(outcomes.errors > 0, "\(name): nothing was noticed")
    }

    /// Reads at most 100,000 rows, and looks at every value.
    private func read(_ path: String, _ options: ParquetReadOptions) throws {
        let file = try ParquetFile(path: path)
        for leaf in file.schema.leaves.indices { _ = file.statistics(ofLeaf: leaf) }
        var rows = 0
        for group in 0..<file.rowGroupCount {
            _ = file.byteCount(ofRowGroup: group, columns: file.schema.columns)
            let reader = try ParquetRowGroupReader(
                file, rowGroup: group, columns: Array(file.columns.indices), options: options)
            while let batch = try reader.next() {
                rows += batch.capacity
                guard rows < 100_000 else { return }
                for column in batch.columns {
                    for row in 0..<min(batch.capacity, 100) { _ = ParquetFixtures.text(column, row) }
                }
            }
        }
    }
}

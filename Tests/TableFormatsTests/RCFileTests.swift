import Columnar
import Foundation
import TableFormats
import Testing

/// RCFiles: what Hive wrote, and what is written here.
@Suite struct RCFileTests {
    static let set = FixtureSet("rcfile")
    static let names = set.names

    static func scan(_ name: String, settings: [String: String] = [:]) -> TableFormatScan {
        let serde = name.contains(".binary") ? "LazyBinaryColumnarSerDe" : "ColumnarSerDe"
        return TableFormatScan(
            storage: TableStorage(format: "rcfile", serde: "org.apache.hadoop.hive.serde2.columnar.\(serde)", settings: settings),
            schema: TableFormatScan.hiveColumns(nested: name.contains("nested")))
    }

    @Test(arguments: names)
    func recordedFiles(name: String) throws {
        try Self.scan(name).expectRecorded(name, of: Self.set, batches: [2048, 33, 7])
    }

    @Test(arguments: names)
    func rangesTogetherAreTheFile(name: String) throws { try Self.scan(name).expectRanges(name, of: Self.set) }

    /// Keeps some of the rows, by their first column.
    private final class SomeRows: ScanFilter {
        let columns = [3]
        func select(_ columns: [Column], count: Int) throws -> RowSelection {
            let numbers = columns[0].values(as: Int32.self)
            return RowSelection.all(count).filtered(capacity: count) { !columns[0].isNull($0) && numbers[$0] % 5 == 0 }
        }
    }

    /// Columns that are read late are found behind rows that nobody wanted.
    @Test(arguments: names.filter { !$0.contains("nested") })
    func filters(name: String) throws {
        let scan = Self.scan(name)
        let expected = try Self.set.rows(name).filter { row in
            Int(row.components(separatedBy: "\t")[3]).map { $0 % 5 == 0 } ?? false
        }
        for batch in [2048, 10, 3] {
            #expect(try scan.lines(Self.set.path(name), batch: batch, filter: SomeRows()) == expected)
        }
    }

    private static let variants: [[String: String]] =
        [[:], ["hive.io.rcfile.record.interval": "30"]]
        + ["DefaultCodec", "GzipCodec", "BZip2Codec", "SnappyCodec", "Lz4Codec", "ZStandardCodec"].map { name in
            [
                "hive.exec.compress.output": "true", "hive.io.rcfile.record.buffer.size": "5000",
                "mapreduce.output.fileoutputformat.compress.codec": "org.apache.hadoop.io.compress.\(name)",
            ]
        }

    @Test(arguments: names)
    func rowsComeBack(name: String) throws {
        for settings in Self.variants { try Self.scan(name, settings: settings).expectRoundTrip(name, of: Self.set) }
    }

    /// Without compression there is one way to write the rows of a group: Hive's.
    @Test(arguments: ["hive.text", "hive-nested.text", "hive.binary", "hive-nested.binary"])
    func groupsAreThoseOfHive(name: String) throws {
        let scan = Self.scan(name, settings: ["hive.io.rcfile.record.interval": "40"])
        let target = try ORCTestFile()
        try scan.copy(Self.set.path(name), to: scan.storage, target.output())
        let own = Array(try Data(contentsOf: URL(fileURLWithPath: target.path)))
        let original = Array(try Data(contentsOf: URL(fileURLWithPath: Self.set.path(name))))
        // The first group stands behind the header, which ends with a marker made by chance.
        let (head, other) = (try RCFile(path: target.path).dataStart, try RCFile(path: Self.set.path(name)).dataStart)
        let count = min(own.count - head, original.count - other, 2000)
        #expect(own[head..<(head + count)].elementsEqual(original[other..<(other + count)]))
    }

    @Test func refusedFiles() throws {
        func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
        let refused: [([UInt8], String)] = [
            (Array("PAR1....".utf8), "not an RCFile"),
            (Array("SEQ\u{6}".utf8) + text("org.apache.hadoop.io.Text") + text("b"), "sequence file of org.apache.hadoop.io.Text"),
            (Array("RCF\u{1}".utf8) + [1] + text("a.Lzo"), "a.Lzo"),
            (Array("RCF\u{1}".utf8) + [0, 0, 0, 0, 0], "number of columns"),
        ]
        for (bytes, reason) in refused {
            let file = try ORCTestFile(bytes)
            let error = #expect(throws: TableFormatError.self) { try RCFile(path: file.path) }
            #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        }
    }

    @Test(arguments: names)
    func damagedFiles(name: String) throws {
        let original = Array(try Data(contentsOf: URL(fileURLWithPath: Self.set.path(name))))
        let rounds = Mutation.rounds(of: Self.names.count, usual: 100)
        let scan = Self.scan(name)
        for round in 0..<rounds {
            let seed = UInt64(round) &* 1_000_003 &+ UInt64(truncatingIfNeeded: name.utf8.reduce(0) { $0 &* 31 &+ Int($1) })
            var generator = SeededGenerator(seed: seed)
            let damaged = try ORCTestFile(Mutation.mutated(original, often: .head(400), &generator))
            do {
                // A damaged file may claim any number of rows.
                var rows = 0
                struct Enough: Error {}
                do {
                    try scan.scan(
                        damaged.path, columns: nil, splitBytes: Int.random(in: 300...20_000, using: &generator),
                        batch: Int.random(in: 1...1000, using: &generator), memory: 64 << 20
                    ) { batch in
                        _ = ORCFixtures.lines(batch)
                        rows += batch.rowCount
                        if rows > 5000 { throw Enough() }
                    }
                } catch is Enough {}
            } catch let error as TableFormatError {
                #expect(error.path == damaged.path, "seed \(seed): \(error)")
            }
        }
    }

    /// Copies a file into the folder that HIVEQL_TEST_RCFILE_OUTPUT names, for `Fixtures/read-written`.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["HIVEQL_TEST_RCFILE_OUTPUT"] != nil),
        arguments: ["hive.text", "hive-nested.text", "hive.binary", "hive-nested.binary"])
    func copiesForOthers(name: String) throws {
        let folder = try #require(ProcessInfo.processInfo.environment["HIVEQL_TEST_RCFILE_OUTPUT"])
        // Hive cannot read RCFiles of bzip2, its own neither.
        let unreadable = ["ZStandardCodec", "BZip2Codec"]
        for (number, settings) in Self.variants.enumerated()
        where !settings.values.contains(where: { value in unreadable.contains { value.hasSuffix($0) } }) {
            let scan = Self.scan(name, settings: settings)
            let target = try ORCTestFile()
            try scan.copy(Self.set.path(name), to: scan.storage, target.output())
            try FileManager.default.copyItem(atPath: target.path, toPath: "\(folder)/\(name).\(number).rcfile")
        }
    }
}

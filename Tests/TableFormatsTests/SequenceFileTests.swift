import Columnar
import Foundation
import TableFormats
import Testing

/// Sequence files: what Hive wrote, and what is written here.
@Suite struct SequenceFileTests {
    static let set = FixtureSet("sequence")
    static let names = set.names
    static let simple = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    static let binary = "org.apache.hadoop.hive.serde2.lazybinary.LazyBinarySerDe"

    static func scan(_ name: String, settings: [String: String] = [:]) -> TableFormatScan {
        TableFormatScan(
            storage: TableStorage(
                format: "sequence", serde: name.contains("binary") ? binary : simple, settings: settings),
            schema: TableFormatScan.hiveColumns(nested: name.contains("nested")))
    }

    @Test(arguments: names)
    func recordedFiles(name: String) throws {
        try Self.scan(name).expectRecorded(name, of: Self.set, batches: [2048, 100, 7])
    }

    @Test(arguments: names)
    func rangesTogetherAreTheFile(name: String) throws { try Self.scan(name).expectRanges(name, of: Self.set) }

    private static let variants: [[String: String]] = {
        let codec = "mapreduce.output.fileoutputformat.compress.codec"
        let type = "mapreduce.output.fileoutputformat.compress.type"
        var variants: [[String: String]] = [[:]]
        for kind in ["RECORD", "BLOCK"] {
            for name in ["DefaultCodec", "GzipCodec", "BZip2Codec", "SnappyCodec", "Lz4Codec", "ZStandardCodec"] {
                variants.append([
                    "hive.exec.compress.output": "true", codec: "org.apache.hadoop.io.compress.\(name)", type: kind,
                ])
            }
        }
        return variants
    }()

    @Test(arguments: names)
    func rowsComeBack(name: String) throws {
        for settings in Self.variants { try Self.scan(name, settings: settings).expectRoundTrip(name, of: Self.set) }
    }

    /// A header of a version, without anything behind it.
    private func header(_ version: UInt8, value: String = "org.apache.hadoop.io.Text", rest: [UInt8] = [0, 0]) -> [UInt8] {
        func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
        return Array("SEQ".utf8) + [version] + text("org.apache.hadoop.io.BytesWritable") + text(value) + rest
    }

    @Test func olderVersions() throws {
        let sync = Array(UInt8(1)...16)
        let record: [UInt8] = [0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 0, 2, 0x61, 0x62]
        let scan = TableFormatScan(
            storage: TableStorage(format: "sequence", serde: Self.simple), schema: [SchemaColumn(name: "a", type: .string)])
        let marker: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF] + sync
        for (version, rest) in [(UInt8(4), [UInt8]()), (5, []), (6, [0, 0, 0, 0])] {
            let file = try ORCTestFile(header(version, rest: [0, 0] + rest) + sync + record + marker + record)
            #expect(try scan.lines(file.path) == ["ab", "ab"])
            #expect(try scan.lines(file.path, splitBytes: 50) == ["ab", "ab"])
        }
    }

    @Test func refusedFiles() throws {
        let refused: [([UInt8], String)] = [
            (Array("PAR1....".utf8), "not a sequence file"), (header(3), "version 3"),
            (header(6, value: "org.example.Thing"), "org.example.Thing"),
            (header(6, rest: [1, 1, 5] + Array("a.Lzo".utf8)), "a.Lzo"), (header(6, rest: [0, 1, 0, 0]), "blocks without"),
            (Array(header(6).prefix(30)), "ends within"),
        ]
        for (bytes, reason) in refused {
            let file = try ORCTestFile(bytes)
            let error = #expect(throws: TableFormatError.self) { try SequenceFile(path: file.path) }
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
                if Bool.random(using: &generator) {
                    _ = try scan.lines(
                        damaged.path, splitBytes: Int.random(in: 300...20_000, using: &generator),
                        batch: Int.random(in: 1...1000, using: &generator), memory: 64 << 20)
                } else {
                    _ = try scan.count(damaged.path)
                }
            } catch let error as TableFormatError {
                #expect(error.path == damaged.path, "seed \(seed): \(error)")
            }
        }
    }

    /// Copies a file into the folder that HIVEQL_TEST_SEQUENCE_OUTPUT names, for `Fixtures/sequence/read-written`.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["HIVEQL_TEST_SEQUENCE_OUTPUT"] != nil),
        arguments: ["hive.none", "hive-nested.none", "hive.binary", "hive-nested.binary"])
    func copiesForOthers(name: String) throws {
        let folder = try #require(ProcessInfo.processInfo.environment["HIVEQL_TEST_SEQUENCE_OUTPUT"])
        for (number, settings) in Self.variants.enumerated() where !settings.values.contains(where: { $0.contains("ZStandard") }) {
            let scan = Self.scan(name, settings: settings)
            let target = try ORCTestFile()
            try scan.copy(Self.set.path(name), to: scan.storage, target.output())
            try FileManager.default.copyItem(atPath: target.path, toPath: "\(folder)/\(name).\(number).sequence")
        }
    }
}

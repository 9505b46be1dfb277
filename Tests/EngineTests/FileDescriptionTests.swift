import Engine
import Foundation
import Platform
import TestSupport
import Testing

/// What files say of themselves.
@Suite struct FileDescriptionTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        + "/Fixtures"

    private func describe(_ path: String) throws -> (file: DataFileDescription, json: JSON) {
        let file = try DataFileDescription(of: path)
        return (file, try JSON(Array(file.json.utf8)))
    }

    @Test(arguments: [("parquet", "Parquet"), ("orc", "ORC"), ("avro", "Avro")])
    func everyFixtureIsDescribed(_ format: (name: String, shown: String)) throws {
        let folder = "\(Self.fixtures)/\(format.name)"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".\(format.name)") }
        #expect(names.count > 10)
        for name in names {
            let (file, json) = try describe("\(folder)/\(name)")
            guard file.format != "empty file" else { continue }
            #expect(file.format == format.shown, "\(name)")
            #expect(json["rows"]?.integer != nil, "\(name)")
            #expect(json["columns"]?.elements?.isEmpty == false, "\(name)")
            let parts = try #require(json["parts"]?.elements)
            if format.name != "avro" {
                #expect(parts.reduce(0) { $0 + ($1["rows"]?.integer ?? 0) } == json["rows"]?.integer, "\(name)")
            }
            #expect(!file.facts.isEmpty)
            for section in file.sections {
                for row in section.rows { #expect(row.count == section.header.count && row.count == section.areNumbers.count) }
            }
        }
    }

    @Test func partsHaveBoundsAndSizes() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        for (format, codec) in [("parquet", "SNAPPY"), ("orc", "SNAPPY")] {
            try session.execute(
                """
                create table \(format)_t (a int, s string, d date, b binary, n struct<x:array<bigint>>) stored as \(format)
                tblproperties ('parquet.compression' = 'SNAPPY', 'orc.compress' = 'SNAPPY')
                """)
            try session.execute(
                """
                insert into \(format)_t
                select 5, 'é', date '2013-01-31', cast('x' as binary), named_struct('x', array(1L)) union all
                select -3, 'a', null, null, null
                """)
            let (file, json) = try describe("\(temporary.root)/warehouse/\(format)_t/000000_0")
            #expect(json["rows"] == .integer(2))
            #expect(json["codec"]?.text == codec)
            let columns = try #require(json["parts"]?.elements?.first?["columns"]?.elements)
            let a = try #require(columns.first { $0["name"]?.text == "a" })
            #expect(a["minimum"]?.text == "-3")
            #expect(a["maximum"]?.text == "5")
            #expect(a["nulls"] == .integer(0))
            #expect((a["bytes"]?.integer ?? 0) > 0)
            let d = try #require(columns.first { $0["name"]?.text == "d" })
            #expect(d["nulls"] == .integer(1))
            #expect(d["minimum"]?.text == "2013-01-31")
            #expect(columns.first { $0["name"]?.text == "s" }?["maximum"]?.text == "é")
            #expect(columns.contains { $0["name"]?.text?.hasPrefix("n.x.") == true })
            #expect(file.sections.map(\.title).contains { $0.hasPrefix("columns in ") })
        }
    }

    @Test func otherFilesAreNamed() throws {
        let temporary = try TemporaryWarehouse()
        #expect(try describe(temporary.file("a.parquet", "a,b\n1,2 é\n")).file.format == "text")
        #expect(try describe(temporary.file("a.orc", "")).file.format == "empty file")
        #expect(try describe(temporary.file("a.txt", "ORCHARD\u{1}PAR1\n")).file.format == "text")
        let damaged = temporary.file("a", "SEQ\u{6}\u{19}")
        #expect { try DataFileDescription(of: damaged) } throws: { "\($0)".contains(damaged) }
        let session = try temporary.session(["hiveql.threads": "1"])
        for (format, name) in [("sequencefile", "SequenceFile"), ("rcfile", "RCFile")] {
            try session.execute("create table \(format)_t (a int, b string) stored as \(format)")
            try session.execute("insert into \(format)_t values (1, 'x')")
            let (file, json) = try describe("\(temporary.root)/warehouse/\(format)_t/000000_0")
            #expect(file.format == name)
            #expect((json["header_bytes"]?.integer ?? 0) > 20)
        }
        #expect(try describe(temporary.file("b", "\u{1}\u{2}\u{0E}")).file.format == "unknown")
        #expect(throws: HiveError.self) { try DataFileDescription(of: "\(temporary.root)/nope") }
        #expect(throws: HiveError.self) { try DataFileDescription(of: temporary.root) }
    }

    /// Damaged files are described or refused with their names.
    @Test(arguments: ["parquet/nested-v2.parquet", "orc/groups.zlib.orc", "avro/hive-nested.null.avro"])
    func damagedFilesAreRefused(_ name: String) throws {
        let temporary = try TemporaryWarehouse()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(Self.fixtures)/\(name)")))
        let path = "\(temporary.root)/damaged"
        let seed = environmentNumber("HIVEQL_TEST_SEED") ?? 4711
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(bound, 1)
        }
        for trial in 0..<Int(environmentNumber("HIVEQL_TEST_MUTATIONS") ?? 400) {
            var damaged = bytes
            for _ in 0...random(3) {
                // Footers and headers say most.
                let place = random(2) == 0 ? random(damaged.count) : max(0, damaged.count - 1 - random(600))
                switch random(4) {
                case 0: damaged[place] ^= 1 << UInt8(random(8))
                case 1: damaged[place] = UInt8(random(256))
                case 2: damaged[place] = 0xFF
                default: if damaged.count > 40, random(8) == 0 { damaged.removeLast(random(damaged.count / 2)) }
                }
            }
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            do { _ = try DataFileDescription(of: path) } catch let error as HiveError {
                #expect(error.message.contains(path), "seed \(seed), trial \(trial): \(error.message)")
            }
        }
    }
}

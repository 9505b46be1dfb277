import Columnar
import Foundation
import TableFormats
import Testing

/// Compressed files of lines: every codec, several members, splits, damage.
@Suite struct TextCompressionTests {
    static let codecs: [(suffix: String, name: String)] = [
        (".deflate", "DefaultCodec"), (".gz", "GzipCodec"), (".bz2", "BZip2Codec"), (".snappy", "SnappyCodec"),
        (".lz4", "Lz4Codec"), (".zst", "ZStandardCodec"),
    ]

    static func storage(_ codec: String) -> TextStorage {
        TextStorage(
            properties: ["field.delim": ","],
            settings: [
                "hive.exec.compress.output": "true",
                "mapreduce.output.fileoutputformat.compress.codec": "org.apache.hadoop.io.compress.\(codec)",
            ], schema: TextTable.schema([.int, .string]))
    }

    /// Rows that compress badly.
    static func batch(_ rows: Range<Int>, width: Int, seed: UInt64) -> Batch {
        var generator = SeededGenerator(seed: seed)
        let numbers = ColumnBuilder(.int)
        let texts = ColumnBuilder(.string)
        for row in rows {
            numbers.append(Int32(row))
            texts.append(String((0..<width).map { _ in Character(Unicode.Scalar(UInt8.random(in: 0x61...0x7A, using: &generator))) }))
        }
        return TextStorage.batch([numbers.finish(), texts.finish()])
    }

    @Test(arguments: codecs.indices)
    func whatIsWrittenIsReadWhateverTheSplits(codec: Int) throws {
        let (suffix, name) = Self.codecs[codec]
        let storage = Self.storage(name)
        #expect(try storage.format().fileSuffix == suffix)
        let first = try storage.written([Self.batch(0..<3000, width: 300, seed: 1), Self.batch(3000..<3500, width: 1500, seed: 2)])
        let second = try storage.written([Self.batch(3500..<9000, width: 200, seed: 3)])
        let empty = try storage.written([])
        let table = try TextTable(first + empty + second, name: "f\(suffix)")
        let expected = (0..<9000).map { "\($0)" }
        for splitBytes in [1, 40_000, 300_000, 1 << 30] {
            let rows = try storage.rows(table, splitBytes: splitBytes)
            #expect(rows.map { $0[0] } == expected, "\(splitBytes)")
            #expect(rows.count == 9000 && rows[8999][1].count == 200 && rows[3200][1].count == 1500)
        }
        var withFooter = storage
        withFooter.properties["skip.header.line.count"] = "2"
        withFooter.properties["skip.footer.line.count"] = "3"
        #expect(try withFooter.rows(table, columns: [0], splitBytes: 1000).map { $0[0] } == Array(expected[2..<8997]))
    }

    @Test func manyFramesAndBlocksAreManySplits() throws {
        for (suffix, codec) in [(".bz2", "BZip2Codec"), (".zst", "ZStandardCodec")] {
            let storage = Self.storage(codec)
            var bytes: [UInt8] = []
            for part in 0..<20 {
                bytes += try storage.written([Self.batch(part * 500..<(part + 1) * 500, width: 100, seed: UInt64(part))])
            }
            let table = try TextTable(bytes, name: "f\(suffix)")
            let format = try storage.format()
            let request = ScanRequest(schema: storage.schema, columns: [0])
            let splits = try format.splits(of: DataFiles.list(in: table.directory), for: request, splitBytes: 60_000).splits
            #expect(splits.count > 5)
            #expect(try storage.rows(table, splitBytes: 60_000).map { $0[0] } == (0..<10_000).map { "\($0)" })
        }
    }

    /// Lines that end exactly where a member ends, and one that is longer than a split.
    @Test func linesAcrossMembers() throws {
        for (suffix, codec) in Self.codecs {
            let plain = TextStorage(properties: Self.storage(codec).properties, settings: Self.storage(codec).settings, schema: TextTable.schema([.string]))
            func member(_ text: String) throws -> [UInt8] {
                let builder = ColumnBuilder(.string)
                builder.append(text)
                return try plain.written([TextStorage.batch([builder.finish()])])
            }
            let bytes = try member("a") + member("") + member("bc") + member(String(repeating: "d", count: 70_000)) + member("e")
            let table = try TextTable(bytes, name: "x\(suffix)")
            for splitBytes in [1, 50, 200, 1 << 20] {
                let rows = try plain.rows(table, splitBytes: splitBytes)
                #expect(rows.map { $0[0].count } == [1, 0, 2, 70_000, 1], "\(suffix) \(splitBytes)")
            }
        }
    }

    /// A file that holds far more than it is long must not need more memory than a line does.
    @Test(arguments: codecs.indices)
    func bombsNeedNoMemory(codec: Int) throws {
        let (suffix, name) = Self.codecs[codec]
        let storage = Self.storage(name)
        let builder = ColumnBuilder(.int)
        let texts = ColumnBuilder(.string)
        let zeros = String(repeating: "0", count: 1000)
        for row in 0..<1000 {
            builder.append(Int32(row))
            texts.append(zeros)
        }
        let batch = TextStorage.batch([builder.finish(), texts.finish()])
        let table = try TextTable(storage.written(Array(repeating: batch, count: 40)), name: "b\(suffix)")
        #expect(try storage.rows(table, columns: [0], memory: LimitedMemory(12 << 20)).count == 40_000)
    }

    @Test func damagedFilesGiveErrorsOrRows() throws {
        let rounds = Mutation.rounds(of: Self.codecs.count, usual: 60)
        for (suffix, codec) in Self.codecs {
            let storage = Self.storage(codec)
            let original =
                try storage.written([Self.batch(0..<300, width: 40, seed: 9)]) + storage.written([Self.batch(0..<50, width: 10, seed: 8)])
            for round in 0..<rounds {
                var generator = SeededGenerator(seed: UInt64(round) &* 7_919)
                var bytes = original
                for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                    let at = Int.random(in: 0..<(Bool.random(using: &generator) ? bytes.count : min(bytes.count, 64)), using: &generator)
                    switch Int.random(in: 0..<6, using: &generator) {
                    case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                    case 1: bytes[at] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
                    case 2: bytes.remove(at: at)
                    case 3: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: at)
                    case 4: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &generator)))
                    default: bytes.removeLast(min(bytes.count, Int.random(in: 1...200, using: &generator)))
                    }
                }
                let table = try TextTable(bytes, name: "m\(suffix)")
                do {
                    _ = try storage.rows(table, splitBytes: Int.random(in: 1...100_000, using: &generator), memory: LimitedMemory(64 << 20))
                } catch let error as TableFormatError { #expect(error.path == table.path, "\(suffix) \(round): \(error)") }
            }
        }
    }
}

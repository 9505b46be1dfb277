import Columnar
import Foundation
import TableFormats
import Testing

/// Lines, splits, headers, footers and compressed files.
@Suite struct TextLineTests {
    private let mixed = "\u{FEFF}a|1\nb|2\r\nc|3\rd|4\n\ne\nf|6|extra|x\n|\n\r\r\n\ng|7\\|8\nlast|9"

    @Test func linesEndAsHadoopEndsThem() throws {
        let table = try TextTable(mixed)
        let rows = try table.rows([.string, .int], format: TextTable.format())
        #expect(
            rows == [
                ["a", "1"], ["b", "2"], ["c", "3"], ["d", "4"], ["", "NULL"], ["e", "NULL"], ["f", "6"],
                ["", "NULL"], ["", "NULL"], ["", "NULL"], ["", "NULL"], ["g", "NULL"], ["last", "9"],
            ])
        #expect(try table.count(format: TextTable.format()) == 13)
    }

    @Test func theLastColumnMayTakeTheRest() throws {
        let format = try TextTable.format(["serialization.last.column.takes.rest": "true"])
        let rows = try TextTable("1|6|extra|x\n2|\n3\n").rows([.int, .string], format: format)
        #expect(rows == [["1", "6|extra|x"], ["2", ""], ["3", "NULL"]])
    }

    /// Wherever files are cut and however small the window is, every line is read once.
    @Test func splitsOwnTheLinesThatBeginInThem() throws {
        var generator = SeededGenerator(seed: 11)
        let format = try TextTable.format()
        for round in 0..<60 {
            var bytes: [UInt8] = []
            let alphabet: [UInt8] = round % 3 == 0 ? Array("ab|\n\r".utf8) : Array("abc|12\n".utf8)
            for _ in 0..<Int.random(in: 0..<400, using: &generator) {
                bytes.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
            }
            let table = try TextTable(bytes)
            let expected = referenceRows(bytes, columnCount: 3)
            for splitBytes in [1, 2, 3, 7, 64, 1000] {
                for chunkBytes in [64, 100, 4096] {
                    let rows = try table.rows(
                        [.string, .string, .string], format: format, splitBytes: splitBytes, chunkBytes: chunkBytes,
                        capacity: round % 2 == 0 ? 3 : 2048)
                    #expect(rows == expected, "round \(round) split \(splitBytes) chunk \(chunkBytes)")
                    #expect(
                        try table.count(format: format, splitBytes: splitBytes, chunkBytes: chunkBytes)
                            == expected.count)
                }
            }
        }
    }

    @Test func headersAndFootersAreLeftOut() throws {
        let properties = ["skip.header.line.count": "2", "skip.footer.line.count": "1"]
        let format = try TextFormat(serdeProperties: ["field.delim": "|"], tableProperties: properties)
        let files = [
            "h1|x\nh2|x\n1|1\n2|2\n3|3\nfoot|1\n": [["1", "1"], ["2", "2"], ["3", "3"]],
            "h1|x\n": [],
            "h1|x\r\nh2|x\r\n1|9\n2|8": [["1", "9"]],
            "h1|x\nh2|x\n1|1\nfoot|1\n\n": [["1", "1"], ["foot", "1"]],
            "h1\rh2\r1|5\r2|6\r": [["1", "5"]],
            "": [],
        ]
        for (text, expected) in files {
            for splitBytes in [2, 1000] {
                let table = try TextTable(text)
                #expect(try table.rows([.string, .int], format: format, splitBytes: splitBytes) == expected)
                #expect(try table.count(format: format, splitBytes: splitBytes) == expected.count)
            }
        }
    }

    /// "1|a\n2|b\n" and "3|c\n4|d", one gzip member each.
    private let members: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 51, 172, 73, 228, 50, 170, 73, 226, 2, 0, 174, 179, 66, 62, 8, 0, 0, 0, 31, 139,
        8, 0, 0, 0, 0, 0, 2, 3, 51, 174, 73, 230, 50, 169, 73, 1, 0, 5, 158, 31, 35, 7, 0, 0, 0,
    ]
    private let deflated: [UInt8] = [120, 156, 51, 172, 73, 228, 50, 170, 73, 226, 2, 0, 10, 118, 2, 51]

    @Test func compressedFiles() throws {
        let types: [SQLType] = [.int, .string]
        let all = [["1", "a"], ["2", "b"], ["3", "c"], ["4", "d"]]
        let gzip = try TextTable(members, name: "part.gz")
        #expect(try gzip.rows(types, format: TextTable.format()) == all)
        #expect(try gzip.count(format: TextTable.format(), splitBytes: 3) == 4)
        let deflate = try TextTable(deflated, name: "part.deflate")
        #expect(try deflate.rows(types, format: TextTable.format()) == Array(all.prefix(2)))
        let properties = ["skip.header.line.count": "1", "skip.footer.line.count": "2"]
        let format = try TextFormat(serdeProperties: ["field.delim": "|"], tableProperties: properties)
        #expect(try gzip.rows(types, format: format) == [["2", "b"]])
    }

    /// Hadoop reads one stream after the other, of zlib as of gzip.
    @Test func streamsOneAfterTheOther() throws {
        let format = try TextTable.format()
        let twice = try TextTable(deflated + deflated, name: "part.deflate")
        #expect(try twice.rows([.int, .string], format: format) == [["1", "a"], ["2", "b"], ["1", "a"], ["2", "b"]])
        #expect(try twice.count(format: format) == 4)
        for (stream, name) in [(deflated, "cut.deflate"), (members, "cut.gz")] {
            for cut in [1, 3, stream.count / 2, stream.count - 1] {
                let table = try TextTable(stream + stream.prefix(cut), name: name)
                let error = #expect(throws: TableFormatError.self, "\(name) \(cut)") { try table.count(format: format) }
                #expect(error?.path == table.path && (error?.offset ?? 0) > 0)
            }
            let table = try TextTable(stream + Array("garbage".utf8), name: name)
            let error = #expect(throws: TableFormatError.self) { try table.count(format: format) }
            #expect(error?.path == table.path && (error?.offset ?? 0) > 0)
        }
    }

    @Test func damagedFilesAreErrorsThatNameThem() throws {
        let format = try TextTable.format()
        for cut in [5, 15, 27, 40] {
            let table = try TextTable(Array(members.prefix(cut)), name: "cut.gz")
            let error = #expect(throws: TableFormatError.self) { try table.count(format: format) }
            #expect(error?.path == table.path && error?.offset != nil)
        }
        var flipped = members
        flipped[12] ^= 0xFF
        let corrupt = try TextTable(flipped, name: "bad.gz")
        #expect(throws: TableFormatError.self) { try corrupt.count(format: format) }
        let unknown = try TextTable("x", name: "a.lzo")
        #expect(throws: TableFormatError.self) { try unknown.count(format: format) }
    }

    @Test func aFileThatShrinksIsAnError() throws {
        let table = try TextTable(String(repeating: "1|a\n", count: 1000))
        let splits = try TextSplitter.splits(of: DataFiles.list(in: table.directory), format: TextTable.format())
        try Data("1|a\n2".utf8).write(to: URL(fileURLWithPath: table.path))
        let scanner = TextScanner(
            schema: TextTable.schema([.int]), columns: [0], format: try TextTable.format())
        let error = #expect(throws: TableFormatError.self) {
            for split in splits { try scanner.scan(split) { _ in } }
        }
        #expect(error?.offset == 5)
    }

    @Test func hiddenFilesAreLeftOutAndFoldersAreEntered() throws {
        let table = try TextTable("1\n", name: "b")
        for (name, text) in [("_temporary", "2\n"), (".b.crc", "3\n"), ("a", "4\n")] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: table.directory + "/" + name))
        }
        for folder in ["c", "_d"] {
            try FileManager.default.createDirectory(
                atPath: table.directory + "/" + folder, withIntermediateDirectories: true)
            try Data("5\n".utf8).write(to: URL(fileURLWithPath: table.directory + "/" + folder + "/x"))
        }
        let names = try DataFiles.list(in: table.directory).map { $0.path.dropFirst(table.directory.count) }
        #expect(names == ["/a", "/b", "/c/x"])
        #expect(try DataFiles.list(in: table.directory + "/missing").isEmpty)
    }

    @Test func aFilterRunsBeforeTheOtherColumns() throws {
        final class Odd: ScanFilter {
            let columns = [1]
            func select(_ columns: [Column], count: Int) throws -> RowSelection {
                let values = columns[0].values(as: Int32.self)
                return RowSelection.all(count).filtered(capacity: count) { values[$0] % 2 == 1 }
            }
        }
        let text = (0..<10_000).map { "name\($0)|\($0)|\(Double($0) / 4)\n" }.joined()
        let table = try TextTable(text)
        let rows = try table.rows(
            [.string, .int, .double, .array(.string)], columns: [2, 1, 0, 3], format: TextTable.format(), filter: Odd())
        #expect(rows.count == 5000)
        #expect(rows[1] == ["0.75", "3", "name3", "NULL"])
        #expect(rows.last == ["2499.75", "9999", "name9999", "NULL"])
    }

    @Test func linesLongerThanTheWindow() throws {
        let long = String(repeating: "x", count: 300_000)
        let table = try TextTable("1|\(long)\n2|b|\(String(repeating: "|", count: 50_000))\n3|c")
        let rows = try table.rows([.int, .string], format: TextTable.format(), splitBytes: 1000, chunkBytes: 64)
        #expect(rows.map { $0[0] } == ["1", "2", "3"])
        #expect(rows[0][1] == long)
        #expect(try table.count(format: TextTable.format(), splitBytes: 1000, chunkBytes: 64) == 3)
    }
}

/// Lines and fields by the plainest means; fields that are missing are "NULL".
func referenceRows(_ bytes: [UInt8], columnCount: Int, delimiter: UInt8 = UInt8(ascii: "|")) -> [[String]] {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    var at = 0
    while at < bytes.count {
        let byte = bytes[at]
        if byte == 10 || byte == 13 {
            lines.append(line)
            line = []
            if byte == 13, at + 1 < bytes.count, bytes[at + 1] == 10 { at += 1 }
        } else {
            line.append(byte)
        }
        at += 1
    }
    if !line.isEmpty { lines.append(line) }
    return lines.map { line in
        let fields = line.split(separator: delimiter, omittingEmptySubsequences: false)
        return (0..<columnCount).map { index in
            guard index < fields.count else { return "NULL" }
            let text = String(decoding: fields[index], as: UTF8.self)
            return text == "\\N" ? "NULL" : text
        }
    }
}

/// A small generator whose sequence does not depend on the platform.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

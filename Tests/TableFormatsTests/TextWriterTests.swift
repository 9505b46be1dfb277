import Columnar
import Foundation
import TableFormats
import Testing

/// What is written, byte for byte as Hive writes it.
@Suite struct TextWriterTests {
    private func written(_ types: [SQLType], _ lines: String, from source: TextFormat, as target: TextFormat) throws -> String {
        let table = try TextTable(lines)
        let path = table.directory + "/_out"
        let writer = TextWriter(schema: TextTable.schema(types), format: target)
        let files = OutputFileSet(maximumOpen: 1, maximumBufferBytes: 1 << 20)
        let file = files.add(path: path)
        let scanner = TextScanner(
            schema: TextTable.schema(types), columns: Array(types.indices), format: source, batchCapacity: 3)
        for split in try TextSplitter.splits(of: DataFiles.list(in: table.directory), format: source) {
            try scanner.scan(split) { try writer.write($0, to: file) }
        }
        try file.close()
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(file.byteCount == text.utf8.count)
        return text
    }

    private static let types: [SQLType] = [
        .string, .double, .float, .decimal(precision: 10, scale: 2), .date, .timestamp, .boolean, .binary,
        .array(.string), .map(key: .string, value: .array(.double)),
        .structure([StructField(name: "x", type: .int), StructField(name: "y", type: .string)]),
        .varchar(length: 5), .char(length: 5), .tinyint, .bigint,
    ]

    @Test func rowsThatHiveWroteAreWrittenTheSame() throws {
        let format = try TextTable.format(["escape.delim": "\\", "colelction.delim": ",", "mapkey.delim": ":"])
        let lines =
            #"\\N|1.0E7|1.0E10|1.00|0001-01-01|2013-01-01 10:00:00|false||\N|:\N|\N,\N||     |-1|0"# + "\n"
            + "x\\\u{4}y|1.0E-5|NaN|1.20|9999-12-31|2013-01-01 10:00:00.123456789|false|//4A||a:1.0\u{4}2.0,b:3.0|1,|abcde"
            + "|a    |-1|0\n"
            + #"\N|\N|\N|\N|\N|\N|\N|\N|\N|\N|\N|\N|\N|\N|\N"# + "\n"
            + "a\\|b\\\\c e\\,f\\:g|1.0|0.1|1.50|2013-01-01|2013-01-01 10:00:00.5|true|AP9B|a\\,b,\\N,,\\:"
            + "|k\\:1:1.5\u{4}2.0\u{4}\\N|1,q\\|r|ab|ab   |1|9223372036854775807\n"
        #expect(try written(Self.types, lines, from: format, as: format) == lines)
    }

    @Test func lineEndsAreEscapedWhereTheTableSaysSo() throws {
        let source = try TextTable.format(["escape.delim": "\\"])
        let target = try TextTable.format([
            "escape.delim": "\\", "serialization.escape.crlf": "true", "serialization.null.format": "",
        ])
        #expect(try written([.string, .string], #"a\nb\rc|\N"# + "\n", from: source, as: target) == #"a\nb\rc|"# + "\n")
    }

    @Test func deepNestingUsesDeeperDelimiters() throws {
        let types: [SQLType] = [
            .array(.array(.array(.string))),
            .map(key: .string, value: .map(key: .string, value: .map(key: .string, value: .int))),
            .union([.int, .string]),
        ]
        let line = "a\u{4}b\u{1}a\u{3}b\u{5}c\u{7}1\u{6}d\u{7}2\u{1}1\u{2}s\n"
        #expect(try written(types, line, from: TextFormat(), as: TextFormat()) == line)
    }

    @Test func batchesWithSelectionsConstantsAndDictionaries() throws {
        let table = try TextTable("")
        let path = table.directory + "/_out"
        let writer = TextWriter(schema: TextTable.schema([.int, .string, .bigint]), format: try TextTable.format())
        let files = OutputFileSet(maximumOpen: 1, maximumBufferBytes: 1 << 20)
        let file = files.add(path: path)
        let builder = ColumnBuilder(.string)
        for word in ["zero", "one", "two"] { builder.append(word) }
        let numbers = Column(flat: .int, count: 4)
        for row in 0..<4 { numbers.values(as: Int32.self)[row] = Int32(row) }
        numbers.setNull(3)
        let words = Column.dictionary(builder.finish(), indices: [2, 1, 0, 2], count: 4)
        let constant = Column.constant(Int64(-7), type: .bigint, count: 4)
        try writer.write(
            Batch(
                columns: [numbers, words, constant], capacity: 4,
                rows: RowSelection.all(4).filtered(capacity: 4) { $0 != 1 }), to: file)
        try file.close()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "0|two|-7\n2|zero|-7\n\\N|two|-7\n")
    }

    @Test func fieldsLargerThanTheBuffer() throws {
        let large = String(repeating: "y", count: 700_000)
        let almost = String(repeating: "z", count: (256 << 10) - 3)
        let lines = "1|\(large)|\(large)\n\(almost)|x|\n|\(almost)|\(almost)\nq||\n"
        let format = try TextTable.format()
        #expect(try written([.string, .string, .string], lines, from: format, as: format) == lines)
    }
}

import Columnar
import Foundation
import TableFormats
import Testing

/// Files of other writers, value for value, and schemas that differ from the file's.
@Suite struct AvroReaderTests {
    @Test(arguments: AvroFixtures.names)
    func recordedFiles(name: String) throws {
        let file = try AvroFile(path: AvroFixtures.set.path(name))
        let expected = try AvroFixtures.set.rows(name)
        try RecordedRows.expect(expected, batches: [2048, 100, 7]) { try AvroFixtures.lines(file, batch: $0) }
    }

    @Test(arguments: AvroFixtures.names)
    func eachColumnAlone(name: String) throws {
        let file = try AvroFile(path: AvroFixtures.set.path(name))
        let expected = try AvroFixtures.set.rows(name)
        try RecordedRows.expectColumns(expected, file.columns) { try AvroFixtures.lines(file, columns: [$0], batch: 97) }
        let reader = try AvroReader(file, columns: [])
        var rows = 0
        while let batch = try reader.next(100) { rows += batch.rowCount }
        #expect(rows == expected.count)
    }

    @Test(arguments: AvroFixtures.names)
    func rangesTogetherAreTheFile(name: String) throws {
        let file = try AvroFile(path: AvroFixtures.set.path(name))
        let expected = try AvroFixtures.set.rows(name)
        for step in [1, 3, 64, 333, 5000] where file.byteCount / step < 3000 {
            var lines: [String] = []
            for start in stride(from: 0, to: file.byteCount, by: step) {
                lines += try AvroFixtures.lines(file, range: start..<min(start + step, file.byteCount))
            }
            #expect(lines == expected, "ranges of \(step) bytes")
        }
    }

    @Test func hiveTypes() throws {
        let file = try AvroFile(path: AvroFixtures.set.path("hive.null"))
        #expect(file.columns.map { "\($0.type)" } == [
            "boolean", "int", "int", "int", "bigint", "float", "double", "decimal(10,2)", "decimal(38,18)", "string",
            "varchar(10)", "char(6)", "binary", "date", "timestamp",
        ])
        let others = try AvroFile(path: AvroFixtures.set.path("others.null"))
        #expect(others.columns.last?.type.description == "uniontype<int,string,array<bigint>,struct<x:int,y:array<struct<z:double>>>>")
    }

    // MARK: Resolution

    /// Rows of a file with one writer's schema, read by another schema.
    private func resolved(_ writer: String, _ columns: [Column], _ reader: String) throws -> [String] {
        let target = try ORCTestFile()
        let schema = try AvroSchema(Array(writer.utf8))
        let output = try AvroWriterTests.writer(schema, writer, to: target)
        try output.write(Batch(columns: columns, capacity: columns[0].count))
        _ = try output.close()
        return try AvroFixtures.lines(AvroFile(path: target.path), schema: AvroSchema(Array(reader.utf8)))
    }

    private static func record(_ fields: String, name: String = "r") -> String {
        #"{"type":"record","name":"\#(name)","fields":[\#(fields)]}"#
    }

    private static func column(_ type: SQLType, _ fill: (ColumnBuilder) -> Void) -> Column {
        let builder = ColumnBuilder(type)
        fill(builder)
        return builder.finish()
    }

    @Test func promotionsReorderingAndDefaults() throws {
        let lines = try resolved(
            Self.record(#"{"name":"a","type":"int"},{"name":"b","type":"long"},{"name":"c","type":"float"},{"name":"d","type":"string"},{"name":"e","type":"bytes"}"#),
            [
                .constant(Int32(7), type: .int, count: 2), .constant(Int64(-9), type: .bigint, count: 2),
                .constant(Float(1.5), type: .float, count: 2), .constant(string: Array("text".utf8), count: 2),
                .constant(string: Array("raw".utf8), type: .binary, count: 2),
            ],
            Self.record(
                #"{"name":"e","type":"string"},{"name":"new","type":["null","int"],"default":null},{"name":"c","type":"double"},{"name":"b","type":["null","double"]},{"name":"a","type":["null","string","long"]},{"name":"d","type":"bytes"},{"name":"list","type":{"type":"array","items":"int"},"default":[1,2]},{"name":"s","type":{"type":"record","name":"x","fields":[{"name":"i","type":"int"},{"name":"j","type":"string","default":"J"}]},"default":{"i":5}},{"name":"m","type":{"type":"bytes","logicalType":"decimal","precision":5,"scale":1},"default":"\u000F"}"#,
                name: "other"))
        #expect(lines == Array(repeating: "raw\tNULL\t1.5\t-9.0\t{1:7}\ttext\t[1,2]\t{\"i\":5,\"j\":\"J\"}\t1.5", count: 2))
    }

    @Test func aliasesAndNestedRecords() throws {
        let inner = #"{"type":"record","name":"in","fields":[{"name":"x","type":"int"},{"name":"y","type":"string"}]}"#
        let structure = Self.column(.structure([StructField(name: "x", type: .int), StructField(name: "y", type: .string)])) {
            $0.children[0].append(Int32(3))
            $0.children[1].append("why")
            $0.appendStructure()
        }
        let lines = try resolved(
            Self.record(#"{"name":"old","type":\#(inner)},{"name":"rest","type":"int"}"#),
            [structure, .constant(Int32(1), type: .int, count: 1)],
            Self.record(
                #"{"name":"current","aliases":["old"],"type":["null",{"type":"record","name":"in","fields":[{"name":"z","type":"int","default":9},{"name":"y","type":"string"}]}]}"#))
        #expect(lines == [#"{"z":9,"y":"why"}"#])
    }

    @Test func enumsByTheirSymbols() throws {
        let writer = Self.record(#"{"name":"e","type":{"type":"enum","name":"e","symbols":["A","B","C"]}}"#)
        let letters = Self.column(.string) { for letter in ["C", "A", "B"] { $0.append(letter) } }
        #expect(
            try resolved(writer, [letters], Self.record(#"{"name":"e","type":{"type":"enum","name":"e","symbols":["B","A"],"default":"A"}}"#))
                == ["A", "A", "B"])
        #expect(throws: TableFormatError.self) {
            try resolved(writer, [letters], Self.record(#"{"name":"e","type":{"type":"enum","name":"e","symbols":["B","A"]}}"#))
        }
    }

    @Test func whatDoesNotFitIsAnError() throws {
        let one = [Column.constant(Int64(1), type: .bigint, count: 1)]
        let writer = Self.record(#"{"name":"a","type":"long"}"#)
        for type in [#""int""#, #""string""#, #"["null","boolean"]"#] {
            #expect(throws: TableFormatError.self) { try resolved(writer, one, Self.record(#"{"name":"a","type":\#(type)}"#)) }
        }
        let error = #expect(throws: TableFormatError.self) { try resolved(writer, one, Self.record(#"{"name":"b","type":"long"}"#)) }
        #expect(error?.message.contains("no default") == true)
    }

    @Test func schemasThatAreRefused() throws {
        let refused = [
            (#"{"type":"record","name":"node","fields":[{"name":"next","type":["null","node"]}]}"#, "contains itself"),
            (#"{"type":"record","name":"r","fields":[{"name":"a","type":"unknown"}]}"#, "unknown type unknown"),
            (#"{"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#, "twice"),
            (#"{"type":"enum","name":"r"}"#, "symbols"), ("[]", "nothing"), ("{", "JSON"), (#"["int",["int"]]"#, "inside a union"),
        ]
        for (text, reason) in refused {
            let error = #expect(throws: AvroSchemaError.self) { try AvroSchema(Array(text.utf8)) }
            #expect(error?.reason.contains(reason) == true, "\(text): \(String(describing: error))")
        }
        // Every type holds the one before twice: the last one would have 2^60 fields.
        var fields = #"{"name":"f0","type":{"type":"record","name":"t0","fields":[{"name":"a","type":"int"}]}}"#
        for level in 1...60 {
            fields += #",{"name":"f\#(level)","type":{"type":"record","name":"t\#(level)","fields":[{"name":"a","type":"t\#(level - 1)"},{"name":"b","type":"t\#(level - 1)"}]}}"#
        }
        #expect(throws: AvroSchemaError.self) { try AvroSchema(Array(Self.record(fields).utf8)) }
    }

    // MARK: Files

    @Test func blocksOfListsThatSayTheirSize() throws {
        let schema = Self.record(#"{"name":"a","type":{"type":"array","items":"int"}},{"name":"b","type":"int"}"#)
        // Two blocks: -2 items in 2 bytes, 1 item; then the end, and b.
        let target = try RandomAvro.file(schema, rows: 1, [3, 4, 2, 4, 2, 6, 0, 14])
        #expect(try AvroFixtures.lines(AvroFile(path: target.path)) == ["[1,2,3]\t7"])
        #expect(try AvroFixtures.lines(AvroFile(path: target.path), columns: [1]) == ["7"])
    }

    @Test func itemsWithoutBytesAreAskedFor() throws {
        let schema = Self.record(#"{"name":"a","type":{"type":"array","items":"null"}}"#)
        let target = try RandomAvro.file(schema, rows: 1, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0])
        #expect(throws: TableFormatError.self) { try AvroFixtures.lines(AvroFile(path: target.path)) }
        let passed = try AvroReader(AvroFile(path: target.path), columns: [])
        #expect(try passed.next()?.rowCount == 1)
    }

    @Test func refusedFiles() throws {
        let schema = Self.record(#"{"name":"a","type":"int"}"#)
        let unknown = try RandomAvro.file(schema, rows: 0, [], codec: "xz")
        let error = #expect(throws: TableFormatError.self) { try AvroFile(path: unknown.path) }
        #expect(error?.message.contains("xz") == true)
        for bytes in [Array("Obj".utf8), Array("PAR1 and more".utf8), Array("Obj\u{1}".utf8)] {
            let other = try ORCTestFile(bytes)
            #expect(throws: TableFormatError.self) { try AvroFile(path: other.path) }
        }
        let values = try RandomAvro.file(#""int""#, rows: 1, [2])
        #expect(throws: TableFormatError.self) { try AvroFile(path: values.path) }
        let left = try RandomAvro.file(schema, rows: 1, [2, 4])
        #expect(throws: TableFormatError.self) { try AvroFixtures.lines(AvroFile(path: left.path)) }
    }

    @Test func aFileWithoutBytesHasNoRows() throws {
        let empty = try ORCTestFile()
        FileManager.default.createFile(atPath: empty.path, contents: nil)
        let file = try AvroFile(path: empty.path)
        #expect(file.columns.isEmpty)
        #expect(try AvroReader(file, columns: []).next() == nil)
        let schema = try AvroSchema(Array(Self.record(#"{"name":"a","type":"int"}"#).utf8))
        #expect(try AvroFixtures.lines(file, schema: schema).isEmpty)
    }

    @Test func memoryThatIsNotThereIsAnError() throws {
        let file = try AvroFile(path: AvroFixtures.set.path("others.deflate"))
        #expect(throws: TableFormatError.self) {
            let reader = try AvroReader(file, columns: [0], memory: LimitedMemory(1000))
            while try reader.next() != nil {}
        }
    }
}

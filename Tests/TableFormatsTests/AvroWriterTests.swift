import Columnar
import Foundation
import TableFormats
import Testing

/// What is written is read again the same.
@Suite struct AvroWriterTests {
    static func writer(
        _ schema: AvroSchema, _ text: String, options: AvroWriteOptions = AvroWriteOptions(), to target: ORCTestFile
    ) throws -> AvroWriter {
        try AvroWriter(columns: schema.columns(), schemaText: text, options: options, to: target.output())
    }

    /// Copies a file's rows into a new file with the schema that Hive makes of the columns, or the file's own.
    private func copy(_ name: String, _ options: AvroWriteOptions, ownSchema: Bool, into target: ORCTestFile) throws -> AvroWriteSummary {
        let file = try AvroFile(path: AvroFixtures.set.path(name))
        let text = try ownSchema
            ? String(decoding: file.metadata["avro.schema"] ?? [], as: UTF8.self)
            : AvroSchema.text(of: file.columns, name: "copy", namespace: "default")
        let writer = try AvroWriter(columns: file.columns, schemaText: text, options: options, to: target.output())
        let reader = try AvroReader(file, columns: Array(file.columns.indices))
        while let batch = try reader.next(70) { try writer.write(batch) }
        return try writer.close()
    }

    @Test(arguments: AvroFixtures.names)
    func rowsComeBack(name: String) throws {
        let expected = try AvroFixtures.set.rows(name)
        for codec in AvroCodec.allCases {
            for ownSchema in [true, false] {
                var options = AvroWriteOptions()
                options.codec = codec
                options.blockSize = 3000
                let target = try ORCTestFile()
                let summary = try copy(name, options, ownSchema: ownSchema, into: target)
                let written = try AvroFile(path: target.path)
                #expect(summary.rowCount == expected.count && summary.byteCount == written.byteCount)
                let lines = try AvroFixtures.lines(written)
                // Hive's own schema has no microseconds.
                if ownSchema || !name.hasPrefix("others") {
                    #expect(lines == expected, "\(codec)")
                } else {
                    #expect(lines.count == expected.count)
                }
            }
        }
    }

    @Test func selectionsConstantsAndDictionaries() throws {
        let target = try ORCTestFile()
        let writer = try AvroWriter(
            columns: MixedBatch.schema, schemaText: AvroSchema.text(of: MixedBatch.schema, name: "t", namespace: ""),
            to: target.output())
        let batch = MixedBatch.make()
        try writer.write(batch)
        try writer.write(batch, ordinals: [2, 0], count: 2)
        #expect(try writer.close().rowCount == 5)
        #expect(try AvroFixtures.lines(AvroFile(path: target.path)) == MixedBatch.lines)
    }

    @Test func decimalsOfAllLengths() throws {
        var values: [Int128] = [0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, -32768, 32768]
        var power: Int128 = 1
        for _ in 0..<37 {
            power *= 10
            values += [power, -power, power - 1, 1 - power]
        }
        let type = SQLType.decimal(precision: 38, scale: 3)
        let column = Column(flat: type, count: values.count)
        for (row, value) in values.enumerated() { column.values(as: Int128.self)[row] = value }
        for text in [
            try AvroSchema.text(of: [SchemaColumn(name: "d", type: type)], name: "t", namespace: ""),
            #"{"type":"record","name":"r","fields":[{"name":"d","type":{"type":"fixed","name":"f","size":20,"logicalType":"decimal","precision":38,"scale":3}}]}"#,
        ] {
            let target = try ORCTestFile()
            let writer = try Self.writer(AvroSchema(Array(text.utf8)), text, to: target)
            try writer.write(Batch(columns: [column], capacity: values.count))
            _ = try writer.close()
            let batch = try #require(try AvroReader(AvroFile(path: target.path), columns: [0]).next())
            let read = (0..<values.count).map { batch.columns[0].values(as: Int128.self)[$0] }
            #expect(read == values)
        }
    }

    @Test func theSchemaThatHiveMakes() throws {
        let file = try AvroFile(path: AvroFixtures.set.path("hive-nested.null"))
        let text = try AvroSchema.text(of: file.columns, name: "hive_nested_null", namespace: "default")
        // Hive adds empty comments to some of the columns.
        let own = String(decoding: file.metadata["avro.schema"] ?? [], as: UTF8.self).replacingOccurrences(of: #","doc":"""#, with: "")
        #expect(text.replacingOccurrences(of: #","doc":"""#, with: "") == own)
    }

    @Test func whatCannotBeWritten() throws {
        #expect(throws: AvroSchemaError.self) {
            try AvroSchema.text(of: [SchemaColumn(name: "m", type: .map(key: .int, value: .int))], name: "t", namespace: "")
        }
        #expect(throws: AvroSchemaError.self) {
            try AvroSchema.text(of: [SchemaColumn(name: "i", type: .intervalDayTime)], name: "t", namespace: "")
        }
        let text = #"{"type":"record","name":"r","fields":[{"name":"a","type":"int"}]}"#
        let target = try ORCTestFile()
        let writer = try Self.writer(AvroSchema(Array(text.utf8)), text, to: target)
        let error = #expect(throws: TableFormatError.self) {
            try writer.write(Batch(columns: [.nulls(.int, count: 1)], capacity: 1))
        }
        #expect(error?.message.contains("NULL") == true)
        let other = try ORCTestFile()
        #expect(throws: TableFormatError.self) {
            try AvroWriter(columns: [SchemaColumn(name: "a", type: .string)], schemaText: text, to: other.output())
        }
    }

    /// Copies every recorded file into the folder that HIVEQL_TEST_AVRO_OUTPUT names, for `Fixtures/avro/read-written`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["HIVEQL_TEST_AVRO_OUTPUT"] != nil), arguments: AvroFixtures.names)
    func copiesForOthers(name: String) throws {
        let folder = try #require(ProcessInfo.processInfo.environment["HIVEQL_TEST_AVRO_OUTPUT"])
        for codec in AvroCodec.allCases {
            var options = AvroWriteOptions()
            options.codec = codec
            let target = try ORCTestFile()
            _ = try copy(name, options, ownSchema: true, into: target)
            try FileManager.default.copyItem(atPath: target.path, toPath: "\(folder)/\(name).\(codec.rawValue).avro")
        }
    }
}

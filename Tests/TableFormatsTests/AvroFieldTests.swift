import Columnar
import TableFormats
import Testing

/// Of values in Avro files only the parts are made that are wanted; the bytes of the others are passed over.
@Suite struct AvroFieldTests {
    private static let seed: UInt64 = 20_260_311

    @Test(arguments: 0..<150) func partsOfRandomValues(round: Int) throws {
        let seed = Self.seed &+ UInt64(round) &* 7919
        var avro = RandomAvro(seed: seed)
        let body = avro.rows(30)
        let target = try RandomAvro.file(avro.schema, rows: 30, body)
        let file = try AvroFile(path: target.path)
        var random = SeededGenerator(seed: seed &+ 1)
        for trial in 0..<6 {
            let columns = file.columns.indices.filter { _ in trial < 3 || Bool.random(using: &random) }.shuffled(using: &random)
            var fields: [Int: FieldSelection] = [:]
            for column in columns where trial == 0 || Int.random(in: 0..<4, using: &random) > 0 {
                let type = file.columns[column].type
                fields[column] = (trial == 0 ? .none : SelectedParts.selection(of: type, &random)).simplified(for: type)
            }
            let selections = columns.map { fields[$0] ?? .whole }
            func lines(_ fields: [Int: FieldSelection]) throws -> [String] {
                let reader = try AvroReader(file, columns: columns, fields: fields)
                var lines: [String] = []
                while let batch = try reader.next([3, 2048][trial % 2]) {
                    lines += SelectedParts.lines(batch, selections)
                    guard !fields.isEmpty else { continue }
                    for (column, selection) in zip(batch.columns, selections) {
                        #expect(SelectedParts.sparesRest(column, selection), "seed \(seed), \(avro.schema), \(selection)")
                    }
                }
                return lines
            }
            #expect(try lines(fields) == lines([:]), "seed \(seed), \(avro.schema), \(fields)")
        }
    }

    private static let schema = #"""
        {"type":"record","name":"r","fields":[{"name":"s","type":{"type":"record","name":"i","fields":[
        {"name":"a","type":"boolean"},{"name":"e","type":{"type":"enum","name":"e","symbols":["X"]}},{"name":"b","type":"int"},
        {"name":"l","type":{"type":"array","items":"boolean"}},{"name":"c","type":"string"}]}}]}
        """#

    /// Through the table's scan, which has the selection of the plan: values that are wrong in themselves are not looked at.
    @Test func valuesThatAreNotWantedAreNotLookedAt() throws {
        // a: 7; e: symbol 4; b: 5; l: a block of 2 items in 3 bytes that are no booleans; c: "cc".
        let target = try RandomAvro.file(Self.schema, rows: 1, [7, 8, 10, 3, 6, 9, 9, 9, 0, 4, 0x63, 0x63])
        let file = try AvroFile(path: target.path)
        let scan = TableFormatScan(
            storage: TableStorage(format: "avro", serde: "", tableProperties: ["avro.schema.literal": Self.schema]),
            schema: file.columns)
        func lines(_ selection: FieldSelection) throws -> [String] {
            var lines: [String] = []
            try scan.scan(target.path, columns: [0], fields: [0: selection]) { lines += SelectedParts.lines($0, selection) }
            return lines
        }
        #expect(try lines(.only(2)) == ["(-; -; 5; -; -)"])
        #expect(try lines(.only(4).union(.only(3, .none))) == ["(-; -; -; 2[-]; cc)"])
        #expect(try lines(.none) == ["(-; -; -; -; -)"])
        for wanted in [FieldSelection.only(0), .only(1), .only(3), .whole] {
            #expect(throws: TableFormatError.self) { try lines(wanted) }
        }
    }

    @Test func lengthsThatAreWrongInWhatIsPassedOver() throws {
        let bodies: [([UInt8], String)] = [
            ([0, 0, 10, 0, 200, 1, 0x63], "100 bytes"), ([0, 0, 10, 0, 3], "-2 bytes"), ([0, 0, 10, 0], "within a number"),
            // 100 items in 1 byte; in what is left; a block that ends behind the file.
            ([0, 0, 10, 199, 1, 2, 9, 0, 0], "100 items"), ([0, 0, 10, 200, 1, 0, 0], "100 items"), ([0, 0, 10, 3, 40, 0, 0], "block of 20"),
            ([0, 0, 10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0], "than there are numbers"),
            ([0, 0, 10, 0, 0, 0], "behind its last row"),
        ]
        for (body, reason) in bodies {
            let target = try RandomAvro.file(Self.schema, rows: 1, body)
            for selection in [FieldSelection.only(2), .only(3, .none), .none] {
                let error = #expect(throws: TableFormatError.self, "\(body)") {
                    let reader = try AvroReader(AvroFile(path: target.path), columns: [0], fields: [0: selection])
                    while try reader.next() != nil {}
                }
                #expect(error?.message.contains(reason) == true, "\(body): \(String(describing: error))")
            }
        }
    }

    /// Items that take no bytes are as many as a file says; their number alone is not let grow beyond memory.
    @Test func itemsWithoutBytesAreCountedWithinMemory() throws {
        let schema = #"{"type":"record","name":"r","fields":[{"name":"a","type":{"type":"array","items":"null"}}]}"#
        func lengths(_ body: [UInt8]) throws -> [String] {
            let target = try RandomAvro.file(schema, rows: 1, body)
            let reader = try AvroReader(
                AvroFile(path: target.path), columns: [0], fields: [0: .none], memory: LimitedMemory(64 << 20))
            return try reader.next().map { SelectedParts.lines($0, .none) } ?? []
        }
        #expect(try lengths([8, 5, 0, 0]) == ["7[-]"])
        // A million million items.
        #expect(throws: TableFormatError.self) { try lengths(RandomAvro.long(1 << 40) + [0]) }
        #expect(throws: TableFormatError.self) { try lengths([0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0]) }
    }

    /// A field that the file has not and that the table's schema gives no default for is only missed by those who want it.
    @Test func fieldsWithoutDefault() throws {
        let inner = #"{"type":"record","name":"i","fields":[{"name":"x","type":"int"}"#
        func schema(_ more: String) -> String { #"{"type":"record","name":"r","fields":[{"name":"s","type":\#(inner)\#(more)]}}]}"# }
        let target = try RandomAvro.file(schema(""), rows: 1, [6])
        let file = try AvroFile(path: target.path)
        let reader = try AvroSchema(Array(schema(#",{"name":"y","type":"int"},{"name":"z","type":"int","default":4}"#).utf8))
        func lines(_ selection: FieldSelection) throws -> [String] {
            let reader = try AvroReader(file, schema: reader, columns: [0], fields: [0: selection])
            return try reader.next().map { SelectedParts.lines($0, selection) } ?? []
        }
        #expect(try lines(.only(0)) == ["(3; -; -)"])
        #expect(try lines(.only(2)) == ["(-; -; 4)"])
        #expect(throws: TableFormatError.self) { try lines(.only(1)) }
        #expect(throws: TableFormatError.self) { try lines(.whole) }
    }
}

import Columnar
import TableFormats
import Testing

/// Of values in lines of JSON only the parts are made that are wanted; what is refused does not depend on that.
@Suite struct JSONFieldTests {
    private static let seed: UInt64 = 20_260_312

    private enum Answer: Equatable {
        case rows([String])
        case refused(String, offset: Int?)
    }

    /// What is read of lines when some parts are wanted.
    /// - Parameter selects: whether the reader is told.
    private static func answer(
        _ storage: TextStorage, _ table: TextTable, _ columns: [Int], _ fields: [Int: FieldSelection], selects: Bool,
        batch: Int = 2048
    ) throws -> Answer {
        let scan = TableFormatScan(storage: storage.storage, schema: storage.schema)
        let selections = columns.map { fields[$0] ?? .whole }
        var lines: [String] = []
        do {
            try scan.scan(table.directory, columns: columns, fields: selects ? fields : [:], batch: batch) { batch in
                lines += SelectedParts.lines(batch, selections)
                guard selects else { return }
                for (column, selection) in zip(batch.columns, selections) {
                    #expect(SelectedParts.sparesRest(column, selection), "\(selection)")
                }
            }
        } catch let error as TableFormatError { return .refused(error.message, offset: error.offset) }
        return .rows(lines)
    }

    @Test(arguments: 0..<160) func partsOfRandomLines(round: Int) throws {
        let seed = Self.seed &+ UInt64(round) &* 7919
        var json = RandomJSON(seed: seed)
        // All of them right, a few odd, and few lines with a fault that is no JSON.
        let odd = [0, 8, 60][round % 3]
        var lines = (0..<[30, 8, 1][round % 3]).map { _ in json.line(odd: odd) + "\n" }.joined()
        var random = SeededGenerator(seed: seed &+ 1)
        if round % 4 == 3 {
            let bytes = Mutation.mutatedText(
                Array(lines.utf8), faults: 3, special: Array("\"\\,:{}[]0tn".utf8), longest: 20, &random)
            lines = String(decoding: bytes, as: UTF8.self)
        }
        let table = try TextTable(lines)
        for trial in 0..<8 {
            var storage = TextStorage(serde: trial % 2 == 0 ? TextStorage.json : TextStorage.strictJSON, schema: json.schema)
            if trial / 2 % 2 == 1 { storage.properties["ignore.malformed.json"] = "true" }
            if Int.random(in: 0..<4, using: &random) == 0 { storage.properties["text.ignore.extra.fields"] = "false" }
            if Int.random(in: 0..<4, using: &random) == 0 { storage.properties["json.stringify.complex.fields"] = "false" }
            if Int.random(in: 0..<4, using: &random) == 0 { storage.properties["json.binary.format"] = "rawstring" }
            let columns = json.schema.indices.shuffled(using: &random)
            var fields: [Int: FieldSelection] = [:]
            for column in columns {
                let type = json.schema[column].type
                fields[column] = (trial == 0 ? .none : SelectedParts.selection(of: type, &random)).simplified(for: type)
            }
            let batch = [3, 2048][trial % 2]
            let whole = try Self.answer(storage, table, columns, fields, selects: false, batch: batch)
            let parts = try Self.answer(storage, table, columns, fields, selects: true, batch: batch)
            #expect(parts == whole, "seed \(seed), \(storage.properties), \(json.schema.map(\.type)), \(fields): \(lines)")
        }
    }

    private static let schema = [
        SchemaColumn(
            name: "s",
            type: .structure([
                StructField(name: "a", type: .int), StructField(name: "d", type: .date), StructField(name: "t", type: .string),
                StructField(name: "n", type: .structure([StructField(name: "x", type: .int)])),
                StructField(name: "l", type: .array(.structure([StructField(name: "y", type: .bigint)]))),
                StructField(name: "m", type: .map(key: .int, value: .double)),
            ]))
    ]

    /// Faults in parts that nobody wants are found, each as if it were wanted.
    @Test func faultsInPartsThatAreNotWanted() throws {
        let both = [
            #"{"s":{"a":1,"t":"x}}"#, #"{"s":{"a":1,"t":"\u12"}}"#, #"{"s":{"a":1,"n":{"x":1}"#, #"{"s":{"a":1,"l":[{"y":1]}}"#,
            #"{"s":{"a":1,"l":[1,]}}"#, #"{"s":{"a":1,"n":{"x":tru}}}"#, #"{"s":{"a":1,"n":{"x":01}}}"#, #"{"s":{"a":1,"n":{x:1}}}"#,
            #"{"s":{"a":1,"m":{"1":1.}}}"#, #"{"s":{"a":1,"t":"x" "n":null}}"#,
            // JSON, but no values of their types.
            #"{"s":{"a":1,"d":"no day"}}"#, #"{"s":{"a":1,"n":[]}}"#, #"{"s":{"a":1,"n":{"x":{}}}}"#, #"{"s":{"a":1,"n":"text"}}"#,
            #"{"s":{"a":1,"l":{}}}"#, #"{"s":{"a":1,"l":[{"y":[]}]}}"#, #"{"s":{"a":1,"l":"[]"}}"#, #"{"s":{"a":1,"m":{"1":[]}}}"#,
            #"{"s":{"a":1,"d":"2020-01-01","d":"no day"}}"#,
        ]
        let strict = [
            #"{"s":{"a":1,"n":{"x":"1"}}}"#, #"{"s":{"a":1,"n":{"x":3000000000}}}"#, #"{"s":{"a":1,"m":{"k":1}}}"#,
            #"{"s":{"a":1,"m":{"1":"1"}}}"#, #"{"s":{"a":1,"t":[]}}"#, #"{"s":{"a":1,"l":[{"y":true}]}}"#,
        ]
        let right = [
            #"{"s":{"a":1,"d":"no day","d":"2020-01-01"}}"#, #"{"s":{"a":1,"n":{"x":{},"x":2}}}"#, #"{"s":{"a":1,"other":{"x":[{}]}}}"#,
            #"{"s":{"a":1,"m":{"1":[],"1":2}}}"#, #"{"s":{"a":1,"t":"\"}{","l":[],"m":{}}}"#, #"{"s":{"\u0061":1,"t":"\u0041"}}"#,
        ]
        let fields = [0: FieldSelection.only(0)]
        for serde in [TextStorage.json, TextStorage.strictJSON] {
            func answer(_ line: String, ignores: Bool, selects: Bool = true) throws -> Answer {
                let storage = TextStorage(
                    serde: serde, properties: ["ignore.malformed.json": "\(ignores)"], schema: Self.schema)
                let table = try TextTable(#"{"s":{"a":7}}"# + "\n" + line + "\n" + #"{"s":{"a":8}}"# + "\n")
                return try Self.answer(storage, table, [0], fields, selects: selects)
            }
            let rest = "; -; -; -; -; -)"
            for line in both + (serde == TextStorage.strictJSON ? strict : []) {
                guard case .refused(let reason, offset: 14) = try answer(line, ignores: false) else {
                    Issue.record("\(serde) takes \(line)")
                    continue
                }
                #expect(try answer(line, ignores: false, selects: false) == .refused(reason, offset: 14), "\(line)")
                #expect(try answer(line, ignores: true) == .rows(["(7\(rest)", "NULL", "(8\(rest)"]), "\(line)")
            }
            for line in right + (serde == TextStorage.json ? strict : []) {
                for ignores in [false, true] {
                    #expect(try answer(line, ignores: ignores) == .rows(["(7\(rest)", "(1\(rest)", "(8\(rest)"]), "\(line)")
                }
            }
        }
    }

    @Test func extraFieldsInPartsThatAreNotWanted() throws {
        let storage = TextStorage(
            serde: TextStorage.json, properties: ["text.ignore.extra.fields": "false"], schema: Self.schema)
        for line in [#"{"s":{"a":1,"n":{"z":1}}}"#, #"{"s":{"a":1,"l":[{"\u007a":1}]}}"#] {
            let answer = try Self.answer(storage, TextTable(line + "\n"), [0], [0: .only(0)], selects: true)
            guard case .refused(let reason, _) = answer else {
                Issue.record("\(line) is taken")
                continue
            }
            #expect(reason.hasSuffix("does not match table definition: z"))
        }
    }

    /// Files keep the columns with which a partition was written: the fields stand elsewhere in them.
    @Test func partsOfStoredColumns() throws {
        let storage = TextStorage(serde: TextStorage.json, schema: [])
        let stored = SQLType.structure([
            StructField(name: "a", type: .string), StructField(name: "b", type: .array(.int)), StructField(name: "c", type: .int),
        ])
        let wanted = SQLType.structure([
            StructField(name: "x", type: .int), StructField(name: "y", type: .array(.bigint)), StructField(name: "z", type: .string),
            StructField(name: "more", type: .int),
        ])
        let table = try TextTable(#"{"s":{"a":"12","b":[1,2],"c":5}}"# + "\n")
        let scan = TableFormatScan(
            storage: storage.storage, schema: [SchemaColumn(name: "s", type: wanted)],
            storedSchema: [SchemaColumn(name: "s", type: stored)])
        let answers: [(FieldSelection, String)] = [
            (.only(0), "(12; -; -; -)"), (.only(1, .none), "(-; 2[-]; -; -)"), (.only(1), "(-; 2[1, 2]; -; -)"),
            (.only(2).union(.only(3)), "(-; -; 5; NULL)"), (.none, "(-; -; -; -)"), (.whole, "(12; 2[1, 2]; 5; NULL)"),
        ]
        for (selection, expected) in answers {
            var lines: [String] = []
            try scan.scan(table.directory, columns: [0], fields: [0: selection]) { lines += SelectedParts.lines($0, selection) }
            #expect(lines == [expected])
        }
    }

    /// More members than are remembered by their places, and keys longer than are remembered at all.
    @Test func manyAndLongKeys() throws {
        let long = String(repeating: "k", count: 100)
        let names = (0..<300).map { "f\($0)" } + [long]
        let schema = [SchemaColumn(name: "s", type: .structure(names.map { StructField(name: $0, type: .int) }))]
        let members = names.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
        let reversed = names.enumerated().reversed().map { "\"\($1)\":\($0)" }.joined(separator: ",")
        let table = try TextTable((0..<3).map { _ in "{\"s\":{\(members)}}\n{\"s\":{\(reversed)}}\n" }.joined())
        let storage = TextStorage(serde: TextStorage.json, schema: schema)
        let fields = [0: FieldSelection.only(17).union(.only(280)).union(.only(300))]
        let whole = try Self.answer(storage, table, [0], fields, selects: false)
        #expect(try Self.answer(storage, table, [0], fields, selects: true) == whole)
        guard case .rows(let lines) = whole else {
            Issue.record("the lines are refused")
            return
        }
        #expect(lines.count == 6 && lines.allSatisfy { $0.contains("17; ") && $0.contains("280; ") && $0.hasSuffix("; 300)") })
    }
}

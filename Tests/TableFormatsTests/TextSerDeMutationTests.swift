import Columnar
import Foundation
import TableFormats
import Testing

/// Damaged CSV, JSON and lines for regular expressions: an error that names the file, or rows; nothing traps, nothing hangs.
@Suite struct TextSerDeMutationTests {
    private static let seeds: [(storage: TextStorage, line: String)] = {
        let jsonSchema = [
            SchemaColumn(name: "id", type: .int), SchemaColumn(name: "s", type: .string), SchemaColumn(name: "d", type: .double),
            SchemaColumn(name: "n", type: .decimal(precision: 12, scale: 3)), SchemaColumn(name: "t", type: .timestamp),
            SchemaColumn(name: "a", type: .array(.structure([StructField(name: "x", type: .bigint)]))),
            SchemaColumn(name: "m", type: .map(key: .string, value: .array(.boolean))), SchemaColumn(name: "b", type: .binary),
        ]
        let json = #"{"id":7,"s":"a\u00e9\n","d":1.5e3,"n":12.5,"t":"2020-01-02 03:04:05","a":[{"x":1},{"x":null}],"m":{"k":[true]},"b":"aGk=","z":{"y":[]}}"#
        let texts = TextTable.schema([.string, .string, .string, .string])
        var result: [(TextStorage, String)] = []
        for ignore in ["true", "false"] {
            for serde in [TextStorage.json, TextStorage.strictJSON] {
                result.append((TextStorage(serde: serde, properties: ["ignore.malformed.json": ignore], schema: jsonSchema), json))
            }
        }
        result.append((TextStorage(serde: TextStorage.csv, schema: texts), #"a,"b ""c"" d","e\"f",g"#))
        result.append(
            (TextStorage(serde: TextStorage.csv, properties: ["separatorChar": "é"], schema: texts), #"aé"b ""c"" d"é"e\"f"ég"#))
        result.append(
            (TextStorage(
                serde: TextStorage.regex, properties: ["input.regex": #"(\d+) "((?:[^"\\]|\\.)*)" (\S*) ?(.*)"#],
                schema: TextTable.schema([.int, .string, .double, .varchar(length: 3)])), #"12 "a \" b" 1.5 é x"#))
        result.append(
            (TextStorage(serde: TextStorage.multiDelimit, properties: ["field.delim": "||"], schema: texts), "a||b||\\N||c||d"))
        for encoding in ["GBK", "UTF-16", "windows-1252"] {
            result.append(
                (TextStorage(properties: ["serialization.encoding": encoding, "field.delim": ","], schema: texts), "a,b é,c,d"))
        }
        return result
    }()

    @Test(arguments: 0..<11)
    func damagedLines(place: Int) throws {
        let (storage, line) = Self.seeds[place]
        let rounds = Mutation.rounds(of: Self.seeds.count, usual: 150)
        let special = Array("\"\\,:{}[]|\n\r\0 -+.eE0tfnu".utf8) + [0xFF, 0xC3, 0x80, 0xFE]
        for round in 0..<rounds {
            var generator = SeededGenerator(seed: UInt64(round) &* 31 &+ UInt64(place))
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...8, using: &generator) { bytes += Array(line.utf8) + [10] }
            bytes = Mutation.mutatedText(bytes, faults: 20, special: special, longest: 40, &generator)
            let table = try TextTable(bytes)
            do {
                let whole = try storage.rows(table)
                // However the file is cut, its rows are the same.
                let cut = try storage.rows(
                    table, splitBytes: Int.random(in: 1...100, using: &generator),
                    capacity: Int.random(in: 1...5, using: &generator))
                #expect(cut == whole, "round \(round)")
            } catch let error as TableFormatError { #expect(error.path == table.path, "round \(round): \(error)") }
        }
    }
}

import Columnar
import TableFormats
import Testing

/// Damaged files through the scanner with every type: rows are counted as a plain reader counts them, nothing traps.
@Suite struct TextFuzzTests {
    private static let types: [SQLType] = [
        .int, .string, .double, .boolean, .tinyint, .smallint, .bigint, .float, .decimal(precision: 12, scale: 3),
        .decimal(precision: 38, scale: 10), .varchar(length: 4), .char(length: 3), .binary, .date, .timestamp,
        .array(.int), .map(key: .string, value: .double),
        .structure([StructField(name: "a", type: .int), StructField(name: "b", type: .array(.string))]),
        .union([.int, .string]), .timestampLocalTimeZone,
    ]
    private static let seedLine =
        #"12|text|-73.980072|true|7|300|9000000000|0.1|123.456|1e5|abcdef|ab |YWJj|2013-01-01|2013-01-01 10:11:12.5"#
        + #"|1,2,3|a:1.5,b:2|1,x|0,5|2013-01-01 00:00:00"#

    @Test(arguments: 0..<20)
    func mutatedFiles(block: Int) throws {
        let rounds = Mutation.rounds(of: 20, usual: 50)
        for file in 0..<rounds {
            let seed = UInt64(block * rounds + file)
            var generator = SeededGenerator(seed: seed)
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                bytes += Array(Self.seedLine.utf8) + [10]
            }
            let special = Array("|,:\\\n\r\0\u{1}\u{2}\u{3}-+.eE09 ".utf8) + [0xFF, 0xC3, 0x80]
            bytes = Mutation.mutatedText(bytes, faults: 40, special: special, longest: 30, &generator)
            let reference = referenceRows(bytes, columnCount: 2)
            let table = try TextTable(bytes)
            for escape in [nil, "\\"] {
                var properties = ["colelction.delim": ",", "mapkey.delim": ":"]
                properties["escape.delim"] = escape
                let format = try TextTable.format(properties)
                let rows = try table.rows(
                    Self.types, format: format, splitBytes: Int.random(in: 1...600, using: &generator),
                    chunkBytes: Int.random(in: 64...2000, using: &generator),
                    capacity: Int.random(in: 1...9, using: &generator))
                #expect(rows.count == reference.count, "seed \(seed)")
                if escape == nil { #expect(rows.map { $0[1] } == reference.map { $0[1] }, "seed \(seed)") }
            }
        }
    }
}

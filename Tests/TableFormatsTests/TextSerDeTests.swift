import Columnar
import TableFormats
import Testing

/// SerDes of lines beyond what the golden files ask.
@Suite struct TextSerDeTests {
    private static func texts(_ count: Int) -> [SchemaColumn] { TextTable.schema(Array(repeating: .string, count: count)) }

    @Test func quotedFieldsAreReadTheSameListedAndByCharacter() throws {
        let lines = [
            #"a,"b,c","d ""e"" f""#, #""","",x"#, #"only"#, "", #""a""b",2,3,4"#, #","","""#, #""""",x,"a""""b""#,
        ]
        let expected = [
            ["a", "b,c", "d \"e\" f"], ["", "", "x"], ["only", "NULL", "NULL"], ["NULL", "NULL", "NULL"], ["a\"b", "2", "3"],
            ["", "", ""], ["\"", "x", "a\"\"b"],
        ]
        let storage = TextStorage(serde: TextStorage.csv, schema: Self.texts(3))
        let text = lines.joined(separator: "\n") + "\n"
        #expect(try storage.rows(TextTable(text)) == expected)
        // A carriage return and a quote in the middle of a field make batches irregular.
        #expect(try storage.rows(TextTable(text.replacing("\n", with: "\r\n"))) == expected)
        #expect(try storage.rows(TextTable(text + "x\"y,z\n"), splitBytes: 7) == expected + [["NULL", "NULL", "NULL"]])
        #expect(try storage.rows(TextTable(text), columns: [2, 0]) == expected.map { [$0[2], $0[0]] })
        for capacity in [1, 2, 3] { #expect(try storage.rows(TextTable(text), capacity: capacity) == expected) }
    }

    @Test func separatorsMayBeOfAnyCharacter() throws {
        let storage = TextStorage(
            serde: TextStorage.csv, properties: ["separatorChar": "§", "quoteChar": "«", "escapeChar": "é"], schema: Self.texts(2))
        #expect(try storage.rows(TextTable("a§«b§é««\nx\n")) == [["a", "b§«"], ["x", "NULL"]])
        let bytes = try storage.written([TextStorage.batch([TextStorage.strings(["a«b"]), TextStorage.strings([nil])])])
        #expect(String(decoding: bytes, as: UTF8.self) == "«aé«b«§\n")
    }

    @Test func jsonOfTheUsualAndOfOtherKinds() throws {
        let schema = [
            SchemaColumn(name: "i", type: .int), SchemaColumn(name: "s", type: .string), SchemaColumn(name: "d", type: .double),
            SchemaColumn(name: "b", type: .boolean), SchemaColumn(name: "a", type: .array(.int)),
            SchemaColumn(name: "m", type: .map(key: .string, value: .bigint)),
            SchemaColumn(
                name: "r", type: .structure([StructField(name: "x", type: .int), StructField(name: "y", type: .array(.string))])),
        ]
        let lenient = TextStorage(serde: TextStorage.json, schema: schema)
        let usual = """
            {"i":1,"s":"x","d":1.5,"b":true,"a":[1,null,3],"m":{"k":7},"r":{"y":["p"],"x":2,"z":[{}]}}
            { "S" : "a\\u00e9\\n\\"q" , "other" : {"deep":[1,{"x":"}"}]} , "i" : null }
            {"r":{},"a":[],"m":{},"b":false,"i":-5}
            """
        let rows = try lenient.rows(TextTable(usual))
        #expect(rows[0] == ["1", "x", "1.5", "true", "[1,null,3]", "{\"k\":7}", "{\"x\":2,\"y\":[\"p\"]}"])
        #expect(rows[1] == ["NULL", "a\u{e9}\n\"q", "NULL", "NULL", "NULL", "NULL", "NULL"])
        #expect(rows[2] == ["-5", "NULL", "NULL", "false", "[]", "{}", "{\"x\":null,\"y\":null}"])
        let strict = TextStorage(serde: TextStorage.strictJSON, schema: schema)
        #expect(try strict.rows(TextTable(usual)) == rows)

        let odd = "{\"i\":\"12\",\"s\":1.50,\"d\":\"2.5\",\"b\":\"true\"}\n{\"i\":99999999999,\"s\":{\"k\": [1]},\"d\":true,\"b\":0}\n"
        #expect(
            try lenient.rows(TextTable(odd), columns: [0, 1, 2, 3]) == [
                ["12", "1.5", "2.5", "true"], ["1215752191", "{\"k\":[1]}", "1.0", "false"],
            ])
        let error = #expect(throws: TableFormatError.self) { try strict.rows(TextTable(odd)) }
        #expect(error?.offset == 0)
        #expect(try strict.rows(TextTable("{\"s\":1.50}\n"), columns: [1]) == [["1.50"]])
    }

    @Test func jsonThatIsRefused() throws {
        let schema = [SchemaColumn(name: "i", type: .int), SchemaColumn(name: "a", type: .array(.int))]
        for line in ["", "x", "[1]", "{", "{\"i\":1", "{\"i\" 1}", "{\"i\":1,}", "{\"i\":tru}", "{\"a\":{}}", "{\"a\":[1,{}]}", "{\"a\":3}"] {
            for serde in [TextStorage.json, TextStorage.strictJSON] {
                var storage = TextStorage(serde: serde, schema: schema)
                let table = try TextTable("{\"i\":1,\"a\":[4]}\n\(line)\n{\"i\":2,\"a\":[5]}\n")
                let error = #expect(throws: TableFormatError.self, "\(line)") { try storage.rows(table) }
                #expect(error?.offset == 16, "\(line)")
                storage.properties["ignore.malformed.json"] = "true"
                let rows = try storage.rows(table)
                #expect(rows == [["1", "[4]"], ["NULL", "NULL"], ["2", "[5]"]], "\(line)")
            }
        }
        let storage = TextStorage(serde: TextStorage.json, properties: ["text.null.empty.line": "true"], schema: schema)
        #expect(try storage.rows(TextTable("\nnull\n")) == [["NULL", "NULL"], ["NULL", "NULL"]])
    }

    @Test func jsonIsWrittenAndReadBack() throws {
        let schema = [
            SchemaColumn(name: "s", type: .string), SchemaColumn(name: "n", type: .decimal(precision: 10, scale: 2)),
            SchemaColumn(name: "m", type: .map(key: .int, value: .string)), SchemaColumn(name: "b", type: .binary),
        ]
        let decimals = ColumnBuilder(.decimal(precision: 10, scale: 2))
        for value: Int128 in [150, 10000] { decimals.append(value) }
        let maps = ColumnBuilder(.map(key: .int, value: .string))
        maps.children[0].append(Int32(5))
        maps.children[1].append("v")
        maps.append(listOf: 1)
        maps.appendNull()
        let binaries = ColumnBuilder(.binary)
        binaries.append("hi")
        binaries.append("\u{1}")
        let batch = TextStorage.batch([TextStorage.strings(["a\"\\\n\u{1f}é", nil]), decimals.finish(), maps.finish(), binaries.finish()])
        let lenient = TextStorage(serde: TextStorage.json, schema: schema)
        let strict = TextStorage(serde: TextStorage.strictJSON, schema: schema)
        let first = try lenient.written([batch])
        #expect(
            String(decoding: first, as: UTF8.self) == #"{"s":"a\"\\\n\u001Fé","n":1.5,"m":{"5":"v"},"b":"aGk="}"# + "\n"
                + #"{"s":null,"n":1E+2,"m":null,"b":"AQ=="}"# + "\n")
        let second = try strict.written([batch])
        #expect(
            String(decoding: second, as: UTF8.self) == #"{"s":"a\"\\\n\u001fé","n":1.5,"m":{"5":"v"},"b":"hi"}"# + "\n"
                + #"{"s":null,"n":100,"m":null,"b":"\u0001"}"# + "\n")
        #expect(try lenient.rows(TextTable(first)) == strict.rows(TextTable(second)))
    }

    @Test func groupsOfARegularExpression() throws {
        let schema = TextTable.schema([.int, .boolean, .string, .timestamp])
        var storage = TextStorage(
            serde: TextStorage.regex, properties: ["input.regex": #"(\S+) (t\w*)?([^|]*)\|(.*)"#], schema: schema)
        let text = "1 true x|2020-01-02 03:04:05\n+7 é|no\n12.5 T|\nnothing\n"
        #expect(
            try storage.rows(TextTable(text)) == [
                ["1", "true", " x", "2020-01-02 03:04:05"], ["7", "false", "é", "NULL"], ["NULL", "false", "T", "NULL"],
                ["NULL", "NULL", "NULL", "NULL"],
            ])
        storage.properties["input.regex.case.insensitive"] = "true"
        #expect(try storage.rows(TextTable("12 True|\n"))[0] == ["12", "true", "", "NULL"])
        storage.schema = TextTable.schema([.int])
        #expect(throws: TableFormatError.self) { try storage.rows(TextTable(text)) }
        storage.properties["input.regex"] = "a)(b"
        #expect(throws: TableFormatError.self) { try storage.format() }
    }

    @Test func theContributedClassWritesByAFormat() throws {
        let storage = TextStorage(
            serde: "org.apache.hadoop.hive.contrib.serde2.RegexSerDe",
            properties: ["input.regex": "(.*)-(.*)", "output.format.string": "%2$s-%1$s %%"], schema: Self.texts(2))
        let bytes = try storage.written([TextStorage.batch([TextStorage.strings(["a"]), TextStorage.strings([nil])])])
        #expect(String(decoding: bytes, as: UTF8.self) == "null-a %\n")
    }

    @Test func delimitersOfSeveralCharacters() throws {
        let schema = TextTable.schema([.string, .int, .array(.int)])
        let storage = TextStorage(
            serde: TextStorage.multiDelimit, properties: ["field.delim": "||", "collection.delim": ","], schema: schema)
        let table = try TextTable("a|b||5||1,2||more\n||x\n\\N||7\n")
        #expect(try storage.rows(table) == [["a|b", "5", "[1,2]"], ["", "NULL", "NULL"], ["NULL", "7", "NULL"]])
        #expect(try storage.rows(table, columns: [2, 1]) == [["[1,2]", "5"], ["NULL", "NULL"], ["NULL", "7"]])
    }

    @Test func otherEncodings() throws {
        func bytes(_ encoding: String, _ table: [UInt8], splitBytes: Int = 1 << 20) throws -> [[String]] {
            try TextStorage(properties: ["serialization.encoding": encoding, "field.delim": "|"], schema: Self.texts(2))
                .rows(TextTable(table), splitBytes: splitBytes)
        }
        #expect(try bytes("ISO-8859-1", [0x63, 0xE9, 0x7C, 0x80, 0x0A, 0x61]) == [["cé", "\u{80}"], ["a", "NULL"]])
        #expect(try bytes("windows-1252", [0x80, 0x7C, 0x81, 0x0A]) == [["€", "\u{FFFD}"]])
        // The second byte of a character may be the delimiter.
        #expect(try bytes("GBK", [0xD6, 0xD0, 0x7C, 0x81, 0x7C, 0x0A, 0x78, 0x81]) == [["中", "亅"], ["x\u{FFFD}", "NULL"]])
        #expect(throws: TableFormatError.self) { try bytes("nope", []) }
        for encoding in ["UTF-16", "UTF-16LE", "GBK", "Shift_JIS", "ISO-8859-15"] {
            let storage = TextStorage(properties: ["serialization.encoding": encoding], schema: Self.texts(2))
            let written = try storage.written([TextStorage.batch([TextStorage.strings(["ab", nil]), TextStorage.strings(["c", "d"])])])
            if encoding == "UTF-16" {
                #expect(written.starts(with: [0xFE, 0xFF, 0, 0x61, 0, 0x62, 0, 1, 0, 0x63, 0x0A, 0xFE, 0xFF]))
                #expect(try storage.rows(TextTable(written)) == [["ab", "c"], ["NULL", "d"]])
            }
            if !encoding.hasPrefix("UTF") { #expect(try storage.rows(TextTable(written)) == [["ab", "c"], ["NULL", "d"]]) }
        }
        let latin = TextStorage(properties: ["serialization.encoding": "ISO-8859-1"], schema: Self.texts(1))
        let written = try latin.written([TextStorage.batch([TextStorage.strings(["é中x"])])])
        #expect(written == [0xE9, 0x3F, 0x78, 0x0A])
    }

    @Test func patternsOfTimestamps() throws {
        let storage = TextStorage(
            properties: ["timestamp.formats": "yyyy-MM-dd'T'HH:mm:ss,millis", "field.delim": "|"],
            schema: TextTable.schema([.timestamp]))
        #expect(
            try storage.rows(TextTable("2020-01-02T03:04:05\n1577934245500\n2020-01-02 03:04:05.5\nx\n1500\n2020-13-02T00:00:00\n")) == [
                ["2020-01-02 03:04:05"], ["2020-01-02 03:04:05.5"], ["2020-01-02 03:04:05.5"], ["NULL"], ["NULL"], ["NULL"],
            ])
    }
}

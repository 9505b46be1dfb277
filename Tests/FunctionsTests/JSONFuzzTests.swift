import Columnar
import Functions
import Testing

/// `get_json_object` and `json_tuple` against the plain tree reader, and `from_json` against `to_json`, on random texts: most are JSON
/// with odd values, some are damaged. A failing run prints its seed.
@Suite struct JSONFuzzTests {
    private static let keys = ["a", "b", "c", "key", "a b", "", "\\u0061", "x\\n", "longer_key_of_a_log"]
    private static let scalars = [
        "0", "-0", "1", "-1.5", "1e3", "1.0E-7", "123456789012345678901234567890", "1e400", "true", "false", "null", "\"\"", "\"x\"",
        "\"two words\"", "\"é😀\"", "\"\\u00e9\\n\\\"\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\q\\/\"", "\"a longer text, of more than a word\"",
    ]
    private static let paths = [
        "$", "$.a", "$.b", "$.key", "$.a.b", "$.a.b.c", "$.a[0]", "$.a[1]", "$.a[*]", "$.a[*].b", "$.a.b[0]", "$.a[0][1]", "$.a[*][0]",
        "$.a[0].b[*].c", "$[0]", "$[*]", "$[1].a", "$[*].a", "$[0][0]", "$.a b", "$.longer_key_of_a_log", "$.", "$.[0]", "$.a.b[*][*]", "$.a[2].b.c[0]",
    ]

    private static func space(_ random: inout SeededRandom) -> String { random.chance(10) ? random.pick([" ", "\n", "\t\r", "  "]) : "" }

    private static func value(_ random: inout SeededRandom, depth: Int) -> String {
        let body: String
        if depth < 5, random.chance(60 - depth * 8) {
            let count = random.pick([0, 1, 2, 3, 5, 12])
            let isObject = random.chance(60)
            let parts = (0..<count).map { _ -> String in
                let value = value(&random, depth: depth + 1)
                return isObject ? "\(space(&random))\"\(random.pick(keys))\"\(space(&random)):\(value)" : value
            }
            body = (isObject ? "{" : "[") + parts.joined(separator: ",") + space(&random) + (isObject ? "}" : "]")
        } else {
            body = random.pick(scalars)
        }
        return space(&random) + body + space(&random)
    }

    private static func text(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(value(&random, depth: 0).utf8)
        guard random.chance(25), !bytes.isEmpty else { return bytes }
        for _ in 0..<random.pick([1, 1, 2, 4]) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch random.pick([0, 1, 2]) {
            case 0: bytes.remove(at: at)
            case 1: bytes.insert(random.pick(Array("{}[]\",:\\u0eE+-.tfn \u{B}".utf8) + [0, 0x80, 0xC3]), at: at)
            default: bytes.removeLast(bytes.count - at)
            }
        }
        return bytes
    }

    private static func strings(_ texts: [[UInt8]]) -> Column {
        let builder = ColumnBuilder(.string)
        for text in texts { text.withUnsafeBufferPointer { builder.append(bytes: $0) } }
        return builder.finish()
    }

    private static func expected(_ text: [UInt8], _ path: String) -> String? {
        text.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress, let root = ReferenceJSONReader.read(StringView(start, length: bytes.count)) else {
                return nil
            }
            // The whole text, of arrays too, which the twin's paths do not begin at; no text is a number or string alone.
            if path == "$" {
                guard let first = text.first(where: { $0 > 32 }), "{[".utf8.contains(first) else { return nil }
                return root.extracted
            }
            return ReferencePath(path)?.find(in: root)?.extracted
        }
    }

    @Test(arguments: 0..<20)
    func extractsAsThePlainReader(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let texts = (0..<200).map { _ in Self.text(&random) }
        let column = Self.strings(texts)
        let function = try #require(FunctionRegistry.builtIn.scalar("get_json_object"))
        for path in Self.paths {
            let call = FunctionCall(name: "get_json_object", argumentTypes: [.string, .string])
            let kernel = try #require(function.resolve(call).kernel)
            let result = try kernel(
                KernelInput(
                    arguments: [column, .constant(string: path.utf8, count: texts.count)], rows: .all(texts.count), count: texts.count,
                    context: FunctionExpression.context))
            for (row, text) in texts.enumerated() {
                let got = result.text(row)
                // `$.[0]` is a path of Hive that the twin does not know.
                let wanted = path == "$.[0]" ? Self.expected(text, "$[0]") : Self.expected(text, path)
                #expect(got == wanted, "seed \(seed), \(path) of \(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    @Test(arguments: 0..<10)
    func severalKeysInOnePass(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(1000 + seed))
        let texts = (0..<200).map { _ in Self.text(&random) }
        let keys = ["a", "key", "b", "none", "a", "x\n", "", "c", "a b", "longer_key_of_a_log"]
        for count in [1, 3, keys.count] {
            let function = try #require(FunctionRegistry.builtIn.table("json_tuple"))
            let resolved = try function.resolve(
                FunctionCall(name: "json_tuple", argumentTypes: Array(repeating: .string, count: count + 1)))
            let arguments = [Self.strings(texts)] + keys.prefix(count).map { Column.constant(string: $0.utf8, count: texts.count) }
            let result = try resolved.generate(
                KernelInput(arguments: arguments, rows: .all(texts.count), count: texts.count, context: FunctionExpression.context))
            for (row, text) in texts.enumerated() {
                let root = text.withUnsafeBufferPointer { bytes in
                    bytes.baseAddress.flatMap { ReferenceJSONReader.read(StringView($0, length: bytes.count)) }
                }
                for (index, key) in keys.prefix(count).enumerated() {
                    let got = result.columns[index].text(row)
                    #expect(got == root?.member(key)?.extracted, "seed \(seed), \(key) of \(String(decoding: text, as: UTF8.self))")
                }
            }
        }
    }

    private static func call(_ name: String, _ arguments: [Column], constants: [Column?]? = nil) throws -> Column {
        let function = try #require(FunctionRegistry.builtIn.scalar(name))
        let call = FunctionCall(name: name, argumentTypes: arguments.map(\.type), constants: constants)
        let kernel = try #require(function.resolve(call).kernel)
        let count = arguments[0].count
        return try kernel(KernelInput(arguments: arguments, rows: .all(count), count: count, context: FunctionExpression.context))
    }

    /// Whatever a text is read as, what is written of it is read as the same.
    @Test(arguments: 0..<20)
    func whatIsReadIsWrittenAndReadAgain(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(2000 + seed))
        let texts = (0..<300).map { _ in Self.text(&random) }
        let schemas = [
            "a STRING, b BIGINT, c DOUBLE, key MAP<STRING, STRING>, `a b` ARRAY<STRUCT<a: BOOLEAN, b: STRING>>", "a STRUCT<a: STRUCT<b: STRING>, key: FLOAT>",
            "array<string>", "map<string, double>", "array<struct<a: array<bigint>, b: map<string, string>>>", "map<string, array<string>>",
            "a DECIMAL(20,3), b TIMESTAMP, c DATE, key BINARY",
        ]
        for text in schemas {
            let schema = Column.constant(string: text.utf8, count: texts.count)
            let value = try Self.call("from_json", [Self.strings(texts), schema], constants: [nil, schema])
            #expect(value.count == texts.count)
            let written = try Self.call("to_json", [value])
            let again = try Self.call("from_json", [written, schema], constants: [nil, schema])
            for row in texts.indices {
                let about = "seed \(seed), \(text) of \(String(decoding: texts[row], as: UTF8.self))"
                #expect(again.isNull(row) == value.isNull(row), "\(about)")
                #expect(TextFormatter().text(value, row) == TextFormatter().text(again, row), "\(about)")
            }
            // These have an answer for every text, too.
            for name in ["json_array_length", "json_object_keys"] { #expect(try Self.call(name, [Self.strings(texts)]).count == texts.count) }
        }
    }

    /// Linear in the members and without recursion over the text.
    @Test func manyMembersAndDeepNesting() throws {
        let members = (0..<50_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
        let wide = "{\"o\":{\(members)},\"z\":1}"
        let deep = "{\"a\":" + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + ",\"z\":2}"
        let path = "$" + String(repeating: ".a", count: 2_000)
        let nested = String(repeating: "{\"a\":", count: 2_000) + "7" + String(repeating: "}", count: 2_000)
        #expect(try FunctionExpression.evaluate("get_json_object('\(wide)', '$.z')") == "1")
        #expect(try FunctionExpression.evaluate("length(get_json_object('\(wide)', '$.o'))") == "\(members.utf8.count + 2)")
        #expect(try FunctionExpression.evaluate("length(get_json_object('\(deep)', '$.a'))") == "200000")
        #expect(try FunctionExpression.evaluate("get_json_object('\(deep)', '$.z')") == "2")
        #expect(try FunctionExpression.evaluate("get_json_object('\(nested)', '\(path)')") == "7")
        #expect(try FunctionExpression.evaluate("size(json_object_keys(get_json_object('\(wide)', '$.o')))") == "50000")
        #expect(try FunctionExpression.evaluate("size(from_json(get_json_object('\(wide)', '$.o'), 'map<string,int>'))") == "50000")
        #expect(try FunctionExpression.evaluate("from_json('\(wide)', 'z INT, o STRUCT<key7: INT>').o.key7") == "7")
        #expect(try FunctionExpression.evaluate("json_object_keys('\(deep)')") == "NULL")
    }
}

extension TextFormatter {
    fileprivate func text(_ column: Column, _ row: Int) -> String {
        let buffer = ByteBuffer()
        append(column, row: row, to: buffer)
        return buffer.string
    }
}

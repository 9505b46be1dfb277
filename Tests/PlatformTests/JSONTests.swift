import Platform
import Testing

@Suite struct JSONTests {
    @Test func readsEveryKindOfValue() throws {
        let text = #" {"a" : [1, -2.5e3, true, false, null, "x\n\"\\\/\u00e9\ud83d\ude00é"], "b":{}, "a":[ ] } "#
        #expect(
            try JSON(Array(text.utf8))
                == .object([
                    .init("a", .array([.integer(1), .number(-2500), .boolean(true), .boolean(false), .null, .string("x\n\"\\/é😀é")])),
                    .init("b", .object([])), .init("a", .array([])),
                ]))
        // Of members of one name the last counts.
        #expect(try JSON(Array(text.utf8))["a"]?.elements?.isEmpty == true)
    }

    @Test func integersAreExact() throws {
        for value in [0, 1, -1, Int64.max, .min, 9_007_199_254_740_993] {
            #expect(try JSON(Array("\(value)".utf8)) == .integer(value))
            #expect(try JSON.integer(value).written() == "\(value)")
        }
        #expect(try JSON(Array("9223372036854775808".utf8)) == .number(9_223_372_036_854_775_808))
        #expect(try JSON(Array("-0".utf8)).double?.sign == .minus)
    }

    @Test func doublesReadBack() throws {
        var random = SystemRandomNumberGenerator()
        var values = [0.1, -0.0, 1e300, .leastNonzeroMagnitude, 1.7976931348623157e308, 3, 123_456_789_012_345_680, 9_007_199_254_740_992]
        for _ in 0..<20_000 { values.append(Double(bitPattern: random.next())) }
        for value in values where value.isFinite {
            let text = try JSON.number(value).written()
            #expect(try JSON(Array(text.utf8)).double?.bitPattern == value.bitPattern, "\(text)")
        }
        #expect(throws: JSONError.self) { try JSON.number(.nan).written() }
        #expect(throws: JSONError.self) { try JSON.array([.number(.infinity)]).written() }
    }

    @Test(arguments: [
        ("", 0), (" ", 1), ("{", 1), ("[1,]", 3), ("[1 2]", 3), ("{\"a\"}", 4), ("{a:1}", 1), ("tru", 0), ("1 2", 2),
        ("01", 0), ("-", 1), ("1.", 2), ("1e", 2), ("\"\u{1}\"", 1), ("\"\\x\"", 2), ("\"\\ud800\"", 1), ("\"\\u12g4\"", 5), ("1e999", 0),
        ("\"abc", 4), ("[", 1), ("NaN", 0), ("+1", 0),
    ]) func saysWhereTextIsWrong(_ text: String, _ offset: Int) {
        do {
            let value = try JSON(Array(text.utf8))
            Issue.record("\(text) gave \(value)")
        } catch {
            #expect(error.offset == offset, "\(text): \(error)")
            #expect(!error.reason.isEmpty)
        }
    }

    @Test func depthIsBounded() throws {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONError(offset: 512, reason: "nested too deeply")) { try JSON(deep) }
        let fitting = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(throws: Never.self) { try JSON(Array(fitting.utf8)) }
        #expect(throws: JSONError.self) { try JSON([0x22, 0xFF, 0x22]) }
    }

    @Test func writesForPeople() throws {
        let value = JSON.object([
            .init("name", .string("a\"b\u{1}é/")), .init("list", .array([.integer(1), .number(0.5)])),
            .init("rows", .array([.object([.init("x", .null)])])), .init("none", .array([])), .init("empty", .object([])),
        ])
        #expect(
            try value.written(isIndented: true) == #"""
                {
                  "name": "a\"b\u0001é/",
                  "list": [1, 0.5],
                  "rows": [
                    {
                      "x": null
                    }
                  ],
                  "none": [],
                  "empty": {}
                }
                """#)
        #expect(
            try value.written() == #"{"name":"a\"b\u0001é/","list":[1,0.5],"rows":[{"x":null}],"none":[],"empty":{}}"#)
    }

    private struct Sample: Codable, Equatable {
        enum Form: Codable, Equatable {
            case plain
            case number(fill: Double, indicator: Bool)
            case names([String])
        }
        var text = "é"
        var count: UInt8 = 200
        var weights: [Double] = [0.1, -0.0, 1e-300]
        var optional: Int?
        var forms: [Form] = [.plain, .number(fill: 0.25, indicator: true), .names(["a", "b"])]
        var byName = ["b": 1, "a": 2]
        var nested: [[Int]?] = [[1], nil, []]
    }

    @Test func codesValues() throws {
        let json = try JSON(encoding: Sample())
        #expect(
            try json.written()
                == #"{"byName":{"a":2,"b":1},"count":200,"forms":[{"plain":{}},{"number":{"fill":0.25,"indicator":true}},{"names":{"_0":["a","b"]}}],"nested":[[1],null,[]],"text":"é","weights":[0.1,-0.0,1e-300]}"#)
        let back = try JSON(Array(try json.written().utf8)).decode(Sample.self)
        #expect(back == Sample())
        #expect(back.weights[1].sign == .minus)
        #expect(throws: DecodingError.self) { try JSON.object([]).decode(Sample.self) }
        #expect(throws: DecodingError.self) { try JSON.integer(300).decode(UInt8.self) }
        #expect(throws: DecodingError.self) { try JSON.string("1").decode(Int.self) }
        #expect(throws: EncodingError.self) { try JSON(encoding: [Double.nan]) }
    }
}

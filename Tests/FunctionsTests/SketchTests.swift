import Columnar
import Foundation
import Functions
import Testing

/// Sketches against those of Apache DataSketches' library for Python, recorded by `Tests/Peers/sketches.py`.
@Suite struct RecordedSketchTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/sketches")

    struct Case: Decodable {
        let expression: String
        let answer: Answer?
    }

    enum Answer: Decodable {
        case number(Double), numbers([Double]), text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) { self = .number(number) }
            else if let numbers = try? container.decode([Double].self) { self = .numbers(numbers) }
            else { self = .text(try container.decode(String.self)) }
        }
    }

    static func cases(_ family: String) throws -> [Case] {
        try JSONDecoder().decode([Case].self, from: Data(contentsOf: folder.appendingPathComponent("\(family).json")))
    }

    private func numbers(_ text: String) -> [Double?] { text.split { "[],".contains($0) }.map { Double($0) } }

    private func areClose(_ found: [Double?], _ wanted: [Double]) -> Bool {
        found.count == wanted.count
            && zip(found, wanted).allSatisfy { found, wanted in found.map { abs($0 - wanted) <= 1e-7 * max(1, abs(wanted)) } ?? false }
    }

    @Test(arguments: ["hll", "theta", "kll", "quantile_doubles", "cpc"])
    func sketchesOfTheLibrary(family: String) throws {
        let cases = try Self.cases(family)
        #expect(cases.count > 20)
        for (number, entry) in cases.enumerated() {
            // Shapes differ in nothing that a sketch sees.
            let shape = FunctionExpression.Shape.allCases[number % FunctionExpression.Shape.allCases.count]
            let found = try FunctionExpression.evaluate(entry.expression, shape: shape)
            let start = "\(family) \(number): \(entry.expression.prefix(60))"
            switch entry.answer {
            case nil: #expect(found == "NULL", "\(start)")
            case .text(let text): #expect(found == text, "\(start)")
            case .number(let number): #expect(areClose(numbers(found), [number]), "\(start) is \(found), not \(number)")
            case .numbers(let values): #expect(areClose(numbers(found), values), "\(start) is \(found), not \(values)")
            }
        }
    }

    /// Sketches come from files: damaged ones are refused, or answer something.
    @Test(arguments: ["hll", "theta", "kll", "quantile_doubles", "cpc"])
    func damagedSketches(family: String) throws {
        var random = SeededRandom(seed: 5)
        let sketches = try Self.cases(family).compactMap { entry -> [UInt8]? in
            let parts = entry.expression.split(separator: "'")
            return parts.count > 1 ? bytes(of: parts[1]) : nil
        }
        let functions = FunctionRegistry.builtIn.names.filter { $0.hasPrefix("ds_\(family)_") }
        var refused = 0
        for _ in 0..<3_000 {
            var sketch = random.pick(sketches)
            if random.chance(30) { sketch.removeLast(Int.random(in: 0...min(sketch.count, 40), using: &random)) }
            for _ in 0..<Int.random(in: 0...3, using: &random) where !sketch.isEmpty {
                // Most of what a sketch says of itself stands in its head.
                let limit = random.chance(70) ? min(sketch.count, 40) : sketch.count
                let byte = UInt8.random(in: 0...255, using: &random)
                sketch[Int.random(in: 0..<limit, using: &random)] = random.pick([0, 1, 2, 3, 7, 0x7F, 0x80, 0xFF, byte])
            }
            do { _ = try answer(random.pick(functions), sketch) } catch is FunctionError { refused += 1 }
        }
        #expect(refused > 100)
    }

    private func bytes(of hexadecimal: Substring) -> [UInt8] {
        let digits = Array(hexadecimal)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    }

    /// What a function makes of a sketch, and of the numbers that it takes.
    private func answer(_ name: String, _ sketch: [UInt8]) throws -> Column {
        let builder = ColumnBuilder(.binary)
        sketch.withUnsafeBufferPointer { builder.append(bytes: $0) }
        let column = builder.finish()
        if let function = FunctionRegistry.builtIn.aggregate(name) {
            guard !name.hasSuffix("_sketch") else { return column }
            let resolved = try function.resolve(FunctionCall(name: name, argumentTypes: [.binary]))
            let accumulator = resolved.makeAccumulator(FunctionExpression.context)
            accumulator.resize(groupCount: 1)
            for _ in 0..<2 { try accumulator.update([column], rows: .all(1), group: 0) }
            return try accumulator.finish(0..<1)
        }
        let function = try #require(FunctionRegistry.builtIn.scalar(name))
        let isPair = ["_union_f", "_intersect_f", "_exclude"].contains { name.hasSuffix($0) }
        let takesNumber = ["_rank", "_quantile", "_quantiles", "_cdf", "_pmf"].contains { name.hasSuffix($0) }
        var arguments = [column]
        if isPair { arguments.append(column) }
        if takesNumber { arguments.append(.constant(0.5, type: .double, count: 1)) }
        let resolved = try function.resolve(FunctionCall(name: name, argumentTypes: arguments.map(\.type)))
        let converted = try zip(arguments, resolved.argumentTypes).map { try Cast.apply($0, to: $1, rows: .all(1), count: 1) }
        return try FunctionExpression.value(
            of: function, resolved, KernelInput(arguments: converted, rows: .all(1), count: 1, context: FunctionExpression.context))
    }
}

/// Sketches that are made here.
@Suite struct SketchTests {
    private func accumulator(_ name: String, _ type: SQLType, _ option: Int32? = nil) throws -> any Accumulator {
        let function = try #require(FunctionRegistry.builtIn.aggregate(name))
        let call = FunctionCall(
            name: name, argumentTypes: [type] + (option == nil ? [] : [.int]),
            constants: [nil] + (option.map { [Column.constant($0, type: .int, count: 1)] } ?? []))
        let accumulator = try function.resolve(call).makeAccumulator(FunctionExpression.context)
        accumulator.resize(groupCount: 1)
        return accumulator
    }

    private func bytes(_ accumulator: any Accumulator) throws -> [UInt8] {
        let column = try accumulator.finish(0..<1)
        return Array(column.values(as: StringView.self)[0].bytes)
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private func column(_ type: SQLType, _ append: (ColumnBuilder) -> Void) -> Column {
        let builder = ColumnBuilder(type)
        append(builder)
        return builder.finish()
    }

    private func sketch(_ name: String, _ type: SQLType, of values: Column) throws -> String {
        let accumulator = try accumulator(name, type)
        try accumulator.update([values], rows: .all(values.count), group: 0)
        return hex(try bytes(accumulator))
    }

    /// The library's sketches of one value. Texts are hashed as UTF-16 in HLL and CPC sketches, as Hive does, and as UTF-8 in theta's.
    @Test func valuesAreHashedAsTheLibraryDoes() throws {
        func number(_ value: Double) -> Column { column(.double) { $0.append(value) } }
        func text(_ value: String) -> Column { column(.string) { $0.append(value) } }
        let seven = column(.bigint) { $0.append(Int64(7)) }
        #expect(try sketch("ds_hll_sketch", .int, of: seven) == "0201070c03080100c1e91705")
        #expect(try sketch("ds_hll_sketch", .double, of: number(1.5)) == "0201070c0308010022822a14")
        #expect(try sketch("ds_hll_sketch", .double, of: number(-0.0)) == "0201070c03080100cbd7c204")
        #expect(try sketch("ds_hll_sketch", .double, of: number(-.nan)) == "0201070c03080100eb31bd18")
        #expect(try sketch("ds_hll_sketch", .string, of: text("ab")) == "0201070c030801004ba85d07")
        #expect(try sketch("ds_hll_sketch", .varchar(length: 5), of: text("中")) == "0201070c030801004cceb009")
        #expect(try sketch("ds_hll_sketch", .binary, of: column(.binary) { $0.append("ab") }) == "0201070c03080100fa2ff808")
        #expect(try sketch("ds_hll_sketch", .string, of: text("")) == "0201070c030c0000")
        #expect(try sketch("ds_cpc_sketch", .int, of: seven) == "0401100b000acc93010000000100000006070000")
        #expect(try sketch("ds_cpc_sketch", .string, of: text("ab")) == "0401100b000acc9301000000010000002e010000")
        #expect(try sketch("ds_theta_sketch", .int, of: seven) == "01030300003acc93e0f48bea9983c37c")
        #expect(try sketch("ds_theta_sketch", .string, of: text("ab")) == "01030300003acc93fd177cd48eb9bd66")
        #expect(try sketch("ds_theta_sketch", .string, of: text("中")) == "01030300003acc9378d4910d3a9e3a00")
        #expect(try sketch("ds_theta_sketch", .string, of: text("")) == "01030300001e0000")
        #expect(try sketch("ds_kll_sketch", .float, of: column(.float) { $0.append(Float(1.5)) }) == "02020f04c80008000000c03f")
        let three = column(.float) { for value: Float in [1.5, 2.5, .nan, -3] { $0.append(value) } }
        #expect(
            try sketch("ds_kll_sketch", .float, of: three)
                == "05010f00c80008000300000000000000c8000100c5000000000040c000002040000040c0000020400000c03f")
        #expect(try sketch("ds_kll_sketch", .float, of: column(.float) { $0.append(Float.nan) }) == "02010f01c8000800")
    }

    @Test func nothingIsNoSketch() throws {
        for name in ["ds_hll_sketch", "ds_theta_sketch", "ds_cpc_sketch"] {
            let accumulator = try accumulator(name, .int)
            try accumulator.update([.nulls(.bigint, count: 3)], rows: .all(3), group: 0)
            #expect(try accumulator.finish(0..<1).isNull(0), "\(name)")
        }
    }

    /// Values in any order and in any parts make the same bytes.
    @Test(arguments: [
        ("ds_hll_sketch", 4), ("ds_hll_sketch", 12), ("ds_theta_sketch", 16), ("ds_theta_sketch", 1024), ("ds_cpc_sketch", 4),
        ("ds_cpc_sketch", 11),
    ])
    func orderDoesNotMatter(name: String, option: Int) throws {
        for count in [5, 8, 30, 400, 6_000, 50_000] {
            var values = (0..<Int64(count)).map { $0 * 31 + 5 }
            func sketch(parts: Int, restoring: Bool) throws -> [UInt8] {
                let whole = try accumulator(name, .bigint, Int32(option))
                let group: [Int32] = [0]
                for part in 0..<parts {
                    let accumulator = try accumulator(name, .bigint, Int32(option))
                    let column = column(.bigint) { for place in stride(from: part, to: count, by: parts) { $0.append(values[place]) } }
                    try accumulator.update([column], rows: .all(column.count), group: 0)
                    if restoring {
                        try whole.restore(try accumulator.save(0..<1), targets: group)
                    } else {
                        try whole.merge(accumulator, sources: group, targets: group, count: 1)
                    }
                }
                return try bytes(whole)
            }
            let first = try sketch(parts: 1, restoring: false)
            #expect(try sketch(parts: 3, restoring: true) == first, "\(name) of \(count)")
            var random = SeededRandom(seed: 3)
            values.shuffle(using: &random)
            #expect(try sketch(parts: 4, restoring: false) == first, "\(name) of \(count)")
        }
    }

    /// Ranks are as near as the size says, whether the sketch was made at once or of parts.
    @Test(arguments: [("kll", 8), ("kll", 50), ("kll", 200), ("quantile_doubles", 16), ("quantile_doubles", 128)])
    func ranksOfQuantiles(family: String, k: Int) throws {
        let count = 20_000, type: SQLType = family == "kll" ? .float : .double
        func sketch(parts: Int) throws -> [UInt8] {
            let union = try accumulator("ds_\(family)_union", .binary, Int32(k))
            for part in 0..<parts {
                let accumulator = try accumulator("ds_\(family)_sketch", type, Int32(k))
                let column = column(type) { builder in
                    for place in stride(from: part, to: count, by: parts) {
                        let value = place * 7_919 % count
                        if type == .float { builder.append(Float(value)) } else { builder.append(Double(value)) }
                    }
                }
                try accumulator.update([column], rows: .all(column.count), group: 0)
                try union.update([try accumulator.finish(0..<1)], rows: .all(1), group: 0)
            }
            return try bytes(union)
        }
        for parts in [1, 2, 17] {
            let bytes = try sketch(parts: parts)
            #expect(try sketch(parts: parts) == bytes)
            #expect(bytes.count < 40 + (family == "kll" ? 4 * 5 * max(k, 60) : 8 * 14 * k))
            let text = "unhex('\(hex(bytes))')"
            #expect(try FunctionExpression.evaluate("ds_\(family)_n(\(text))") == "\(count)")
            for rank in [0.01, 0.25, 0.5, 0.9] {
                let found = try #require(Double(try FunctionExpression.evaluate("ds_\(family)_rank(\(text), \(Double(count) * rank))")))
                #expect(abs(found - rank) < 3 * 2.296 / Double(k), "\(parts) parts, \(rank): \(found)")
            }
        }
    }

    @Test func refusedArguments() throws {
        let refusals = [
            ("ds_hll_sketch(1.5)", "cast(… as string)"), ("ds_hll_sketch(true)", "cast(… as string)"),
            ("ds_hll_sketch('a', 3)", "between 4 and 21"),
            ("ds_hll_sketch('a', 12, 'HLL_5')", "HLL_8"), ("ds_theta_sketch('a', 8)", "between 16 and 67108864"),
            ("ds_theta_sketch('a', 4096, 0.0)", "above 0 up to 1"), ("ds_cpc_sketch('a', 27)", "between 4 and 26"),
            ("ds_kll_sketch('a')", "float"), ("ds_kll_sketch(1, 7)", "between 8 and 65535"), ("ds_hll_estimate(7)", "binary"),
            ("ds_hll_estimate(unhex('00'))", "no HLL sketch"), ("ds_theta_union_f(unhex('0103030000000000'), null)", "no theta sketch"),
            ("ds_hll_estimate_bounds(unhex('0201070c030c0000'), 4)", "not 4"),
            ("ds_cpc_estimate(unhex('0201100b00020000'))", "another seed"),
            ("ds_kll_quantile(unhex('02020f04c80008000000c03f'), 1.5)", "between 0 and 1"),
            ("ds_kll_cdf(unhex('02020f04c80008000000c03f'), 2, 1)", "ascend"),
            ("ds_kll_rank(unhex('02020f04c80008000000c03f'))", "at least 2"), ("ds_quantile_doubles_sketch(1, 100)", "power of two"),
        ]
        for (expression, reason) in refusals {
            do {
                let answer = try FunctionExpression.evaluate(expression)
                Issue.record("\(expression) is \(answer)")
            } catch { #expect("\(error)".contains(reason), "\(expression): \(error)") }
        }
    }
}

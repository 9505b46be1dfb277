import Columnar
import Functions
import Testing

/// Functions whose results may be far larger than their arguments ask for the memory before they take it.
@Suite struct ResultBudgetTests {
    private static func evaluate(_ name: String, _ arguments: [Column], available: Int) throws -> Column {
        let function = try #require(FunctionRegistry.builtIn.scalar(name))
        let resolved = try function.resolve(FunctionCall(name: name, argumentTypes: arguments.map(\.type)))
        let kernel = try #require(resolved.kernel)
        return try kernel(
            KernelInput(
                arguments: arguments, rows: .all(100), count: 100, context: FunctionExpression.context.limited { available }))
    }

    private static func texts(_ text: String) -> Column {
        let builder = ColumnBuilder(.string)
        for _ in 0..<100 { builder.append(text) }
        return builder.finish()
    }

    private static func numbers(_ number: Int32) -> Column {
        let builder = ColumnBuilder(.int)
        for _ in 0..<100 { builder.append(number) }
        return builder.finish()
    }

    /// Each makes some 1,000 bytes a row: 100 rows of them.
    private static let calls: [(String, [Column])] = {
        let thousand = String(repeating: "x", count: 1000)
        return [
            ("repeat", [texts("ab"), numbers(500)]), ("space", [numbers(1000)]), ("lpad", [texts("a"), numbers(1000), texts("bc")]),
            ("rpad", [texts("a"), numbers(1000)]), ("concat", [texts(thousand), texts("b")]),
            ("concat_ws", [texts(","), texts(thousand), texts("b")]), ("replace", [texts("aaaa"), texts("a"), texts(String(thousand.prefix(250)))]),
            ("replace", [texts("aaa"), texts(""), texts(String(thousand.prefix(250)))]),
            ("regexp_replace", [texts("aaaa"), texts("[ab]"), texts(String(thousand.prefix(250)))]),
            ("printf", [texts("%1000s"), texts("x")]),
        ]
    }()

    @Test func resultsWithinTheLimit() throws {
        for (name, arguments) in Self.calls {
            let result = try Self.evaluate(name, arguments, available: 110_000)
            let count = result.text(99)?.utf8.count ?? 0
            #expect(count >= 1000 && count < 1010, "\(name)")
        }
    }

    @Test func resultsBeyondTheLimitAreErrors() {
        for (name, arguments) in Self.calls {
            for available in [0, 900, 90_000] {
                let error = #expect(throws: FunctionError.self, "\(name), \(available)") {
                    try Self.evaluate(name, arguments, available: available)
                }
                #expect(error.map { "\($0)".contains("hiveql.memory.limit") } == true, "\(name)")
            }
        }
    }

    @Test func stringsLongerThanJavas() {
        for (name, arguments) in [
            ("repeat", [Self.texts(String(repeating: "x", count: 1000)), Self.numbers(.max)]), ("space", [Self.numbers(.max)]),
            ("lpad", [Self.texts(""), Self.numbers(.max), Self.texts("ab")]), ("rpad", [Self.texts(""), Self.numbers(.max)]),
        ] {
            #expect(throws: FunctionError.self, "\(name)") { try Self.evaluate(name, arguments, available: .max) }
        }
    }
}

import Functions
import Testing

/// Java's dialect beyond what the recorded answers reach.
@Suite struct RegularExpressionTests {
    @Test(arguments: [
        ("regexp_extract('aaa', 'a++', 0)", "aaa"), ("'aaa' rlike 'a++a'", "false"), ("regexp_extract('aab', '(?>a+)b', 0)", "aab"),
        ("regexp_extract('foobar', '(?<=foo)bar', 0)", "bar"), ("'xbar' rlike '(?<!foo)bar'", "true"),
        ("regexp_replace('aXbX', '(?i)x', '-')", "a-b-"), ("regexp_extract('ab12', '(?<n>[0-9]+)', 1)", "12"),
        ("regexp_replace('a.b', '[.]', '!')", "a!b"), ("regexp_extract('[x]', '\\\\[(.)\\\\]', 1)", "x"),
        ("regexp_extract('aaaa', 'a{2,3}?', 0)", "aa"), ("regexp_extract('aaaa', 'a{2,3}', 0)", "aaa"),
        ("'ab' rlike '^(a|ab)(c|bcd)?$'", "true"), ("regexp_replace('日本語', '本', 'x')", "日x語"),
        ("regexp_replace('x', '', '-')", "-x-"), ("'' rlike '^$'", "true"), ("'line\\n' rlike 'line$'", "true"),
        ("regexp_extract('abc', '(a)|(b)', 2)", "NULL"), ("split('2020-01-02', '-')[1]", "01"),
        ("regexp_replace('aaa', '(a)(a)?', '[$1$2]')", "[aa][a]"), ("'é' rlike '^.$'", "true"),
    ])
    func matchesAsJava(expression: String, answer: String) throws {
        for shape in ExpressionEvaluator.Shape.allCases {
            #expect(try ExpressionEvaluator.evaluate(expression, shape: shape) == answer, "\(expression)")
        }
    }

    @Test func endlessBacktrackingIsAnError() {
        let text = String(repeating: "a", count: 40)
        #expect(throws: (any Error).self) { _ = try ExpressionEvaluator.evaluate("'\(text)b' rlike '(a+)+c'") }
        #expect(throws: (any Error).self) { _ = try ExpressionEvaluator.evaluate("'\(text)b' rlike '(a|aa)+$'") }
    }

    @Test(arguments: ["(", "[a", "a{2,1}", "*a", "\\\\p{Nope}", "a**)", "(?<n>a)(?<n>b)", "\\\\k<x>", "(?z)"])
    func faultyPatternsAreErrors(pattern: String) {
        #expect(throws: (any Error).self) { _ = try ExpressionEvaluator.evaluate("'a' rlike '\(pattern)'") }
    }
}

@Suite struct FunctionFuzzTests {
    /// Random calls of every scalar function with odd values end with a column or an error.
    @Test func oddArgumentsDoNotTrap() {
        let literals = [
            "NULL", "0", "-1", "2147483647", "9223372036854775807L", "1.5", "-0.0D", "'NaN'", "''", "'a'", "'日本'", "'2020-02-30'",
            "true", "array(1,NULL)", "map('a',1)", "cast(1.5 as decimal(38,10))", "date '2020-01-31'",
            "timestamp '1969-12-31 23:59:59.5'", "1e308D", "cast('x' as binary)", "named_struct('a',1)", "array()",
            "cast('NaN' as double)", "-128Y",
        ]
        var state: UInt64 = 7
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let names = scalarNames.filter { $0.first?.isLetter ?? false }
        var answered = 0
        for name in names {
            for _ in 0..<40 {
                let arguments = (0..<random(5)).map { _ in literals[random(literals.count)] }
                let expression = "\(name)(\(arguments.joined(separator: ",")))"
                for shape in ExpressionEvaluator.Shape.allCases {
                    if (try? ExpressionEvaluator.evaluate(expression, shape: shape)) != nil { answered += 1 }
                }
            }
        }
        #expect(answered > names.count)
    }
}

private var scalarNames: [String] {
    FunctionRegistry.builtIn.names.filter { FunctionRegistry.builtIn.scalar($0) != nil && $0 != "cast" && $0 != "date" && $0 != "timestamp" && $0 != "not" }
}

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
        for shape in FunctionExpression.Shape.allCases {
            #expect(try FunctionExpression.evaluate(expression, shape: shape) == answer, "\(expression)")
        }
    }

    @Test func endlessBacktrackingIsAnError() {
        let text = String(repeating: "a", count: 40)
        #expect(throws: (any Error).self) { _ = try FunctionExpression.evaluate("'\(text)b' rlike '(a+)+c'") }
        #expect(throws: (any Error).self) { _ = try FunctionExpression.evaluate("'\(text)b' rlike '(a|aa)+$'") }
    }

    @Test(arguments: ["(", "[a", "a{2,1}", "*a", "\\\\p{Nope}", "a**)", "(?<n>a)(?<n>b)", "\\\\k<x>", "(?z)"])
    func faultyPatternsAreErrors(pattern: String) {
        #expect(throws: (any Error).self) { _ = try FunctionExpression.evaluate("'a' rlike '\(pattern)'") }
    }
}

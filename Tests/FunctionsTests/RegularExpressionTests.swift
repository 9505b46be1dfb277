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
        // What a back reference stands for changes, so that no failure is final.
        #expect(throws: (any Error).self) { _ = try FunctionExpression.evaluate("'\(text)b' rlike '()(a+)+\\\\1$'") }
        #expect(throws: (any Error).self) { _ = try FunctionExpression.evaluate("'\(text)b' rlike '()(a|aa)+\\\\1$'") }
    }

    @Test(arguments: ["(a+)+c", "(a|aa)+$", "^(a+)+$", "(a*)*b$", "(a|b|ab)*?x", "((a+)?a+)+$", "(.*)(.*)(.*)(.*)(.*)[xyz]"])
    func failuresAreNotTriedAgain(pattern: String) throws {
        let text = String(repeating: "a", count: 200) + "b!"
        #expect(try FunctionExpression.evaluate("'\(text)' rlike '\(pattern)'") == "false")
    }

    /// An empty group and a reference to it match nothing more, but keep failures from being remembered.
    @Test func memoryOfFailuresChangesNoAnswer() {
        var random = SeededRandom(seed: 20_250_101)
        func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
        func pattern(_ depth: Int) -> String {
            switch depth == 0 ? pick(4) : pick(9) {
            case 0: return "a"
            case 1: return "b"
            case 2: return "[ab]"
            case 3: return "(?=a)"
            case 4: return "(\(pattern(depth - 1))|\(pattern(depth - 1)))"
            case 5: return pattern(depth - 1) + pattern(depth - 1)
            case 6: return "(?>\(pattern(depth - 1)))"
            default:
                let quantifiers = ["*", "+", "?", "*?", "+?", "{1,3}", "{2,}?"]
                return "(\(pattern(depth - 1)))" + quantifiers[pick(quantifiers.count)]
            }
        }
        for trial in 0..<150 {
            let inner = pattern(4)
            let text = String((0..<18).map { _ in pick(3) == 0 ? "b" : "a" })
            for tail in ["", "c", "$"] {
                let plain = "regexp_replace('\(text)', '()\(inner)\(tail)', '<$0>')"
                let reference = "regexp_replace('\(text)', '()\(inner)\(tail)\\\\1', '<$0>')"
                guard let expected = try? FunctionExpression.evaluate(reference) else { continue }
                #expect((try? FunctionExpression.evaluate(plain)) == expected, "trial \(trial): \(inner)\(tail) over \(text)")
            }
        }
    }

    @Test(arguments: ["(", "[a", "a{2,1}", "*a", "\\\\p{Nope}", "a**)", "(?<n>a)(?<n>b)", "\\\\k<x>", "(?z)"])
    func faultyPatternsAreErrors(pattern: String) {
        #expect(throws: (any Error).self) { _ = try FunctionExpression.evaluate("'a' rlike '\(pattern)'") }
    }
}

import Functions
import TestSupport
import Testing

/// Every function is shown with an answer that some test compares: a query of a golden file, or a recorded expression.
@Suite struct FunctionExampleTests {
    /// The names that the rows of a golden file depend on.
    private static func examples(of file: GoldenFile) -> Set<String> {
        file.blocks.reduce(into: []) { names, block in
            if case .rows(_, _, let rows) = block.expectation, !rows.isEmpty {
                names.formUnion(CalledFunctions.names(in: block.sql))
            }
        }
    }

    @Test func everyFunctionHasAnExample() throws {
        var shown = Set(AggregateAnswerTests.answers.map(\.0))
        for (expression, _) in recordedAnswers { shown.formUnion(CalledFunctions.names(in: "select \(expression)")) }
        for file in try GoldenFile.all(under: GoldenFolder.root) { shown.formUnion(Self.examples(of: file)) }
        let missing = FunctionRegistry.builtIn.names.filter { !shown.contains($0) }
        #expect(missing.isEmpty, "no golden query and no recorded answer calls: \(missing.joined(separator: ", "))")
    }

    @Test func namesAreThoseThatAreCalled() {
        func names(_ text: String) -> [String] { CalledFunctions.names(in: text).sorted() }
        #expect(names("select upper(s), `left`(s, 2) from t where year = 'lower(s)' -- trim(s)") == ["=", "left", "upper"])
        #expect(names("select cast(a as decimal(10, 2)), a + 1, -a, count(*) from t") == ["+", "count"])
        #expect(names("select a == b, a != c, not d, e div 2 from t") == ["!=", "==", "div", "not"])
        #expect(names("select case when a then 1 end, case b when 1 then 2 end from t") == ["case", "when"])
        #expect(names("select x from t lateral view explode(a) e as x where x rlike 'a' and x in (1)") == ["and", "explode", "in", "rlike"])
        #expect(names("select sum(a) over (order by ln(b) rows between 1 preceding and current row) from t") == ["ln", "sum"])
        #expect(names("select upper(").isEmpty)
    }

    @Test func onlyComparedRowsAreExamples() throws {
        let text = """
            # query I select abs(1)
            statement error nothing
            select ceil()

            statement ok
            select floor(1)

            query I
            select round(1)
            ----

            query I
            select exp(0)
            ----
            1.0
            """
        #expect(Self.examples(of: try GoldenFile(path: "text", text: text)) == ["exp"])
    }
}

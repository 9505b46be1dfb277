import Catalog
import Columnar
import Execution
import Functions
import HiveSyntax
import Planner
import TestSupport
import Testing

/// Statements that would take hours end when they are told to: every loop that data makes long looks whether to go on.
@Suite struct LongLoopTests {
    /// Thirty thousand equal rows.
    private static let rows = "(select explode(split(repeat('a ', 29999), ' ')) as x)"

    private static let statements: [String] = [
        // Many-to-many joins, in rounds, in pairs, and without rows that come out.
        "select count(*) from \(rows) a join \(rows) b on a.x = b.x join \(rows) c on b.x = c.x",
        "select count(*) from (select 'a' as x) a join \(rows) b on a.x = b.x join \(rows) c on b.x = c.x join \(rows) d on c.x = d.x",
        "select count(*) from \(rows) a join \(rows) b on a.x = b.x and length(concat(a.x, b.x)) > 5",
        "select count(*) from \(rows) a where not exists (select 1 from \(rows) b where a.x = b.x and length(concat(a.x, b.x)) > 5)",
        "select count(*) from \(rows) a left join \(rows) b on a.x = b.x left join \(rows) c on b.x = c.x",
        // Nested loops and products.
        "select count(*) from \(rows) a join \(rows) b on a.x < b.x",
        "select count(*) from \(rows) a cross join \(rows) b cross join \(rows) c",
        // Rows made of rows.
        "select count(*) from \(rows) a lateral view explode(split(repeat('b ', 50000), ' ')) e as y",
        "select count(*) from \(rows) a lateral view outer posexplode(split(repeat('b ', 50000), ' ')) e as p, y",
        // Grouping in thousands of ways.
        "select count(*) from (select 1 from (select x, length(x) l from \(rows) r) q "
            + "group by x, l, l + 1, l + 2, l + 3, l + 4, l + 5, l + 6, l + 7, l + 8, l + 9, l + 10 with cube) g",
        // One row that takes long, many times.
        "select max(length(space(3000000 + length(x)))) from \(rows) a",
        "select max(length(rpad(x, 3000000, 'ab'))) from \(rows) a",
        "select max(levenshtein(repeat(x, 20000), space(20000))) from \(rows) a",
        "select count(*) from \(rows) a where concat(x, repeat('a', 27)) rlike '^(a|aa)+b$'",
        "select max(length(regexp_replace(repeat(concat(x, '1'), 200000), '[0-9]', 'n'))) from \(rows) a",
        // A window that looks far.
        "select max(s) from (select sum(distinct length(x)) over (order by x rows between 20000 preceding and 20000 following) s from \(rows) a) w",
    ]

    private func run(_ sql: String, threads: Int, _ token: CancellationToken) throws {
        let context = EvaluationContext(
            queryStart: Timestamp(seconds: 0, nanoseconds: 0), checkCancellation: { try token.check() })
        let metadata = NoTables()
        let settings = PlannerSettings()
        let binder = Binder(
            metadata: metadata, functions: .builtIn, settings: settings, context: context, checkCancellation: token.check)
        guard case .query(let query) = try Parser.parseStatement(sql).kind else { return }
        let plan = try Optimizer(
            settings: settings, context: OptimizerContext(metadata: metadata, evaluation: context, binder: binder)
        ).optimize(try binder.bindQuery(query).plan)
        let executor = QueryExecutor(
            settings: ExecutionSettings(threads: threads, batchSize: 512), context: context, cancellation: token)
        try executor.run(plan, into: CollectingConsumer())
    }

    @Test(arguments: statements.indices, [1, 2]) func longLoopsEnd(index: Int, threads: Int) throws {
        for look in [60, 200] {
            let error = #expect(throws: ExecutionError.self) {
                try run(Self.statements[index], threads: threads, CancellationToken(cancellingAtLook: look))
            }
            guard case .cancelled? = error else {
                Issue.record("\(error.map { "\($0)" } ?? "it ran"): \(Self.statements[index])")
                continue
            }
        }
    }
}

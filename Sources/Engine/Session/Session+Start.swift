import Catalog
import Columnar
import Execution
import Functions
import HiveSyntax
import Planner
import Platform

extension Session {
    /// Begins to make what every statement needs (tables of functions and keywords, the memory that there is, the types of
    /// plans and operators) on a thread beside the caller's.
    ///
    /// They are made at their first use in any case; a program that is about to open a warehouse saves milliseconds of its
    /// start by calling this before.
    public static func prepare() {
        SystemThread(stackBytes: 8 << 20) {
            _ = FunctionRegistry.builtIn
            _ = SystemMemory.available()
            try? runOnce()
        }?.detach()
    }

    /// Takes a query that reads no table the way that every query takes.
    private static func runOnce() throws {
        let text = "SELECT x, count(*) FROM (SELECT 1 x UNION ALL SELECT 2) t WHERE x > 0 GROUP BY x ORDER BY x"
        guard case .query(let query) = try Parser.parseStatement(text).kind else { return }
        let context = EvaluationContext(queryStart: timespecNow()), metadata = NoTables()
        let binder = Binder(metadata: metadata, functions: .builtIn, settings: PlannerSettings(), context: context)
        let plan = try Optimizer(
            settings: PlannerSettings(), context: OptimizerContext(metadata: metadata, evaluation: context, binder: binder)
        ).optimize(binder.bindQuery(query).plan)
        try QueryExecutor(settings: ExecutionSettings(threads: 1), context: context).run(plan, into: CollectingConsumer())
    }
}

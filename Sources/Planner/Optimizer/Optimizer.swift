import Catalog
import Columnar
import Expressions
import Functions

/// One rewriting pass over a logical plan. It keeps the plan's meaning and its output columns.
package protocol OptimizerRule: Sendable {
    /// `SET hiveql.optimizer.<name>=false` switches the rule off.
    static var name: String { get }
    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan
}

/// What rules may ask.
package struct OptimizerContext {
    package let metadata: any MetadataProvider
    package let evaluation: EvaluationContext
    /// For rules that make new calls and columns.
    package let binder: Binder

    package init(metadata: any MetadataProvider, evaluation: EvaluationContext, binder: Binder) {
        self.metadata = metadata
        self.evaluation = evaluation
        self.binder = binder
    }

    /// Every rule asks at every node.
    func checkCancellation() throws { try binder.checkCancellation() }
}

/// Runs the rules in order and checks the plan that they made.
package struct Optimizer {
    static let rules: [any OptimizerRule] = [
        SubplanInlining(), ConstantFolding(), PredicatePushdown(), PartitionPruning(), ProjectMerging(), ColumnPruning(),
        FieldPruning(), FileSummaries(), LimitPushdown(), RankLimiting(), JoinBuildSide(), CallMerging(), CommonSubexpressionElimination(),
    ]

    /// Names of all rules, in the order they run.
    package static var ruleNames: [String] { rules.map { type(of: $0).name } }

    private let settings: PlannerSettings
    private let context: OptimizerContext

    package init(settings: PlannerSettings, context: OptimizerContext) {
        self.settings = settings
        self.context = context
    }

    /// - Parameter observe: sees the plan after each rule that ran.
    package func optimize(
        _ plan: LogicalPlan, observe: (_ rule: String, LogicalPlan) -> Void = { _, _ in }
    ) throws -> LogicalPlan {
        guard settings.isOptimizerOn else { return plan }
        let outputs = plan.outputs
        var result = plan
        for rule in Self.rules where settings.isRuleOn(type(of: rule).name) {
            // Rows are chosen now, and partitions not yet.
            if rule is PartitionPruning { try settings.strictChecks.check(result) }
            result = try rule.apply(result, context)
            observe(type(of: rule).name, result)
        }
        if Self.breach(of: result, outputs: outputs) != nil { throw try culprit(plan) }
        return result
    }

    /// What is wrong with a plan by the invariants that every rule keeps: the same output columns, and no column read that
    /// nothing makes.
    private static func breach(of plan: LogicalPlan, outputs: [OutputColumn]) -> String? {
        guard plan.outputs.map(\.id) == outputs.map(\.id) else { return "changed the query's columns" }
        let free = plan.freeColumns
        return free.isEmpty ? nil : "lost columns \(free.sorted().map { "#\($0.number)" })"
    }

    /// Looks again, after every rule now, for the one that broke the plan.
    private func culprit(_ plan: LogicalPlan) throws -> PlanError {
        var result = plan
        for rule in Self.rules where settings.isRuleOn(type(of: rule).name) {
            result = try rule.apply(result, context)
            if let breach = Self.breach(of: result, outputs: plan.outputs) {
                return PlanError("Internal error: optimizer rule \(type(of: rule).name) \(breach)")
            }
        }
        return PlanError("Internal error: the optimizer broke the plan")
    }
}

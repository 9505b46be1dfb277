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

/// Runs the rules in order and checks the plan after each.
package struct Optimizer {
    static let rules: [any OptimizerRule] = [
        SubplanInlining(), ConstantFolding(), PredicatePushdown(), PartitionPruning(), ProjectMerging(), ColumnPruning(),
        FieldPruning(), FileSummaries(), LimitPushdown(), JoinBuildSide(), CallMerging(), CommonSubexpressionElimination(),
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
            result = try rule.apply(result, context)
            try verify(result, outputs: outputs, rule: type(of: rule).name)
            observe(type(of: rule).name, result)
        }
        return result
    }

    /// Invariants that every rule keeps: the same output columns, and no column read that nothing makes.
    private func verify(_ plan: LogicalPlan, outputs: [OutputColumn], rule: String) throws {
        guard plan.outputs.map(\.id) == outputs.map(\.id) else {
            throw PlanError("Internal error: optimizer rule \(rule) changed the query's columns")
        }
        let free = plan.freeColumns
        guard free.isEmpty else {
            throw PlanError(
                "Internal error: optimizer rule \(rule) lost columns \(free.sorted().map { "#\($0.number)" })")
        }
    }
}

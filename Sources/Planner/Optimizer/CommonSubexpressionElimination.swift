import Expressions

/// Marks what stands more than once in the expressions of a node, so that its operator computes it once a batch.
/// Feature queries repeat themselves: the great-circle formula has the same sines and cosines many times over.
struct CommonSubexpressionElimination: OptimizerRule {
    static let name = "common_subexpression_elimination"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        plan.transformedUp { node in
            var uses: [BoundExpression: Int] = [:]
            for expression in node.expressions { count(expression, in: &uses) }
            guard uses.contains(where: { $0.value > 1 }) else { return node }
            return node.replacingExpressions { mark($0, uses) }
        }
    }

    private func count(_ expression: BoundExpression, in uses: inout [BoundExpression: Int]) {
        guard !expression.children.isEmpty, expression.isDeterministic else {
            for child in expression.children { count(child, in: &uses) }
            return
        }
        uses[expression, default: 0] += 1
        for child in expression.children { count(child, in: &uses) }
    }

    private func mark(_ expression: BoundExpression, _ uses: [BoundExpression: Int]) -> BoundExpression {
        guard !expression.children.isEmpty else { return expression }
        var result = expression.replacingChildren { mark($0, uses) }
        result.isShared = uses[expression, default: 0] > 1
        return result
    }
}

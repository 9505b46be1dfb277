import Columnar
import Expressions
import Functions

/// Evaluates what depends on no column, and drops conditions that are known.
struct ConstantFolding: OptimizerRule {
    static let name = "constant_folding"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try plan.transformedUp { node in
            try context.checkCancellation()
            let folded = node.replacingExpressions { Self.fold($0, context.evaluation) }
            if case .filter(let filter) = folded, case .literal(.integer(1)) = filter.predicate.kind {
                return filter.input
            }
            if case .join(var join) = folded, let residual = join.residual, residual.isTrue {
                join.residual = nil
                return .join(join)
            }
            if case .asofJoin(var join) = folded, let residual = join.residual, residual.isTrue {
                join.residual = nil
                return .asofJoin(join)
            }
            return folded
        }
    }

    /// The expression with values in the place of what depends on no column. What fails to evaluate stays.
    static func fold(_ expression: BoundExpression, _ context: EvaluationContext) -> BoundExpression {
        let node = expression.replacingChildren { fold($0, context) }
        if node.isLiteral { return node }
        if node.isConstantOperation, let value = try? node.value(in: context) {
            // A constant that fails to evaluate (assert_true(false)) fails when it is run.
            return BoundExpression(.literal(value), type: node.type, range: node.range)
        }
        return simplified(node, context)
    }

    private static func simplified(_ node: BoundExpression, _ context: EvaluationContext) -> BoundExpression {
        var result = node
        switch node.kind {
        case .and(let operands):
            let rest = operands.filter { !$0.isTrue }
            if let known = rest.first(where: \.isFalse), rest.allSatisfy(\.isDeterministic) { return known }
            if rest.count < operands.count { return .conjunction(rest) }
        case .or(let operands):
            let rest = operands.filter { !$0.isFalse }
            if let known = rest.first(where: \.isTrue), rest.allSatisfy(\.isDeterministic) { return known }
            if rest.count < operands.count { return .disjunction(rest) }
        case .conditional(let branches, let otherwise):
            var kept: [ConditionalBranch] = []
            for branch in branches {
                if branch.condition.isFalse || branch.condition.kind == .literal(.null) { continue }
                if branch.condition.isTrue {
                    if kept.isEmpty { return branch.value }
                    result.kind = .conditional(kept, otherwise: branch.value)
                    return result
                }
                kept.append(branch)
            }
            if kept.isEmpty { return otherwise ?? .null(node.type) }
            result.kind = .conditional(kept, otherwise: otherwise)
        case .coalesce(let operands):
            let known = operands.filter { $0.kind != .literal(.null) }
            if known.isEmpty { return .null(node.type) }
            if known.count == 1 || known[0].isLiteral { return known[0] }
            result.kind = .coalesce(known)
        case .letting(let id, let value, let body):
            guard value.isLiteral else { break }
            return fold(body.substituting([id: value]), context)
        default: break
        }
        return result
    }
}

extension BoundExpression {
    /// A constant whose operands are literals: what was folded is not looked into again.
    fileprivate var isConstantOperation: Bool {
        switch kind {
        case .column, .letting: return false
        case .call(let call) where !call.isDeterministic: return false
        default: return children.allSatisfy(\.isLiteral)
        }
    }

    var isTrue: Bool { type == .boolean && kind == .literal(.integer(1)) }
    var isFalse: Bool { type == .boolean && kind == .literal(.integer(0)) }
}

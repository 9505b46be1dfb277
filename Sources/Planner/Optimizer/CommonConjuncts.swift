import Expressions

extension BoundExpression {
    /// The operands of a conjunction, with conditions that stand in every operand of a disjunction taken out of it:
    /// `(a and b) or (a and c)` is `a and (b or c)`, which leaves `a` free to be a join's key or to go to a scan.
    var liftedConjuncts: [BoundExpression] { conjuncts.flatMap(\.withCommonConditionsLifted) }

    private var withCommonConditionsLifted: [BoundExpression] {
        guard case .or(let operands) = kind, isDeterministic else { return [self] }
        let lists = operands.map(\.liftedConjuncts)
        guard let first = lists.first else { return [self] }
        var common: [BoundExpression] = []
        for condition in first where !common.contains(where: { $0.isSameCondition(as: condition) }) {
            if lists.allSatisfy({ $0.contains { $0.isSameCondition(as: condition) } }) { common.append(condition) }
        }
        guard !common.isEmpty else { return [self] }
        let rest = lists.map { list in
            list.filter { condition in !common.contains { $0.isSameCondition(as: condition) } }
        }
        // An operand that asks for nothing else makes the others' conditions needless.
        if rest.contains(where: \.isEmpty) { return common }
        var left = self
        left.kind = .or(rest.map { .conjunction($0) })
        return common + [left]
    }

    /// Equal, or a comparison with its sides exchanged.
    private func isSameCondition(as other: BoundExpression) -> Bool {
        if self == other { return true }
        guard case .comparison(let own, let left, let right) = kind,
            case .comparison(let others, let otherLeft, let otherRight) = other.kind
        else { return false }
        return others == own.mirrored && left == otherRight && right == otherLeft
    }
}

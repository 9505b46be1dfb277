import Columnar
import Expressions
import HiveSyntax

extension Binder {
    /// `a ASOF JOIN b ON a.k = b.k AND a.t >= b.t`, as DuckDB has it, or `… MATCH_CONDITION (a.t >= b.t) ON a.k = b.k`, as
    /// Snowflake has it, where left rows without a match come out unless INNER is said.
    func bindAsofJoin(
        _ join: Join, _ left: Source, _ right: Source, environment: QueryEnvironment
    ) throws -> Source {
        var scope = left.scope + right.scope
        let sides = AsofSides(left: left.plan, right: right.plan)
        var match: LogicalAsofJoin.Match?
        if let condition = join.match {
            let conjuncts = try bindJoinCondition(condition, scope, environment: environment)
            match = conjuncts.count == 1 ? try inequality(conjuncts[0], between: sides) : nil
            guard match != nil else {
                throw PlanError(
                    "MATCH_CONDITION takes one inequality (>=, >, <= or <) between a value of the left side and one of the "
                        + "right", at: condition.range)
            }
        }
        var conjuncts: [BoundExpression] = []
        switch join.condition {
        case nil, .natural: break
        case .on(let expression): conjuncts = try bindJoinCondition(expression, scope, environment: environment)
        case .using(let names):
            let pairs = try bindUsing(names.map(\.name), left, right, .left, &scope, names.first?.range)
            for (name, pair) in zip(names, pairs) {
                // Without MATCH_CONDITION the last column is the one that is ordered by.
                let isOrdered = match == nil && conjuncts.count == names.count - 1
                conjuncts.append(
                    try call(
                        .comparison(isOrdered ? .greaterOrEqual : .equal), [pair.left, pair.right], at: name.range))
            }
        }
        var equalities: [LogicalJoin.Equality] = []
        var residual: [BoundExpression] = []
        for conjunct in conjuncts {
            if let equality = try equality(conjunct, leftColumns: sides.left),
                equality.right.columnIDs.isSubset(of: sides.right)
            {
                equalities.append(equality)
            } else if join.match == nil, let found = try inequality(conjunct, between: sides) {
                guard match == nil else {
                    throw PlanError(
                        "ASOF JOIN takes one inequality between its sides; a further condition on the distance is written "
                            + "over both (a.t - b.t <= …), or MATCH_CONDITION says which inequality it is", at: conjunct.range)
                }
                match = found
            } else {
                residual.append(conjunct)
            }
        }
        guard let chosen = match else { throw missingInequality(join, residual) }
        return Source(
            plan: .asofJoin(
                LogicalAsofJoin(
                    isOuter: join.kind == .asofLeft || (join.kind == .asof && join.match != nil), left: left.plan,
                    right: right.plan, equalities: equalities, match: chosen,
                    residual: residual.isEmpty ? nil : .conjunction(residual))), scope: scope)
    }

    /// `a < b` and the like with one operand over the left side alone and the other over the right side alone.
    private func inequality(
        _ predicate: BoundExpression, between sides: AsofSides
    ) throws -> LogicalAsofJoin.Match? {
        guard case .comparison(let operation, let first, let second) = predicate.kind, operation.isInequality,
            predicate.isDeterministic
        else { return nil }
        let columns = [first.columnIDs, second.columnIDs]
        guard !columns[0].isEmpty, !columns[1].isEmpty else { return nil }
        if columns[0].isSubset(of: sides.left), columns[1].isSubset(of: sides.right) {
            let (left, right) = sameTyped(first, second) ?? (first, second)
            return LogicalAsofJoin.Match(left: left, operation: operation, right: right)
        }
        guard columns[1].isSubset(of: sides.left), columns[0].isSubset(of: sides.right) else { return nil }
        let (left, right) = sameTyped(second, first) ?? (second, first)
        return LogicalAsofJoin.Match(left: left, operation: operation.mirrored, right: right)
    }

    private func missingInequality(_ join: Join, _ conjuncts: [BoundExpression]) -> PlanError {
        let needed = "ASOF JOIN needs an inequality (>=, >, <= or <) between a value of the left side and one of the right"
        for conjunct in conjuncts {
            guard case .comparison(let operation, _, _) = conjunct.kind, operation.isInequality else { continue }
            return PlanError(needed + ", this one is not between the two", at: conjunct.range)
        }
        if case .on(let condition) = join.condition { return PlanError(needed, at: condition.range) }
        return PlanError(needed, at: join.right.range)
    }
}

/// The columns of an ASOF join's inputs.
private struct AsofSides {
    let left: Set<ColumnID>
    let right: Set<ColumnID>

    init(left: LogicalPlan, right: LogicalPlan) {
        self.left = Set(left.outputs.map(\.id))
        self.right = Set(right.outputs.map(\.id))
    }
}

extension ComparisonOperator {
    fileprivate var isInequality: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .equal, .notEqual, .nullSafeEqual: false
        }
    }
}

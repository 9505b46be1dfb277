import Columnar
import Expressions
import Functions

/// Moves conditions towards the scans, and turns conditions over both sides of a join into join conditions.
struct PredicatePushdown: OptimizerRule {
    static let name = "predicate_pushdown"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try Pusher(binder: context.binder).push([], into: plan)
    }
}

/// What each reader of a shared subplan asks of its rows, over the subplan's columns.
private final class SharedConditions {
    private var readers: [Int: [[BoundExpression]]] = [:]
    /// A disjunction that costs more than this is no gain to whoever evaluates it for all rows.
    private static let largestCost = 64

    func note(_ predicates: [BoundExpression], of scan: LogicalSharedScan) {
        let sources = Dictionary(
            scan.columns.map {
                ($0.output.id, BoundExpression(.column($0.source), type: $0.output.type))
            }, uniquingKeysWith: { first, _ in first })
        readers[scan.subplan, default: []].append(
            predicates.filter(\.isDeterministic).map { $0.substituting(sources) })
    }

    /// What all readers ask for, and of the rest that one of them does.
    func common(of subplan: Int) -> [BoundExpression] {
        guard let lists = readers[subplan], let first = lists.first, lists.allSatisfy({ !$0.isEmpty }) else { return [] }
        var shared: [BoundExpression] = []
        for predicate in first where !shared.contains(predicate) && lists.allSatisfy({ $0.contains(predicate) }) {
            shared.append(predicate)
        }
        let rest = lists.map { list in list.filter { !shared.contains($0) } }
        if rest.allSatisfy({ !$0.isEmpty }) {
            let any = BoundExpression.disjunction(rest.map { .conjunction($0) })
            if any.filterCost <= Self.largestCost { shared.append(any) }
        }
        return shared
    }
}

private struct Pusher {
    let binder: Binder
    let sharedConditions = SharedConditions()

    /// The plan with `predicates` (conjuncts over its outputs) applied as deep as they go.
    func push(_ predicates: [BoundExpression], into plan: LogicalPlan) throws -> LogicalPlan {
        try binder.checkCancellation()
        switch plan {
        case .filter(let node):
            let conjuncts = node.predicate.liftedConjuncts
            guard conjuncts.allSatisfy(\.isDeterministic) else {
                // What is drawn at random is drawn for the rows that stand here.
                let fixed = conjuncts.filter { !$0.isDeterministic }
                let input = try push(conjuncts.filter(\.isDeterministic), into: node.input)
                return filtered(.filter(LogicalFilter(input: input, predicate: .conjunction(fixed))), predicates)
            }
            return try push(predicates + conjuncts, into: node.input)
        case .project(var node):
            let definitions = Dictionary(
                node.expressions.map { ($0.output.id, $0.expression) }, uniquingKeysWith: { first, _ in first })
            let (down, stay) = split(predicates) { predicate in
                predicate.columnIDs.allSatisfy { id in
                    definitions[id].map { $0.isDeterministic && $0.nodeCount <= 8 } ?? false
                }
            }
            node.input = try push(down.map { $0.substituting(definitions) }, into: node.input)
            return filtered(.project(node), stay)
        case .aggregate(var node):
            let definitions = Dictionary(
                node.groups.map { ($0.output.id, $0.expression) }, uniquingKeysWith: { first, _ in first })
            let (down, stay) = split(predicates) { predicate in
                node.groupingSets == nil && !node.groups.isEmpty
                    && predicate.columnIDs.allSatisfy { definitions[$0]?.isDeterministic ?? false }
                    && !predicate.columnIDs.isEmpty
            }
            node.input = try push(down.map { $0.substituting(definitions) }, into: node.input)
            return filtered(.aggregate(node), stay)
        case .join(let node):
            guard let (ordered, all) = try node.connected(by: predicates, binder) else { return try push(predicates, into: node) }
            return try push(all, into: ordered)
        case .asofJoin(let node): return try push(predicates, into: node)
        case .window(var node):
            let keys = node.partitionBy.reduce(into: Set<ColumnID>()) { keys, expression in
                if case .column(let id) = expression.kind { keys.insert(id) }
            }
            let (down, stay) = split(predicates) { !$0.columnIDs.isEmpty && $0.columnIDs.isSubset(of: keys) }
            node.input = try push(down, into: node.input)
            return filtered(.window(node), stay)
        case .sort(var node):
            guard node.limit == nil else { break }
            node.input = try push(predicates, into: node.input)
            return .sort(node)
        case .union(var node):
            node.inputs = try node.inputs.map { input in
                let columns = Dictionary(
                    zip(node.outputs, input.outputs).map { ($0.id, BoundExpression.column($1)) },
                    uniquingKeysWith: { first, _ in first })
                return try push(predicates.map { $0.substituting(columns) }, into: input)
            }
            return .union(node)
        case .lateralView(var node):
            let generated = Set(node.generated.map(\.id))
            let (down, stay) = split(predicates) { $0.columnIDs.isDisjoint(with: generated) }
            node.input = try push(down, into: node.input)
            return filtered(.lateralView(node), stay)
        case .scan(var node):
            // A sample is taken of all rows, not of those that pass.
            if case .rows? = node.sample { break }
            // Cheap conditions first: they spare the parsing of columns that only dearer ones need.
            node.filters = (node.filters + predicates).sorted { $0.filterCost < $1.filterCost }
            return .scan(node)
        case .with(var node):
            node.input = try push(predicates, into: node.input)
            // Readers come before what they read.
            for index in node.subplans.indices.reversed() {
                let conditions = sharedConditions.common(of: node.subplans[index].id)
                node.subplans[index].plan = try push(conditions, into: node.subplans[index].plan)
            }
            return .with(node)
        case .sharedScan(let node): sharedConditions.note(predicates, of: node)
        // A condition on the rows is none on what they are made of.
        case .values, .limit, .transform, .branches, .recursion: break
        }
        return filtered(try plan.replacingInputs { try push([], into: $0) }, predicates)
    }

    private func filtered(_ plan: LogicalPlan, _ predicates: [BoundExpression]) -> LogicalPlan {
        predicates.isEmpty ? plan : .filter(LogicalFilter(input: plan, predicate: .conjunction(predicates)))
    }

    private func split(
        _ predicates: [BoundExpression], by goesDown: (BoundExpression) -> Bool
    ) -> (down: [BoundExpression], stay: [BoundExpression]) {
        var down: [BoundExpression] = []
        var stay: [BoundExpression] = []
        for predicate in predicates {
            if predicate.isDeterministic, goesDown(predicate) { down.append(predicate) } else { stay.append(predicate) }
        }
        return (down, stay)
    }

    // MARK: joins

    private func push(_ predicates: [BoundExpression], into join: LogicalJoin) throws -> LogicalPlan {
        var node = join
        let left = Set(node.left.outputs.map(\.id))
        let right = Set(node.right.outputs.map(\.id))
        node.kind = strengthened(node.kind, predicates, left: left, right: right, isSingleMatch: node.isSingleMatch)

        var toLeft: [BoundExpression] = []
        var toRight: [BoundExpression] = []
        var above: [BoundExpression] = []
        var condition: [BoundExpression] = []
        for predicate in predicates {
            let columns = predicate.columnIDs
            let isLeft = !columns.isEmpty && columns.isSubset(of: left)
            let isRight = !columns.isEmpty && columns.isSubset(of: right)
            guard predicate.isDeterministic else {
                above.append(predicate)
                continue
            }
            switch node.kind {
            case .inner, .cross:
                if isLeft { toLeft.append(predicate) } else if isRight { toRight.append(predicate) } else {
                    condition.append(predicate)
                }
            case .left, .leftSemi, .leftAnti, .leftAntiNullAware, .mark:
                if isLeft { toLeft.append(predicate) } else { above.append(predicate) }
            case .right:
                if isRight { toRight.append(predicate) } else { above.append(predicate) }
            case .full: above.append(predicate)
            }
        }
        // Conditions of ON that speak of one side alone.
        for predicate in (node.residual?.liftedConjuncts ?? []) {
            let columns = predicate.columnIDs
            let isLeft = !columns.isEmpty && columns.isSubset(of: left) && predicate.isDeterministic
            let isRight = !columns.isEmpty && columns.isSubset(of: right) && predicate.isDeterministic
            switch node.kind {
            case .inner where isLeft, .cross where isLeft, .leftSemi where isLeft, .right where isLeft:
                toLeft.append(predicate)
            case .inner where isRight, .cross where isRight, .left where isRight, .leftSemi where isRight,
                .leftAnti where isRight, .mark where isRight:
                toRight.append(predicate)
            default: condition.append(predicate)
            }
        }
        var residual: [BoundExpression] = []
        for predicate in condition {
            if node.kind != .leftAntiNullAware, let equality = try binder.equality(predicate, leftColumns: left),
                equality.right.columnIDs.isSubset(of: right)
            {
                node.equalities.append(equality)
            } else {
                residual.append(predicate)
            }
        }
        node.residual = residual.isEmpty ? nil : .conjunction(residual)
        if node.kind == .cross, !node.equalities.isEmpty || node.residual != nil { node.kind = .inner }
        if node.kind == .inner || node.kind == .leftSemi || node.kind == .left {
            toRight += implied(by: toLeft, node.equalities) { ($0.left, $0.right) }
        }
        if node.kind == .inner || node.kind == .right {
            toLeft += implied(by: toRight, node.equalities) { ($0.right, $0.left) }.filter { !toLeft.contains($0) }
        }
        node.left = try push(toLeft, into: node.left)
        node.right = try push(toRight, into: node.right)
        return filtered(.join(node), above)
    }

    /// Conditions over left columns choose among left rows before the join. What a query says of right columns it says of
    /// the nearest row, behind the join; what ON says of them alone chooses among right rows before it.
    private func push(_ predicates: [BoundExpression], into join: LogicalAsofJoin) throws -> LogicalPlan {
        var node = join
        let left = Set(node.left.outputs.map(\.id))
        let right = Set(node.right.outputs.map(\.id))
        if predicates.contains(where: { $0.rejectsNulls(of: right) }) { node.isOuter = false }
        let (down, above) = split(predicates) { !$0.columnIDs.isEmpty && $0.columnIDs.isSubset(of: left) }
        var toLeft = down
        var toRight: [BoundExpression] = []
        var residual: [BoundExpression] = []
        for predicate in node.residual?.liftedConjuncts ?? [] {
            let columns = predicate.columnIDs
            if columns.isEmpty || !predicate.isDeterministic {
                residual.append(predicate)
            } else if columns.isSubset(of: right) {
                toRight.append(predicate)
            } else if columns.isSubset(of: left), !node.isOuter {
                toLeft.append(predicate)
            } else {
                residual.append(predicate)
            }
        }
        node.residual = residual.isEmpty ? nil : .conjunction(residual)
        toRight += implied(by: toLeft, node.equalities) { ($0.left, $0.right) }
        node.left = try push(toLeft, into: node.left)
        node.right = try push(toRight, into: node.right)
        return filtered(.asofJoin(node), above)
    }

    /// What `a = b` and a condition on `a` alone say about `b`.
    private func implied(
        by predicates: [BoundExpression], _ equalities: [LogicalJoin.Equality],
        _ sides: (LogicalJoin.Equality) -> (from: BoundExpression, to: BoundExpression)
    ) -> [BoundExpression] {
        var result: [BoundExpression] = []
        for equality in equalities where !equality.isNullSafe {
            let (from, to) = sides(equality)
            // 0.0 equals -0.0, yet a condition may tell them apart.
            guard from.type != .double, from.type != .float else { continue }
            guard case .column(let id) = from.kind, case .column = to.kind else { continue }
            for predicate in predicates where predicate.columnIDs == [id] && predicate.isDeterministic {
                result.append(predicate.substituting([id: to]))
            }
        }
        return result
    }

    /// An outer join whose added rows a condition above drops anyway is a narrower join.
    private func strengthened(
        _ kind: LogicalJoin.Kind, _ predicates: [BoundExpression], left: Set<ColumnID>, right: Set<ColumnID>,
        isSingleMatch: Bool
    ) -> LogicalJoin.Kind {
        guard !isSingleMatch else { return kind }
        let needsLeft = predicates.contains { $0.rejectsNulls(of: left) }
        let needsRight = predicates.contains { $0.rejectsNulls(of: right) }
        switch kind {
        case .left: return needsRight ? .inner : .left
        case .right: return needsLeft ? .inner : .right
        case .full:
            switch (needsLeft, needsRight) {
            case (true, true): return .inner
            case (true, false): return .left
            case (false, true): return .right
            case (false, false): return .full
            }
        default: return kind
        }
    }
}

extension BoundExpression {
    /// Nodes in the tree.
    var nodeCount: Int { children.reduce(1) { $0 + $1.nodeCount } }

    /// Whether the condition cannot be TRUE when all of `columns` are NULL. Knows comparisons and functions that pass
    /// NULLs on.
    func rejectsNulls(of columns: Set<ColumnID>) -> Bool {
        switch kind {
        case .isNotNull(let operand): return operand.isNullIfAnyNull(in: columns)
        case .comparison(let operation, let left, let right) where operation != .nullSafeEqual:
            return left.isNullIfAnyNull(in: columns) || right.isNullIfAnyNull(in: columns)
        case .call(let call):
            return call.traits.nulls == .propagated && call.arguments.contains { $0.isNullIfAnyNull(in: columns) }
        case .and(let operands): return operands.contains { $0.rejectsNulls(of: columns) }
        case .or(let operands): return operands.allSatisfy { $0.rejectsNulls(of: columns) }
        default: return false
        }
    }

    /// Columns, and casts and functions over them that pass NULLs on, are NULL when the column is.
    private func isNullIfAnyNull(in columns: Set<ColumnID>) -> Bool {
        switch kind {
        case .column(let id): return columns.contains(id)
        case .cast(let operand): return operand.isNullIfAnyNull(in: columns)
        case .call(let call):
            return call.traits.nulls == .propagated && call.arguments.contains { $0.isNullIfAnyNull(in: columns) }
        default: return false
        }
    }

    /// A rough price of testing a row: fixed-width comparisons are cheap, text and functions dear; what can fail comes
    /// last.
    var filterCost: Int {
        var cost = 0
        forEachNode { node in
            switch node.kind {
            case .column: cost += node.type.physical == .string ? 4 : node.type.physical == .list ? 16 : 1
            case .literal, .isNull, .isNotNull, .not, .and, .or: break
            case .comparison: cost += 1
            case .call(let call):
                switch call.traits.cost {
                case .cheap: cost += 1
                case .ordinary: cost += 12
                case .dear: cost += 48
                }
                if call.traits.canFail { cost += 1_000 }
            case .cast(let operand): cost += operand.type.physical == .string || node.type.physical == .string ? 10 : 1
            default: cost += 2
            }
        }
        return cost
    }
}

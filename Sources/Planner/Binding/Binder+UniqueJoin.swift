import Columnar
import Expressions
import HiveSyntax

extension Binder {
    /// `UNIQUEJOIN [PRESERVE] t (a), [PRESERVE] u (b), …`: the rows of all tables that have one key beside each other, and NULLs for a
    /// table that has none. A key stays when all tables have it, or one of those that are preserved. NULL is equal to no key.
    func bindUniqueJoin(_ tables: [UniqueJoinTable], at range: SourceRange?, environment: QueryEnvironment) throws -> Source {
        let members = try tables.map { try bindMember($0, environment: environment) }
        guard let first = members.first, members.allSatisfy({ $0.keys.count == first.keys.count }) else {
            throw PlanError("Tables with different or invalid number of keys in UNIQUEJOIN", at: range)
        }
        let types = try first.keys.indices.map { place in
            try members.dropFirst().reduce(first.keys[place].type) { type, member in
                guard let common = TypeCoercion.comparisonType(type, member.keys[place].type) else {
                    throw PlanError("Keys of UNIQUEJOIN of types \(type) and \(member.keys[place].type) do not compare", at: range)
                }
                return common
            }
        }
        var source = Source(plan: first.plan, scope: first.scope)
        var keys: [BoundExpression] = []
        for (place, member) in members.enumerated() {
            if let twice = member.scope.first(where: { table in
                place > 0 && source.scope.contains { $0.alias == table.alias && $0.database == table.database }
            }) {
                throw PlanError("Ambiguous table alias '\(twice.alias ?? "")'", code: 10008, at: range)
            }
            let own = zip(member.keys, types).map { cast($0, to: $1) }
            guard place > 0 else {
                keys = own
                continue
            }
            let conjuncts = try zip(keys, own).map { try call(.comparison(.equal), [$0, $1], at: range) }
            source.plan = try makeJoin(.full, source.plan, member.plan, conjuncts)
            source.scope += member.scope
            // The key of the rows so far is that of any table that has them.
            keys = zip(keys, own).map { BoundExpression(.coalesce([$0, $1]), type: $0.type) }
        }
        let isThere = members.map { BoundExpression(.isNotNull(.column($0.mark)), type: .boolean) }
        let kept = zip(tables, isThere).filter(\.0.isPreserved).map(\.1)
        source.plan = .filter(
            LogicalFilter(input: source.plan, predicate: .disjunction([.conjunction(isThere)] + kept)))
        return source
    }

    private struct UniqueJoinMember {
        let plan: LogicalPlan
        let scope: [ScopeTable]
        let keys: [BoundExpression]
        /// Not NULL in the table's rows.
        let mark: OutputColumn
    }

    private func bindMember(_ table: UniqueJoinTable, environment: QueryEnvironment) throws -> UniqueJoinMember {
        let source = try bindTable(table.table, environment: environment)
        let binder = ExpressionBinder(
            self, scope: Scope(tables: source.scope, parent: environment.outerScope), environment: environment)
        binder.allowsSubqueries = false
        let mark = makeColumn("_there", .int)
        let bound = try table.key.map { try binder.bind($0) }
        let keys = bound.map { makeColumn("_key", $0.type) }
        let pass = source.plan.outputs.map { NamedExpression(output: $0, expression: .column($0)) }
        let made = zip(keys, bound).map { NamedExpression(output: $0, expression: $1) }
        let plan = LogicalPlan.project(
            LogicalProject(
                input: source.plan,
                expressions: pass + made + [NamedExpression(output: mark, expression: .integer(1))]))
        return UniqueJoinMember(plan: plan, scope: source.scope, keys: keys.map { .column($0) }, mark: mark)
    }
}

import Expressions
import HiveSyntax

extension Binder {
    /// Which of so many reducers a row goes to by DISTRIBUTE BY or CLUSTER BY, as Hive hashes their values: an INT.
    /// nil where the query has neither, or a last stage of one reducer (ORDER BY, LIMIT).
    /// - Parameter relation: what the query gives; its columns are the names in sight.
    func reducer(of query: Query, _ relation: Relation, count: Int) throws -> BoundExpression? {
        let written = query.distributeBy.isEmpty ? query.clusterBy : query.distributeBy
        guard !written.isEmpty, query.orderBy.isEmpty, query.limit == nil else { return nil }
        let table = ScopeTable(
            alias: nil, database: nil,
            columns: relation.columns.map { ScopeColumn(name: $0.name, expression: .column($0)) })
        let binder = ExpressionBinder(self, scope: Scope(tables: [table], parent: nil), environment: QueryEnvironment())
        binder.allowsSubqueries = false
        let keys = try written.map { key -> BoundExpression in
            // `t.a` is the selected column `a`.
            guard case .field(let owner, let name) = key.kind, case .column(let alias) = owner.kind,
                !relation.columns.contains(where: { $0.name == alias.name })
            else { return try binder.bind(key) }
            return try binder.bind(Expression(.column(name), range: key.range))
        }
        return cast(try bucket(of: keys, count: count, by: .objects), to: .int)
    }
}

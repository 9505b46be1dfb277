import Expressions

extension LogicalJoin {
    /// Chains of more tables are left as they are written.
    private static let longestChain = 64

    /// Inner joins in an order in which an equality connects each table with those before it, where the order as written
    /// makes products of tables that conditions connect. Tables that no equality connects at all are multiplied last.
    /// - Parameter predicates: what the rows have to meet beside the joins' own conditions.
    /// - Returns: the joins without conditions, and all conditions; nil where nothing is to be gained.
    func connected(
        by predicates: [BoundExpression], _ binder: Binder
    ) throws -> (plan: LogicalJoin, predicates: [BoundExpression])? {
        var chain = JoinChain(binder: binder, conditions: predicates)
        guard try chain.add(.join(self)), (3...Self.longestChain).contains(chain.tables.count), try chain.hasProduct(self) else {
            return nil
        }
        let parts = try chain.connectedParts()
        guard parts.flatMap({ $0 }) != Array(chain.tables.indices) || parts.contains(where: { $0.count > 1 && parts.count > 1 })
        else { return nil }
        let joined = parts.map { part in Self.product(part.map { chain.tables[$0].plan }) }
        guard case .join(let result) = Self.product(joined) else { return nil }
        return (result, chain.conditions)
    }

    private static func product(_ plans: [LogicalPlan]) -> LogicalPlan {
        plans.dropFirst().reduce(plans[0]) { left, right in
            .join(LogicalJoin(kind: .cross, left: left, right: right, equalities: []))
        }
    }
}

/// The tables of inner joins inside one another, and what joins them.
private struct JoinChain {
    struct Table {
        let plan: LogicalPlan
        let columns: Set<ColumnID>
    }

    let binder: Binder
    var conditions: [BoundExpression]
    private(set) var tables: [Table] = []

    /// Takes a plan apart as far as it is inner joins.
    /// - Returns: whether it is one.
    @discardableResult mutating func add(_ plan: LogicalPlan) throws -> Bool {
        guard case .join(let join) = plan, join.kind == .inner || join.kind == .cross, !join.isSingleMatch,
            join.residual?.isDeterministic ?? true
        else {
            tables.append(Table(plan: plan, columns: Set(plan.outputs.map(\.id))))
            return false
        }
        try add(join.left)
        try add(join.right)
        for equality in join.equalities {
            conditions.append(try binder.call(.comparison(equality.comparison), [equality.left, equality.right], at: nil))
        }
        conditions += join.residual?.liftedConjuncts ?? []
        return true
    }

    /// Whether an equality of the conditions has one side over each of two sets of columns.
    private func isConnected(_ left: Set<ColumnID>, _ right: Set<ColumnID>) throws -> Bool {
        try conditions.contains { condition in
            try binder.equality(condition, leftColumns: left)?.right.columnIDs.isSubset(of: right) ?? false
        }
    }

    /// Whether one of the joins has no equality between its sides.
    func hasProduct(_ join: LogicalJoin) throws -> Bool {
        let sides = [join.left, join.right]
        let columns = sides.map { Set($0.outputs.map(\.id)) }
        guard try isConnected(columns[0], columns[1]) else { return true }
        return try sides.contains { side in
            guard case .join(let inner) = side, inner.kind == .inner || inner.kind == .cross else { return false }
            return try hasProduct(inner)
        }
    }

    /// The places of the tables, in parts that no equality connects with one another; of a part each table but the first is
    /// connected with those before it.
    func connectedParts() throws -> [[Int]] {
        var rest = Array(tables.indices)
        var parts: [[Int]] = []
        while let first = rest.first {
            rest.removeFirst()
            var part = [first]
            var columns = tables[first].columns
            while let next = try rest.firstIndex(where: { try isConnected(columns, tables[$0].columns) }) {
                let table = rest.remove(at: next)
                part.append(table)
                columns.formUnion(tables[table].columns)
            }
            parts.append(part)
        }
        return parts
    }
}

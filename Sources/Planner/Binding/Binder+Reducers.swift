import Expressions
import Functions
import HiveSyntax

/// Files of reducers: which of so many a row goes to, as Hive has it where `mapreduce.job.reduces` says how many there are.
extension Binder {
    /// The reducer of each row of a query's last stage, an INT: by the values of DISTRIBUTE BY or CLUSTER BY, by what Hive draws for
    /// SORT BY, by the values that rows are grouped by. nil where the query has none of these last, or a last stage of one reducer
    /// (ORDER BY, LIMIT).
    /// - Parameter relation: what the query gives; its columns are the names in sight. Its plan gets the columns that tell.
    func reducer(of query: Query, _ relation: inout Relation, count: Int) throws -> BoundExpression? {
        guard query.orderBy.isEmpty, query.limit == nil else { return nil }
        let written = query.distributeBy.isEmpty ? query.clusterBy : query.distributeBy
        guard written.isEmpty else { return try reducer(of: written, relation, count: count) }
        if !query.sortBy.isEmpty {
            guard let (plan, row) = try numberingSorted(relation.plan) else { return nil }
            relation.plan = plan
            let drawn = try call(.reducerDraw, [.column(row)], at: nil)
            return cast(try dealt(drawn, count: count), to: .int)
        }
        guard let (plan, keys) = keepingGroups(relation.plan) else { return nil }
        relation.plan = plan
        return cast(try bucket(of: keys.map { .column($0) }, count: count, by: .objects), to: .int)
    }

    private func reducer(of written: [Expression], _ relation: Relation, count: Int) throws -> BoundExpression {
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

    /// Numbers the rows that a plan sorts last, from 1, in the order in which they come to be sorted.
    private func numberingSorted(_ plan: LogicalPlan) throws -> (plan: LogicalPlan, row: OutputColumn)? {
        switch plan {
        case .sort(var node):
            guard let function = functions.window("row_number") else { return nil }
            let type = try function.resolve(Functions.FunctionCall(name: "row_number", argumentTypes: [])).resultType
            let row = makeColumn("_row", type)
            node.input = .window(
                LogicalWindow(
                    input: node.input, partitionBy: [], orderBy: [],
                    functions: [
                        NamedWindowFunction(
                            output: row, name: "row_number", function: .window(.rowNumber, ignoreNulls: false), arguments: [],
                            frame: .wholePartition)
                    ]))
            return (.sort(node), row)
        case .project(var node):
            guard let (input, row) = try numberingSorted(node.input) else { return nil }
            node.input = input
            node.expressions.append(NamedExpression(output: row, expression: .column(row)))
            return (.project(node), row)
        default: return nil
        }
    }

    /// A plan whose rows are grouped last, with the columns that they are grouped by among its own. Without them all rows are one
    /// reducer's.
    private func keepingGroups(_ plan: LogicalPlan) -> (plan: LogicalPlan, keys: [OutputColumn])? {
        switch plan {
        case .aggregate(let node):
            return node.groups.isEmpty || node.groupingSets != nil ? nil : (plan, node.groups.map(\.output))
        case .filter(var node):
            guard let (input, keys) = keepingGroups(node.input) else { return nil }
            node.input = input
            return (.filter(node), keys)
        case .project(var node):
            guard let (input, keys) = keepingGroups(node.input) else { return nil }
            node.input = input
            let given = Set(node.expressions.map(\.output.id))
            node.expressions += keys.filter { !given.contains($0.id) }.map { NamedExpression(output: $0, expression: .column($0)) }
            return (.project(node), keys)
        default: return nil
        }
    }
}

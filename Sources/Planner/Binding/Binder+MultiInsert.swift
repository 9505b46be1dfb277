import Columnar
import Expressions
import HiveSyntax

/// What all branches of a multi-insert read. It is bound, and computed, once.
package struct BranchSource {
    fileprivate let subplan: Int
    fileprivate let columns: [OutputColumn]
    fileprivate let scope: [ScopeTable]
    fileprivate let isArranged: Bool
    fileprivate let environment: QueryEnvironment
}

extension Binder {
    /// Binds the source of `FROM source INSERT … INSERT …`.
    package func bindBranchSource(_ statement: MultiInsertStatement) throws -> BranchSource {
        let environment = QueryEnvironment().adding(statement.with)
        let source = try bindFrom(statement.from, environment: environment)
        var known: Set<ColumnID> = []
        return BranchSource(
            subplan: share(source.plan, name: "source"), columns: source.plan.outputs.filter { known.insert($0.id).inserted },
            scope: source.scope, isArranged: source.isArranged, environment: environment)
    }

    /// Binds the query of one branch. Its plan is part of a statement's: see `statementPlan`.
    /// - Parameter target: the columns that the rows go into, and their table's name; nil keeps the query's own.
    package func bindBranch(
        _ query: Query, of source: BranchSource, target: (columns: [SchemaColumn], table: Identifier, unconverted: Set<String>)?
    ) throws -> BoundQuery {
        let environment = source.environment.adding(query.with)
        guard case .select(let core) = query.body else {
            throw PlanError("A branch of a multi-insert must be a SELECT", at: query.range)
        }
        let relation = exact(
            try bindSelect(core, query: query, environment: environment, reading: reader(of: source)))
        guard let target else {
            return BoundQuery(
                plan: relation.plan, columns: relation.columns.map { SchemaColumn(name: $0.name, type: $0.type) })
        }
        return try assigned(relation, query, targets: target.columns, table: target.table, unconverted: target.unconverted)
    }

    /// The plan of a statement with several branches.
    package func statementPlan(branches: [LogicalPlan]) -> LogicalPlan {
        finished(.branches(LogicalBranches(inputs: branches)))
    }

    /// The source under columns of a branch's own.
    private func reader(of source: BranchSource) -> Source {
        let columns = source.columns.map { ($0, makeColumn($0.name, $0.type)) }
        let renamed = Dictionary(
            uniqueKeysWithValues: columns.map { ($0.0.id, BoundExpression.column($0.1)) })
        let scope = source.scope.map { table in
            var table = table
            for index in table.columns.indices {
                table.columns[index].expression = table.columns[index].expression.substituting(renamed)
            }
            return table
        }
        return Source(plan: reader(of: source.subplan, columns).plan, scope: scope, isArranged: source.isArranged)
    }
}

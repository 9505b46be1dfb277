import Expressions
import HiveSyntax

/// What queries inside a query inherit: common table expressions in sight and the scope around.
struct QueryEnvironment {
    var commonTables = CommonTables()
    var outerScope: Scope?
    /// Who knows what fitted functions of this query have learned; not those of queries inside.
    var fittedStates: FittedStateProvider?

    /// What queries inside inherit.
    var inside: QueryEnvironment { QueryEnvironment(commonTables: commonTables, outerScope: outerScope) }

    /// The common table expression that a name means, and what is in sight of its query.
    func commonTable(_ name: String) -> (table: CommonTable, environment: QueryEnvironment)? {
        guard let (table, inSight) = commonTables.table(name) else { return nil }
        return (table, QueryEnvironment(commonTables: inSight, outerScope: table.outerScope))
    }

    /// With the common table expressions of one WITH; each sees those before it.
    func adding(_ expressions: [CommonTableExpression]) -> QueryEnvironment {
        guard !expressions.isEmpty else { return self }
        var extended = self
        extended.commonTables = CommonTables(expressions, around: commonTables, outerScope: outerScope)
        return extended
    }
}

/// One common table expression, bound where it is first named.
final class CommonTable {
    let expression: CommonTableExpression
    /// Where its WITH stands.
    let outerScope: Scope?
    /// Its place in its WITH.
    fileprivate let position: Int
    /// The columns of its plan, once it is bound, and the number under which the binder keeps the plan.
    var shared: (subplan: Int, columns: [OutputColumn])?

    fileprivate init(_ expression: CommonTableExpression, _ position: Int, outerScope: Scope?) {
        self.expression = expression
        self.position = position
        self.outerScope = outerScope
    }
}

/// The common table expressions in sight of a place: the first ones of a WITH, and those around it. However many they are,
/// each is kept once.
struct CommonTables {
    private final class List {
        let tables: [String: [CommonTable]]
        let around: CommonTables

        init(_ tables: [String: [CommonTable]], around: CommonTables) {
            self.tables = tables
            self.around = around
        }
    }

    private let list: List?
    /// How many of the list are in sight.
    private let count: Int

    init() {
        list = nil
        count = 0
    }

    private init(_ list: List, count: Int) {
        self.list = list
        self.count = count
    }

    init(_ expressions: [CommonTableExpression], around: CommonTables, outerScope: Scope?) {
        let tables = expressions.enumerated().map { CommonTable($1, $0, outerScope: outerScope) }
        list = List(Dictionary(grouping: tables, by: \.expression.name.name), around: around)
        count = expressions.count
    }

    /// The last table of that name, and the tables in sight of its own query.
    func table(_ name: String) -> (CommonTable, CommonTables)? {
        var place = self
        while let list = place.list {
            if let found = list.tables[name]?.last(where: { $0.position < place.count }) {
                return (found, CommonTables(list, count: found.position))
            }
            place = list.around
        }
        return nil
    }
}

import Expressions
import HiveSyntax

/// What queries inside a query inherit: common table expressions in sight and the scope around.
struct QueryEnvironment {
    var commonTables = CommonTables()
    var outerScope: Scope?
    /// Who knows what fitted functions of this query have learned; not those of queries inside.
    var fittedStates: FittedStateProvider?
    /// What the branch of a multi-insert reads under its lateral views; not what queries inside read.
    var branchSource: Source?
    /// Who binds the aggregates of the query around, where a subquery stands among them.
    var aggregatingBinder: ExpressionBinder?
    var foldKeys = FoldKeys.places

    /// By what the rows are in folds that fitted functions of labels learn from.
    enum FoldKeys {
        /// Their places, or what is known of them besides.
        case places
        /// A column of the rows, NULL for those that are not learned from.
        case column(OutputColumn)
        /// None of the rows is learned from.
        case none
    }

    /// What queries inside inherit.
    var inside: QueryEnvironment { QueryEnvironment(commonTables: commonTables, outerScope: outerScope) }

    /// The common table expression that a name means, what is in sight of its query, and whether this place is inside of
    /// that query: then the name means the rows of its step before.
    func commonTable(_ name: String) -> (table: CommonTable, environment: QueryEnvironment, isOwn: Bool)? {
        guard let (table, inSight, isOwn) = commonTables.table(name) else { return nil }
        return (table, QueryEnvironment(commonTables: inSight, outerScope: table.outerScope), isOwn)
    }

    /// With the common table expressions of one WITH; each sees the others.
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
    /// While its query is bound: whoever names it then is in a cycle.
    var isBeingBound = false
    /// The columns of its plan, once it is bound, and the number under which the binder keeps the plan.
    var shared: (subplan: Int, columns: [OutputColumn])?
    /// What its own name means in its query, of one that is recursive.
    var recursion = RecursiveReference()

    fileprivate init(_ expression: CommonTableExpression, _ position: Int, outerScope: Scope?) {
        self.expression = expression
        self.position = position
        self.outerScope = outerScope
    }
}

/// The common table expressions in sight of a place: those of a WITH, of two with one name the nearest before it, and those
/// around it. However many they are, each is kept once.
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
    /// The place in the list: of the table whose query it is, or the list's end.
    private let place: Int

    init() {
        list = nil
        place = 0
    }

    private init(_ list: List, place: Int) {
        self.list = list
        self.place = place
    }

    init(_ expressions: [CommonTableExpression], around: CommonTables, outerScope: Scope?) {
        let tables = expressions.enumerated().map { CommonTable($1, $0, outerScope: outerScope) }
        list = List(Dictionary(grouping: tables, by: \.expression.name.name), around: around)
        place = expressions.count
    }

    /// The last table of that name before the place, or the first behind it, and the tables in sight of its own query.
    /// Its own name means what it means outside of the WITH, but for one of WITH RECURSIVE.
    func table(_ name: String) -> (CommonTable, CommonTables, isOwn: Bool)? {
        var sight = self
        while let list = sight.list {
            let tables = list.tables[name] ?? []
            if let own = tables.first(where: { $0.position == sight.place && $0.expression.isRecursive }) {
                return (own, sight, true)
            }
            if let found = tables.last(where: { $0.position < sight.place }) ?? tables.first(where: { $0.position > sight.place }) {
                return (found, CommonTables(list, place: found.position), false)
            }
            sight = list.around
        }
        return nil
    }
}

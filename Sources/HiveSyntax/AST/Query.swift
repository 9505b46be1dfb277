/// A query with everything that stands around its body.
package struct Query: Hashable, Sendable {
    package var with: [CommonTableExpression]
    package indirect enum Body: Hashable, Sendable {
        case select(SelectCore)
        /// `VALUES (…), (…)` as a query of its own.
        case values([[Expression]])
        /// A query in parentheses; keeps its own ordering and limit.
        case parenthesized(Query)
        /// Queries joined by set operators, all of one strength, from left to right: a chain is one node, however long.
        case setOperations(Body, [SetOperand])
        /// `TABLE name`: all columns of the table.
        case table(TableName)
    }

    /// A set operator and what stands at its right. Without `all` rows are distinct.
    package struct SetOperand: Hashable, Sendable {
        package var operation: SetOperator
        package var all: Bool
        package var body: Body

        package init(operation: SetOperator, all: Bool, body: Body) {
            self.operation = operation
            self.all = all
            self.body = body
        }
    }

    /// Whether it says in which order rows come, or how many.
    package var ordersOrLimits: Bool {
        !orderBy.isEmpty || !sortBy.isEmpty || !clusterBy.isEmpty || !distributeBy.isEmpty || limit != nil
    }

    package var body: Body
    package var orderBy: [SortItem]
    package var sortBy: [SortItem]
    package var distributeBy: [Expression]
    package var clusterBy: [Expression]
    package var limit: Limit?
    package var range: SourceRange

    package init(
        with: [CommonTableExpression] = [], body: Body, orderBy: [SortItem] = [], sortBy: [SortItem] = [],
        distributeBy: [Expression] = [], clusterBy: [Expression] = [], limit: Limit? = nil,
        range: SourceRange = .none
    ) {
        self.with = with
        self.body = body
        self.orderBy = orderBy
        self.sortBy = sortBy
        self.distributeBy = distributeBy
        self.clusterBy = clusterBy
        self.limit = limit
        self.range = range
    }
}

extension Query.Body {
    /// Where it stands, as far as the tree tells.
    package var range: SourceRange? {
        switch self {
        case .select(let core): core.range
        case .values(let rows): rows.first?.first?.range
        case .parenthesized(let query): query.range
        case .setOperations(let first, let others):
            first.range.map { range in others.last?.body.range.map { range.union($0) } ?? range }
        case .table(let name): name.range
        }
    }
}

package enum SetOperator: String, Hashable, Sendable {
    case union = "UNION"
    case intersect = "INTERSECT"
    /// EXCEPT and MINUS
    case except = "EXCEPT"
}

/// `LIMIT count`, `LIMIT offset, count`, `LIMIT count OFFSET offset`
package struct Limit: Hashable, Sendable {
    package var count: Expression
    package var offset: Expression?

    package init(count: Expression, offset: Expression? = nil) {
        self.count = count
        self.offset = offset
    }
}

package struct CommonTableExpression: Hashable, Sendable {
    package var name: Identifier
    package var columns: [Identifier]
    package var query: Query
    /// Whether it stands in a WITH RECURSIVE: then its own name in its query means the rows of the step before.
    package var isRecursive: Bool

    package init(name: Identifier, columns: [Identifier] = [], query: Query, isRecursive: Bool = false) {
        self.name = name
        self.columns = columns
        self.query = query
        self.isRecursive = isRecursive
    }
}

package struct SelectCore: Hashable, Sendable {
    package var hints: [Hint]
    package var isDistinct: Bool
    package var items: [SelectItem]
    /// `SELECT TRANSFORM (…) USING …`, `MAP …`, `REDUCE …`: then `items` holds the arguments.
    package var transform: Transform?
    package var from: TableReference?
    package var filter: Expression?
    package var groupBy: GroupBy?
    package var having: Expression?
    package var qualify: Expression?
    package var windows: [NamedWindow]
    package var range: SourceRange

    package init(
        hints: [Hint] = [], isDistinct: Bool = false, items: [SelectItem], transform: Transform? = nil,
        from: TableReference? = nil, filter: Expression? = nil, groupBy: GroupBy? = nil, having: Expression? = nil,
        qualify: Expression? = nil, windows: [NamedWindow] = [], range: SourceRange = .none
    ) {
        self.hints = hints
        self.isDistinct = isDistinct
        self.items = items
        self.transform = transform
        self.from = from
        self.filter = filter
        self.groupBy = groupBy
        self.having = having
        self.qualify = qualify
        self.windows = windows
        self.range = range
    }
}

/// `/*+ MAPJOIN(a, b) */`
package struct Hint: Hashable, Sendable {
    package var name: Identifier
    package var arguments: [String]

    package init(name: Identifier, arguments: [String]) {
        self.name = name
        self.arguments = arguments
    }
}

package struct SelectItem: Hashable, Sendable {
    package var expression: Expression
    package var alias: Identifier?
    /// `AS (a, b)`: names of the columns of a table function.
    package var columnAliases: [Identifier]
    /// What a `*` leaves out and replaces.
    package var starChanges: StarChanges?

    package init(
        expression: Expression, alias: Identifier? = nil, columnAliases: [Identifier] = [], starChanges: StarChanges? = nil
    ) {
        self.expression = expression
        self.alias = alias
        self.columnAliases = columnAliases
        self.starChanges = starChanges
    }
}

/// `* EXCEPT (a, b) REPLACE (x + 1 AS x)`
package struct StarChanges: Hashable, Sendable {
    package struct Replacement: Hashable, Sendable {
        package var expression: Expression
        package var column: Identifier

        package init(expression: Expression, column: Identifier) {
            self.expression = expression
            self.column = column
        }
    }

    package var excluded: [Identifier]
    package var replacements: [Replacement]

    package init(excluded: [Identifier] = [], replacements: [Replacement] = []) {
        self.excluded = excluded
        self.replacements = replacements
    }
}

/// The script that rows of a TRANSFORM, MAP or REDUCE go through.
package struct Transform: Hashable, Sendable {
    package enum Keyword: String, Hashable, Sendable {
        case transform = "TRANSFORM"
        case map = "MAP"
        case reduce = "REDUCE"
    }

    package var keyword: Keyword
    package var inputFormat: RowFormat?
    package var recordWriter: String?
    package var command: String
    package var outputColumns: [TransformColumn]
    package var outputFormat: RowFormat?
    package var recordReader: String?

    package init(
        keyword: Keyword, inputFormat: RowFormat? = nil, recordWriter: String? = nil, command: String,
        outputColumns: [TransformColumn] = [], outputFormat: RowFormat? = nil, recordReader: String? = nil
    ) {
        self.keyword = keyword
        self.inputFormat = inputFormat
        self.recordWriter = recordWriter
        self.command = command
        self.outputColumns = outputColumns
        self.outputFormat = outputFormat
        self.recordReader = recordReader
    }
}

package struct TransformColumn: Hashable, Sendable {
    package var name: Identifier
    package var type: TypeName?

    package init(name: Identifier, type: TypeName? = nil) {
        self.name = name
        self.type = type
    }
}

package struct GroupBy: Hashable, Sendable {
    package enum Style: Hashable, Sendable {
        case plain
        /// `GROUP BY a, b WITH ROLLUP` or `GROUP BY ROLLUP (a, b)`
        case rollup(functionStyle: Bool)
        case cube(functionStyle: Bool)
        /// Each set lists expressions that also stand in `expressions`.
        case groupingSets([[Expression]])
        /// `GROUP BY ALL`: by every select item that has no aggregate in it.
        case all
    }

    package var expressions: [Expression]
    package var style: Style
    package var range: SourceRange

    package init(expressions: [Expression], style: Style = .plain, range: SourceRange = .none) {
        self.expressions = expressions
        self.style = style
        self.range = range
    }

    /// What the sets list, each once, in the order of its first appearance.
    package static func expressions(in sets: [[Expression]]) -> [Expression] {
        var known: Set<Expression> = []
        return sets.joined().filter { known.insert($0).inserted }
    }
}

package struct NamedWindow: Hashable, Sendable {
    package var name: Identifier
    package var specification: WindowSpecification

    package init(name: Identifier, specification: WindowSpecification) {
        self.name = name
        self.specification = specification
    }
}

/// What stands in FROM.
package struct TableReference: Hashable, Sendable {
    package indirect enum Kind: Hashable, Sendable {
        case table(TableSource)
        case subquery(Query, alias: Identifier?, columns: [Identifier])
        case values([[Expression]], alias: Identifier?, columns: [Identifier])
        /// `TABLE(f(x)) AS t (a, b)` / an inline table function.
        case tableFunction(FunctionCall, alias: Identifier?, columns: [Identifier])
        case join(Join)
        /// `UNIQUEJOIN [PRESERVE] t (a), [PRESERVE] u (b)`
        case uniqueJoin([UniqueJoinTable])
        case lateralView(LateralView)
        /// What the FROM before the INSERTs names, under the lateral views of one branch.
        case branchSource
        case pivot(Pivot)
        case unpivot(Unpivot)
        case partitionedTableFunction(PartitionedTableFunction)
        case modelFunction(ModelFunction)
        case featuresAtTime(FeaturesAtTime)
        /// A join in parentheses.
        case parenthesized(TableReference)
    }

    package var kind: Kind
    package var range: SourceRange

    package init(_ kind: Kind, range: SourceRange = .none) {
        self.kind = kind
        self.range = range
    }
}

package struct TableSource: Hashable, Sendable {
    package var name: TableName
    /// `t ('key'='value')`
    package var properties: [Property]
    package var sample: TableSample?
    /// `FOR SYSTEM_TIME AS OF …`, `FOR SYSTEM_VERSION AS OF …`
    package var asOf: AsOf?
    package var alias: Identifier?

    package enum AsOf: Hashable, Sendable {
        case time(Expression)
        case version(Expression)
    }

    package init(
        name: TableName, properties: [Property] = [], sample: TableSample? = nil, asOf: AsOf? = nil,
        alias: Identifier? = nil
    ) {
        self.name = name
        self.properties = properties
        self.sample = sample
        self.asOf = asOf
        self.alias = alias
    }
}

package enum TableSample: Hashable, Sendable {
    /// `TABLESAMPLE (BUCKET 1 OUT OF 32 ON a, b)`
    case bucket(Int, outOf: Int, on: [Expression])
    /// `TABLESAMPLE (0.5 PERCENT)`: the number as written
    case percent(String)
    case rows(Int)
    /// `TABLESAMPLE (10M)`
    case bytes(Int)
}

package struct Join: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case inner = "JOIN"
        case leftOuter = "LEFT OUTER JOIN"
        case rightOuter = "RIGHT OUTER JOIN"
        case fullOuter = "FULL OUTER JOIN"
        case cross = "CROSS JOIN"
        case leftSemi = "LEFT SEMI JOIN"
        case leftAnti = "LEFT ANTI JOIN"
        case rightSemi = "RIGHT SEMI JOIN"
        case rightAnti = "RIGHT ANTI JOIN"
        case asof = "ASOF JOIN"
        case asofInner = "ASOF INNER JOIN"
        case asofLeft = "ASOF LEFT OUTER JOIN"
        case comma = ","

        package var isAsof: Bool { self == .asof || self == .asofInner || self == .asofLeft }
    }

    package enum Condition: Hashable, Sendable {
        case on(Expression)
        case using([Identifier])
        case natural
    }

    package var kind: Kind
    package var left: TableReference
    package var right: TableReference
    /// `MATCH_CONDITION (…)` of an ASOF join.
    package var match: Expression?
    package var condition: Condition?

    package init(
        kind: Kind, left: TableReference, right: TableReference, match: Expression? = nil, condition: Condition? = nil
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.match = match
        self.condition = condition
    }
}

/// One table of a UNIQUEJOIN and what it is joined by.
package struct UniqueJoinTable: Hashable, Sendable {
    package var isPreserved: Bool
    package var table: TableSource
    package var key: [Expression]

    package init(isPreserved: Bool, table: TableSource, key: [Expression]) {
        self.isPreserved = isPreserved
        self.table = table
        self.key = key
    }
}

/// `source LATERAL VIEW [OUTER] f(x) alias AS a, b`
package struct LateralView: Hashable, Sendable {
    package var source: TableReference
    package var isOuter: Bool
    package var function: FunctionCall
    package var alias: Identifier
    package var columns: [Identifier]
    package var functionRange: SourceRange

    package init(
        source: TableReference, isOuter: Bool, function: FunctionCall, alias: Identifier, columns: [Identifier],
        functionRange: SourceRange = .none
    ) {
        self.source = source
        self.isOuter = isOuter
        self.function = function
        self.alias = alias
        self.columns = columns
        self.functionRange = functionRange
    }
}

/// `source PIVOT (sum(x) AS total FOR month IN (1 AS january, 2))`: a column for each value and aggregate.
package struct Pivot: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package var expression: Expression
        package var alias: Identifier?

        package init(expression: Expression, alias: Identifier?) {
            self.expression = expression
            self.alias = alias
        }
    }

    package var source: TableReference
    package var aggregates: [Item]
    package var columns: [Identifier]
    /// Rows of values where there are several columns.
    package var values: [Item]
    package var alias: Identifier?
    package var range: SourceRange

    package init(
        source: TableReference, aggregates: [Item], columns: [Identifier], values: [Item], alias: Identifier?,
        range: SourceRange = .none
    ) {
        self.source = source
        self.aggregates = aggregates
        self.columns = columns
        self.values = values
        self.alias = alias
        self.range = range
    }
}

/// `source UNPIVOT (value FOR name IN (a AS 'first', b))`: a row for each of the columns, and
/// `source UNPIVOT ((v, w) FOR name IN ((a, b) AS 'first', (c, d)))`: a row for each list of columns.
package struct Unpivot: Hashable, Sendable {
    /// The columns that one row shows.
    package struct Row: Hashable, Sendable {
        package var columns: [Identifier]
        /// What the row says where it is not the columns' names.
        package var label: String?
        package var range: SourceRange

        package init(columns: [Identifier], label: String?, range: SourceRange = .none) {
            self.columns = columns
            self.label = label
            self.range = range
        }
    }

    package var source: TableReference
    package var includesNulls: Bool
    /// As many as each row has columns.
    package var values: [Identifier]
    package var name: Identifier
    package var rows: [Row]
    package var alias: Identifier?
    package var range: SourceRange

    package init(
        source: TableReference, includesNulls: Bool, values: [Identifier], name: Identifier, rows: [Row],
        alias: Identifier?, range: SourceRange = .none
    ) {
        self.source = source
        self.includesNulls = includesNulls
        self.values = values
        self.name = name
        self.rows = rows
        self.alias = alias
        self.range = range
    }
}

/// `noop(ON source PARTITION BY a ORDER BY b name('x'))`
package struct PartitionedTableFunction: Hashable, Sendable {
    package var name: Identifier
    package var source: TableReference
    package var partitionBy: [Expression]
    package var orderBy: [SortItem]
    package var arguments: [NamedArgument]
    package var alias: Identifier?

    package struct NamedArgument: Hashable, Sendable {
        package var name: Identifier
        package var values: [Expression]

        package init(name: Identifier, values: [Expression]) {
            self.name = name
            self.values = values
        }
    }

    package init(
        name: Identifier, source: TableReference, partitionBy: [Expression], orderBy: [SortItem],
        arguments: [NamedArgument], alias: Identifier?
    ) {
        self.name = name
        self.source = source
        self.partitionBy = partitionBy
        self.orderBy = orderBy
        self.arguments = arguments
        self.alias = alias
    }
}

import Catalog
import Columnar
import Expressions
import Functions

/// A tree of relational operators over resolved expressions. Each node knows its `outputs`.
package indirect enum LogicalPlan: Sendable {
    case scan(LogicalScan)
    case values(LogicalValues)
    case filter(LogicalFilter)
    case project(LogicalProject)
    case aggregate(LogicalAggregate)
    case join(LogicalJoin)
    case asofJoin(LogicalAsofJoin)
    case window(LogicalWindow)
    case sort(LogicalSort)
    case limit(LogicalLimit)
    case union(LogicalUnion)
    case lateralView(LogicalLateralView)
    case transform(LogicalTransform)
    case with(LogicalWith)
    case sharedScan(LogicalSharedScan)
    case branches(LogicalBranches)
    case recursion(LogicalRecursion)
}

/// Reads columns of a table. Without conditions on partitions all of `partitions` are read.
package struct LogicalScan: Sendable {
    package var table: Table
    /// What is read.
    package var columns: [ScanColumn]
    /// The partitions left after pruning; for a table without partitions one pseudo partition with no values.
    package var partitions: [Partition]
    /// Whether the statement says which partitions these are, whatever its conditions.
    package var partitionsAreGiven = false
    /// Conjuncts over `columns` that rows must meet, cheap ones first.
    package var filters: [BoundExpression]
    /// TABLESAMPLE (n PERCENT | ROWS | BYTES), bucket sampling is a filter.
    package var sample: ScanSample?
    /// When there are some, rows do not come out: for each part of a file that has rows comes one row, with the partition
    /// columns among `columns` and then these aggregates of the part's rows. They have no argument or one of `columns`.
    /// What files say of their rows need not be read.
    package var summaries: [NamedAggregate] = []
    /// What the filter of TABLESAMPLE (BUCKET …) says when it is by the columns that the table's buckets are by.
    package var bucketSample: BucketSample?

    /// What every table has beside its columns. The raw value stands for an ordinal.
    package enum VirtualColumn: Int, Sendable {
        case inputFileName = -1
        case blockOffset = -2
        /// A number that tells a row from the others of its table: made of the partition's values, the file's path in the
        /// partition and the row's place in the file. The same wherever the warehouse is and whatever else is read.
        case rowPlace = -3

        /// Those that statements can name.
        package static let named: [VirtualColumn] = [.inputFileName, .blockOffset]

        package var name: String {
            switch self {
            case .inputFileName: "input__file__name"
            case .blockOffset: "block__offset__inside__file"
            case .rowPlace: "row place"
            }
        }

        package var type: SQLType {
            switch self {
            case .inputFileName: .string
            case .blockOffset, .rowPlace: .bigint
            }
        }
    }

    package struct ScanColumn: Sendable, Hashable {
        package var output: OutputColumn
        /// Index into `table.allColumns`, or a virtual column's number, which is negative.
        package var ordinal: Int
        /// Which parts of its values are needed; others may read as NULL.
        package var fields = FieldSelection.whole

        package init(output: OutputColumn, ordinal: Int) {
            self.output = output
            self.ordinal = ordinal
        }
    }

    /// What is read of the columns, for EXPLAIN: `a`, `s.x`.
    package var columnPaths: [String] { columns.flatMap { $0.fields.paths($0.output.name, type: $0.output.type) } }

    /// Rows of which `hash % count` is `bucket`.
    package struct BucketSample: Sendable, Hashable {
        package var bucket: Int
        package var count: Int

        package init(bucket: Int, count: Int) {
            self.bucket = bucket
            self.count = count
        }
    }

    package enum ScanSample: Sendable, Hashable {
        case percent(Double)
        /// Rows a file split.
        case rows(Int)
        case bytes(Int)
    }

    package init(
        table: Table, columns: [ScanColumn], partitions: [Partition], filters: [BoundExpression] = [],
        sample: ScanSample? = nil
    ) {
        self.table = table
        self.columns = columns
        self.partitions = partitions
        self.filters = filters
        self.sample = sample
    }
}

/// Rows written in the statement; with no columns and one empty row, the input of `SELECT 1`.
package struct LogicalValues: Sendable {
    package var outputs: [OutputColumn]
    package var rows: [[BoundExpression]]

    package init(outputs: [OutputColumn], rows: [[BoundExpression]]) {
        self.outputs = outputs
        self.rows = rows
    }
}

/// Keeps the rows for which `predicate` is TRUE.
package struct LogicalFilter: Sendable {
    package var input: LogicalPlan
    package var predicate: BoundExpression

    package init(input: LogicalPlan, predicate: BoundExpression) {
        self.input = input
        self.predicate = predicate
    }
}

package struct NamedExpression: Hashable, Sendable {
    package var output: OutputColumn
    package var expression: BoundExpression

    package init(output: OutputColumn, expression: BoundExpression) {
        self.output = output
        self.expression = expression
    }
}

package struct LogicalProject: Sendable {
    package var input: LogicalPlan
    package var expressions: [NamedExpression]

    package init(input: LogicalPlan, expressions: [NamedExpression]) {
        self.input = input
        self.expressions = expressions
    }
}

/// Groups rows. With no groups there is one group even of no rows, unless `groupingSets` says otherwise.
package struct LogicalAggregate: Sendable {
    package var input: LogicalPlan
    package var groups: [NamedExpression]
    /// GROUPING SETS: for each set the indexes into `groups` that are kept; others are NULL. nil: one set of all.
    package var groupingSets: [[Int]]?
    /// `GROUPING__ID` (BIGINT): bit `groups.count - 1 - i` is 1 when group `i` is NULLed in the set.
    package var groupingID: OutputColumn?
    package var aggregates: [NamedAggregate]

    package init(
        input: LogicalPlan, groups: [NamedExpression], groupingSets: [[Int]]? = nil, groupingID: OutputColumn? = nil,
        aggregates: [NamedAggregate]
    ) {
        self.input = input
        self.groups = groups
        self.groupingSets = groupingSets
        self.groupingID = groupingID
        self.aggregates = aggregates
    }
}

package struct NamedAggregate: Hashable, Sendable {
    package var output: OutputColumn
    package var call: AggregateCall

    package init(output: OutputColumn, call: AggregateCall) {
        self.output = output
        self.call = call
    }
}

/// A call of an aggregate function; arguments have the types that the function asked for.
package struct AggregateCall: Hashable, Sendable {
    package var function: AggregateFunction
    package var resolved: ResolvedAggregate
    package var arguments: [BoundExpression]
    package var isDistinct: Bool
    /// `FILTER (WHERE …)`.
    package var filter: BoundExpression?

    package init(
        function: AggregateFunction, resolved: ResolvedAggregate, arguments: [BoundExpression], isDistinct: Bool = false,
        filter: BoundExpression? = nil
    ) {
        self.function = function
        self.resolved = resolved
        self.arguments = arguments
        self.isDistinct = isDistinct
        self.filter = filter
    }

    package var name: String { function.name }

    package static func == (left: AggregateCall, right: AggregateCall) -> Bool {
        left.function === right.function && left.arguments == right.arguments && left.isDistinct == right.isDistinct
            && left.filter == right.filter
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(function))
        hasher.combine(arguments)
        hasher.combine(isDistinct)
    }
}

/// Joins two inputs. A row pair matches when all `equalities` are equal (NULL never is, unless null-safe) and
/// `residual` is TRUE.
package struct LogicalJoin: Sendable {
    package enum Kind: String, Sendable, Hashable {
        case inner, left, right, full
        /// Left rows with a match; only left columns come out.
        case leftSemi
        /// Left rows without a match; only left columns come out.
        case leftAnti
        /// `NOT IN`: as leftAnti, but a NULL key on either side means unknown: no row comes out when the right side has
        /// a NULL key, and left rows with a NULL key come out only when the right side is empty. One equality.
        case leftAntiNullAware
        /// Every left row once, and in `mark` whether it has a match.
        case mark
        case cross
    }

    package struct Equality: Hashable, Sendable {
        package var left: BoundExpression
        package var right: BoundExpression
        /// `<=>`
        package var isNullSafe: Bool

        package var comparison: ComparisonOperator { isNullSafe ? .nullSafeEqual : .equal }

        package init(left: BoundExpression, right: BoundExpression, isNullSafe: Bool = false) {
            self.left = left
            self.right = right
            self.isNullSafe = isNullSafe
        }
    }

    package enum BuildSide: String, Sendable { case left, right }

    package var kind: Kind
    package var left: LogicalPlan
    package var right: LogicalPlan
    /// Both sides of an equality have one type.
    package var equalities: [Equality]
    package var residual: BoundExpression?
    /// Which input is kept in memory; chosen by the optimizer from sizes.
    package var buildSide: BuildSide
    /// A scalar subquery: more than one match for a left row is an error.
    package var isSingleMatch: Bool
    /// Of a mark join: BOOLEAN, never NULL.
    package var mark: OutputColumn?

    package init(
        kind: Kind, left: LogicalPlan, right: LogicalPlan, equalities: [Equality], residual: BoundExpression? = nil,
        buildSide: BuildSide = .right, isSingleMatch: Bool = false, mark: OutputColumn? = nil
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.equalities = equalities
        self.residual = residual
        self.buildSide = buildSide
        self.isSingleMatch = isSingleMatch
        self.mark = mark
    }
}

package struct SortKey: Hashable, Sendable {
    package var expression: BoundExpression
    package var isAscending: Bool
    package var nullsFirst: Bool

    package init(expression: BoundExpression, isAscending: Bool, nullsFirst: Bool) {
        self.expression = expression
        self.isAscending = isAscending
        self.nullsFirst = nullsFirst
    }
}

/// Functions that share one PARTITION BY and ORDER BY. Outputs: the input's columns, then one a function.
package struct LogicalWindow: Sendable {
    package var input: LogicalPlan
    package var partitionBy: [BoundExpression]
    package var orderBy: [SortKey]
    package var functions: [NamedWindowFunction]
    /// Which rows of each partition matter, where not all do.
    package var rankLimit: RankLimit?

    /// The first rows in the window's order.
    package struct RankLimit: Sendable {
        package var count: Int
        /// Whether rows of so many different order keys are meant, and not so many rows.
        package var ofDistinctKeys: Bool
    }

    package init(
        input: LogicalPlan, partitionBy: [BoundExpression], orderBy: [SortKey], functions: [NamedWindowFunction]
    ) {
        self.input = input
        self.partitionBy = partitionBy
        self.orderBy = orderBy
        self.functions = functions
    }
}

package struct NamedWindowFunction: Sendable {
    package enum Function: Sendable {
        /// Arguments are converted; `ignoreNulls` for first/last/nth value and lag/lead.
        case window(WindowFunctionKind, ignoreNulls: Bool)
        case aggregate(AggregateFunction, ResolvedAggregate, isDistinct: Bool)
    }

    package var output: OutputColumn
    package var name: String
    package var function: Function
    package var arguments: [BoundExpression]
    package var frame: WindowFrame

    package init(
        output: OutputColumn, name: String, function: Function, arguments: [BoundExpression], frame: WindowFrame
    ) {
        self.output = output
        self.name = name
        self.function = function
        self.arguments = arguments
        self.frame = frame
    }
}

package struct WindowFrame: Hashable, Sendable {
    package enum Unit: Hashable, Sendable { case rows, range }
    package enum Bound: Hashable, Sendable {
        case unboundedPreceding
        /// ROWS: a count (`.integer`); RANGE: a constant of a type that can be added to the order key.
        case preceding(LiteralValue, SQLType)
        case currentRow
        case following(LiteralValue, SQLType)
        case unboundedFollowing
    }

    package var unit: Unit
    package var start: Bound
    package var end: Bound

    package init(unit: Unit, start: Bound, end: Bound) {
        self.unit = unit
        self.start = start
        self.end = end
    }

    package static let wholePartition = WindowFrame(unit: .rows, start: .unboundedPreceding, end: .unboundedFollowing)
}

/// Orders all rows; with `limit` only the first `offset + limit` matter (top-N).
package struct LogicalSort: Sendable {
    package var input: LogicalPlan
    package var keys: [SortKey]
    /// Set by limit pushdown; a limit node stays above.
    package var limit: Int?

    package init(input: LogicalPlan, keys: [SortKey], limit: Int? = nil) {
        self.input = input
        self.keys = keys
        self.limit = limit
    }
}

package struct LogicalLimit: Sendable {
    package var input: LogicalPlan
    package var count: Int
    package var offset: Int

    package init(input: LogicalPlan, count: Int, offset: Int = 0) {
        self.input = input
        self.count = count
        self.offset = offset
    }
}

/// UNION ALL: column `i` of the outputs is column `i` of every input's outputs; types are equal.
package struct LogicalUnion: Sendable {
    package var inputs: [LogicalPlan]
    package var outputs: [OutputColumn]
    /// Whether a row of each input comes in turn instead of one input after the other. The inputs give few rows then.
    package var takesTurns = false

    package init(inputs: [LogicalPlan], outputs: [OutputColumn]) {
        self.inputs = inputs
        self.outputs = outputs
    }
}

/// Each input row beside the rows that a table function makes of it. Outputs: the input's columns, then `generated`.
package struct LogicalLateralView: Sendable {
    package var input: LogicalPlan
    package var name: String
    package var function: ResolvedTableFunction
    package var arguments: [BoundExpression]
    package var generated: [OutputColumn]
    /// OUTER: a row without generated rows comes out once with NULLs.
    package var isOuter: Bool

    package init(
        input: LogicalPlan, name: String, function: ResolvedTableFunction, arguments: [BoundExpression],
        generated: [OutputColumn], isOuter: Bool
    ) {
        self.input = input
        self.name = name
        self.function = function
        self.arguments = arguments
        self.generated = generated
        self.isOuter = isOuter
    }
}

extension LogicalScan {
    package var outputs: [OutputColumn] {
        if summaries.isEmpty { return columns.map(\.output) }
        return columns.filter { $0.ordinal >= table.columns.count }.map(\.output) + summaries.map(\.output)
    }
}

extension LogicalPlan {
    /// The columns that the node gives out, in order.
    package var outputs: [OutputColumn] {
        // Down what passes columns on, then up again once: a chain of windows may be a thousand nodes deep.
        var added: [[OutputColumn]] = []
        var node = self
        while let (input, more) = node.passedOn {
            added.append(more)
            node = input
        }
        var outputs = node.ownOutputs
        for more in added.reversed() { outputs += more }
        return outputs
    }

    /// Of a node that gives out all columns of an input: that, and the columns that it adds behind them.
    private var passedOn: (input: LogicalPlan, added: [OutputColumn])? {
        switch self {
        case .filter(let node): (node.input, [])
        case .join(let node):
            switch node.kind {
            case .leftSemi, .leftAnti, .leftAntiNullAware: (node.left, [])
            case .mark: (node.left, node.mark.map { [$0] } ?? [])
            case .inner, .left, .right, .full, .cross: (node.left, node.right.outputs)
            }
        case .asofJoin(let node): (node.left, node.right.outputs)
        case .window(let node): (node.input, node.functions.map(\.output))
        case .sort(let node): (node.input, [])
        case .limit(let node): (node.input, [])
        case .lateralView(let node): (node.input, node.generated)
        case .with(let node): (node.input, [])
        case .scan, .values, .project, .aggregate, .union, .transform, .sharedScan, .branches, .recursion: nil
        }
    }

    /// The columns of a node that makes all that it gives out.
    private var ownOutputs: [OutputColumn] {
        switch self {
        case .scan(let node): node.outputs
        case .values(let node): node.outputs
        case .project(let node): node.expressions.map(\.output)
        case .aggregate(let node):
            node.groups.map(\.output) + (node.groupingID.map { [$0] } ?? []) + node.aggregates.map(\.output)
        case .union(let node): node.outputs
        case .transform(let node): node.outputs
        case .sharedScan(let node): node.columns.map(\.output)
        case .branches(let node): node.inputs.flatMap(\.outputs)
        case .recursion(let node): node.outputs
        case .filter, .join, .asofJoin, .window, .sort, .limit, .lateralView, .with: []
        }
    }

    package var inputs: [LogicalPlan] {
        switch self {
        case .scan, .values: []
        case .filter(let node): [node.input]
        case .project(let node): [node.input]
        case .aggregate(let node): [node.input]
        case .join(let node): [node.left, node.right]
        case .asofJoin(let node): [node.left, node.right]
        case .window(let node): [node.input]
        case .sort(let node): [node.input]
        case .limit(let node): [node.input]
        case .union(let node): node.inputs
        case .lateralView(let node): [node.input]
        case .transform(let node): [node.source]
        case .with(let node): node.subplans.map(\.plan) + [node.input]
        case .sharedScan: []
        case .branches(let node): node.inputs
        case .recursion(let node): [node.anchor, node.step]
        }
    }
}

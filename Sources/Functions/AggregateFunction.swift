import Columnar

/// Aggregate functions: many rows in, a value out.
package enum AggregateFamily: FunctionFamily {
    package typealias Traits = AggregateTraits
    package typealias Resolved = ResolvedAggregate
}

package typealias AggregateFunction = FunctionDefinition<AggregateFamily>

/// What rules may know of an aggregate function.
package struct AggregateTraits: FunctionTraits, Hashable {
    package enum ValueOfNoRows: Sendable, Hashable {
        case null, zero, emptyList
    }

    /// How a frame's value follows from that of the frame before, in constant time a row.
    package enum SlidingForm: Sendable, Hashable {
        case count, sum, average, least, greatest
    }

    /// False when duplicates change nothing (`max`, `collect_set`): DISTINCT is then dropped.
    package var isDistinctSensitive = true
    /// `f(x)` is `f(DISTINCT x)`.
    package var isAlwaysDistinct = false
    /// Whether the value shows the order in which rows come (`collect_list`): they come in that of their source then.
    package var isOrderSensitive = false
    /// `f(*)`: without arguments all rows count.
    package var acceptsStar = false
    /// `f(…) WITHIN GROUP (ORDER BY …)`
    package var acceptsSortKeys = false
    package var valueOfNoRows = ValueOfNoRows.null
    package var slidingForm: SlidingForm?

    package init() {}

    package init(
        isDistinctSensitive: Bool = true, isAlwaysDistinct: Bool = false, isOrderSensitive: Bool = false, acceptsStar: Bool = false,
        acceptsSortKeys: Bool = false, valueOfNoRows: ValueOfNoRows = .null, slidingForm: SlidingForm? = nil
    ) {
        self.isDistinctSensitive = isDistinctSensitive
        self.isAlwaysDistinct = isAlwaysDistinct
        self.isOrderSensitive = isOrderSensitive
        self.acceptsStar = acceptsStar
        self.acceptsSortKeys = acceptsSortKeys
        self.valueOfNoRows = valueOfNoRows
        self.slidingForm = slidingForm
    }
}

package struct ResolvedAggregate: Sendable {
    package let argumentTypes: [SQLType]
    package let resultType: SQLType
    package let makeAccumulator: @Sendable (EvaluationContext) -> any Accumulator

    package init(
        argumentTypes: [SQLType], resultType: SQLType,
        makeAccumulator: @escaping @Sendable (EvaluationContext) -> any Accumulator
    ) {
        self.argumentTypes = argumentTypes
        self.resultType = resultType
        self.makeAccumulator = makeAccumulator
    }
}

/// The states of one aggregate for all groups of one worker, kept as arrays indexed by group number.
///
/// Groups are dense numbers given by the hash aggregate. All methods work a batch at a time.
package protocol Accumulator: AnyObject {
    /// Makes room for groups `0..<groupCount`; new ones get the empty state. Never shrinks.
    func resize(groupCount: Int)

    /// Folds rows in. `groups[ordinal]` is the group of the `ordinal`-th selected row. Arguments are flat or constant.
    func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) throws

    /// Folds all selected rows into one group; the same as `update` with equal groups, for aggregates without GROUP BY
    /// and for window frames.
    func update(_ arguments: [Column], rows: RowSelection, group: Int) throws

    /// Folds group `sources[i]` of `other` (an accumulator of the same kind) into own group `targets[i]`, for `count`
    /// pairs.
    func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int) throws

    /// The values of `groups`, as a flat column that owns what it holds. The states stay usable.
    func finish(_ groups: Range<Int>) throws -> Column

    /// Puts groups back to the empty state.
    func reset(_ groups: Range<Int>)

    /// Bytes held, for the memory pool.
    var byteCount: Int { get }

    /// The states of `groups` as a column that `restore` reads back (spilling).
    func save(_ groups: Range<Int>) throws -> Column

    /// Folds saved states into groups: row `i` of the column into `targets[i]`.
    func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws
}

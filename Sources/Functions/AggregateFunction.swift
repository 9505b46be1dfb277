import Columnar

/// An aggregate function: many rows in, a value out.
package struct AggregateFunction: Sendable {
    package let names: [String]
    package let documentation: FunctionDocumentation
    /// False when duplicates change nothing (`max`, `collect_set`): DISTINCT is then dropped.
    package let isDistinctSensitive: Bool
    package let resolve: @Sendable (FunctionCall) throws -> ResolvedAggregate

    package init(
        _ names: String..., documentation: FunctionDocumentation, isDistinctSensitive: Bool = true,
        resolve: @escaping @Sendable (FunctionCall) throws -> ResolvedAggregate
    ) {
        self.names = names
        self.documentation = documentation
        self.isDistinctSensitive = isDistinctSensitive
        self.resolve = resolve
    }
}

extension AggregateFunction {
    /// The same with the names in an array, for families that are made by functions.
    init(
        names: [String], documentation: FunctionDocumentation, isDistinctSensitive: Bool = true,
        resolve: @escaping @Sendable (FunctionCall) throws -> ResolvedAggregate
    ) {
        self.names = names
        self.documentation = documentation
        self.isDistinctSensitive = isDistinctSensitive
        self.resolve = resolve
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

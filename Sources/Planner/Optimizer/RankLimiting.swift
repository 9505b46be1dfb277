import Columnar
import Expressions

/// Tells windows of ranks how many rows of each partition matter, where a condition keeps the first ones:
/// `row_number() OVER (…) <= 3`.
struct RankLimiting: OptimizerRule {
    static let name = "rank_limiting"

    /// Of more rows not so much is saved.
    private static let mostRows: Int64 = 1024

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try plan.transformedUp { node in
            try context.checkCancellation()
            guard case .filter(var filter) = node, case .window(var window) = filter.input, !window.orderBy.isEmpty,
                window.partitionBy.allSatisfy(\.isDeterministic), window.orderBy.allSatisfy(\.expression.isDeterministic)
            else { return node }
            var ranks: [ColumnID: Bool] = [:]
            for function in window.functions {
                // What other functions give may depend on the rows behind.
                guard case .window(let kind, _) = function.function else { return node }
                switch kind {
                case .rowNumber, .rank: ranks[function.output.id] = false
                case .denseRank: ranks[function.output.id] = true
                default: return node
                }
            }
            for conjunct in filter.predicate.conjuncts {
                guard let (column, last) = Self.bound(conjunct), let ofDistinctKeys = ranks[column],
                    last <= Self.mostRows, last < window.rankLimit.map({ Int64($0.count) }) ?? .max
                else { continue }
                window.rankLimit = LogicalWindow.RankLimit(count: Int(max(last, 0)), ofDistinctKeys: ofDistinctKeys)
            }
            filter.input = .window(window)
            return .filter(filter)
        }
    }

    /// The column that a condition bounds from above, and the last value that it lets pass.
    private static func bound(_ condition: BoundExpression) -> (ColumnID, Int64)? {
        switch condition.kind {
        case .comparison(let operation, let left, let right):
            if let column = column(left), let last = integer(right) { return bound(column, operation, last) }
            if let column = column(right), let last = integer(left) { return bound(column, operation.mirrored, last) }
            return nil
        case .inList(let operand, let list):
            let values = list.compactMap(integer)
            guard let column = column(operand), values.count == list.count, let last = values.max() else { return nil }
            return (column, last)
        default: return nil
        }
    }

    private static func bound(_ column: ColumnID, _ operation: ComparisonOperator, _ value: Int64) -> (ColumnID, Int64)? {
        switch operation {
        case .lessOrEqual, .equal, .nullSafeEqual: (column, value)
        case .less: (column, value > .min ? value - 1 : value)
        case .greater, .greaterOrEqual, .notEqual: nil
        }
    }

    /// A column, through conversions of integers to wider ones.
    private static func column(_ expression: BoundExpression) -> ColumnID? {
        switch expression.kind {
        case .column(let id): return id
        case .cast(let operand) where operand.type.isIntegral && expression.type == .bigint: return column(operand)
        default: return nil
        }
    }

    private static func integer(_ expression: BoundExpression) -> Int64? {
        guard expression.type.isIntegral, case .literal(.integer(let value)) = expression.kind else { return nil }
        return value
    }
}

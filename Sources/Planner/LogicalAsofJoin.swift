import Columnar
import Expressions

/// Each left row beside the nearest of the right rows that match it: those for which all `equalities` and `match` hold
/// and `residual` is TRUE. Of several right rows with the nearest value the first of their source is taken. A left row
/// without one is dropped, or comes out with NULLs when the join is outer. Outputs: the left columns, then the right.
package struct LogicalAsofJoin: Sendable {
    /// `left operation right`: `>=` and `>` take the greatest right value, `<=` and `<` the least.
    package struct Match: Hashable, Sendable {
        package var left: BoundExpression
        /// `.greaterOrEqual`, `.greater`, `.lessOrEqual` or `.less`.
        package var operation: ComparisonOperator
        package var right: BoundExpression

        package init(left: BoundExpression, operation: ComparisonOperator, right: BoundExpression) {
            self.left = left
            self.operation = operation
            self.right = right
        }
    }

    package var isOuter: Bool
    package var left: LogicalPlan
    package var right: LogicalPlan
    /// Both sides of an equality have one type.
    package var equalities: [LogicalJoin.Equality]
    /// Both sides have one type, or are decimals that no type holds together.
    package var match: Match
    package var residual: BoundExpression?

    package init(
        isOuter: Bool, left: LogicalPlan, right: LogicalPlan, equalities: [LogicalJoin.Equality], match: Match,
        residual: BoundExpression? = nil
    ) {
        self.isOuter = isOuter
        self.left = left
        self.right = right
        self.equalities = equalities
        self.match = match
        self.residual = residual
    }
}

import Columnar
import Functions

/// Expressions of one operator as a graph of kernels over the columns of a batch. Subexpressions that the optimizer
/// marked as shared are one node, so that a batch computes them once. Immutable; `ExpressionEvaluator` holds a worker's
/// state.
package final class ExpressionProgram: @unchecked Sendable {
    // Unchecked: nothing in it changes after `init`.
    package enum Operation {
        case column(Int)
        case literal(LiteralValue)
        case call(ScalarKernel, [Int])
        case comparison(ComparisonOperator, Int, Int)
        case cast(Int)
        case and([Int])
        case or([Int])
        case not(Int)
        case isNull(Int)
        case isNotNull(Int)
        case conditional([(condition: Int, value: Int)], otherwise: Int?)
        case coalesce([Int])
        case inList(Int, MembershipList)
        case field(Int, index: Int)
    }

    package struct Node {
        package let operation: Operation
        package let type: SQLType
        /// Whether every row needs the value: no condition decides about it.
        package var isUnconditional = false
        /// The next node down a long chain of operands whose value is to be had first; -1 for none. So chains of
        /// thousands of operators do not take as many levels of a worker's stack.
        package var landing = -1
    }

    package let nodes: [Node]
    /// The nodes of the expressions that the program was made of, in order.
    package let roots: [Int]

    /// - Parameter columns: where in a batch each column of the input stands.
    /// - Throws: `ExpressionError.missingColumn` for a column that the input does not have.
    package init(_ expressions: [BoundExpression], input columns: [OutputColumn]) throws {
        var compiler = ExpressionCompiler(columns)
        roots = try expressions.map { try compiler.add($0) }
        for root in roots { compiler.markUnconditional(root) }
        compiler.markLandings()
        nodes = compiler.nodes
    }

    /// For a root that is a column of the input, its place there.
    package func inputColumn(of root: Int) -> Int? {
        if case .column(let position) = nodes[roots[root]].operation { return position }
        return nil
    }
}

import Columnar
import Functions

extension BoundExpression {
    /// The one value of an expression that reads no column: its program run on one row.
    /// - Throws: what a function throws on the values; `ExpressionError.missingColumn` when a column is met.
    package func value(in context: EvaluationContext) throws -> LiteralValue {
        if case .literal(let value) = kind { return value }
        let evaluator = ExpressionEvaluator(try ExpressionProgram([self], input: []), context: context)
        evaluator.begin(Batch(columns: [], capacity: 1))
        return LiteralValue(try evaluator.plainResult(0), row: 0)
    }
}

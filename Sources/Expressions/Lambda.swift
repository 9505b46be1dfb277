import Columnar
import Functions

/// A function that a statement writes as an argument, `x -> x + a`: a body over the columns of its parameters and over what
/// it takes from the row around it.
package struct Lambda: Sendable {
    package let parameters: [OutputColumn]
    /// The columns of the row around that the body reads.
    package let captured: [OutputColumn]
    package let resultType: SQLType
    private let program: ExpressionProgram

    /// - Throws: `ExpressionError.missingColumn` for a body that reads other columns.
    package init(parameters: [OutputColumn], captured: [OutputColumn], body: BoundExpression) throws {
        self.parameters = parameters
        self.captured = captured
        resultType = body.type
        program = try ExpressionProgram([body], input: parameters + captured)
    }

    fileprivate func evaluator(_ context: EvaluationContext) -> ExpressionEvaluator {
        ExpressionEvaluator(program, context: context)
    }
}

/// Calls of a lambda function that are evaluated together.
final class LambdaCalls {
    /// More calls than that are no faster together.
    static let usualCount = Batch.defaultCapacity

    private let evaluator: ExpressionEvaluator
    private let parameters: [ColumnBuilder]
    private let captured: [ColumnBuilder]
    private let around: [Column]
    private let resultType: SQLType
    /// Calls so far.
    private(set) var count = 0

    /// - Parameter around: what the lambda takes from the rows, in the order of `Lambda.captured`.
    init(_ lambda: Lambda, around: [Column], context: EvaluationContext) {
        evaluator = lambda.evaluator(context)
        parameters = lambda.parameters.map { ColumnBuilder($0.type) }
        captured = lambda.captured.map { ColumnBuilder($0.type) }
        self.around = around
        resultType = lambda.resultType
    }

    /// The value of a parameter in the call that is being written; -1 gives NULL.
    func set(_ parameter: Int, _ column: Column, row: Int) {
        if row < 0 { parameters[parameter].appendNull() } else { parameters[parameter].append(column, row: row) }
    }

    /// The same for a whole number.
    func set(_ parameter: Int, index: Int) { parameters[parameter].append(Int32(truncatingIfNeeded: index)) }

    /// Ends a call, which stands in a row of the batch around.
    func end(row: Int) {
        for (builder, column) in zip(captured, around) { builder.append(column, row: row) }
        count += 1
    }

    /// The flat results of the calls so far, in their order.
    func results() throws -> Column {
        guard count > 0 else { return .nulls(resultType, count: 0) }
        let rows = count
        count = 0
        evaluator.begin(Batch(columns: (parameters + captured).map { $0.finish() }, capacity: rows))
        defer { evaluator.end() }
        return try evaluator.plainResult(0).flattened(.all(rows))
    }
}

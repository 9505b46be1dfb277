import Columnar
import Expressions
import Functions
import HiveSyntax

/// Gives the state of a call of a fitted function, as bytes that its `apply` function takes: what was learned from other rows
/// than those of the query. nil: the call is left to learn from the query's rows.
package typealias FittedStateProvider = (FittedCall) throws -> [UInt8]?

/// A call of a fitted function over all rows, `f(x, options) OVER ()`, for which a state is asked.
package struct FittedCall {
    package let function: FittedFunction
    package let resolved: ResolvedFittedFunction
    /// What learns the state from the rows that the call's query reads. Its columns are those of the query's FROM; a call in
    /// the arguments of another one has its state already, as a constant.
    package let fit: AggregateCall
    /// The arguments that are values of rows, of the types that `resolved.apply` takes behind the state.
    package let rowArguments: [BoundExpression]
    /// Its place among the calls of the query for which a state is asked, in the order in which they are written; a call in
    /// the arguments of another one comes before that.
    package let ordinal: Int
    package let range: SourceRange

    /// The function's name: `ml.standard_scaler`.
    package var name: String { function.name }
}

extension ExpressionBinder {
    /// A call of a fitted function: its state, which the rows of its window or somebody else give, applied to the row.
    func bindFitted(
        _ function: FittedFunction, _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> BoundExpression {
        guard let reference = call.window else {
            throw PlanError("Missing over clause for function :  \(name), which learns from rows: add OVER ()", code: 10247, at: range)
        }
        if call.isDistinct { throw PlanError("DISTINCT keyword is not supported for \(name)", code: 10011, at: range) }
        if let filter = call.filter { throw PlanError.unsupported("FILTER with OVER", at: filter.range) }
        if call.nullTreatment != nil || !call.withinGroup.isEmpty {
            throw PlanError("\(name) takes its arguments and OVER alone", code: 10011, at: range)
        }
        let specification = try self.specification(reference, windows?.definitions ?? [:], range)
        guard specification.orderBy.isEmpty, specification.frame == nil else {
            throw PlanError("\(name) learns from whole partitions: OVER () and OVER (PARTITION BY …) have no order and no frame", at: range)
        }
        // What is asked of others may stand anywhere; a window inside of a window would need a second pass.
        let outer = windows
        windows = nil
        defer { windows = outer }
        let arguments = try bindArguments(call)
        let resolved = try binder.resolve(function, name, arguments, at: range)
        let fit = AggregateCall(
            function: resolved.fit, resolved: resolved.resolvedFit,
            arguments: zip(arguments, resolved.resolvedFit.argumentTypes).map { binder.cast($0, to: $1) })
        let rowArguments = resolved.rowArguments.map { fit.arguments[$0] }
        let state = try givenState(function, resolved, fit, rowArguments, specification, range)
            ?? learnedState(name, fit, try specification.partitionBy.map { try bind($0) }, outer, range)
        var result = BoundExpression.call(resolved.apply, resolved.resolvedApply, [state] + rowArguments)
        result.range = range
        return result
    }

    /// The state that somebody else gives for a call over all rows.
    private func givenState(
        _ function: FittedFunction, _ resolved: ResolvedFittedFunction, _ fit: AggregateCall, _ rowArguments: [BoundExpression],
        _ specification: WindowSpecification, _ range: SourceRange
    ) throws -> BoundExpression? {
        guard let provider = environment.fittedStates, specification.partitionBy.isEmpty else { return nil }
        let call = FittedCall(
            function: function, resolved: resolved, fit: fit, rowArguments: rowArguments, ordinal: binder.fittedCallCount, range: range)
        binder.fittedCallCount += 1
        return try provider(call).map { BoundExpression(.literal(.bytes($0)), type: .binary) }
    }

    /// The state that the rows of a partition give.
    private func learnedState(
        _ name: String, _ fit: AggregateCall, _ partitionBy: [BoundExpression], _ windows: WindowCollector?, _ range: SourceRange
    ) throws -> BoundExpression {
        guard let windows else { throw PlanError("Window function \(name) is not allowed here", at: range) }
        let output = binder.makeColumn("_\(name)_state", .binary)
        windows.add(
            NamedWindowFunction(
                output: output, name: fit.name, function: .aggregate(fit.function, fit.resolved, isDistinct: false),
                arguments: fit.arguments, frame: .wholePartition),
            partitionBy: partitionBy, orderBy: [])
        return .column(output)
    }
}

import Columnar
import Expressions
import Functions
import HiveSyntax

/// Gives the state of a call of a fitted function, as bytes that its `apply` function takes: what was learned from other rows
/// than those of the query. nil: the call is left to learn from the query's rows.
package typealias FittedStateProvider = (FittedCall) throws -> [UInt8]?

/// A call of a fitted function, `f(x, options) OVER ()`, for which a state is asked.
package struct FittedCall {
    package let function: FittedFunction
    package let resolved: ResolvedFittedFunction
    /// What learns the state from the rows that the call's query reads. Its columns are those of the query's FROM; a call in
    /// the arguments of another one has its state already, as a constant.
    package let fit: AggregateCall
    /// The arguments that are values of rows, of the types that `resolved.apply` takes behind the state.
    package let rowArguments: [BoundExpression]
    /// The key of a row's group, whose states are asked for together, as `FittedGroups.bytes` has them; nil: one state of all rows is.
    package let groupKey: BoundExpression?
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
        var values = arguments
        if let folding = resolved.folding {
            let stated = folding.keyArgument.map { values.remove(at: $0) }
            values.append(try foldKey(stated, name, outer, range))
        }
        let fit = AggregateCall(
            function: resolved.fit, resolved: resolved.resolvedFit,
            arguments: zip(values, resolved.resolvedFit.argumentTypes).map { binder.cast($0, to: $1) })
        var rowArguments = resolved.rowArguments.map { fit.arguments[$0] }
        if resolved.folding != nil { rowArguments += fit.arguments.suffix(1) }
        func applied(_ state: BoundExpression, to arguments: [BoundExpression]) -> BoundExpression {
            .call(resolved.apply, resolved.resolvedApply, [state] + arguments)
        }
        let groups = try specification.partitionBy.map { try bind($0) }
        let given = try givenStates(function, resolved, fit, rowArguments, groups, range)
        var result: BoundExpression
        if groups.isEmpty {
            result = applied(try given?.whole ?? learnedState(name, fit, groups, outer, range), to: rowArguments)
        } else if resolved.completes {
            // What the rows of a group say nothing of, all rows may.
            let own = applied(try given?.group ?? learnedState(name, fit, groups, outer, range), to: rowArguments)
            let whole = try given?.whole ?? learnedState(name, fit, [], outer, range)
            result = applied(whole, to: [own] + rowArguments.dropFirst())
        } else if let given {
            let state = given.group.map { BoundExpression(.coalesce([$0, given.whole]), type: .binary) }
            result = applied(state ?? given.whole, to: rowArguments)
        } else {
            result = applied(try learnedState(name, fit, groups, outer, range), to: rowArguments)
        }
        result.range = range
        return result
    }

    /// By what a row is in a fold: equal rows are in one. NULL for rows that are not learned from.
    /// - Parameter stated: what the statement says; nil: rows are known by their places.
    private func foldKey(
        _ stated: BoundExpression?, _ name: String, _ windows: WindowCollector?, _ range: SourceRange
    ) throws -> BoundExpression {
        func hashed(_ value: BoundExpression) throws -> BoundExpression {
            binder.cast(try binder.call(.hash(.murmur), [value], at: range), to: .bigint)
        }
        switch environment.foldKeys {
        case .none: return BoundExpression(.literal(.null), type: .bigint)
        case .column(let column):
            guard let stated else { return .column(column) }
            let isLearnedFrom = BoundExpression(.isNotNull(.column(column)), type: .boolean)
            return BoundExpression(
                .conditional([ConditionalBranch(condition: isLearnedFrom, value: try hashed(stated))], otherwise: nil), type: .bigint)
        case .places:
            if let stated { return try hashed(stated) }
            guard let windows else { throw PlanError("Window function \(name) is not allowed here", at: range) }
            return .column(windows.rowKey { binder.makeColumn("_row_key", .bigint) })
        }
    }

    /// The states that somebody else gives for a call: of all rows and, where the call has groups, of the row's group.
    private func givenStates(
        _ function: FittedFunction, _ resolved: ResolvedFittedFunction, _ fit: AggregateCall, _ rowArguments: [BoundExpression],
        _ groups: [BoundExpression], _ range: SourceRange
    ) throws -> (whole: BoundExpression, group: BoundExpression?)? {
        guard let provider = environment.fittedStates else { return nil }
        func given(_ key: BoundExpression?) throws -> BoundExpression? {
            let call = FittedCall(
                function: function, resolved: resolved, fit: fit, rowArguments: rowArguments, groupKey: key,
                ordinal: binder.fittedCallCount, range: range)
            binder.fittedCallCount += 1
            return try provider(call).map { BoundExpression(.literal(.bytes($0)), type: .binary) }
        }
        guard let whole = try given(nil) else { return nil }
        guard !groups.isEmpty else { return (whole, nil) }
        if let other = groups.first(where: \.type.isComplex) {
            throw PlanError("\(function.name) learns of groups by primitive values, not by \(other.type)", at: other.range ?? range)
        }
        let texts = groups.map { binder.cast($0, to: .string) }
        let key = try binder.call(FittedGroups.key, texts, at: range)
        guard let states = try given(key) else { return nil }
        return (whole, try binder.call(FittedGroups.state, [states, key], at: range))
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

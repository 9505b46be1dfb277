import Columnar

/// Functions that learn something from all rows and compute each row by it, as a scaler learns the mean of a column.
///
/// A call is two: an aggregate of the rows, whose value is a *state*, and a scalar function of a state and a row. So rows
/// are learned from in parallel and by group, and a state that was learned before can be a constant of another plan.
package enum FittedFamily: FunctionFamily {
    package typealias Traits = NoTraits
    package typealias Resolved = ResolvedFittedFunction
}

package typealias FittedFunction = FunctionDefinition<FittedFamily>

/// A fitted function fitted to one call: `f(x, options) OVER ()` is `apply(fit(x, options) OVER (), x)`.
package struct ResolvedFittedFunction: Sendable {
    /// Learns a state, a BINARY that is never NULL, from all arguments of the call. The state holds the options too.
    package let fit: AggregateFunction
    package let resolvedFit: ResolvedAggregate
    /// Computes a row of a state and of the call's `rowArguments`. A NULL state gives NULL; bytes that are no state of this
    /// function are a `FunctionError`.
    package let apply: ScalarFunction
    package let resolvedApply: ResolvedScalar
    /// Which of the call's arguments are needed to compute a row. The others are constants, which `resolve` has checked, or
    /// values that only learning looks at, as it does at a label.
    package let rowArguments: [Int]
    /// Whether what a row lacks is put in, and else it is left as it is: what one state leaves NULL another one may have.
    package let completes: Bool
    /// nil: all rows are told the same.
    package let folding: FittedFolding?

    package var resultType: SQLType { resolvedApply.resultType }
}

/// How rows that are learned from are told what the others say, where that is of a label: they are in folds, and are told what the
/// rows of the other folds say. `fit` takes, behind the call's other arguments, and `apply` behind the row's, a BIGINT by which rows are
/// in a fold, NULL for a row that is not learned from.
package struct FittedFolding: Sendable {
    /// The call's argument by which rows are in a fold, which `fit` does not take as it is; nil: they are by their places.
    package let keyArgument: Int?
}

/// How a fitted function learns from the rows of one call, whose first argument is converted to `argumentType`.
struct FittedLearner {
    let argumentType: SQLType
    /// What the second argument is converted to, where that is what the first one is to tell, as a row's class; nil: it is an
    /// option as those behind it.
    var labelType: SQLType?
    var folding: FittedFolding?
    let makeAccumulator: @Sendable (EvaluationContext) -> any Accumulator

    /// As an aggregate of the call's arguments.
    func aggregate(of call: FunctionCall) -> ResolvedAggregate {
        var types = [argumentType] + (labelType.map { [$0] } ?? [])
        types += call.argumentTypes.dropFirst(types.count)
        if let folding {
            if let key = folding.keyArgument { types.remove(at: key) }
            types.append(.bigint)
        }
        return ResolvedAggregate(argumentTypes: types, resultType: .binary, makeAccumulator: makeAccumulator)
    }
}

extension FunctionDefinition where Family == FittedFamily {
    /// A function whose first argument is the rows' value; the second may be their label, and the others are constants.
    /// - Parameters:
    ///   - completes: as in `ResolvedFittedFunction`.
    ///   - fit: Checks a call's arguments.
    ///   - apply: What is computed of a state and a value of the type that `fit` asked for.
    static func make(
        _ name: String, documentation: FunctionDocumentation, completes: Bool = false,
        fit: @escaping @Sendable (FunctionCall) throws -> FittedLearner,
        apply: @escaping @Sendable (SQLType) -> ResolvedScalar
    ) -> FittedFunction {
        let fitFunction = AggregateFunction("fit \(name)", documentation: documentation) { call in try fit(call).aggregate(of: call) }
        let applyFunction = ScalarFunction(
            name, documentation: documentation, traits: ScalarTraits(cost: .dear, canFail: true)
        ) { call in
            try call.expect(2...3)
            return apply(call.argumentTypes[1])
        }
        return FittedFunction(name, documentation: documentation) { call in
            let learner = try fit(call)
            return ResolvedFittedFunction(
                fit: fitFunction, resolvedFit: learner.aggregate(of: call), apply: applyFunction, resolvedApply: apply(learner.argumentType),
                rowArguments: [0], completes: completes, folding: learner.folding)
        }
    }
}

extension FunctionCall {
    /// Checks that an argument is a number, and no text that may hold one.
    func expectNumber(_ index: Int) throws {
        guard argumentTypes[index].isNumeric || argumentTypes[index] == .void else { throw mismatch(index, "numeric") }
    }

    /// A whole number that the call gives as a constant, or `fallback` when it leaves it out.
    /// - Parameter meaning: what errors call it.
    func constantInteger(_ index: Int, _ meaning: String, in range: ClosedRange<Int64>, fallback: Int64? = nil) throws -> Int64 {
        if index >= count, let fallback { return fallback }
        guard let value = constantInteger(index), range.contains(value) else {
            throw FunctionError(
                .argumentType(index),
                "\(name) takes as \(meaning) a constant integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// One of `words`, whatever its case, that the call gives as a constant, or the first when it leaves it out.
    func constantWord<Word: RawRepresentable & CaseIterable>(_ index: Int, _ meaning: String, _: Word.Type) throws -> Word
    where Word.RawValue == String {
        let words = Array(Word.allCases)
        if index >= count { return words[0] }
        guard let text = constantString(index)?.lowercased(), let word = words.first(where: { $0.rawValue == text }) else {
            let list = words.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw FunctionError(.argumentType(index), "\(name) takes as \(meaning) one of the constants \(list)")
        }
        return word
    }

    /// TRUE or FALSE that the call gives as a constant, or `fallback` when it leaves it out.
    func constantBoolean(_ index: Int, _ meaning: String, fallback: Bool) throws -> Bool {
        if index >= count { return fallback }
        guard let value = constantBoolean(index) else {
            throw FunctionError(.argumentType(index), "\(name) takes as \(meaning) a constant TRUE or FALSE")
        }
        return value
    }
}

import Columnar

/// Skewness and kurtosis by central moments that are updated with every value and united pairwise (Pébay, "Formulas for robust,
/// one-pass parallel computation of covariances and arbitrary-order statistical moments", Sandia report SAND2008-6212, equations
/// 2.1 and 3.1).
private final class ShapeAccumulator: NumberFoldingAccumulator {
    struct State: BitwiseCopyable {
        var count = 0.0
        var mean = 0.0
        /// Sums of the second, third and fourth powers of the distances from the mean.
        var second = 0.0, third = 0.0, fourth = 0.0
    }

    enum Shape: Sendable { case skewness, kurtosis }

    let storage = StateStorage(empty: State())
    private let shape: Shape

    init(_ shape: Shape) { self.shape = shape }

    @inline(__always)
    static func fold(_ state: inout State, _ value: Double) {
        let before = state.count
        state.count += 1
        let distance = value - state.mean
        let part = distance / state.count
        let term = distance * part * before
        state.mean += part
        state.fourth +=
            term * part * part * (state.count * state.count - 3 * state.count + 3) + 6 * part * part * state.second - 4 * part * state.third
        state.third += term * part * (state.count - 2) - 3 * part * state.second
        state.second += term
    }

    func combine(_ state: inout State, _ addition: State) {
        guard addition.count > 0 else { return }
        guard state.count > 0 else {
            state = addition
            return
        }
        let a = state.count, b = addition.count, all = a + b
        let distance = addition.mean - state.mean
        let square = distance * distance
        let fourth =
            square * square * a * b * (a * a - a * b + b * b) / (all * all * all)
            + 6 * square * (a * a * addition.second + b * b * state.second) / (all * all)
            + 4 * distance * (a * addition.third - b * state.third) / all
        let third =
            square * distance * a * b * (a - b) / (all * all) + 3 * distance * (a * addition.second - b * state.second) / all
        state.fourth += addition.fourth + fourth
        state.third += addition.third + third
        state.second += addition.second + square * a * b / all
        state.mean += distance * b / all
        state.count = all
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        let shape = shape
        return .results(.double, groups) { group -> Double? in
            let state = states[group]
            // What does not spread has no shape.
            guard state.count > 0, state.second != 0 else { return nil }
            switch shape {
            case .skewness: return state.count.squareRoot() * state.third / (state.second * state.second * state.second).squareRoot()
            case .kurtosis: return state.count * state.fourth / (state.second * state.second) - 3
            }
        }
    }
}

private func shapeFunction(_ name: String, _ shape: ShapeAccumulator.Shape, _ usage: String) -> AggregateFunction {
    AggregateFunction(
        name,
        documentation: FunctionDocumentation(
            usage, extended: "NULL when all numbers are the same.\nExample:\n  > SELECT _FUNC_(fare) FROM trips;")
    ) { call in
        _ = try call.numericAggregateType()
        return ResolvedAggregate(argumentTypes: [.double], resultType: .double) { _ in ShapeAccumulator(shape) }
    }
}

let shapeFunctions: [AggregateFunction] = [
    shapeFunction("skewness", .skewness, "_FUNC_(x) - Returns how far numbers lean to one side of their mean, 0 when they do not"),
    shapeFunction(
        "kurtosis", .kurtosis, "_FUNC_(x) - Returns how much numbers lie at the ends, 0 as for a normal distribution (excess kurtosis)"),
]

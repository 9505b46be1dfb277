import Columnar

/// What is made of the sum of squared deviations.
private enum Spread: Sendable { case populationVariance, sampleVariance, populationDeviation, sampleDeviation }

/// Variance and standard deviation by updating the squared deviations with every value, in Hive's order of operations.
private final class VarianceAccumulator: NumberFoldingAccumulator {
    struct State: BitwiseCopyable {
        var count: Int64 = 0
        var sum = 0.0
        /// Sum of squared distances from the mean.
        var deviations = 0.0
    }

    let storage = StateStorage(empty: State())
    private let spread: Spread

    init(_ spread: Spread) { self.spread = spread }

    @inline(__always)
    static func fold(_ state: inout State, _ value: Double) {
        state.count &+= 1
        state.sum += value
        if state.count > 1 {
            let count = Double(state.count)
            let distance = count * value - state.sum
            state.deviations += distance * distance / (count * (count - 1))
        }
    }

    func combine(_ state: inout State, _ addition: State) {
        guard addition.count > 0 else { return }
        guard state.count > 0 else {
            state = addition
            return
        }
        let a = Double(state.count), b = Double(addition.count)
        let distance = a / b * addition.sum - state.sum
        state.deviations += addition.deviations + b / a / (a + b) * distance * distance
        state.count &+= addition.count
        state.sum += addition.sum
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        let spread = spread
        return .results(.double, groups) { group -> Double? in
            let state = states[group]
            guard state.count > 0 else { return nil }
            // A sample of one does not spread, as Hive has it.
            let sample = state.count > 1 ? state.deviations / Double(state.count - 1) : 0
            switch spread {
            case .populationVariance: return state.deviations / Double(state.count)
            case .populationDeviation: return (state.deviations / Double(state.count)).squareRoot()
            case .sampleVariance: return sample
            case .sampleDeviation: return sample.squareRoot()
            }
        }
    }
}

private func spreadFunction(_ names: [String], _ spread: Spread, _ usage: String) -> AggregateFunction {
    AggregateFunction(names: names, documentation: FunctionDocumentation(usage)) { call in
        _ = try call.numericAggregateType()
        return ResolvedAggregate(argumentTypes: [.double], resultType: .double) { _ in VarianceAccumulator(spread) }
    }
}

let varianceFunctions: [AggregateFunction] = [
    spreadFunction(["variance", "var_pop"], .populationVariance, "_FUNC_(x) - Returns the variance of a set of numbers"),
    spreadFunction(["var_samp"], .sampleVariance, "_FUNC_(x) - Returns the unbiased variance of a sample"),
    spreadFunction(
        ["stddev", "stddev_pop", "std"], .populationDeviation, "_FUNC_(x) - Returns the standard deviation of a set of numbers"),
    spreadFunction(["stddev_samp"], .sampleDeviation, "_FUNC_(x) - Returns the standard deviation of a sample"),
]

import Columnar

/// What is made of the moments of pairs.
private enum PairStatistic: Sendable {
    case populationCovariance, sampleCovariance, correlation
    case count, averageX, averageY, sumXX, sumYY, sumXY, slope, intercept, determination
}

/// Covariance, correlation and linear regression over rows in which both numbers are there. The first argument is `y`
/// for the `regr_` functions.
private final class PairAccumulator: FixedStateAccumulator {
    struct State: BitwiseCopyable {
        var count: Int64 = 0
        var firstMean = 0.0
        var secondMean = 0.0
        /// Sums of products of the distances from the means.
        var firstSquares = 0.0
        var secondSquares = 0.0
        var products = 0.0
    }

    let storage = StateStorage(empty: State())
    private let statistic: PairStatistic

    init(_ statistic: PairStatistic) { self.statistic = statistic }

    @inline(__always)
    private static func fold(_ state: inout State, _ first: Double, _ second: Double) {
        state.count &+= 1
        let count = Double(state.count)
        let firstDistance = first - state.firstMean
        let secondDistance = second - state.secondMean
        state.firstMean += firstDistance / count
        state.secondMean += secondDistance / count
        if state.count > 1 {
            state.products += firstDistance * (second - state.secondMean)
            state.firstSquares += firstDistance * (first - state.firstMean)
            state.secondSquares += secondDistance * (second - state.secondMean)
        }
    }

    func combine(_ state: inout State, _ addition: State) {
        guard addition.count > 0 else { return }
        guard state.count > 0 else {
            state = addition
            return
        }
        let a = Double(state.count), b = Double(addition.count)
        let first = addition.firstMean - state.firstMean, second = addition.secondMean - state.secondMean
        let weight = a * b / (a + b)
        state.products += addition.products + first * second * weight
        state.firstSquares += addition.firstSquares + first * first * weight
        state.secondSquares += addition.secondSquares + second * second * weight
        state.firstMean = (state.firstMean * a + addition.firstMean * b) / (a + b)
        state.secondMean = (state.secondMean * a + addition.secondMean * b) / (a + b)
        state.count &+= addition.count
    }

    @inline(__always)
    private func forEachPair(_ arguments: [Column], _ rows: RowSelection, _ body: (Int, Double, Double) -> Void) {
        let first = arguments[0].values(as: Double.self), second = arguments[1].values(as: Double.self)
        let firstScale = arguments[0].isConstant ? 0 : 1, secondScale = arguments[1].isConstant ? 0 : 1
        let validity = ValidityBitmap.intersection(arguments, count: arguments[0].count)
        forEachRow(rows, validity: validity) { ordinal, row in
            body(ordinal, first[row &* firstScale], second[row &* secondScale])
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        let states = states
        forEachPair(arguments, rows) { Self.fold(&states[Int(groups[$0])], $1, $2) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        var state = states[group]
        forEachPair(arguments, rows) { Self.fold(&state, $1, $2) }
        states[group] = state
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        if statistic == .count { return .results(.bigint, groups) { states[$0].count } }
        let statistic = statistic
        return .results(.double, groups) { group -> Double? in
            let state = states[group]
            let count = Double(state.count)
            guard state.count > 0 else { return nil }
            let slope = state.secondSquares == 0 ? nil : state.products / state.secondSquares
            switch statistic {
            case .populationCovariance: return state.products / count
            case .sampleCovariance: return state.count > 1 ? state.products / (count - 1) : nil
            case .correlation:
                // Nothing goes along with a constant.
                guard state.count > 1, state.firstSquares != 0, state.secondSquares != 0 else { return nil }
                return state.products / state.firstSquares.squareRoot() / state.secondSquares.squareRoot()
            case .averageX: return state.secondMean
            case .averageY: return state.firstMean
            case .sumXX: return state.secondSquares
            case .sumYY: return state.firstSquares
            case .sumXY: return state.products
            case .slope: return state.count > 1 ? slope : nil
            case .intercept:
                guard state.count > 1, let slope else { return nil }
                return state.firstMean - slope * state.secondMean
            case .determination:
                guard state.count > 1, state.secondSquares != 0 else { return nil }
                if state.firstSquares == 0 { return 1 }
                return state.products * state.products / (state.secondSquares * state.firstSquares)
            case .count: return count
            }
        }
    }
}

private func pairFunction(_ names: [String], _ statistic: PairStatistic, _ usage: String) -> AggregateFunction {
    AggregateFunction(
        names: names, documentation: FunctionDocumentation(usage),
        traits: AggregateTraits(valueOfNoRows: statistic == .count ? .zero : .null)
    ) { call in
        guard call.count == 2 else {
            throw FunctionError(.argumentCount, "Exactly two arguments are expected.")
        }
        for (index, type) in call.argumentTypes.enumerated() {
            guard type.isNumeric || type.isCharacter || type == .timestamp || type == .void else {
                throw FunctionError(
                    .argumentType(index),
                    type.isPrimitive
                        ? "Only numeric or string type arguments are accepted but \(type) is passed."
                        : "Only primitive type arguments are accepted but \(type) is passed.")
            }
        }
        return ResolvedAggregate(
            argumentTypes: [.double, .double], resultType: statistic == .count ? .bigint : .double
        ) { _ in PairAccumulator(statistic) }
    }
}

let covarianceFunctions: [AggregateFunction] = [
    pairFunction(["covar_pop"], .populationCovariance, "_FUNC_(x, y) - Returns the covariance of pairs of numbers"),
    pairFunction(["covar_samp"], .sampleCovariance, "_FUNC_(x, y) - Returns the covariance of a sample of pairs"),
    pairFunction(["corr"], .correlation, "_FUNC_(x, y) - Returns Pearson's coefficient of correlation"),
    pairFunction(["regr_count"], .count, "_FUNC_(y, x) - Returns the number of pairs without NULL"),
    pairFunction(["regr_avgx"], .averageX, "_FUNC_(y, x) - Returns the mean of x over pairs without NULL"),
    pairFunction(["regr_avgy"], .averageY, "_FUNC_(y, x) - Returns the mean of y over pairs without NULL"),
    pairFunction(["regr_sxx"], .sumXX, "_FUNC_(y, x) - Returns the sum of squared distances of x from its mean"),
    pairFunction(["regr_syy"], .sumYY, "_FUNC_(y, x) - Returns the sum of squared distances of y from its mean"),
    pairFunction(["regr_sxy"], .sumXY, "_FUNC_(y, x) - Returns the sum of products of the distances of x and y from their means"),
    pairFunction(["regr_slope"], .slope, "_FUNC_(y, x) - Returns the slope of the line of least squares"),
    pairFunction(["regr_intercept"], .intercept, "_FUNC_(y, x) - Returns where the line of least squares meets x = 0"),
    pairFunction(["regr_r2"], .determination, "_FUNC_(y, x) - Returns the coefficient of determination of the line"),
]

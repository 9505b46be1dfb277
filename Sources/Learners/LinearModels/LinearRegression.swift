import FeatureTables

/// Linear least squares with L1 and L2 penalties.
///
/// Minimizes half the weighted mean squared error plus `l1 · Σ|β| + l2 / 2 · Σβ²`, where β are the weights of the
/// standardized features; the intercept carries no penalty. Without L1 the normal equations are solved by Cholesky
/// factorization (of several solutions the shortest on the features' own scale), with it by cyclic coordinate descent (Friedman, Hastie and Tibshirani, "Regularization paths for
/// generalized linear models via coordinate descent", 2010). The model's weights are on the features' own scale.
public struct LinearRegression: Learner {
    public static let name = "linear-regression"
    public var name: String { Self.name }

    /// Iterations are passes of coordinate descent over all features; it ends when no standardized weight moves further
    /// than the tolerance's share of the label's deviation.
    public var options = Self.defaults

    static let defaults = LinearOptions(l2: 0, maximumIterations: 10_000, tolerance: 1e-9)

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        options = try LinearOptions(
            HyperparameterValues(hyperparameters, of: LinearRegressionKind().parameters, learner: Self.name))
    }

    public var hyperparameters: [String: String] { options.hyperparameters }

    /// Above this many features the matrix of products would take more than 512 MB.
    private static let featureLimit = 8192

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let labels = try table.numericLabels()
        let total = try table.totalWeight()
        let matrix = table.matrix
        let l2 = options.l2 ?? 1 / total
        try table.matrix.requireValues(name)
        guard matrix.columnCount <= Self.featureLimit else {
            throw LearnerError.featureCountMismatch(expected: Self.featureLimit, found: matrix.columnCount)
        }
        let scaling = try table.matrix.standardization(
            options, weights: table.weights, total: total, threads: context.threads)
        var labelMean = 0.0
        if options.hasIntercept {
            for (row, label) in labels.enumerated() { labelMean += (table.weights?[row] ?? 1) * label / total }
        }
        let moments = try Moments(
            matrix, labels, labelMean: labelMean, weights: table.weights, total: total, scaling: scaling,
            threads: context.threads)
        var notes: [String] = []
        var solution: [Double]
        var iterations = 1
        var converged = true
        var reason = "normal equations solved"
        if options.l1 > 0 {
            (solution, iterations, converged) = try coordinateDescent(moments, l2, context)
            reason = converged
                ? "weights settled" : iterations < options.maximumIterations ? TrainingContext.interruption : "iteration limit"
        } else {
            let factor = CholeskyFactor(moments.products, ridge: [Double](repeating: l2, count: matrix.columnCount))
            solution = factor.solve(moments.answers)
            let aliased = factor.aliased.filter { scaling.deviations[$0] > 0 }
            if !aliased.isEmpty {
                solution = Self.shortest(solution, along: aliased.map(factor.nullVector), scales: scaling.inverseDeviations)
                notes.append(
                    "sums of other features, with which they share weights: "
                        + aliased.map { table.featureNames[$0] }.joined(separator: ", "))
            }
        }
        let weights = zip(solution, scaling.inverseDeviations).map { $0 * $1 }
        let intercept = options.hasIntercept ? labelMean - dot(weights, scaling.means) : 0
        guard intercept.isFinite, weights.allSatisfy(\.isFinite) else { throw LearnerError.notFinite("a weight") }
        let model = LinearModel(
            task: .regression, featureNames: table.featureNames, classes: [],
            outputs: [.init(intercept: intercept, weights: weights)], deviations: scaling.deviations)
        let objective = moments.objective(solution, l1: options.l1, l2: l2)
        try context.advance(TrainingProgress(iteration: iterations, limit: iterations, objective: objective))
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: iterations, objective: objective, converged: converged, stopReason: reason, notes: notes))
    }

    /// Of all weights that fit equally well those with the least sum of squares on the features' own scale.
    /// - Parameters:
    ///   - solution: some of them, of the scaled features.
    ///   - directions: by what they may be changed, linearly independent.
    ///   - scales: that features were multiplied by.
    /// - Complexity: O(features × directions²).
    private static func shortest(_ solution: [Double], along directions: [[Double]], scales: [Double]) -> [Double] {
        let own = directions.map { zip($0, scales).map { $0 * $1 } }
        let weights = zip(solution, scales).map { $0 * $1 }
        let products = own.flatMap { first in own.map { dot(first, $0) } }
        let factor = CholeskyFactor(products, ridge: [Double](repeating: 0, count: own.count))
        let steps = factor.solve(own.map { dot($0, weights) })
        var shortest = solution
        for (direction, step) in zip(directions, steps) {
            for feature in shortest.indices { shortest[feature] -= step * direction[feature] }
        }
        return shortest
    }

    /// Each pass solves for one weight after the other with the rest held fixed.
    private func coordinateDescent(
        _ moments: Moments, _ l2: Double, _ context: TrainingContext
    ) throws -> (weights: [Double], passes: Int, converged: Bool) {
        let width = moments.answers.count
        var weights = [Double](repeating: 0, count: width)
        // Answers minus products · weights.
        var residuals = moments.answers
        let smallest = options.tolerance * max(moments.labelSquare.squareRoot(), .leastNormalMagnitude)
        let maximumIterations = max(options.maximumIterations, 1)
        let l1 = options.l1
        for pass in 1...maximumIterations {
            var largestMove = 0.0
            for feature in 0..<width {
                let square = moments.products[feature * width + feature]
                guard square > 0 else { continue }
                let pull = residuals[feature] + square * weights[feature]
                let shrunk = pull > l1 ? pull - l1 : (pull < -l1 ? pull + l1 : 0)
                let next = shrunk / (square + l2)
                let move = next - weights[feature]
                guard move != 0 else { continue }
                weights[feature] = next
                let row = feature * width
                for other in 0..<width { residuals[other] -= move * moments.products[row + other] }
                largestMove = max(largestMove, abs(move) * square.squareRoot())
            }
            if largestMove <= smallest { return (weights, pass, true) }
            if pass % 10 == 0 {
                let goesOn = try context.advance(
                    TrainingProgress(
                        iteration: pass, limit: maximumIterations,
                        objective: moments.objective(weights, l1: l1, l2: l2)))
                if !goesOn { return (weights, pass, false) }
            }
        }
        return (weights, maximumIterations, false)
    }
}

/// Linear least squares by name.
public struct LinearRegressionKind: LearnerKind {
    public init() {}

    public var name: String { LinearRegression.name }
    public var summary: String { "a number; least squares, L1 and L2 penalties" }
    public var tasks: [LearningTask] { [.regression] }
    public var takesMissingValues: Bool { false }
    public var tellsContributions: Bool { true }

    public var parameters: [HyperparameterDescription] {
        LinearRegression.defaults.descriptions(
            iterations: "limit of passes of coordinate descent (L1)", iterationLimit: 10_000_000,
            tolerance: "weight change that ends coordinate descent (L1), as a share of the label's deviation")
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        var learner = LinearRegression()
        learner.options = try LinearOptions(values)
        return learner
    }

    public func decode(_ saved: SavedModel) throws -> any Model { try LinearModel(saved) }
}

import FeatureTables

/// Logistic regression for two classes, and its multinomial form (softmax) for more.
///
/// Minimizes the weighted mean of the log loss plus `l1 · Σ|β| + l2 / 2 · Σβ²`, where β are the weights of the
/// standardized features; intercepts carry no penalty. The model's weights are on the features' own scale.
public struct LogisticRegression: Learner {
    public static let name = "logistic-regression"
    public var name: String { Self.name }

    /// Iterations are steps of the optimizer; the tolerance is the largest component of the gradient at which it ends.
    public var options = Self.defaults

    static let defaults = LinearOptions(l2: nil, maximumIterations: 1000, tolerance: 1e-8)

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        options = try LinearOptions(
            HyperparameterValues(hyperparameters, of: LogisticRegressionKind().parameters, learner: Self.name))
    }

    public var hyperparameters: [String: String] { options.hyperparameters }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let (codes, classes) = try table.classLabels()
        let total = try table.totalWeight()
        let l2 = options.l2 ?? 1 / total
        try table.requireValues(of: name)
        var scaling = Standardization(
            table.matrix, weights: table.weights, totalWeight: total, scales: options.standardizes, threads: context.threads)
        guard scaling.isFinite else { throw LearnerError.notFinite("a feature's mean or deviation") }
        // Without an intercept, centring would bring one in through the back door.
        if !options.hasIntercept { scaling.means = scaling.means.map { _ in 0 } }
        let objective = LogisticObjective(
            matrix: table.matrix, codes: codes, weights: table.weights, totalWeight: total,
            outputCount: classes.count == 2 ? 1 : classes.count, scaling: scaling, l2: l2,
            hasIntercept: options.hasIntercept, threads: context.threads)
        let width = table.matrix.columnCount
        let stride = objective.stride
        var penalties: [Double] = []
        if options.l1 > 0 {
            penalties = (0..<objective.outputCount).flatMap { _ in [Double](repeating: options.l1, count: width) + [0] }
        }
        let outcome = try minimize(objective, penalties: penalties, context: context)
        var outputs = (0..<objective.outputCount).map { output in
            let standardized = outcome.point[(output * stride)..<(output * stride + width)]
            let weights = zip(standardized, scaling.inverseDeviations).map { $0 * $1 }
            let intercept = outcome.point[output * stride + width] - dot(weights, scaling.means)
            return LinearModel.Output(intercept: options.hasIntercept ? intercept : 0, weights: weights)
        }
        if outputs.count > 1 { outputs = centred(outputs, isPenalized: options.l1 > 0 || l2 > 0) }
        guard outputs.allSatisfy({ $0.intercept.isFinite && $0.weights.allSatisfy(\.isFinite) }) else {
            throw LearnerError.notFinite("a weight")
        }
        let model = LinearModel(
            task: classes.count == 2 ? .binaryClassification : .multiclassClassification,
            featureNames: table.featureNames, classes: classes, outputs: outputs, deviations: scaling.deviations)
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: outcome.iterations, objective: outcome.objective, converged: outcome.converged,
                stopReason: outcome.stopReason,
                notes: options.l2 == nil ? ["l2 = \(ReportNumber.short(l2)), one over the sum of the rows' weights"] : []))
    }

    /// Few weights by Newton's method; others, those of a sparse matrix and those with an L1 penalty by L-BFGS, which also goes on
    /// where no step of the former leads down.
    private func minimize(_ objective: LogisticObjective, penalties: [Double], context: TrainingContext) throws -> SearchOutcome {
        let limit = options.maximumIterations
        var start = objective.startingPoint()
        var begun = 0
        if penalties.isEmpty, let curvature = LogisticCurvature(objective) {
            let outcome = try NewtonSearch(maximumIterations: limit, tolerance: options.tolerance).minimize(
                from: start, evaluate: { curvature.evaluate($0, gradient: &$1, hessian: &$2) },
                advance: { try context.advance(TrainingProgress(iteration: $0, limit: limit, objective: $1)) })
            if outcome.converged || outcome.iterations == limit { return outcome }
            (start, begun) = (outcome.point, outcome.iterations)
        }
        let preconditioner = penalties.isEmpty ? try LogisticPreconditioner(objective) : nil
        var outcome = try LimitedMemoryBFGS(maximumIterations: limit - begun, tolerance: options.tolerance).minimize(
            from: start, penalties: penalties, inverseHessian: preconditioner?.apply,
            evaluate: { objective.evaluate($0, gradient: &$1) },
            advance: { try context.advance(TrainingProgress(iteration: begun + $0, limit: limit, objective: $1)) })
        outcome.iterations += begun
        return outcome
    }

    /// Softmax ignores a shift common to all classes; the intercepts (and, without penalties, the weights) are reported
    /// with mean zero.
    private func centred(_ outputs: [LinearModel.Output], isPenalized: Bool) -> [LinearModel.Output] {
        var outputs = outputs
        let count = Double(outputs.count)
        let shift = outputs.reduce(0) { $0 + $1.intercept } / count
        for output in outputs.indices { outputs[output].intercept -= shift }
        guard !isPenalized, let width = outputs.first?.weights.count else { return outputs }
        for feature in 0..<width {
            let shift = outputs.reduce(0) { $0 + $1.weights[feature] } / count
            for output in outputs.indices { outputs[output].weights[feature] -= shift }
        }
        return outputs
    }
}

/// Logistic regression by name.
public struct LogisticRegressionKind: LearnerKind {
    public init() {}

    public var name: String { LogisticRegression.name }
    public var summary: String { "two or more classes; L1 and L2 penalties" }
    public var tasks: [LearningTask] { [.binaryClassification, .multiclassClassification] }
    public var takesMissingValues: Bool { false }

    public var parameters: [HyperparameterDescription] {
        LogisticRegression.defaults.descriptions(
            iterations: "limit of optimizer steps", iterationLimit: 1_000_000,
            tolerance: "largest component of the gradient at which the search ends",
            automaticL2: "1 / the sum of the rows' weights")
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        var learner = LogisticRegression()
        learner.options = try LinearOptions(values)
        return learner
    }

    public func decode(_ saved: SavedModel) throws -> any Model { try LinearModel(saved) }
}

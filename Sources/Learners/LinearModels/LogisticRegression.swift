import FeatureTables

/// Logistic regression for two classes, and for more its multinomial form (softmax) or each class against all others.
///
/// Minimizes the weighted mean of the log loss plus `l1 · Σ|β| + l2 / 2 · Σβ²`, where β are the weights of the
/// standardized features; intercepts carry no penalty. The model's weights are on the features' own scale.
public struct LogisticRegression: Learner {
    public static let name = "logistic-regression"
    public var name: String { Self.name }

    /// Iterations are steps of the optimizer; the tolerance is the largest component of the gradient at which it ends.
    public var options = Self.defaults
    /// How more than two classes are told apart.
    public var multiClass = MultiClass.multinomial

    /// Ways to tell more than two classes apart.
    public enum MultiClass: String, Sendable, CaseIterable {
        /// All at once, by softmax.
        case multinomial
        /// Each against all others.
        case oneAgainstRest = "ovr"
    }

    static let defaults = LinearOptions(l2: nil, maximumIterations: 1000, tolerance: 1e-8)

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        try self.init(HyperparameterValues(hyperparameters, of: LogisticRegressionKind().parameters, learner: Self.name))
    }

    init(_ values: HyperparameterValues) throws {
        options = try LinearOptions(values)
        multiClass = MultiClass(rawValue: try values.choice("multi-class")) ?? .multinomial
    }

    public var hyperparameters: [String: String] {
        options.hyperparameters.merging(["multi-class": multiClass.rawValue]) { $1 }
    }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let (codes, classes) = try table.classLabels()
        let total = try table.totalWeight()
        let l2 = options.l2 ?? 1 / total
        try table.matrix.requireValues(name)
        let scaling = try table.matrix.standardization(
            options, weights: table.weights, total: total, threads: context.threads)
        let isOneAgainstRest = multiClass == .oneAgainstRest && classes.count > 2
        var outputs: [LinearModel.Output] = []
        var outcomes: [SearchOutcome] = []
        if isOneAgainstRest {
            for positive in OneAgainstRest.positives(of: classes.count) {
                let sides: [Int32] = codes.map { $0 == positive ? 1 : 0 }
                let found = try search(table, sides, outputCount: 1, scaling, total: total, l2: l2, after: outcomes, context)
                outputs += found.outputs
                outcomes.append(found.outcome)
            }
        } else {
            let count = classes.count == 2 ? 1 : classes.count
            let found = try search(table, codes, outputCount: count, scaling, total: total, l2: l2, after: [], context)
            outputs = count > 1 ? centred(found.outputs, isPenalized: options.l1 > 0 || l2 > 0) : found.outputs
            outcomes = [found.outcome]
        }
        let model = LinearModel(
            task: classes.count == 2 ? .binaryClassification : .multiclassClassification,
            featureNames: table.featureNames, classes: classes, outputs: outputs, deviations: scaling.deviations,
            link: isOneAgainstRest ? .oneAgainstRest : nil)
        return TrainingResult(model: model, fit: OneAgainstRest.summary(outcomes, notes: options.notes(l2: l2)))
    }

    /// - Parameters:
    ///   - codes: positions of classes, or 1 and 0 for one output.
    ///   - others: searches of this training before this one.
    private func search(
        _ table: FeatureTable, _ codes: [Int32], outputCount: Int, _ scaling: Standardization, total: Double, l2: Double,
        after others: [SearchOutcome], _ context: TrainingContext
    ) throws -> (outputs: [LinearModel.Output], outcome: SearchOutcome) {
        let objective = ScoreObjective(
            LogLoss(codes: codes, outputCount: outputCount), table.matrix, weights: table.weights, totalWeight: total,
            scaling: scaling, l2: l2, hasIntercept: options.hasIntercept, threads: context.threads)
        let outcome = try minimize(objective, after: others.reduce(0) { $0 + $1.iterations }, context: context)
        return (try objective.outputs(of: outcome.point), outcome)
    }

    /// Few weights by Newton's method; others, those of a sparse matrix and those with an L1 penalty by L-BFGS, which also goes on
    /// where no step of the former leads down.
    /// - Parameter before: steps of this training before this search, for its progress.
    private func minimize(
        _ objective: ScoreObjective<LogLoss>, after before: Int, context: TrainingContext
    ) throws -> SearchOutcome {
        let limit = options.maximumIterations
        func advance(_ iteration: Int, _ value: Double) throws -> Bool {
            try context.advance(TrainingProgress(iteration: before + iteration, limit: before + limit, objective: value))
        }
        let penalties = objective.penalties(l1: options.l1)
        var start = objective.startingPoint()
        var begun = 0
        if penalties.isEmpty, let curvature = LogisticCurvature(objective) {
            let outcome = try NewtonSearch(maximumIterations: limit, tolerance: options.tolerance).minimize(
                from: start, evaluate: { curvature.evaluate($0, gradient: &$1, hessian: &$2) }, advance: advance)
            if outcome.converged || outcome.iterations == limit || outcome.isInterrupted { return outcome }
            (start, begun) = (outcome.point, outcome.iterations)
        }
        let preconditioner = penalties.isEmpty ? try ScorePreconditioner(objective, curvature: objective.startingCurvature()) : nil
        var outcome = try LimitedMemoryBFGS(maximumIterations: limit - begun, tolerance: options.tolerance).minimize(
            from: start, penalties: penalties, inverseHessian: preconditioner?.apply,
            evaluate: { objective.evaluate($0, gradient: &$1) },
            advance: { try advance(begun + $0, $1) })
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
    public var tellsContributions: Bool { true }

    public var parameters: [HyperparameterDescription] {
        LogisticRegression.defaults.descriptions(
            iterations: "limit of optimizer steps", iterationLimit: 1_000_000,
            tolerance: "largest component of the gradient at which the search ends",
            automaticL2: LinearOptions.automaticL2)
            + [
                .init(
                    "multi-class", .choice(LogisticRegression.MultiClass.allCases.map(\.rawValue)),
                    default: .choice(LogisticRegression().multiClass.rawValue),
                    "how more than two classes are told apart: all at once by softmax, or each against all others")
            ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner { try LogisticRegression(values) }

    public func decode(_ saved: SavedModel) throws -> any Model { try LinearModel(saved, links: [nil, .oneAgainstRest]) }
}

import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Poisson regression: counts and rates, whose mean is e to the power of a weighted sum of features.
///
/// Minimizes half the weighted mean Poisson deviance plus `l1 · Σ|β| + l2 / 2 · Σβ²`, where β are the weights of the standardized
/// features; the intercept carries no penalty. The model's weights are on the features' own scale.
public struct PoissonRegression: Learner {
    public static let name = "poisson-regression"
    public var name: String { Self.name }

    /// Iterations are steps of the optimizer; the tolerance is the largest component of the gradient at which it ends, over the
    /// mean label.
    public var options = Self.defaults

    static let defaults = LinearOptions(l2: nil, maximumIterations: 1000, tolerance: 1e-8)

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        options = try LinearOptions(
            HyperparameterValues(hyperparameters, of: PoissonRegressionKind().parameters, learner: Self.name))
    }

    public var hyperparameters: [String: String] { options.hyperparameters }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let labels = try table.numericLabels()
        let labelName = table.encoding.label?.name ?? "label"
        if let value = labels.first(where: { !($0 >= 0) }) {
            throw LearnerError.negativeLabel(label: labelName, value: value, learner: name)
        }
        let total = try table.totalWeight()
        let l2 = options.l2 ?? 1 / total
        try table.matrix.requireValues(name)
        let scaling = try table.matrix.standardization(
            options, weights: table.weights, total: total, threads: context.threads)
        var mean = 0.0
        // Half the deviance where every row is predicted by its own label.
        var saturated = 0.0
        for (row, label) in labels.enumerated() {
            let weight = (table.weights?[row] ?? 1) / total
            mean += weight * label
            if label > 0 { saturated += weight * (label * log(label) - label) }
        }
        guard mean.isFinite, saturated.isFinite else { throw LearnerError.notFinite("the sum of the labels", of: "the label") }
        guard mean > 0 else { throw LearnerError.zeroLabel(label: labelName, learner: name) }
        // In units of the mean label, from which the search begins, all labels look alike.
        let offset = options.hasIntercept ? log(mean) : 0
        let loss = PoissonLoss(labels: labels.map { $0 / mean }, factor: options.hasIntercept ? 1 : 1 / mean)
        let objective = ScoreObjective(
            loss, table.matrix, weights: table.weights, totalWeight: total, scaling: scaling, l2: l2 / mean,
            hasIntercept: options.hasIntercept, threads: context.threads)
        func plain(_ value: Double) -> Double { max(0, (value - offset) * mean + saturated) }
        let limit = options.maximumIterations
        var (outputs, outcome) = try objective.minimum(
            l1: options.l1 / mean, curvature: [loss.factor],
            LimitedMemoryBFGS(maximumIterations: limit, tolerance: options.tolerance),
            advance: { try context.advance(TrainingProgress(iteration: $0, limit: limit, objective: plain($1))) })
        outputs[0].intercept += offset
        let model = LinearModel(
            task: .regression, featureNames: table.featureNames, classes: [], outputs: outputs, deviations: scaling.deviations,
            link: .log)
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: outcome.iterations, objective: plain(outcome.objective), converged: outcome.converged,
                stopReason: outcome.stopReason, notes: options.notes(l2: l2)))
    }
}

/// The negative logarithm of a Poisson distribution's probability but for what does not depend on the score, both over the mean
/// label.
private struct PoissonLoss: ScoreLoss {
    let labels: [Double]
    /// Of the exponential: what the labels are in units of, unless the score is too.
    let factor: Double

    var outputCount: Int { 1 }

    @inline(__always)
    func take(_ scores: UnsafeMutablePointer<Double>, row: Int) -> Double {
        let score = scores[0], mean = factor * exp(score)
        scores[0] = mean - labels[row]
        return mean - labels[row] * score
    }
}

/// Poisson regression by name.
public struct PoissonRegressionKind: LearnerKind {
    public init() {}

    public var name: String { PoissonRegression.name }
    public var summary: String { "a count or rate; log link, L-BFGS, L1 and L2 penalties" }
    public var tasks: [LearningTask] { [.regression] }
    public var takesMissingValues: Bool { false }
    public var tellsContributions: Bool { true }

    public var parameters: [HyperparameterDescription] {
        PoissonRegression.defaults.descriptions(
            iterations: "limit of optimizer steps", iterationLimit: 1_000_000,
            tolerance: "largest component of the gradient over the mean label at which the search ends",
            automaticL2: LinearOptions.automaticL2)
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        var learner = PoissonRegression()
        learner.options = try LinearOptions(values)
        return learner
    }

    public func decode(_ saved: SavedModel) throws -> any Model { try LinearModel(saved, links: [.log]) }
}

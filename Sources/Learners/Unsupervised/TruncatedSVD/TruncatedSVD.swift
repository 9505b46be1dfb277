import FeatureTables

/// The directions, at right angles to each other, in which rows are longest: singular vectors of the features as they are, without a
/// mean taken off, so that what is 0 stays 0 and sparse rows stay sparse. Of counts of words this is latent semantic analysis.
public struct TruncatedSVD: Learner {
    public static let name = "truncated-svd"
    public var name: String { Self.name }

    public var componentCount = 2
    public var maximumIterations = 300
    /// How far `XᵀX v` may be from `σ² v`, as a share of the greatest σ².
    public var tolerance = 1e-9
    public var seed = 0

    public init() {}

    init(_ values: HyperparameterValues) throws {
        componentCount = try values.integer("num-components")
        maximumIterations = try values.integer("max-iterations")
        tolerance = try values.number("tolerance")
        seed = try values.integer("seed")
    }

    public var hyperparameters: [String: String] {
        ([
            "num-components": .integer(componentCount), "max-iterations": .integer(maximumIterations), "tolerance": .number(tolerance),
            "seed": .integer(seed),
        ] as [String: HyperparameterValue]).mapValues(\.text)
    }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let total = try table.totalWeight()
        try table.matrix.requireValues(name)
        let matrix = table.matrix, width = matrix.columnCount
        guard componentCount <= min(width, matrix.rowCount) else {
            throw LearnerError.invalidHyperparameter(
                name: "num-components", value: "\(componentCount)",
                expected: "at most the number of features and of training rows, \(min(width, matrix.rowCount))")
        }
        let products = RowProducts(matrix, weights: table.weights, threads: context.threads)
        let length = products.squaredLength
        guard length.isFinite else { throw LearnerError.notFinite("the sum of squared features") }
        guard length > 0 else { throw LearnerError.constantFeatures(learner: name) }
        let found = try SubspaceIteration(
            products, count: componentCount, limit: maximumIterations, tolerance: tolerance, seed: seed, memory: table.source.memory,
            context: context)
        // A direction in which no row reaches says nothing.
        let kept = found.values.prefix { $0 > found.values[0] * Double(width) * .ulpOfOne }.count
        var model = PrincipalComponentsModel(
            featureNames: table.featureNames,
            scaling: FeatureScaling(means: [Double](repeating: 0, count: width), scales: [Double](repeating: 1, count: width)),
            components: found.vectors.prefix(kept).map(PrincipalComponents.oriented), variances: found.values.prefix(kept).map { $0 / total },
            totalVariance: length / total)
        model.thresholds = try model.thresholds(of: matrix, memory: table.source.memory, context: context)
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: found.iterations, objective: length * (1 - min(1, model.explainedVarianceRatios.reduce(0, +))),
                converged: found.isConverged, stopReason: found.isConverged
                    ? "singular vectors found" : found.iterations < maximumIterations ? TrainingContext.interruption : "iteration limit",
                notes: kept < componentCount ? ["\(kept) of \(componentCount) components: the rows reach no further"] : []))
    }
}

/// Truncated singular value decompositions by name.
public struct TruncatedSVDKind: LearnerKind {
    public init() {}

    public var name: String { TruncatedSVD.name }
    public var summary: String { "singular vectors of rows that are not centred, as sparse ones, without a label" }
    public var tasks: [LearningTask] { [.dimensionReduction] }
    public var takesMissingValues: Bool { false }

    public var parameters: [HyperparameterDescription] {
        let defaults = TruncatedSVD()
        return [
            .init("num-components", .integer(1...10_000), default: .integer(defaults.componentCount), "components that are kept"),
            .init(
                "max-iterations", .integer(1...1_000_000), default: .integer(defaults.maximumIterations), "limit of passes over the rows"),
            .init(
                "tolerance", .number(.atLeast(0)), default: .number(defaults.tolerance),
                "distance of XᵀXv from σ²v that ends the search, as a share of the greatest σ²"),
            .init("seed", .integer(0...Int(Int32.max)), default: .integer(defaults.seed), "seed of where the search begins"),
        ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner { try TruncatedSVD(values) }

    public func decode(_ saved: SavedModel) throws -> any Model { try PrincipalComponentsModel(saved) }
}

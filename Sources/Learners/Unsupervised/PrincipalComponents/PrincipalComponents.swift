import FeatureTables

/// Principal components: the directions, at right angles to each other, in which the rows vary most. They are the eigenvectors
/// of the features' covariances (of scaled features: correlations), and their variances the eigenvalues.
public struct PrincipalComponents: Learner {
    public static let name = "pca"
    public var name: String { Self.name }

    /// nil: as many as `explainedVarianceRatio` asks for, or all.
    public var componentCount: Int?
    /// The least number of components whose share of the variance is greater is kept.
    public var explainedVarianceRatio: Double?
    public var scalesFeatures = true

    public init() {}

    init(_ values: HyperparameterValues) throws {
        componentCount = try values.integerOrAutomatic("num-principal-components")
        explainedVarianceRatio = try values.numberOrAutomatic("pca-explained-variance-ratio")
        scalesFeatures = try values.flag("scale-features")
        if componentCount != nil, let explainedVarianceRatio {
            throw LearnerError.invalidHyperparameter(
                name: "pca-explained-variance-ratio", value: HyperparameterValue.number(explainedVarianceRatio).text,
                expected: "auto where num-principal-components is given")
        }
    }

    public var hyperparameters: [String: String] {
        ([
            "num-principal-components": componentCount.map { .integer($0) } ?? .automatic,
            "pca-explained-variance-ratio": explainedVarianceRatio.map { .number($0) } ?? .automatic,
            "scale-features": .flag(scalesFeatures),
        ] as [String: HyperparameterValue]).mapValues(\.text)
    }

    /// More features than these would take minutes.
    private static let featureLimit = 2048

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let total = try table.totalWeight()
        try table.matrix.requireValues(name)
        let matrix = table.matrix
        let width = matrix.columnCount
        guard width <= Self.featureLimit else {
            throw LearnerError.tooManyFeatures(learner: name, count: width, limit: Self.featureLimit)
        }
        let standardization = Standardization(
            matrix, weights: table.weights, totalWeight: total, scales: scalesFeatures, threads: context.threads)
        try standardization.requireFinite(table.featureNames)
        guard standardization.inverseDeviations.contains(where: { $0 > 0 }) else {
            throw LearnerError.constantFeatures(learner: name)
        }
        let moments = try Moments(
            matrix, nil, labelMean: 0, weights: table.weights, total: total, scaling: standardization,
            threads: context.threads)
        try context.advance(TrainingProgress(iteration: 1, limit: 2, objective: 0))
        let eigen = SymmetricEigenvectors(moments.products, size: width)
        // Variances of a sample: divided by one row less.
        let correction = total > 1 ? total / (total - 1) : 1
        let order = (0..<width).sorted { eigen.values[$0] != eigen.values[$1] ? eigen.values[$0] > eigen.values[$1] : $0 < $1 }
        let variances = order.map { max(0, eigen.values[$0]) * correction }
        let totalVariance = variances.reduce(0, +)
        guard totalVariance > 0, totalVariance.isFinite else { throw LearnerError.notFinite("the variance of the features") }
        let count = try keptComponents(variances, totalVariance, rows: matrix.rowCount)
        var model = PrincipalComponentsModel(
            featureNames: table.featureNames, scaling: FeatureScaling(standardization),
            components: order[..<count].map { Self.oriented(Array(eigen.vectors[($0 * width)..<(($0 + 1) * width)])) },
            variances: Array(variances[..<count]), totalVariance: totalVariance)
        model.thresholds = try model.thresholds(of: matrix, memory: table.source.memory, context: context)
        let explained = model.explainedVarianceRatios.reduce(0, +)
        try context.advance(TrainingProgress(iteration: 2, limit: 2, objective: totalVariance * (1 - explained)))
        // What the training rows say is what the eigenvalues say; measures without the weights are others.
        let quality = table.weights == nil
            ? ModelQuality(
                unweighted: .unsupervised(
                    UnsupervisedMetrics(rows: matrix.rowCount, names: model.measureNames, values: [min(explained, 1)])))
            : nil
        return TrainingResult(
            model: model,
            fit: FitSummary(iterations: 1, objective: nil, converged: true, stopReason: "eigenvectors found"), quality: quality)
    }

    private func keptComponents(_ variances: [Double], _ total: Double, rows: Int) throws -> Int {
        let most = min(variances.count, rows)
        if let componentCount {
            guard componentCount <= most else {
                throw LearnerError.invalidHyperparameter(
                    name: "num-principal-components", value: "\(componentCount)",
                    expected: "at most the number of features and of training rows, \(most)")
            }
            return componentCount
        }
        guard let explainedVarianceRatio else { return most }
        var sum = 0.0
        for (place, variance) in variances.prefix(most).enumerated() {
            sum += variance
            if sum / total > explainedVarianceRatio { return place + 1 }
        }
        return most
    }

    /// Of the two directions of an axis the one whose greatest weight, the first of those that are equal but for rounding, is
    /// positive.
    static func oriented(_ vector: [Double]) -> [Double] {
        let greatest = vector.reduce(0) { max($0, abs($1)) } * (1 - 1e-9)
        let first = vector.first { abs($0) >= greatest } ?? 0
        return first < 0 ? vector.map { -$0 } : vector
    }
}

/// Principal components by name.
public struct PrincipalComponentsKind: LearnerKind {
    public init() {}

    public var name: String { PrincipalComponents.name }
    public var summary: String { "principal components, without a label" }
    public var tasks: [LearningTask] { [.dimensionReduction] }
    public var takesMissingValues: Bool { false }

    public var parameters: [HyperparameterDescription] {
        [
            .init(
                "num-principal-components", .integer(1...1_000_000), default: .automatic, "components that are kept",
                automatic: "by the next one"),
            .init(
                "pca-explained-variance-ratio", .number(.above(0, upTo: 1)), default: .automatic,
                "the fewest components with a greater share of the variance are kept", automatic: "all components"),
            .init(
                "scale-features", .flag, default: .flag(PrincipalComponents().scalesFeatures),
                "scale features to unit deviation inside"),
        ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        try PrincipalComponents(values)
    }

    public func decode(_ saved: SavedModel) throws -> any Model { try PrincipalComponentsModel(saved) }
}

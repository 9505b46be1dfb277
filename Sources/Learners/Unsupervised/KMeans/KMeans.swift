import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Clusters around centroids: the partition of the rows into k clusters with the least sum of squared distances from the means
/// of their rows, as far as Lloyd's iterations find it from where k-means++ begins.
public struct KMeans: Learner {
    public static let name = "kmeans"
    public var name: String { Self.name }

    /// nil: the decimal logarithm of the number of rows, at least 2.
    public var clusterCount: Int?
    public var scalesFeatures = true
    public var start = Start.careful
    public var maximumIterations = 300
    /// The sum of the centroids' squared moves, as a share of the features' mean variance, at which the search ends.
    public var tolerance = 1e-4
    public var seed = 0
    /// Where the centroids begin, on the features' own scale; the number of clusters is theirs then.
    public var initialCentroids: [[Double]]?

    /// Where the centroids begin when nobody says it.
    public enum Start: String, Sendable, CaseIterable {
        case careful = "kmeans++"
        /// k-means||: drawn in a few passes over all rows.
        case parallel = "kmeans||"
        /// At rows drawn with equal probability.
        case random
    }

    public init() {}

    init(_ values: HyperparameterValues) throws {
        clusterCount = try values.integerOrAutomatic("num-clusters")
        scalesFeatures = try values.flag("standardize-features")
        start = Start(rawValue: try values.choice("init")) ?? .careful
        maximumIterations = try values.integer("max-iterations")
        tolerance = try values.number("tolerance")
        seed = try values.integer("seed")
    }

    public var hyperparameters: [String: String] {
        ([
            "num-clusters": clusterCount.map { .integer($0) } ?? .automatic, "standardize-features": .flag(scalesFeatures),
            "init": .choice(start.rawValue), "max-iterations": .integer(maximumIterations), "tolerance": .number(tolerance),
            "seed": .integer(seed),
        ] as [String: HyperparameterValue]).mapValues(\.text)
    }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let total = try table.totalWeight()
        try table.matrix.requireValues(name)
        let matrix = table.matrix, memory = table.source.memory
        let standardization = Standardization(
            matrix, weights: table.weights, totalWeight: total, scales: scalesFeatures, threads: context.threads)
        try standardization.requireFinite(table.featureNames)
        let scaling = FeatureScaling(standardization)
        let wanted = try wantedClusters(table)
        let variance = zip(standardization.deviations, scaling.scales).reduce(0) { $0 + ($1.0 * $1.1) * ($1.0 * $1.1) }
        guard variance.isFinite else { throw LearnerError.notFinite("the sum of squared features") }
        let limit = tolerance * variance / Double(max(matrix.columnCount, 1))
        let outcome = try scaling.withRows(of: matrix) { rows in
            let search = try KMeansSearch(
                rows, rowCount: matrix.rowCount, weights: table.weights,
                from: try centroids(wanted, rows, table, scaling, context), memory: memory, context: context)
            return try search.run(limit: maximumIterations, tolerance: limit)
        }
        var model = KMeansModel(
            featureNames: table.featureNames, scaling: scaling, centroids: outcome.centroids, weights: outcome.weights)
        let fits = try model.fits(matrix, threads: context.threads)
        model.setRadii(by: fits, weights: table.weights)
        model.thresholds = try model.thresholds(of: matrix, memory: memory, context: context)
        let quality = ModelQuality(model, fits, weights: table.weights)
        let found = outcome.centroids.count
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: outcome.iterations, objective: model.squaredDistances(fits, weights: table.weights),
                converged: outcome.isConverged, stopReason: outcome.reason,
                notes: found < wanted ? ["\(found) of \(wanted) clusters: the rows are \(found) different points"] : []),
            quality: quality)
    }

    private func wantedClusters(_ table: FeatureTable) throws -> Int {
        let rows = table.weights.map { $0.count { $0 > 0 } } ?? table.rowCount
        if let initialCentroids { return initialCentroids.count }
        guard let clusterCount else { return min(max(2, Int(log10(Double(max(rows, 1))).rounded())), rows) }
        guard clusterCount <= rows else {
            throw LearnerError.invalidHyperparameter(
                name: "num-clusters", value: "\(clusterCount)", expected: "at most the number of training rows, \(rows)")
        }
        return clusterCount
    }

    /// Where the search begins: points on the scale of the search.
    private func centroids(
        _ count: Int, _ rows: ScaledRows, _ table: FeatureTable, _ scaling: FeatureScaling, _ context: TrainingContext
    ) throws -> [[Double]] {
        if let initialCentroids {
            guard !initialCentroids.isEmpty, initialCentroids.allSatisfy({ $0.count == rows.width && $0.allSatisfy(\.isFinite) })
            else { throw LearnerError.featureCountMismatch(expected: rows.width, found: initialCentroids.first?.count ?? 0) }
            return initialCentroids.map { point in
                point.enumerated().map { ($1 - scaling.means[$0]) * scaling.scales[$0] }
            }
        }
        let seeding = KMeansSeeding(
            rows: rows, rowCount: table.rowCount, weights: table.weights, seed: seed, threads: context.threads,
            memory: table.source.memory)
        var points =
            switch start {
            case .careful: try seeding.carefully(count)
            case .parallel: try seeding.inParallel(count, isCancelled: context.isCancelled)
            case .random: seeding.blindly(count)
            }
        // Drawn rows may be fewer different points than all rows: clusters that are empty then get rows of their own.
        if let first = points.first { while points.count < count { points.append(first) } }
        return points
    }
}

/// k-means by name.
public struct KMeansKind: LearnerKind {
    public init() {}

    public var name: String { KMeans.name }
    public var summary: String { "clusters, without a label; k-means" }
    public var tasks: [LearningTask] { [.clustering] }
    public var takesMissingValues: Bool { false }

    public var parameters: [HyperparameterDescription] {
        let defaults = KMeans()
        return [
            .init(
                "num-clusters", .integer(1...100_000), default: .automatic, "clusters",
                automatic: "log10 of the number of rows, at least 2"),
            .init(
                "standardize-features", .flag, default: .flag(defaults.scalesFeatures),
                "scale features to unit deviation inside"),
            .init(
                "init", .choice(KMeans.Start.allCases.map(\.rawValue)), default: .choice(defaults.start.rawValue),
                "where the centroids begin"),
            .init(
                "max-iterations", .integer(1...1_000_000), default: .integer(defaults.maximumIterations), "limit of iterations"),
            .init(
                "tolerance", .number(.atLeast(0)), default: .number(defaults.tolerance),
                "sum of the centroids' squared moves that ends the search, as a share of the features' mean variance"),
            .init("seed", .integer(0...Int(Int32.max)), default: .integer(defaults.seed), "seed of where the centroids begin"),
        ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner { try KMeans(values) }

    public func decode(_ saved: SavedModel) throws -> any Model { try KMeansModel(saved) }
}

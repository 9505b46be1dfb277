import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds unusual rows: trees cut small samples of the rows apart at random places, and rows that are soon alone are unlike the
/// others (Liu, Ting and Zhou, "Isolation forest", 2008).
public struct IsolationForest: Learner {
    public static let name = "isolation-forest"
    public var name: String { Self.name }

    public var treeCount = 100
    /// Rows that each tree is made of, or all where there are fewer.
    public var sampleSize = 256
    /// The share of the training rows that are taken for anomalies; nil: those with a score above one half.
    public var contamination: Double?
    public var seed = 0

    public init() {}

    init(_ values: HyperparameterValues) throws {
        treeCount = try values.integer("num-trees")
        sampleSize = try values.integer("subsample-size")
        contamination = try values.numberOrAutomatic("contamination")
        seed = try values.integer("seed")
    }

    public var hyperparameters: [String: String] {
        ([
            "num-trees": .integer(treeCount), "subsample-size": .integer(sampleSize),
            "contamination": contamination.map { .number($0) } ?? .automatic, "seed": .integer(seed),
        ] as [String: HyperparameterValue]).mapValues(\.text)
    }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        _ = try table.totalWeight()
        try table.matrix.requireValues(name)
        let matrix = table.matrix
        guard matrix.rowCount > 1 else { throw LearnerError.noRows("learner \(name) needs two rows to train on") }
        let size = min(max(sampleSize, 2), matrix.rowCount)
        let weights = table.weights.map { CumulativeWeights($0) }
        let limit = Int(log2(Double(size)).rounded(.up))
        let trees = try grow(treeCount, context) { tree in
            var random = RandomNumbers(seed: seed, stream: tree)
            let rows = weights?.draw(size, &random) ?? random.distinct(size, below: matrix.rowCount)
            let sample = try FeatureMatrix(
                rowCount: matrix.columnCount, columnNames: [String](repeating: "", count: size), memory: table.source.memory)
            guard let columns = sample.dense else { throw LearnerError.inconsistentModel }
            defer { withExtendedLifetime(sample) {} }
            matrix.writeColumns(of: rows, to: columns)
            if let place = (0..<size * matrix.columnCount).first(where: { !columns[$0].isFinite }) {
                throw LearnerError.notFinite("feature '\(matrix.columnNames[place / size])'")
            }
            return IsolationTree(columns, rowCount: size, width: matrix.columnCount, limit: limit, &random)
        }
        var model = IsolationForestModel(
            featureNames: table.featureNames, trees: trees, sampleSize: size, limit: IsolationForestModel.automaticLimit)
        // A row's score costs as much as many a tree: all are measured where there are few.
        let rows = AnomalyThresholds.sample(of: matrix.rowCount)
        let measured = rows.count < matrix.rowCount ? try matrix.selecting(rows, memory: table.source.memory) : matrix
        let fits = try model.fits(measured, threads: context.threads)
        model.thresholds = AnomalyThresholds(fits.first)
        if let contamination { model.limit = model.thresholds.limit(contamination: contamination) }
        let quality = ModelQuality(model, fits, weights: table.weights.map { weights in rows.map { weights[Int($0)] } })
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: trees.count, objective: nil, converged: trees.count == treeCount,
                stopReason: trees.count == treeCount ? "all trees grown" : TrainingContext.interruption),
            quality: quality)
    }

    /// Trees side by side, some at a time so that somebody may ask for progress and cancel.
    private func grow(
        _ count: Int, _ context: TrainingContext, _ tree: (Int) throws -> IsolationTree
    ) throws -> [IsolationTree] {
        var trees: [IsolationTree] = []
        let together = max(8, context.threads * 4)
        while trees.count < count {
            let start = trees.count
            let grown = RowBlocks(groups: min(together, count - start)).map(threads: context.threads) { place, _ in
                Result { try tree(start + place) }
            }
            for one in grown { trees.append(try one.get()) }
            guard try context.advance(TrainingProgress(iteration: trees.count, limit: count, objective: 0)) else { break }
        }
        return trees
    }
}

/// Rows drawn in proportion to their weights, some of them more than once.
private struct CumulativeWeights: Sendable {
    private let sums: [Double]

    init(_ weights: [Double]) {
        var sum = 0.0
        sums = weights.map { weight in
            sum += weight
            return sum
        }
    }

    func draw(_ count: Int, _ random: inout RandomNumbers) -> [Int32] {
        (0..<count).map { _ in
            let wanted = random.share() * (sums.last ?? 0)
            return Int32(sums.dropLast().partitioningIndex { $0 > wanted })
        }
    }
}

extension FeatureMatrix {
    /// Writes the elements of some rows, feature after feature.
    fileprivate func writeColumns(of rows: [Int32], to target: UnsafeMutablePointer<Double>) {
        for (place, row) in rows.enumerated() {
            switch storage {
            case .dense(let elements):
                let source = elements + Int(row) * columnCount
                for feature in 0..<columnCount { target[feature * rows.count + place] = source[feature] }
            case .sparse(let sparse):
                for element in sparse.range(Int(row)) {
                    target[Int(sparse.columns[element]) * rows.count + place] = sparse.values[element]
                }
            }
        }
    }
}

/// Isolation forests by name.
public struct IsolationForestKind: LearnerKind {
    public init() {}

    public var name: String { IsolationForest.name }
    public var summary: String { "unusual rows, without a label; an isolation forest" }
    public var tasks: [LearningTask] { [.anomalyDetection] }
    public var takesMissingValues: Bool { false }

    public var parameters: [HyperparameterDescription] {
        let defaults = IsolationForest()
        return [
            .init("num-trees", .integer(1...100_000), default: .integer(defaults.treeCount), "trees"),
            .init(
                "subsample-size", .integer(2...1_000_000), default: .integer(defaults.sampleSize),
                "rows that each tree is made of, or all where there are fewer"),
            .init(
                "contamination", .number(.above(0, upTo: 0.5)), default: .automatic,
                "share of the training rows that are taken for anomalies", automatic: "those with a score above 0.5"),
            .init("seed", .integer(0...Int(Int32.max)), default: .integer(defaults.seed), "seed of samples and cuts"),
        ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        try IsolationForest(values)
    }

    public func decode(_ saved: SavedModel) throws -> any Model { try IsolationForestModel(saved) }
}

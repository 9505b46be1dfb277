import FeatureTables
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Gradient-boosted regression trees by XGBoost (Chen and Guestrin, "XGBoost: a scalable tree boosting system", 2016),
/// with histograms. Takes missing values as they are.
public struct BoostedTrees: Learner, BlockwiseLearner {
    public static let name = "boosted-trees"
    public var name: String { Self.name }

    /// nil: classification when the label has classes, else regression.
    public var task: LearningTask?
    /// Rounds; each adds one tree, or one a class.
    public var rounds = 200
    public var learningRate = 0.1
    public var depth = 6
    public var minimumChildWeight = 1.0
    /// The least improvement of the objective that a split must bring.
    public var minimumGain = 0.0
    public var rowSample = 1.0
    public var columnSample = 1.0
    public var l1 = 0.0
    public var l2 = 1.0
    public var bins = 256
    /// Ends the training when the validation part has not improved for so many rounds; 0: never.
    public var earlyStoppingRounds = 0
    /// The share of the training rows that early stopping sets aside.
    public var validationFraction = 0.1
    public var seed = 0

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String], task: LearningTask? = nil) throws {
        let kind = BoostedTreesKind()
        try self.init(HyperparameterValues(hyperparameters, of: kind.parameters, learner: Self.name), task: task)
    }

    init(_ values: HyperparameterValues, task: LearningTask?) throws {
        self.task = task
        rounds = try values.integer("rounds")
        learningRate = try values.number("learning-rate")
        depth = try values.integer("depth")
        minimumChildWeight = try values.number("min-child-weight")
        minimumGain = try values.number("min-gain")
        rowSample = try values.number("row-sample")
        columnSample = try values.number("column-sample")
        l1 = try values.number("l1")
        l2 = try values.number("l2")
        bins = try values.integer("bins")
        earlyStoppingRounds = try values.integer("early-stopping")
        validationFraction = try values.number("validation-fraction")
        seed = try values.integer("seed")
    }

    public var hyperparameters: [String: String] {
        ([
            "rounds": .integer(rounds), "learning-rate": .number(learningRate), "depth": .integer(depth),
            "min-child-weight": .number(minimumChildWeight), "min-gain": .number(minimumGain),
            "row-sample": .number(rowSample), "column-sample": .number(columnSample), "l1": .number(l1),
            "l2": .number(l2), "bins": .integer(bins), "early-stopping": .integer(earlyStoppingRounds),
            "validation-fraction": .number(validationFraction), "seed": .integer(seed),
        ] as [String: HyperparameterValue]).mapValues(\.text)
    }

    public var usesValidation: Bool { earlyStoppingRounds > 0 }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        _ = try table.totalWeight()
        var target = try Target(table, task: task)
        guard target.values.allSatisfy(\.isFinite) else {
            throw LearnerError.notFinite("a label, in the single precision that XGBoost calculates in,", of: "the label")
        }
        if let weights = table.weights, weights.contains(where: { $0 > XGBoostMatrix.greatest }) {
            throw LearnerError.notFinite("the weight of a row, in the single precision that XGBoost calculates in,", of: "the weights")
        }
        let given = usesValidation ? context.validation : nil
        let parts = try given == nil ? validationSplit(table, by: context.splitKey) : nil
        let grown = try grow(table, &target, parts, given, context)
        var notes: [String] = []
        if usesValidation {
            let aside =
                given.map { "\($0.rowCount) validation rows for early stopping" }
                ?? "\(parts?.validation.count ?? 0) of \(table.rowCount) training rows set aside for early stopping"
            notes.append("\(aside); best round \(grown.best)")
        }
        let model = try BoostedTreesModel(
            task: target.task, featureNames: table.featureNames, classes: target.classes, booster: grown.booster)
        var result = TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: grown.iterations, objective: grown.objective.isFinite ? grown.objective : nil,
                converged: !grown.isInterrupted,
                stopReason: grown.isStopped
                    ? "no improvement for \(earlyStoppingRounds) rounds"
                    : grown.isInterrupted ? TrainingContext.interruption : "all rounds done",
                notes: notes))
        result.predictions = try grown.values.map { try model.predictions($0, rowCount: table.rowCount) }
        return result
    }

    /// Trees, with nothing beside them that only growing them needed.
    private struct Grown {
        var booster: XGBoostBooster
        var iterations: Int
        /// The round that was the best on the rows to stop by; 0 without any.
        var best: Int
        var objective: Double
        /// Whether rounds did not improve any more.
        var isStopped: Bool
        var isInterrupted: Bool
        /// What the trees say of the table's rows, where growing them told it.
        var values: [Float]?
    }

    /// So many that the heap is worth looking through.
    private static let manyRows = 100_000

    /// - Parameters:
    ///   - target: loses its values to the library.
    ///   - parts: rows of the table to learn from and to stop by; nil: all are learned from.
    ///   - given: other rows to stop by.
    private func grow(
        _ table: FeatureTable, _ target: inout Target, _ parts: (training: [Int32], validation: [Int32])?, _ given: FeatureTable?,
        _ context: TrainingContext
    ) throws -> Grown {
        // What was made on the way to many rows is free by now, and the library has as much to make.
        if table.rowCount > Self.manyRows { SystemMemory.trimHeap() }
        let training = try dataset(table, target, rows: parts?.training, context.threads, isTraining: true)
        var validation = try parts.map { try dataset(table, target, rows: $0.validation, context.threads) }
        if let given { validation = try dataset(given, try Target(given, like: target), rows: nil, context.threads) }
        let mean = try target.mean(of: table)
        target.values = []
        let measured = [training] + (validation.map { [$0] } ?? [])
        let booster = try XGBoostBooster(caching: measured)
        try configure(booster, target, mean: mean, threads: context.threads)
        var best = (round: 0, value: Double.infinity)
        var last = 0.0
        var built = 0
        var stopped = false
        var interrupted = false
        let rounds = max(rounds, 1)
        for round in 0..<rounds {
            try booster.update(iteration: round, training)
            built = round + 1
            let needsMeasure = validation != nil || context.report != nil || built == rounds
            if needsMeasure {
                let measures = try booster.evaluate(iteration: round, measured)
                last = measures.first ?? .nan
                let validated = measures.count > 1 ? measures[1] : nil
                interrupted = try !context.advance(
                    TrainingProgress(iteration: built, limit: rounds, objective: last, validation: validated))
                if let validated {
                    if validated < best.value { best = (built, validated) }
                    if built - best.round >= earlyStoppingRounds {
                        stopped = true
                        break
                    }
                }
            } else {
                interrupted = try !context.advance(TrainingProgress(iteration: built, limit: rounds, objective: last))
            }
            if interrupted, built < rounds {
                // What nobody has asked for is not measured yet.
                if !needsMeasure { last = try booster.evaluate(iteration: round, [training]).first ?? .nan }
                break
            }
        }
        let kept = best.round > 0 ? best.round : built
        // The library has them for the gradients of a next round.
        let values = parts == nil && kept == built ? try booster.predict(training, threads: context.threads) : nil
        // A copy of the trees: with them the booster keeps gradients, sums and the order of all rows.
        return Grown(
            booster: try booster.prefix(iterations: kept), iterations: kept, best: best.round, objective: last, isStopped: stopped,
            isInterrupted: interrupted && built < rounds, values: values)
    }

    /// The label as XGBoost takes it.
    private struct Target {
        var task: LearningTask
        var values: [Float]
        var classes: [String]

        /// Of rows to stop by, which need not have all classes.
        init(_ table: FeatureTable, like training: Target) throws {
            task = training.task
            classes = training.classes
            switch table.label {
            case .numbers(let numbers): values = numbers.map(Float.init)
            case .classes(let codes, _): values = codes.map(Float.init)
            case nil: throw LearnerError.missingLabel
            }
        }

        /// By the rows' weights.
        func mean(of table: FeatureTable) throws -> Double {
            let total = try table.totalWeight()
            var mean = 0.0
            for (row, value) in values.enumerated() { mean += (table.weights?[row] ?? 1) * Double(value) / total }
            return mean
        }

        init(_ table: FeatureTable, task: LearningTask?) throws {
            let target = try TrainingTarget(table, task: task, learner: BoostedTrees.name)
            self.task = target.task
            classes = target.classes
            switch target {
            case .numbers(let numbers): values = numbers.map(Float.init)
            case .classes(let codes, _): values = codes.map(Float.init)
            }
        }
    }

    /// Rows of the table for training and for early stopping, divided as the evaluation rows were.
    private func validationSplit(
        _ table: FeatureTable, by key: SplitOptions.Key
    ) throws -> (training: [Int32], validation: [Int32])? {
        guard earlyStoppingRounds > 0 else { return nil }
        // Another seed than that of the evaluation rows, or rows of a group would all fall on one side again.
        let options = SplitOptions(
            fraction: 1 - validationFraction, seed: ~UInt64(bitPattern: Int64(seed)), key: key)
        let split = try table.source.split(options, rows: table.sourceRows)
        guard !split.first.isEmpty, !split.second.isEmpty else {
            throw LearnerError.noRows("there are too few rows to set some aside for early stopping")
        }
        var isTraining = [Bool](repeating: false, count: table.source.rowCount)
        for row in split.first { isTraining[Int(row)] = true }
        var training: [Int32] = []
        var validation: [Int32] = []
        for (row, source) in table.sourceRows.enumerated() {
            if isTraining[Int(source)] { training.append(Int32(row)) } else { validation.append(Int32(row)) }
        }
        return (training, validation)
    }

    private func dataset(
        _ table: FeatureTable, _ target: Target, rows: [Int32]?, _ threads: Int, isTraining: Bool = false
    ) throws -> XGBoostMatrix {
        let matrix = try rows.map { try table.matrix.selecting($0) } ?? table.matrix
        let labels = rows.map { rows in rows.map { target.values[Int($0)] } } ?? target.values
        let weights = table.weights.map { weights in rows.map { rows in rows.map { Float(weights[Int($0)]) } } ?? weights.map(Float.init) }
        if isTraining {
            return try XGBoostMatrix(training: matrix, labels: labels, weights: weights, bins: bins, threads: threads)
        }
        let data = try XGBoostMatrix(matrix, threads: threads)
        try data.set("label", labels)
        if let weights { try data.set("weight", weights) }
        return data
    }

    /// - Parameter mean: of the label.
    private func configure(_ booster: XGBoostBooster, _ target: Target, mean: Double, threads: Int) throws {
        switch target.task {
        case .regression:
            try booster.set("objective", "reg:squarederror")
            try booster.set("eval_metric", "rmse")
            try booster.set("base_score", "\(Float(mean))")
        case .binaryClassification:
            try booster.set("objective", "binary:logistic")
            try booster.set("eval_metric", "logloss")
            try booster.set("base_score", "\(Float(min(max(mean, 1e-6), 1 - 1e-6)))")
        case .multiclassClassification:
            try booster.set("objective", "multi:softprob")
            try booster.set("eval_metric", "mlogloss")
            try booster.set("num_class", "\(target.classes.count)")
        case .clustering, .dimensionReduction, .anomalyDetection:
            throw LearnerError.wrongTask(learner: Self.name, task: target.task.rawValue)
        }
        try booster.set("tree_method", "hist")
        try booster.set("eta", "\(learningRate)")
        try booster.set("max_depth", "\(depth)")
        try booster.set("min_child_weight", "\(minimumChildWeight)")
        try booster.set("gamma", "\(minimumGain)")
        try booster.set("subsample", "\(rowSample)")
        try booster.set("colsample_bytree", "\(columnSample)")
        try booster.set("alpha", "\(l1)")
        try booster.set("lambda", "\(l2)")
        try booster.set("max_bin", "\(bins)")
        try booster.set("seed", "\(seed)")
        try booster.set("nthread", "\(threads)")
    }
}

/// Boosted trees by name.
public struct BoostedTreesKind: LearnerKind {
    public init() {}

    /// The part of a saved model that holds the trees.
    static let boosterPart = "booster"

    public var name: String { BoostedTrees.name }
    public var summary: String { "classes or a number; gradient-boosted trees (XGBoost)" }
    public var tasks: [LearningTask] { LearningTask.allCases.filter(\.hasLabel) }
    public var takesMissingValues: Bool { true }
    public var tellsContributions: Bool { true }
    public var isSinglePrecision: Bool { true }

    public var parameters: [HyperparameterDescription] {
        let defaults = BoostedTrees()
        return [
            .init("rounds", .integer(1...100_000), default: .integer(defaults.rounds), "trees, or trees a class"),
            .init(
                "learning-rate", .number(.above(0)), default: .number(defaults.learningRate), "how much of each tree is taken"),
            .init("depth", .integer(1...30), default: .integer(defaults.depth), "levels of a tree"),
            .init(
                "min-child-weight", .number(.atLeast(0)), default: .number(defaults.minimumChildWeight),
                "least sum of second derivatives in a leaf"),
            .init(
                "min-gain", .number(.atLeast(0)), default: .number(defaults.minimumGain), "least improvement by a split"),
            .init(
                "row-sample", .number(.above(0, upTo: 1)), default: .number(defaults.rowSample),
                "share of the rows drawn for a tree"),
            .init(
                "column-sample", .number(.above(0, upTo: 1)), default: .number(defaults.columnSample),
                "share of the features drawn for a tree"),
            .init("l1", .number(.atLeast(0)), default: .number(defaults.l1), "penalty on absolute leaf values"),
            .init("l2", .number(.atLeast(0)), default: .number(defaults.l2), "penalty on squared leaf values"),
            .init("bins", .integer(2...65_535), default: .integer(defaults.bins), "histogram bins a feature"),
            .init(
                "early-stopping", .integer(0...100_000), default: .integer(defaults.earlyStoppingRounds),
                "rounds without improvement that end the training; 0: never"),
            .init(
                "validation-fraction", .number(.atLeast(0.001, upTo: 0.9)), default: .number(defaults.validationFraction),
                "training rows set aside for early stopping"),
            .init(
                "seed", .integer(0...Int(Int32.max)), default: .integer(defaults.seed), "seed of row and column sampling"),
        ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        try BoostedTrees(values, task: task)
    }

    public func decode(_ saved: SavedModel) throws -> any Model {
        guard let booster = saved.part(Self.boosterPart) else { throw ModelArchive.Invalid(reason: "it holds no trees") }
        return try BoostedTreesModel(
            task: saved.task, featureNames: saved.featureNames, classes: saved.classes, savedBooster: booster)
    }
}

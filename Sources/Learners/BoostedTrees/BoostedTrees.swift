import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Gradient-boosted regression trees by XGBoost (Chen and Guestrin, "XGBoost: a scalable tree boosting system", 2016),
/// with histograms. Takes missing values as they are.
public struct BoostedTrees: Learner {
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

    static let descriptions: [HyperparameterDescription] = [
        .init(name: "rounds", defaultValue: "200", explanation: "trees, or trees a class"),
        .init(name: "learning-rate", defaultValue: "0.1", explanation: "how much of each tree is taken"),
        .init(name: "depth", defaultValue: "6", explanation: "levels of a tree"),
        .init(name: "min-child-weight", defaultValue: "1", explanation: "least sum of second derivatives in a leaf"),
        .init(name: "min-gain", defaultValue: "0", explanation: "least improvement by a split"),
        .init(name: "row-sample", defaultValue: "1", explanation: "share of the rows drawn for a tree"),
        .init(name: "column-sample", defaultValue: "1", explanation: "share of the features drawn for a tree"),
        .init(name: "l1", defaultValue: "0", explanation: "penalty on absolute leaf values"),
        .init(name: "l2", defaultValue: "1", explanation: "penalty on squared leaf values"),
        .init(name: "bins", defaultValue: "256", explanation: "histogram bins a feature"),
        .init(name: "early-stopping", defaultValue: "0", explanation: "rounds without improvement that end the training"),
        .init(name: "validation-fraction", defaultValue: "0.1", explanation: "training rows set aside for early stopping"),
        .init(name: "seed", defaultValue: "0", explanation: "seed of row and column sampling"),
    ]

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String], task: LearningTask? = nil) throws {
        self.task = task
        let reader = try HyperparameterReader(hyperparameters, learner: Self.name, known: Self.descriptions)
        try reader.integer("rounds", &rounds, in: 1...100_000)
        try reader.number("learning-rate", &learningRate, in: 1e-9...1e9, "a positive number")
        try reader.integer("depth", &depth, in: 1...30)
        try reader.number("min-child-weight", &minimumChildWeight, in: 0...1e300, "a number of at least 0")
        try reader.number("min-gain", &minimumGain, in: 0...1e300, "a number of at least 0")
        try reader.number("row-sample", &rowSample, in: 1e-9...1, "a share above 0, at most 1")
        try reader.number("column-sample", &columnSample, in: 1e-9...1, "a share above 0, at most 1")
        try reader.number("l1", &l1, in: 0...1e300, "a number of at least 0")
        try reader.number("l2", &l2, in: 0...1e300, "a number of at least 0")
        try reader.integer("bins", &bins, in: 2...65_535)
        try reader.integer("early-stopping", &earlyStoppingRounds, in: 0...100_000)
        try reader.number("validation-fraction", &validationFraction, in: 0.001...0.9, "a share from 0.001 to 0.9")
        try reader.integer("seed", &seed, in: 0...Int(Int32.max))
    }

    public var hyperparameters: [String: String] {
        [
            "rounds": "\(rounds)", "learning-rate": "\(learningRate)", "depth": "\(depth)",
            "min-child-weight": "\(minimumChildWeight)", "min-gain": "\(minimumGain)", "row-sample": "\(rowSample)",
            "column-sample": "\(columnSample)", "l1": "\(l1)", "l2": "\(l2)", "bins": "\(bins)",
            "early-stopping": "\(earlyStoppingRounds)", "validation-fraction": "\(validationFraction)", "seed": "\(seed)",
        ]
    }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        _ = try table.totalWeight()
        let target = try Target(table, task: task)
        guard target.values.allSatisfy(\.isFinite) else { throw LearnerError.notFinite("a label in single precision") }
        let parts = try validationSplit(table)
        let all = table.rowCount
        let trainingRows = parts?.training ?? []
        let training = try dataset(table, target, rows: parts == nil ? nil : trainingRows, context.threads)
        let validation = try parts.map { try dataset(table, target, rows: $0.validation, context.threads) }
        var booster = try XGBoostBooster(caching: [training] + (validation.map { [$0] } ?? []))
        try configure(booster, target, table, threads: context.threads)
        var best = (round: 0, value: Double.infinity)
        var last = 0.0
        var built = 0
        var stopped = false
        let rounds = max(rounds, 1)
        for round in 0..<rounds {
            try booster.update(iteration: round, training)
            built = round + 1
            let needsMeasure = validation != nil || context.report != nil || built == rounds
            if needsMeasure {
                let measures = try booster.evaluate(iteration: round, [training] + (validation.map { [$0] } ?? []))
                last = measures.first ?? .nan
                let validated = measures.count > 1 ? measures[1] : nil
                try context.advance(
                    TrainingProgress(iteration: built, limit: rounds, objective: last, validation: validated))
                if let validated {
                    if validated < best.value { best = (built, validated) }
                    if built - best.round >= earlyStoppingRounds {
                        stopped = true
                        break
                    }
                }
            } else {
                try context.advance(TrainingProgress(iteration: built, limit: rounds, objective: last))
            }
        }
        var notes: [String] = []
        if validation != nil {
            if best.round > 0, best.round < built {
                booster = try booster.prefix(iterations: best.round)
                built = best.round
            }
            notes.append(
                "\(all - trainingRows.count) of \(all) training rows set aside for early stopping; "
                    + "best round \(best.round)")
        }
        let model = try BoostedTreesModel(
            task: target.task, featureNames: table.featureNames, classes: target.classes, booster: booster)
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: built, objective: last.isFinite ? last : nil, converged: true,
                stopReason: stopped ? "no improvement for \(earlyStoppingRounds) rounds" : "all rounds done",
                notes: notes))
    }

    /// The label as XGBoost takes it.
    private struct Target {
        var task: LearningTask
        var values: [Float]
        var classes: [String]

        init(_ table: FeatureTable, task: LearningTask?) throws {
            guard let label = table.label else { throw LearnerError.missingLabel }
            switch label {
            case .numbers(let numbers):
                if let task, task.isClassification {
                    throw LearnerError.wrongTask(learner: BoostedTrees.name, task: "\(task.rawValue) on a numeric label")
                }
                self.task = .regression
                values = numbers.map(Float.init)
                classes = []
            case .classes:
                if task == .regression { throw LearnerError.labelIsNotNumeric(table.encoding.label?.name ?? "label") }
                let (codes, names) = try table.classLabels()
                if task == .binaryClassification, names.count > 2 {
                    throw LearnerError.wrongTask(
                        learner: BoostedTrees.name, task: "binary classification of \(names.count) classes")
                }
                self.task = names.count == 2 ? .binaryClassification : .multiclassClassification
                values = codes.map(Float.init)
                classes = names
            }
        }
    }

    /// Rows of the table for training and for early stopping; chosen by the rows' contents, not their order.
    private func validationSplit(_ table: FeatureTable) throws -> (training: [Int32], validation: [Int32])? {
        guard earlyStoppingRounds > 0 else { return nil }
        let options = SplitOptions(fraction: 1 - validationFraction, seed: UInt64(bitPattern: Int64(seed)))
        let split = try table.source.split(options, rows: table.sourceRows)
        guard !split.first.isEmpty, !split.second.isEmpty else {
            throw LearnerError.noRows("there are too few rows to set some aside for early stopping")
        }
        let isTraining = Set(split.first)
        var training: [Int32] = []
        var validation: [Int32] = []
        for (row, source) in table.sourceRows.enumerated() {
            if isTraining.contains(source) { training.append(Int32(row)) } else { validation.append(Int32(row)) }
        }
        return (training, validation)
    }

    private func dataset(
        _ table: FeatureTable, _ target: Target, rows: [Int32]?, _ threads: Int
    ) throws -> XGBoostMatrix {
        let data = try XGBoostMatrix(try rows.map { try table.matrix.selecting($0) } ?? table.matrix, threads: threads)
        try data.set("label", rows.map { rows in rows.map { target.values[Int($0)] } } ?? target.values)
        if let weights = table.weights {
            try data.set("weight", rows.map { rows in rows.map { Float(weights[Int($0)]) } } ?? weights.map(Float.init))
        }
        return data
    }

    private func configure(_ booster: XGBoostBooster, _ target: Target, _ table: FeatureTable, threads: Int) throws {
        var mean = 0.0
        let total = try table.totalWeight()
        for (row, value) in target.values.enumerated() { mean += (table.weights?[row] ?? 1) * Double(value) / total }
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

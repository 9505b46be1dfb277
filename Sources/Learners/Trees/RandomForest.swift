import FeatureTables
import Platform

/// A random forest (Breiman, "Random forests", 2001): trees of rows drawn with replacement, each of whose divisions chooses
/// among features drawn anew. It predicts the mean of its trees. Takes missing values as they are.
public struct RandomForest: Learner {
    public static let name = "random-forest"
    public var name: String { Self.name }

    /// nil: classification when the label has classes, else regression.
    public var task: LearningTask?
    public var options = TreeOptions(depth: nil, minimumLeafRows: 1)
    public var trees = 100
    /// The share of the features that a division chooses among; nil: a square root of them for classes, a third for numbers.
    public var splitFeatures: Double?
    /// Rows drawn for a tree, as a share of all.
    public var rowSample = 1.0
    /// Whether each row is predicted by the trees that did not see it, for an estimate of the quality on other rows.
    public var judgesOutOfBag = true
    public var seed = 0

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String], task: LearningTask? = nil) throws {
        try self.init(
            HyperparameterValues(hyperparameters, of: RandomForestKind().parameters, learner: Self.name), task: task)
    }

    init(_ values: HyperparameterValues, task: LearningTask?) throws {
        self.task = task
        options = try TreeOptions(values)
        trees = try values.integer("trees")
        splitFeatures = try values.numberOrAutomatic("split-features")
        rowSample = try values.number("row-sample")
        judgesOutOfBag = try values.flag("out-of-bag")
        seed = try values.integer("seed")
    }

    public var hyperparameters: [String: String] {
        options.hyperparameters.merging(
            [
                "trees": .integer(trees), "split-features": splitFeatures.map { .number($0) } ?? .automatic,
                "row-sample": .number(rowSample), "out-of-bag": .flag(judgesOutOfBag), "seed": .integer(seed),
            ] as [String: HyperparameterValue]
        ) { $1 }.mapValues(\.text)
    }

    /// How many features a division chooses among.
    private func drawn(of count: Int, for task: LearningTask) -> Int {
        let share = splitFeatures.map { $0 * Double(count) }
            ?? (task.isClassification ? Double(count).squareRoot() : Double(count) / 3)
        return max(1, min(Int(share), count))
    }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        // What a program has set need not be in range.
        _ = try HyperparameterValues(hyperparameters, of: RandomForestKind().parameters, learner: name)
        let target = try TrainingTarget(table, task: task, learner: name)
        let rows = try TreeRows(table, target, bins: options.bins, context: context)
        let classCount = target.classes.count
        // Some trees together, so that what is kept of their rows is bounded. Sums are taken in the order of the trees.
        let together = max(16, 4 * context.threads)
        let bags = context.threads * rows.rowCount * 10 + together * rows.rowCount * 4
        let reservation = try ImportReservation(
            rows.memory, for: "growing trees", help: "select fewer rows, or raise hiveql.memory.limit",
            bytes: context.threads * TreeGrower.size(rows: rows.weighty.count, classes: classCount, threads: 1) + bags)
        let outOfBag = judgesOutOfBag ? try OutOfBag(rows) : nil
        let drawn = drawn(of: table.matrix.columnCount, for: target.task)
        var grown: [GrownTree] = []
        var judged: OutOfBag.Judgement?
        for first in stride(from: 0, to: trees, by: together) {
            let ordinals = first..<min(first + together, trees)
            let made = Guarded([(tree: GrownTree, drawn: [Int32])?](repeating: nil, count: ordinals.count))
            try RowBlocks(groups: ordinals.count).forEachThrowing(threads: context.threads) { place, _ in
                let tree = try grow(ordinals.lowerBound + place, rows, drawn: drawn, context)
                made.withLock { $0[place] = tree }
            }
            let wave = made.value.compactMap(\.self)
            outOfBag?.add(wave.map { ($0.tree.structure, $0.drawn) }, table.matrix, context)
            grown += wave.map(\.tree)
            // The measures cost more than to be computed for nobody.
            if context.report != nil || grown.count == trees { judged = try outOfBag?.judgement(target, table.weights) }
            let goesOn = try context.advance(
                TrainingProgress(iteration: grown.count, limit: trees, objective: judged?.objective ?? .nan))
            if !goesOn, grown.count < trees {
                judged = try outOfBag?.judgement(target, table.weights)
                break
            }
        }
        let isWhole = grown.count == trees
        withExtendedLifetime(reservation) {}
        let model = try TreeModel(
            task: target.task, featureNames: table.featureNames, classes: target.classes, trees: grown.map(\.structure),
            gains: TreeGains(grown, featureCount: table.featureNames.count))
        let leaves = grown.reduce(0) { $0 + $1.leafCount }
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: grown.count, objective: judged?.objective, converged: isWhole,
                stopReason: "\(isWhole ? "all trees grown" : TrainingContext.interruption), \(leaves / max(grown.count, 1)) leaves each",
                notes: judged?.notes ?? []))
    }

    /// Draws the rows of a tree and grows it.
    private func grow(
        _ ordinal: Int, _ rows: TreeRows, drawn: Int, _ context: TrainingContext
    ) throws -> (tree: GrownTree, drawn: [Int32]) {
        if context.isCancelled?() == true { throw LearnerError.cancelled }
        var random = TreeRandom(seed: seed, tree: ordinal)
        let bag = RowBag(rows, share: rowSample, &random)
        var grower = try TreeGrower(
            rows, rows: bag.rows, weights: bag.weights, options: options, drawn: drawn, random: random, threads: 1,
            isCancelled: context.isCancelled)
        return (try grower.grow(), bag.rows)
    }
}

/// Random forests by name.
public struct RandomForestKind: LearnerKind {
    public init() {}

    public var name: String { RandomForest.name }
    public var summary: String { "classes or a number; the mean of trees of drawn rows and features" }
    public var tasks: [LearningTask] { LearningTask.allCases.filter(\.hasLabel) }
    public var takesMissingValues: Bool { true }

    public var parameters: [HyperparameterDescription] {
        let defaults = RandomForest()
        return [.init("trees", .integer(1...10_000), default: .integer(defaults.trees), "trees")]
            + defaults.options.descriptions + [
                .init(
                    "split-features", .number(.above(0, upTo: 1)), default: .automatic,
                    "share of the features that a division chooses among",
                    automatic: "the square root of their number for classes, a third of them for numbers"),
                .init(
                    "row-sample", .number(.above(0, upTo: 1)), default: .number(defaults.rowSample),
                    "rows drawn for a tree, with replacement, as a share of all"),
                .init(
                    "out-of-bag", .flag, default: .flag(defaults.judgesOutOfBag),
                    "judge each row by the trees that did not see it"),
                .init(
                    "seed", .integer(0...Int(Int32.max)), default: .integer(defaults.seed),
                    "seed of drawing rows and features"),
            ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        try RandomForest(values, task: task)
    }

    public func decode(_ saved: SavedModel) throws -> any Model { try TreeModel(saved) }
}

import FeatureTables

/// A decision tree of classes or a number (Breiman, Friedman, Olshen and Stone, "Classification and regression trees", 1984).
///
/// Every node is divided where that lessens the impurity most: the Gini index or entropy of the classes, the squared error of
/// a number. Divisions are between bins of the features' values, which are the values themselves where there are few.
/// Takes missing values as they are.
public struct DecisionTree: Learner {
    public static let name = "decision-tree"
    public var name: String { Self.name }

    /// nil: classification when the label has classes, else regression.
    public var task: LearningTask?
    public var options = TreeOptions(depth: 10, minimumLeafRows: 5)
    /// At most; divisions of most gain come first. nil: no limit.
    public var leaves: Int?

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String], task: LearningTask? = nil) throws {
        try self.init(
            HyperparameterValues(hyperparameters, of: DecisionTreeKind().parameters, learner: Self.name), task: task)
    }

    init(_ values: HyperparameterValues, task: LearningTask?) throws {
        self.task = task
        options = try TreeOptions(values)
        leaves = try values.integerOrAutomatic("leaves")
    }

    public var hyperparameters: [String: String] {
        options.hyperparameters.merging(["leaves": leaves.map { .integer($0) } ?? .automatic]) { $1 }.mapValues(\.text)
    }

    /// Trees of more leaves are not printed with the report.
    private static let printedLeaves = 32

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let target = try TrainingTarget(table, task: task, learner: name)
        let rows = try TreeRows(table, target, bins: options.bins, context: context)
        let reservation = try ImportReservation(
            rows.memory, for: "growing a tree", help: "select fewer rows, or raise hiveql.memory.limit",
            bytes: TreeGrower.size(rows: rows.weighty.count, classes: target.classes.count, threads: context.threads))
        var grower = try TreeGrower(
            rows, rows: rows.weighty, weights: rows.weights, options: options, leafLimit: leaves,
            drawn: table.matrix.columnCount, random: TreeRandom(seed: 0, tree: 0), threads: context.threads,
            isCancelled: context.isCancelled)
        let grown = try grower.grow()
        withExtendedLifetime(reservation) {}
        let model = try TreeModel(
            task: target.task, featureNames: table.featureNames, classes: target.classes, trees: [grown.structure],
            gains: TreeGains([grown], featureCount: table.featureNames.count))
        let impurity = max(0, grown.impurity - grown.gains.reduce(0, +))
        let rules = TreeRules(model)
        let count = grown.leafCount
        try context.advance(TrainingProgress(iteration: 1, limit: 1, objective: impurity))
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: 1, objective: impurity, converged: true, stopReason: "a tree of \(count) leaves, depth \(rules.depth)",
                rules: count > 1 && count <= Self.printedLeaves ? rules.lines : nil))
    }
}

/// Decision trees by name.
public struct DecisionTreeKind: LearnerKind {
    public init() {}

    public var name: String { DecisionTree.name }
    public var summary: String { "classes or a number; one tree, whose rules can be read" }
    public var tasks: [LearningTask] { LearningTask.allCases.filter(\.hasLabel) }
    public var takesMissingValues: Bool { true }

    public var parameters: [HyperparameterDescription] {
        let defaults = DecisionTree()
        return defaults.options.descriptions + [
            .init(
                "leaves", .integer(2...10_000), default: .automatic, "leaves at most; divisions of most gain come first",
                automatic: "no limit")
        ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner {
        try DecisionTree(values, task: task)
    }

    public func decode(_ saved: SavedModel) throws -> any Model {
        let model = try TreeModel(saved)
        guard model.trees.count == 1 else { throw ModelArchive.Invalid(reason: "it holds more than one tree") }
        return model
    }
}

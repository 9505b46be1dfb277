import FeatureTables

/// An algorithm that can be asked for by name: what it can do, how it is told what to do, and how its models are read back.
///
/// Help, documentation and the checking of hyperparameters come from here. A kind of a program's own is made known by
/// `LearnerCatalog.register`; models of it are saved and loaded as those of the built-in kinds are.
public protocol LearnerKind: Sendable {
    /// The name on the command line and in saved models; lower case.
    var name: String { get }
    /// A line of the help.
    var summary: String { get }
    /// What it can learn. A kind of classifications only reads every label as classes, one of regression only as a number.
    var tasks: [LearningTask] { get }
    /// Whether NaN may stand in its features; if not, missing values are filled unless a policy is named.
    var takesMissingValues: Bool { get }
    /// Whether it calculates in single precision, in which large whole numbers become equal.
    var isSinglePrecision: Bool { get }
    /// Whether its models tell what each feature adds to a prediction.
    var tellsContributions: Bool { get }
    var parameters: [HyperparameterDescription] { get }

    /// - Parameters:
    ///   - values: of all `parameters`.
    ///   - task: one of `tasks`; nil: by the label.
    func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner

    /// The model that `Model.saved` told about.
    /// - Throws: whatever shows that `saved` is none of this kind's models.
    func decode(_ saved: SavedModel) throws -> any Model
}

extension LearnerKind {
    public var isSinglePrecision: Bool { false }
    public var tellsContributions: Bool { false }

    /// Whether it learns what a label says; if not, it learns from the rows alone, and from all of them.
    public var needsLabel: Bool { tasks.contains(where: \.hasLabel) }

    /// A learner with the given hyperparameters and the defaults of the others.
    /// - Throws: `LearnerError` for an unknown hyperparameter, a value out of range, or a task that it cannot do.
    public func learner(_ hyperparameters: [String: String] = [:], task: LearningTask? = nil) throws -> any Learner {
        if let task, !tasks.contains(task) { throw LearnerError.wrongTask(learner: name, task: task.rawValue) }
        return try make(HyperparameterValues(hyperparameters, of: parameters, learner: name), task: task)
    }

    /// How the label is to be read for a task; nil: by the column.
    func labelKind(_ task: LearningTask?) -> LabelKind? {
        guard needsLabel else { return nil }
        let possible = task.map { [$0] } ?? tasks
        if possible.allSatisfy(\.isClassification) { return .classes }
        return possible.contains(where: \.isClassification) ? nil : .number
    }
}

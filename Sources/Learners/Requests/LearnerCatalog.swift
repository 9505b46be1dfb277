/// The learners that can be asked for by name.
public enum LearnerCatalog {
    /// A learner as the command's help shows it.
    public struct Entry: Sendable {
        public var name: String
        public var summary: String
        public var hyperparameters: [HyperparameterDescription]
    }

    public static let entries: [Entry] = [
        Entry(
            name: LogisticRegression.name, summary: "two or more classes; L-BFGS, L1 and L2 penalties",
            hyperparameters: LogisticRegression.descriptions),
        Entry(
            name: LinearRegression.name, summary: "a number; least squares, L1 and L2 penalties",
            hyperparameters: LinearRegression.descriptions),
        Entry(
            name: BoostedTrees.name, summary: "classes or a number; gradient-boosted trees (XGBoost)",
            hyperparameters: BoostedTrees.descriptions),
    ]

    /// A learner by name, with hyperparameters as text.
    /// - Throws: `LearnerError` for an unknown learner or hyperparameter, a value out of range, or a task that the
    ///   learner cannot do.
    public static func learner(
        named name: String, hyperparameters: [String: String] = [:], task: LearningTask? = nil
    ) throws -> any Learner {
        switch name.lowercased() {
        case LogisticRegression.name:
            if task == .regression { throw LearnerError.wrongTask(learner: name, task: "regression") }
            return try LogisticRegression(hyperparameters: hyperparameters)
        case LinearRegression.name:
            if let task, task.isClassification { throw LearnerError.wrongTask(learner: name, task: task.rawValue) }
            return try LinearRegression(hyperparameters: hyperparameters)
        case BoostedTrees.name: return try BoostedTrees(hyperparameters: hyperparameters, task: task)
        default: throw LearnerError.unknownLearner(name, known: entries.map(\.name))
        }
    }
}

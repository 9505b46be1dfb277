import Platform

/// The learners that can be asked for by name.
public enum LearnerCatalog {
    static let builtIn: [any LearnerKind] = [
        LogisticRegressionKind(), LinearRegressionKind(), PoissonRegressionKind(), LinearSVMKind(), FTRLKind(), BoostedTreesKind(),
        DecisionTreeKind(), RandomForestKind(), NaiveBayesKind(), KMeansKind(), PrincipalComponentsKind(), TruncatedSVDKind(), IsolationForestKind(),
    ]
    private static let registered = Guarded(builtIn)

    /// The built-in kinds, then those that were registered, in that order.
    public static var kinds: [any LearnerKind] { registered.withLock { $0 } }

    /// Makes a kind known to trainings and to the loading of models, for the rest of the process.
    /// - Throws: `LearnerError.learnerExists` when there is one of that name.
    public static func register(_ kind: some LearnerKind) throws {
        try registered.withLock { kinds in
            guard !kinds.contains(where: { $0.name == kind.name }) else { throw LearnerError.learnerExists(kind.name) }
            kinds.append(kind)
        }
    }

    /// - Throws: `LearnerError.unknownLearner`.
    public static func kind(named name: String) throws -> any LearnerKind {
        let kinds = kinds
        guard let kind = kinds.first(where: { $0.name == name.lowercased() }) else {
            throw LearnerError.unknownLearner(name, known: kinds.map(\.name))
        }
        return kind
    }

    /// A learner by name, with hyperparameters as text.
    /// - Throws: `LearnerError` for an unknown learner or hyperparameter, a value out of range, or a task that the
    ///   learner cannot do.
    public static func learner(
        named name: String, hyperparameters: [String: String] = [:], task: LearningTask? = nil
    ) throws -> any Learner {
        try kind(named: name).learner(hyperparameters, task: task)
    }
}

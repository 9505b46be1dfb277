import FeatureTables

/// What linear learners can be told. Each has defaults of its own.
public struct LinearOptions: Sendable, Equatable {
    /// The penalty on the sum of absolute weights of the standardized features, on the scale of the mean loss.
    public var l1: Double
    /// The penalty on half the sum of their squares.
    public var l2: Double
    /// When the search ends at the latest.
    public var maximumIterations: Int
    /// How little a step must change for the search to end; each learner says of what.
    public var tolerance: Double
    public var standardizes: Bool
    public var hasIntercept: Bool

    public init(
        l1: Double = 0, l2: Double, maximumIterations: Int, tolerance: Double, standardizes: Bool = true,
        hasIntercept: Bool = true
    ) {
        self.l1 = l1
        self.l2 = l2
        self.maximumIterations = maximumIterations
        self.tolerance = tolerance
        self.standardizes = standardizes
        self.hasIntercept = hasIntercept
    }

    /// - Parameters:
    ///   - iterations: what `max-iterations` limits.
    ///   - tolerance: what `tolerance` is about.
    func descriptions(iterations: String, tolerance meaning: String) -> [HyperparameterDescription] {
        [
            .init(name: "l1", defaultValue: "0", explanation: "penalty on the sum of absolute weights (mean loss scale)"),
            .init(name: "l2", defaultValue: "\(l2)", explanation: "penalty on half the sum of squared weights"),
            .init(name: "max-iterations", defaultValue: "\(maximumIterations)", explanation: iterations),
            .init(name: "tolerance", defaultValue: "\(tolerance)", explanation: meaning),
            .init(name: "standardize", defaultValue: "true", explanation: "scale features to unit deviation inside"),
            .init(name: "intercept", defaultValue: "true", explanation: "learn a constant term"),
        ]
    }

    /// Takes what `reader` has.
    /// - Throws: `LearnerError` for a value out of range.
    mutating func read(_ reader: HyperparameterReader, iterationLimit: Int) throws {
        try reader.number("l1", &l1, in: 0...1e300, "a number of at least 0")
        try reader.number("l2", &l2, in: 0...1e300, "a number of at least 0")
        try reader.integer("max-iterations", &maximumIterations, in: 1...iterationLimit)
        try reader.number("tolerance", &tolerance, in: 0...1, "a number from 0 to 1")
        try reader.flag("standardize", &standardizes)
        try reader.flag("intercept", &hasIntercept)
    }

    var hyperparameters: [String: String] {
        [
            "l1": "\(l1)", "l2": "\(l2)", "max-iterations": "\(maximumIterations)", "tolerance": "\(tolerance)",
            "standardize": "\(standardizes)", "intercept": "\(hasIntercept)",
        ]
    }
}

extension FeatureTable {
    /// - Throws: `LearnerError.missingValues` when a feature lacks a value, which a linear learner has no use for.
    func requireValues(of learner: String) throws {
        let missing = matrix.columnsWithMissingValues()
        guard missing.isEmpty else {
            throw LearnerError.missingValues(features: missing.map { featureNames[$0] }, learner: learner)
        }
    }
}

extension Standardization {
    /// Says which features told nothing in training; empty when all did.
    func constantsNote(_ names: [String]) -> [String] {
        let constants = deviations.indices.filter { deviations[$0] == 0 }
        if constants.isEmpty { return [] }
        return ["constant in training, weight 0: " + constants.map { names[$0] }.joined(separator: ", ")]
    }
}

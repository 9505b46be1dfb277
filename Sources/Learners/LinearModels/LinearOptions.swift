import FeatureTables

/// What linear learners can be told. Each has defaults of its own.
public struct LinearOptions: Sendable, Equatable {
    /// The penalty on the sum of absolute weights of the standardized features, on the scale of the mean loss.
    public var l1: Double
    /// The penalty on half the sum of their squares; nil: one over the sum of the rows' weights.
    public var l2: Double?
    /// When the search ends at the latest.
    public var maximumIterations: Int
    /// How little a step must change for the search to end; each learner says of what.
    public var tolerance: Double
    public var standardizes: Bool
    public var hasIntercept: Bool

    public init(
        l1: Double = 0, l2: Double?, maximumIterations: Int, tolerance: Double, standardizes: Bool = true,
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
    ///   - iterations: what `max-iterations` limits, and the most it may be.
    ///   - tolerance: what `tolerance` is about.
    ///   - automaticL2: what a penalty of nil stands for; nil when a number is needed.
    func descriptions(
        iterations: String, iterationLimit: Int, tolerance meaning: String, automaticL2: String? = nil
    ) -> [HyperparameterDescription] {
        [
            .init("l1", .number(.atLeast(0)), default: .number(l1), "penalty on the sum of absolute weights"),
            .init(
                "l2", .number(.atLeast(0)), default: l2.map { .number($0) } ?? .automatic,
                "penalty on half the sum of squared weights", automatic: automaticL2),
            .init("max-iterations", .integer(1...iterationLimit), default: .integer(maximumIterations), iterations),
            .init("tolerance", .number(.atLeast(0, upTo: 1)), default: .number(tolerance), meaning),
            .init("standardize", .flag, default: .flag(standardizes), "scale features to unit deviation inside"),
            .init("intercept", .flag, default: .flag(hasIntercept), "learn a constant term"),
        ]
    }

    /// What an L2 penalty of nil stands for where it may be nil.
    static let automaticL2 = "1 / the sum of the rows' weights"

    /// What a report says of the penalty that was taken.
    func notes(l2 taken: Double) -> [String] {
        l2 == nil ? ["l2 = \(ReportNumber.short(taken)), one over the sum of the rows' weights"] : []
    }

    /// The values of what `descriptions` describes.
    init(_ values: HyperparameterValues) throws {
        self.init(
            l1: try values.number("l1"), l2: try values.numberOrAutomatic("l2"),
            maximumIterations: try values.integer("max-iterations"), tolerance: try values.number("tolerance"),
            standardizes: try values.flag("standardize"), hasIntercept: try values.flag("intercept"))
    }

    var hyperparameters: [String: String] {
        ([
            "l1": .number(l1), "l2": l2.map { .number($0) } ?? .automatic, "max-iterations": .integer(maximumIterations),
            "tolerance": .number(tolerance), "standardize": .flag(standardizes), "intercept": .flag(hasIntercept),
        ] as [String: HyperparameterValue]).mapValues(\.text)
    }
}

extension FeatureMatrix {
    /// Features as a learner of linear scores sees them.
    /// - Parameter total: the sum of the rows' weights.
    /// - Throws: `LearnerError.notFinite`.
    func standardization(_ options: LinearOptions, weights: [Double]?, total: Double, threads: Int) throws -> Standardization {
        var scaling = Standardization(self, weights: weights, totalWeight: total, scales: options.standardizes, threads: threads)
        try scaling.requireFinite(columnNames)
        // Without an intercept, centring would bring one in through the back door.
        if !options.hasIntercept { scaling.means = scaling.means.map { _ in 0 } }
        return scaling
    }
}

import FeatureTables

/// Naive Bayes: classes by the features' distributions in each of them, as if features did not depend on each other.
/// A missing value says nothing.
public struct NaiveBayes: Learner {
    public static let name = "naive-bayes"
    public var name: String { Self.name }

    /// Which distributions features have.
    public enum Kind: String, Sendable, CaseIterable {
        /// Bernoulli for features that are 0 or 1 in all training rows, Gaussian for others.
        case mixed
        case gaussian, multinomial, bernoulli
    }

    public var kind = Kind.mixed
    /// What every count has at least (Bernoulli, multinomial).
    public var smoothing = 1.0
    /// What is added to all variances, as a share of the largest feature's (Gaussian).
    public var varianceSmoothing = 1e-9

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        try self.init(HyperparameterValues(hyperparameters, of: NaiveBayesKind().parameters, learner: Self.name))
    }

    init(_ values: HyperparameterValues) throws {
        kind = Kind(rawValue: try values.choice("kind")) ?? .mixed
        smoothing = try values.number("smoothing")
        varianceSmoothing = try values.number("variance-smoothing")
    }

    public var hyperparameters: [String: String] {
        ([
            "kind": .choice(kind.rawValue), "smoothing": .number(smoothing), "variance-smoothing": .number(varianceSmoothing),
        ] as [String: HyperparameterValue]).mapValues(\.text)
    }

    /// Of smoothing, so that no probability is 0.
    private static let leastSmoothing = 1e-10

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let (codes, classes) = try table.classLabels()
        let total = try table.totalWeight()
        let forms = try forms(table)
        let counts = try ClassSums(table, codes, classCount: classes.count, forms: forms, context: context)
        let width = table.matrix.columnCount
        let alpha = max(smoothing, Self.leastSmoothing)
        var locations = [Double](repeating: 0, count: classes.count * width)
        var variances = locations
        let shift = gaussianShift(counts, forms)
        for code in classes.indices {
            let countSum = (0..<width).reduce(0) { forms[$1] == .multinomial ? $0 + counts.sums[code * width + $1] : $0 }
            for feature in 0..<width {
                let cell = code * width + feature
                switch forms[feature] {
                case .gaussian:
                    locations[cell] = counts.means[cell]
                    variances[cell] = counts.variances[cell] + shift
                case .bernoulli:
                    locations[cell] = min((counts.sums[cell] + alpha) / (counts.presentWeights[cell] + 2 * alpha), 1.0.nextDown)
                case .multinomial: locations[cell] = (counts.sums[cell] + alpha) / (countSum + alpha * Double(width))
                }
            }
        }
        guard locations.allSatisfy(\.isFinite), variances.allSatisfy(\.isFinite) else {
            throw LearnerError.notFinite("a feature's mean, variance or count")
        }
        let model = try NaiveBayesModel(
            featureNames: table.featureNames, classes: classes,
            parameters: .init(
                forms: forms, priors: counts.classWeights.map { $0 / total }, locations: locations, variances: variances))
        try context.advance(TrainingProgress(iteration: 1, limit: 1, objective: .nan))
        var notes: [String] = []
        if kind == .mixed {
            let indicators = forms.count { $0 == .bernoulli }
            notes.append("\(indicators) feature(s) as indicators (Bernoulli), \(width - indicators) as numbers (Gaussian)")
        }
        return TrainingResult(
            model: model,
            fit: FitSummary(iterations: 1, objective: nil, converged: true, stopReason: "rows counted", notes: notes))
    }

    /// - Throws: `LearnerError.negativeCount` for what cannot be a count.
    private func forms(_ table: FeatureTable) throws -> [NaiveBayesModel.Form] {
        let width = table.matrix.columnCount
        switch kind {
        case .gaussian: return [NaiveBayesModel.Form](repeating: .gaussian, count: width)
        case .bernoulli: return [NaiveBayesModel.Form](repeating: .bernoulli, count: width)
        case .multinomial:
            if let column = table.matrix.columns(where: { $0 < 0 }).firstIndex(of: true) {
                throw LearnerError.negativeCount(feature: table.featureNames[column])
            }
            return [NaiveBayesModel.Form](repeating: .multinomial, count: width)
        case .mixed:
            return table.matrix.columns(where: { !($0 == 0 || $0 == 1 || $0.isNaN) }).map { $0 ? .gaussian : .bernoulli }
        }
    }

    /// What is added to the variances.
    private func gaussianShift(_ counts: ClassSums, _ forms: [NaiveBayesModel.Form]) -> Double {
        let largest = forms.indices.reduce(0) { forms[$1] == .gaussian ? max($0, counts.featureVariances[$1]) : $0 }
        // Where no feature varies, anything does that can be divided by.
        return largest > 0 ? max(varianceSmoothing * largest, .leastNormalMagnitude) : 1
    }
}

/// Naive Bayes by name.
public struct NaiveBayesKind: LearnerKind {
    public init() {}

    public var name: String { NaiveBayes.name }
    public var summary: String { "two or more classes; Gaussian, multinomial, Bernoulli" }
    public var tasks: [LearningTask] { [.binaryClassification, .multiclassClassification] }
    public var takesMissingValues: Bool { true }

    public var parameters: [HyperparameterDescription] {
        let defaults = NaiveBayes()
        return [
            .init(
                "kind", .choice(NaiveBayes.Kind.allCases.map(\.rawValue)), default: .choice(defaults.kind.rawValue),
                "distributions of the features; mixed: bernoulli where all are 0 or 1, else gaussian"),
            .init(
                "smoothing", .number(.atLeast(0)), default: .number(defaults.smoothing),
                "added to every count (bernoulli, multinomial)"),
            .init(
                "variance-smoothing", .number(.atLeast(0)), default: .number(defaults.varianceSmoothing),
                "added to all variances, as a share of the largest (gaussian)"),
        ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner { try NaiveBayes(values) }

    public func decode(_ saved: SavedModel) throws -> any Model { try NaiveBayesModel(saved) }
}

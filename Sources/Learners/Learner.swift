import FeatureTables

/// What is learned: of a label, or of the rows themselves.
public enum LearningTask: String, Codable, Sendable, CaseIterable {
    case binaryClassification = "binary-classification"
    case multiclassClassification = "multiclass-classification"
    case regression
    case clustering
    case dimensionReduction = "dimension-reduction"
    case anomalyDetection = "anomaly-detection"

    /// A task by its name or a short form: `binary`, `multiclass`.
    public init?(parsing text: String) {
        switch text.lowercased() {
        case "binary", Self.binaryClassification.rawValue: self = .binaryClassification
        case "multiclass", Self.multiclassClassification.rawValue: self = .multiclassClassification
        default:
            guard let task = Self(rawValue: text.lowercased()) else { return nil }
            self = task
        }
    }

    public var isClassification: Bool { self == .binaryClassification || self == .multiclassClassification }

    /// Whether there is an answer in the training rows that is to be predicted.
    public var hasLabel: Bool { isClassification || self == .regression }
}

/// An algorithm with its hyperparameters, ready to learn from a table.
public protocol Learner: Sendable {
    /// The name on the command line and in saved models.
    var name: String { get }
    /// All hyperparameters with their values as text, defaults included.
    var hyperparameters: [String: String] { get }
    /// Whether training looks at the context's validation rows.
    var usesValidation: Bool { get }
    /// Learns from every row of `table`.
    /// - Throws: `LearnerError` when the label does not suit the learner, there are no rows, or it was cancelled.
    func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult
}

extension Learner {
    public var usesValidation: Bool { false }
}

/// A learner that reads dense rows some at a time (`DenseBlocks`), as its models do when they predict: for it, they need not all be
/// written beforehand.
package protocol BlockwiseLearner: Learner {}

/// What a learner learned. Immutable; may be used from several threads.
public protocol Model: Sendable {
    var task: LearningTask { get }
    var featureNames: [String] { get }
    /// What each feature contributes, greatest first.
    var influences: [FeatureInfluence] { get }
    /// One prediction a row of `matrix`. The result does not depend on the number of threads.
    /// - Throws: `LearnerError.featureCountMismatch`; `.missingValues` where the model cannot take NaN.
    func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions
    /// What each feature adds to the score of each row of `matrix`.
    /// - Throws: as `predict`; `LearnerError.noContributions`, which is what models do whose score is no sum of such parts.
    func contributions(_ matrix: FeatureMatrix, threads: Int) throws -> FeatureContributions
    /// What the learner's kind makes an equal model of.
    /// - Throws: `LearnerError.notSavable`, which is what models do that have none of their own; `EncodingError`.
    func saved() throws -> SavedModel
    /// nil, unless the model says otherwise: other programs have no form of it that is known here.
    func form() throws -> ModelForm?
}

extension Model {
    public func form() throws -> ModelForm? { nil }
    public func saved() throws -> SavedModel { throw LearnerError.notSavable }
    public func contributions(_ matrix: FeatureMatrix, threads: Int) throws -> FeatureContributions {
        throw LearnerError.noContributions
    }

    /// - Throws: `LearnerError.featureCountMismatch`.
    func requireFeatures(of matrix: FeatureMatrix) throws {
        guard matrix.columnCount == featureNames.count else {
            throw LearnerError.featureCountMismatch(expected: featureNames.count, found: matrix.columnCount)
        }
    }

    /// - Parameter learner: what kind of model it is, in words.
    /// - Throws: `LearnerError.featureCountMismatch`; `.missingValues`.
    func requireValues(of matrix: FeatureMatrix, _ learner: String) throws {
        try requireFeatures(of: matrix)
        try matrix.requireValues(learner)
    }
}

extension FeatureMatrix {
    /// - Throws: `LearnerError.missingValues` when a feature lacks a value, which the learner has no use for.
    func requireValues(_ learner: String) throws {
        let missing = columnsWithMissingValues()
        guard missing.isEmpty else {
            throw LearnerError.missingValues(features: missing.map { columnNames[$0] }, learner: learner)
        }
    }
}

/// A model and how its training went.
public struct TrainingResult: Sendable {
    public var model: any Model
    public var fit: FitSummary
    /// The model's quality on the training rows, where the training found it out; nil: it is measured afterwards.
    public var quality: ModelQuality?
    /// The model's predictions of the training rows, where the training found them out; nil: they are asked of the model.
    package var predictions: Predictions?

    public init(model: any Model, fit: FitSummary, quality: ModelQuality? = nil) {
        self.model = model
        self.fit = fit
        self.quality = quality
    }
}

/// How a training ended.
public struct FitSummary: Codable, Sendable, Equatable {
    /// Steps of the optimizer, or trees built a class.
    public var iterations: Int
    /// The training objective at the end, penalties included.
    public var objective: Double?
    /// False when the iteration limit ended the training before the tolerance was reached.
    public var converged: Bool
    public var stopReason: String
    public var notes: [String]
    /// The model in words, a line each, where it is one that can be read; nil for others.
    public var rules: [String]?

    public init(
        iterations: Int, objective: Double?, converged: Bool, stopReason: String, notes: [String] = [], rules: [String]? = nil
    ) {
        self.iterations = iterations
        self.objective = objective
        self.converged = converged
        self.stopReason = stopReason
        self.notes = notes
        self.rules = rules
    }
}

/// One prediction a row.
public enum Predictions: Sendable {
    /// `probabilities` is row-major: row `r` is the `names.count` elements from `r * names.count`, which sum to 1.
    case classes(probabilities: [Double], names: [String])
    case numbers([Double])
    /// Of a model without a label (`UnsupervisedModel`).
    case findings(Findings)

    /// For each row the position of its most probable class (the first of equals); nil for what are no classes.
    public var predictedClasses: [Int32]? {
        guard case .classes(let probabilities, let names) = self, !names.isEmpty else { return nil }
        let count = names.count
        return (0..<probabilities.count / count).map { row in
            var best = 0
            for candidate in 1..<max(count, 1) where probabilities[row * count + candidate] > probabilities[row * count + best] {
                best = candidate
            }
            return Int32(best)
        }
    }
}

/// How much one feature matters to a model.
public struct FeatureInfluence: Codable, Sendable, Equatable {
    public var feature: String
    /// What the list is sorted by. Linear models: the largest weight over the outputs, times the feature's standard
    /// deviation. Trees: the share of the total gain. Clusters: the variance between the centroids. Principal components: the
    /// variance that they keep. Isolation forests: the share of the cuts.
    public var magnitude: Double
    /// Linear models: the weight for each output, on the feature's own scale.
    public var weights: [Double]?
    /// Trees: the mean improvement of the objective by a split on the feature.
    public var gain: Double?
    /// Trees: how many splits use the feature.
    public var splits: Int?

    public init(feature: String, magnitude: Double, weights: [Double]? = nil, gain: Double? = nil, splits: Int? = nil) {
        self.feature = feature
        self.magnitude = magnitude
        self.weights = weights
        self.gain = gain
        self.splits = splits
    }
}

extension [FeatureInfluence] {
    /// Equal ones stay in the order of the features.
    func greatestFirst() -> [FeatureInfluence] {
        enumerated().sorted {
            $0.element.magnitude != $1.element.magnitude
                ? $0.element.magnitude > $1.element.magnitude : $0.offset < $1.offset
        }.map(\.element)
    }
}

/// What a training may use and whom it tells about its progress.
public struct TrainingContext: Sendable {
    /// Workers; at least 1.
    public var threads: Int
    /// Called after every iteration, on the training thread.
    public var report: (@Sendable (TrainingProgress) -> Void)?
    /// Asked before every iteration; `true` ends the training with `LearnerError.cancelled`.
    public var isCancelled: (@Sendable () -> Bool)?
    /// Asked after every iteration; `true` ends the training with the best that it has so far.
    public var isInterrupted: (@Sendable () -> Bool)?
    /// By what a learner divides the training rows that needs some to stop by.
    public var splitKey: SplitOptions.Key = .row
    /// Rows to stop by, encoded as the training rows; nil: a learner that needs some takes them out of those.
    public var validation: FeatureTable?

    public init(
        threads: Int = 1, report: (@Sendable (TrainingProgress) -> Void)? = nil,
        isCancelled: (@Sendable () -> Bool)? = nil, isInterrupted: (@Sendable () -> Bool)? = nil
    ) {
        self.threads = max(1, threads)
        self.report = report
        self.isCancelled = isCancelled
        self.isInterrupted = isInterrupted
    }

    /// Why a training ended that was interrupted.
    static let interruption = "interrupted, the best so far is kept"

    /// - Returns: whether to go on; if not, what there is by now is the model.
    @discardableResult
    package func advance(_ progress: TrainingProgress) throws -> Bool {
        if isCancelled?() == true { throw LearnerError.cancelled }
        report?(progress)
        return isInterrupted?() != true
    }
}

/// A training's state after an iteration.
public struct TrainingProgress: Sendable, Equatable {
    public var iteration: Int
    public var limit: Int
    /// The objective on the training rows.
    public var objective: Double
    /// The same measure on the validation rows, when there are some.
    public var validation: Double?

    public init(iteration: Int, limit: Int, objective: Double, validation: Double? = nil) {
        self.iteration = iteration
        self.limit = limit
        self.objective = objective
        self.validation = validation
    }
}

extension FeatureTable {
    /// The label as class codes, checked to be learnable: at least two classes, each with rows that count.
    package func classLabels(limit: Int = 1000) throws -> (codes: [Int32], names: [String]) {
        guard let label else { throw LearnerError.missingLabel }
        let name = encoding.label?.name ?? "label"
        guard case .classes(let codes, let names) = label else {
            throw LearnerError.wrongTask(learner: "classification", task: "regression")
        }
        if names.count > 20, names.contains(where: { Double($0).map { $0 != $0.rounded() } ?? false }),
            names.allSatisfy({ Double($0) != nil }) {
            throw LearnerError.labelIsQuantity(label: name, values: names.count)
        }
        guard names.count <= limit else { throw LearnerError.tooManyClasses(label: name, count: names.count, limit: limit) }
        guard names.count > 1 else { throw LearnerError.singleClass(label: name, name: names.first ?? "") }
        var counts = [Int](repeating: 0, count: names.count)
        for code in codes { counts[Int(code)] += 1 }
        if let empty = counts.firstIndex(of: 0) { throw LearnerError.emptyClass(label: name, name: names[empty]) }
        if let weights {
            _ = try totalWeight()
            for (row, code) in codes.enumerated() where weights[row] == 0 { counts[Int(code)] -= 1 }
            if let idle = counts.firstIndex(of: 0) { throw LearnerError.weightlessClass(label: name, name: names[idle]) }
        }
        return (codes, names)
    }

    package func numericLabels() throws -> [Double] {
        guard let label else { throw LearnerError.missingLabel }
        guard case .numbers(let values) = label else {
            throw LearnerError.labelIsNotNumeric(encoding.label?.name ?? "label")
        }
        return values
    }

    /// The sum of the rows' weights, checked to be positive.
    package func totalWeight() throws -> Double {
        guard rowCount > 0 else { throw LearnerError.noRows("there are no rows to train on") }
        guard let weights else { return Double(rowCount) }
        let total = weights.reduce(0, +)
        guard total.isFinite else { throw LearnerError.notFinite("the sum of the weights", of: "the weights") }
        guard total > 0 else { throw LearnerError.noWeight }
        return total
    }
}

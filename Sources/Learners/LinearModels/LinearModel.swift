import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A weighted sum of features an output: a number or its logarithm, the log-odds of the second of two classes, or one score a class.
public struct LinearModel: Model, Codable, Equatable {
    public var task: LearningTask
    public var featureNames: [String]
    /// Empty for regression.
    public var classes: [String]
    public var outputs: [Output]
    /// Standard deviations of the features in training, for comparing weights.
    public var deviations: [Double]
    /// nil, as in models saved by versions that knew no other: the sum is the number, or log-odds, or softmax makes probabilities.
    public var link: Link?
    /// What makes log-odds of the sums where they are none themselves; one an output.
    package var calibration: [PlattScaling]?

    /// What makes predictions of the sums, where it is not what the task has by itself.
    public enum Link: String, Codable, Sendable {
        /// Numbers: e to the power of the sum.
        case log
        /// Several classes: the sums are log-odds of each class against all others, whose probabilities are divided by their sum.
        case oneAgainstRest = "one-against-rest"
    }

    /// One sum: `intercept + Σ weights · features`, on the features' own scale.
    public struct Output: Codable, Sendable, Equatable {
        public var intercept: Double
        public var weights: [Double]

        public init(intercept: Double, weights: [Double]) {
            self.intercept = intercept
            self.weights = weights
        }

        var isFinite: Bool { intercept.isFinite && weights.allSatisfy(\.isFinite) }

        /// The sum, stretched and then moved.
        func scaled(slope: Double, intercept: Double) -> Output {
            Output(intercept: slope * self.intercept + intercept, weights: weights.map { slope * $0 })
        }
    }

    /// Whether there is a weight for every feature and an output for every class; a model read from a file may lack some.
    var isConsistent: Bool {
        let outputCount: Int
        switch task {
        case .regression: outputCount = classes.isEmpty ? 1 : -1
        case .binaryClassification: outputCount = classes.count == 2 ? 1 : -1
        case .multiclassClassification: outputCount = classes.count > 2 ? classes.count : -1
        case .clustering, .dimensionReduction, .anomalyDetection: outputCount = -1
        }
        let isLinked =
            switch link {
            case .log: task == .regression
            case .oneAgainstRest: task == .multiclassClassification
            case nil: true
            }
        let isCalibrated =
            calibration.map { parts in
                task.isClassification && parts.count == outputs.count && parts.allSatisfy { $0.slope.isFinite && $0.intercept.isFinite }
            } ?? true
        return isLinked && isCalibrated && outputs.count == outputCount && deviations.count == featureNames.count
            && outputs.allSatisfy { $0.weights.count == featureNames.count }
    }

    /// The sums that predictions are made of: the outputs, or the log-odds that calibration makes of them.
    package var scores: [Output] {
        guard let calibration else { return outputs }
        return zip(outputs, calibration).map { output, part in
            output.scaled(slope: part.slope, intercept: part.intercept)
        }
    }

    /// Greater logarithms are predicted as this one, or the number would be infinite.
    package static let greatestLogarithm = 709.78

    /// Empty for a model that lacks weights.
    public var influences: [FeatureInfluence] {
        guard isConsistent else { return [] }
        let all = featureNames.indices.map { feature in
            let weights = outputs.map { $0.weights[feature] }
            let largest = weights.reduce(0) { max($0, abs($1)) }
            return FeatureInfluence(
                feature: featureNames[feature], magnitude: largest * deviations[feature], weights: weights)
        }
        return all.greatestFirst()
    }

    /// - Throws: `LearnerError` when the model cannot be asked about the rows of `matrix`.
    func check(_ matrix: FeatureMatrix) throws {
        guard isConsistent else { throw LearnerError.inconsistentModel }
        try requireValues(of: matrix, "of a linear model")
    }

    public func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        try check(matrix)
        let scores = sums(matrix, threads: threads)
        switch task {
        case .regression: return .numbers(link == .log ? scores.map { exp(min($0, Self.greatestLogarithm)) } : scores)
        case .binaryClassification:
            var probabilities = [Double](repeating: 0, count: matrix.rowCount * 2)
            for (row, score) in scores.enumerated() {
                let power = exp(-abs(score))
                probabilities[2 * row] = logistic(-score, power)
                probabilities[2 * row + 1] = logistic(score, power)
            }
            return .classes(probabilities: probabilities, names: classes)
        case .multiclassClassification:
            var probabilities = scores
            let count = classes.count
            // Of log-probabilities softmax makes probabilities divided by their sum, which is never 0.
            if link == .oneAgainstRest { probabilities = scores.map { min($0, 0) - log1p(exp(-abs($0))) } }
            probabilities.withUnsafeMutableBufferPointer { all in
                guard let base = all.baseAddress else { return }
                for row in 0..<matrix.rowCount { _ = softmaxInPlace(base + row * count, count) }
            }
            return .classes(probabilities: probabilities, names: classes)
        case .clustering, .dimensionReduction, .anomalyDetection: throw LearnerError.inconsistentModel
        }
    }

    /// Row-major: one sum a row and output.
    private func sums(_ matrix: FeatureMatrix, threads: Int) -> [Double] {
        let width = matrix.columnCount
        let outputs = scores
        let outputCount = outputs.count
        var result = [Double](repeating: 0, count: matrix.rowCount * outputCount)
        result.withUnsafeMutableBufferPointer { result in
            guard let target = result.baseAddress else { return }
            RowBlocks(rowCount: matrix.rowCount).forEach(threads: threads) { _, rows in
                for (place, output) in outputs.enumerated() {
                    output.weights.withUnsafeBufferPointer { weights in
                        // A model without features has no weights to point at.
                        guard let weights = weights.baseAddress else {
                            for row in rows { target[row * outputCount + place] = output.intercept }
                            return
                        }
                        for row in rows {
                            let sum =
                                switch matrix.storage {
                                case .dense(let elements): dot(weights, elements + row * width, width)
                                case .sparse(let sparse): sparse.dot(weights, row)
                                }
                            target[row * outputCount + place] = output.intercept + sum
                        }
                    }
                }
            }
        }
        withExtendedLifetime(matrix) {}
        return result
    }
}

extension LinearModel {
    /// - Parameter links: those that the learner's models have.
    /// - Throws: `LearnerError.inconsistentModel` when it lacks weights or is another model's; `DecodingError`.
    init(_ saved: SavedModel, links: [Link?] = [nil], isCalibrated: Bool = false) throws {
        self = try saved.content(as: LinearModel.self)
        guard isConsistent, links.contains(link), (calibration != nil) == isCalibrated, task == saved.task,
            classes == saved.classes
        else { throw LearnerError.inconsistentModel }
    }

    public func saved() throws -> SavedModel {
        var saved = SavedModel(task: task, featureNames: featureNames, classes: classes)
        try saved.setContent(self)
        return saved
    }

    public func form() throws -> ModelForm? {
        guard isConsistent else { throw LearnerError.inconsistentModel }
        return .linear(self)
    }
}

/// 1 / (1 + e^−x) without overflow.
/// - Parameter power: e^−|x|, which is the same for x and −x, and part of the log loss.
@inline(__always)
func logistic(_ x: Double, _ power: Double) -> Double { (x < 0 ? power : 1) / (1 + power) }

/// Replaces scores by probabilities and returns log Σ e^score.
@inline(__always)
func softmaxInPlace(_ scores: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
    var largest = scores[0]
    for position in 1..<max(count, 1) { largest = max(largest, scores[position]) }
    var sum = 0.0
    for position in 0..<count {
        scores[position] = exp(scores[position] - largest)
        sum += scores[position]
    }
    for position in 0..<count { scores[position] /= sum }
    return largest + log(sum)
}

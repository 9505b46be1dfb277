import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The distributions of the features in each class.
public struct NaiveBayesModel: Model {
    /// A feature's distribution.
    public enum Form: String, Codable, Sendable {
        case gaussian, bernoulli, multinomial
    }

    /// What was learned. Cells are class by class, a feature each.
    struct Parameters: Codable, Sendable, Equatable {
        var forms: [Form]
        /// The classes' shares.
        var priors: [Double]
        /// Gaussian: the mean; else the probability.
        var locations: [Double]
        /// Of Gaussian features; 0 of others.
        var variances: [Double]

        /// What is read from a file may be anything.
        func isSound(featureCount: Int, classCount: Int) -> Bool {
            let (cells, overflow) = featureCount.multipliedReportingOverflow(by: classCount)
            guard !overflow, classCount > 1, forms.count == featureCount, priors.count == classCount, locations.count == cells,
                variances.count == cells, priors.allSatisfy({ (0...1).contains($0) }),
                abs(priors.reduce(0, +) - 1) < 1e-6
            else { return false }
            return locations.indices.allSatisfy { cell in
                switch forms[cell % featureCount] {
                case .gaussian: locations[cell].isFinite && variances[cell] > 0 && variances[cell].isFinite
                case .bernoulli: locations[cell] > 0 && locations[cell] < 1
                case .multinomial: locations[cell] > 0 && locations[cell] <= 1
                }
            }
        }
    }

    public let featureNames: [String]
    public let classes: [String]
    public var task: LearningTask { classes.count == 2 ? .binaryClassification : .multiclassClassification }
    let parameters: Parameters

    /// - Throws: `LearnerError.inconsistentModel`.
    init(featureNames: [String], classes: [String], parameters: Parameters) throws {
        guard parameters.isSound(featureCount: featureNames.count, classCount: classes.count) else {
            throw LearnerError.inconsistentModel
        }
        self.featureNames = featureNames
        self.classes = classes
        self.parameters = parameters
    }

    // MARK: Predicting

    public func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        try requireFeatures(of: matrix)
        let count = classes.count
        let likelihoods = Likelihoods(parameters, classCount: count, isSparse: matrix.layout == .sparse)
        let priors = parameters.priors
        var probabilities = [Double](repeating: 0, count: matrix.rowCount * count)
        probabilities.withUnsafeMutableBufferPointer { probabilities in
            guard let start = probabilities.baseAddress else { return }
            RowBlocks(rowCount: matrix.rowCount).forEach(threads: threads) { _, rows in
                for row in rows {
                    let scores = start + row * count
                    for code in 0..<count { scores[code] = likelihoods.base[code] }
                    matrix.forEachElement(row) { likelihoods.add($0, $1, to: scores) }
                    // Values so far off that no class could have them say nothing.
                    let normalizer = softmaxInPlace(scores, count)
                    if !normalizer.isFinite { for code in 0..<count { scores[code] = priors[code] } }
                }
            }
        }
        withExtendedLifetime(matrix) {}
        return .classes(probabilities: probabilities, names: classes)
    }

    // MARK: Influences

    /// What a feature by itself tells of the class, in nats: the mutual information, of a Gaussian one as if it were
    /// Gaussian over all classes too; of a multinomial one what one count tells.
    public var influences: [FeatureInfluence] {
        let priors = parameters.priors, width = featureNames.count
        let all = featureNames.indices.map { feature in
            let locations = priors.indices.map { parameters.locations[$0 * width + feature] }
            let variances = priors.indices.map { parameters.variances[$0 * width + feature] }
            let information =
                switch parameters.forms[feature] {
                case .gaussian: Self.information(priors, means: locations, variances: variances)
                case .bernoulli:
                    Self.information(priors, probabilities: locations) + Self.information(priors, probabilities: locations.map { 1 - $0 })
                case .multinomial: Self.information(priors, probabilities: locations)
                }
            return FeatureInfluence(feature: featureNames[feature], magnitude: max(0, information))
        }
        return all.greatestFirst()
    }

    /// Σ π p log(p / p̄).
    private static func information(_ priors: [Double], probabilities: [Double]) -> Double {
        let mean = zip(priors, probabilities).reduce(0) { $0 + $1.0 * $1.1 }
        guard mean > 0 else { return 0 }
        return zip(priors, probabilities).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.1 * log($1.1 / mean) : 0) }
    }

    /// ½ Σ π log(σ̄² / σ²).
    private static func information(_ priors: [Double], means: [Double], variances: [Double]) -> Double {
        let mean = zip(priors, means).reduce(0) { $0 + $1.0 * $1.1 }
        let variance = priors.indices.reduce(0) {
            $0 + priors[$1] * (variances[$1] + (means[$1] - mean) * (means[$1] - mean))
        }
        let information = zip(priors, variances).reduce(0) { $0 + $1.0 * (log(variance) - log($1.1)) / 2 }
        return information.isFinite ? information : 0
    }

    // MARK: Saving

    private struct Content: Codable {
        var version: Int
        var parameters: Parameters
    }

    private static let version = 1

    public func saved() throws -> SavedModel {
        var saved = SavedModel(task: task, featureNames: featureNames, classes: classes)
        try saved.setContent(Content(version: Self.version, parameters: parameters))
        return saved
    }

    /// - Throws: `ModelArchive.Invalid`, `LearnerError.inconsistentModel`, `DecodingError`.
    init(_ saved: SavedModel) throws {
        let content = try saved.content(as: Content.self)
        guard content.version == Self.version else {
            throw ModelArchive.Invalid(
                reason: "its distributions are of version \(content.version), this program reads \(Self.version)")
        }
        try self.init(featureNames: saved.featureNames, classes: saved.classes, parameters: content.parameters)
    }
}

/// Logarithms of what each feature's value contributes to each class, by feature, a class each.
private struct Likelihoods: @unchecked Sendable {
    // Unchecked: its buffers are written in `init` alone.
    /// What rows begin with: the classes' shares, and what elements that are not looked at contribute.
    let base: [Double]
    private let classCount: Int
    private let forms: [NaiveBayesModel.Form]
    /// Gaussian: the mean, half the inverse variance, and the logarithm of the density's factor; Bernoulli: the logarithm of the
    /// odds, and of the probability of 0; multinomial: the logarithm of the probability.
    private let first: WorkBuffer<Double>
    private let second: WorkBuffer<Double>
    private let third: WorkBuffer<Double>
    private let isSparse: Bool

    init(_ parameters: NaiveBayesModel.Parameters, classCount: Int, isSparse: Bool) {
        self.classCount = classCount
        self.isSparse = isSparse
        forms = parameters.forms
        let width = forms.count
        first = WorkBuffer(width * classCount, filledWith: 0)
        second = WorkBuffer(width * classCount, filledWith: 0)
        third = WorkBuffer(width * classCount, filledWith: 0)
        var base = parameters.priors.map { log($0) }
        for feature in 0..<width {
            for code in 0..<classCount {
                let cell = feature * classCount + code
                let location = parameters.locations[code * width + feature]
                switch forms[feature] {
                case .gaussian:
                    let variance = parameters.variances[code * width + feature]
                    first.start[cell] = location
                    second.start[cell] = 0.5 / variance
                    third.start[cell] = -0.5 * (log(2 * Double.pi) + log(variance))
                    base[code] += third.start[cell] - (isSparse ? 0.5 / variance * location * location : 0)
                case .bernoulli:
                    second.start[cell] = log1p(-location)
                    first.start[cell] = log(location) - log1p(-location)
                    base[code] += log1p(-location)
                case .multinomial: first.start[cell] = log(location)
                }
            }
        }
        self.base = base
    }

    /// Takes a feature's value into account.
    @inline(__always)
    func add(_ feature: Int, _ value: Double, to scores: UnsafeMutablePointer<Double>) {
        let start = feature * classCount
        switch forms[feature] {
        case .gaussian:
            for code in 0..<classCount {
                let mean = first.start[start + code], precision = second.start[start + code]
                let difference = value - mean
                // Of a sparse row the base has what 0 contributes.
                scores[code] += isSparse ? precision * mean * mean : 0
                scores[code] -= value.isNaN ? third.start[start + code] : precision * difference * difference
            }
        case .bernoulli:
            guard value != 0 else { return }
            for code in 0..<classCount {
                scores[code] += value.isNaN ? -second.start[start + code] : value > 0 ? first.start[start + code] : 0
            }
        case .multinomial:
            guard value != 0, !value.isNaN else { return }
            for code in 0..<classCount { scores[code] += value * first.start[start + code] }
        }
    }
}

import FeatureTables
import Platform

/// An ensemble of regression trees.
public final class BoostedTreesModel: Model {
    public let task: LearningTask
    public let featureNames: [String]
    /// Empty for regression.
    public let classes: [String]
    public let influences: [FeatureInfluence]
    private let booster: Guarded<XGBoostBooster>

    init(task: LearningTask, featureNames: [String], classes: [String], booster: sending XGBoostBooster) throws {
        self.task = task
        self.featureNames = featureNames
        self.classes = classes
        influences = try Self.influences(booster, featureNames)
        self.booster = Guarded(booster)
    }

    /// A model from the bytes that `savedBooster` gave.
    /// - Throws: `LearnerError.library` when they are not trees that fit, told before XGBoost sees them.
    public convenience init(
        task: LearningTask, featureNames: [String], classes: [String], savedBooster: [UInt8]
    ) throws {
        do {
            try BoosterStructure(task: task, featureCount: featureNames.count, classCount: classes.count).check(savedBooster)
        } catch let error as BoosterStructure.Invalid {
            throw LearnerError.library("the booster is not sound: \(error.reason)")
        }
        try self.init(
            task: task, featureNames: featureNames, classes: classes, booster: try XGBoostBooster.load(savedBooster))
    }

    /// The trees in XGBoost's own JSON form, readable by every program that uses XGBoost.
    public func savedBooster() throws -> [UInt8] { try booster.withLock { try $0.saved() } }

    /// A booster in XGBoost's JSON with more about it than the model needs itself.
    /// - Parameters:
    ///   - names: of the features; nil: none.
    ///   - isBinary: the result is in XGBoost's binary form.
    /// - Throws: `LearnerError.library`.
    package static func describing(
        _ text: [UInt8], featureNames names: [String]?, attributes: [(name: String, value: String)], isBinary: Bool
    ) throws -> [UInt8] {
        let booster = try XGBoostBooster.load(text)
        if let names {
            try booster.setTexts("feature_name", names)
            try booster.setTexts("feature_type", names.map { _ in "float" })
        }
        for attribute in attributes { try booster.setAttribute(attribute.name, attribute.value) }
        return try booster.saved(isBinary ? .binary : .json)
    }

    public func form() throws -> ModelForm? { .xgboost(try savedBooster()) }

    public func saved() throws -> SavedModel {
        var saved = SavedModel(task: task, featureNames: featureNames, classes: classes)
        saved.setPart(BoostedTreesKind.boosterPart, try savedBooster())
        return saved
    }

    func withBooster<Result: Sendable>(_ body: (borrowing XGBoostBooster) throws -> Result) rethrows -> Result {
        try booster.withLock { try body($0) }
    }

    public func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        try requireFeatures(of: matrix)
        guard matrix.rowCount > 0 else {
            return task == .regression ? .numbers([]) : .classes(probabilities: [], names: classes)
        }
        return try predictions(values(matrix, threads: threads), rowCount: matrix.rowCount)
    }

    /// - Parameter values: what the library says of rows.
    func predictions(_ values: [Float], rowCount: Int) throws -> Predictions {
        let width = task == .multiclassClassification ? classes.count : 1
        guard values.count == rowCount * width, task != .binaryClassification || classes.count == 2 else {
            throw LearnerError.inconsistentModel
        }
        switch task {
        case .regression: return .numbers(values.map(Double.init))
        case .binaryClassification:
            let probabilities = [Double](unsafeUninitializedCapacity: values.count * 2) { probabilities, used in
                for (row, value) in values.enumerated() {
                    probabilities.initializeElement(at: 2 * row, to: 1 - Double(value))
                    probabilities.initializeElement(at: 2 * row + 1, to: Double(value))
                }
                used = values.count * 2
            }
            return .classes(probabilities: probabilities, names: classes)
        case .multiclassClassification:
            // The sums of single-precision probabilities miss 1 by some 10⁻⁷.
            var probabilities = values.map(Double.init)
            let count = max(classes.count, 1)
            for row in 0..<(probabilities.count / count) {
                let range = row * count..<(row + 1) * count
                let sum = probabilities[range].reduce(0, +)
                for position in range { probabilities[position] /= sum }
            }
            return .classes(probabilities: probabilities, names: classes)
        case .clustering, .dimensionReduction, .anomalyDetection: throw LearnerError.inconsistentModel
        }
    }

    /// The library copies the rows that it is asked about: of a dense matrix some at a time.
    private func values(_ matrix: FeatureMatrix, threads: Int) throws -> [Float] {
        guard matrix.layout == .dense else {
            let data = try XGBoostMatrix(matrix, threads: threads)
            return try booster.withLock { try $0.predict(data, threads: threads) }
        }
        var values: [Float] = []
        let blocks = try DenseBlocks(matrix)
        while let block = blocks.nextBlock() {
            let data = try XGBoostMatrix(block, of: matrix, threads: threads)
            let some = try booster.withLock { try $0.predict(data, threads: threads) }
            // Of a class or a number each row has the same count.
            if values.isEmpty { values.reserveCapacity(some.count / block.rows.count * matrix.rowCount) }
            values += some
        }
        return values
    }

    private static func influences(_ booster: XGBoostBooster, _ names: [String]) throws -> [FeatureInfluence] {
        let gains = try booster.featureScores("gain")
        let totals = try booster.featureScores("total_gain")
        let splits = try booster.featureScores("weight")
        let sum = totals.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
        let all = names.indices.map { feature in
            FeatureInfluence(
                feature: names[feature], magnitude: sum > 0 ? (totals[feature] ?? 0) / sum : 0,
                gain: gains[feature] ?? 0, splits: Int(splits[feature] ?? 0))
        }
        return all.greatestFirst()
    }
}

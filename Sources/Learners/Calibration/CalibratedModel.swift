import FeatureTables

/// A model of two classes whose probabilities were set right by rows that it did not learn from.
public struct CalibratedModel: Model {
    /// The model as its learner made it.
    public let base: any Model
    /// What sets its probabilities right.
    public let calibration: ProbabilityCalibration

    public var task: LearningTask { base.task }
    public var featureNames: [String] { base.featureNames }
    public var influences: [FeatureInfluence] { base.influences }

    /// - Throws: `LearnerError.inconsistentModel` unless `base` has two classes and `calibration` is whole.
    public init(_ base: any Model, _ calibration: ProbabilityCalibration) throws {
        guard base.task == .binaryClassification, calibration.isConsistent else { throw LearnerError.inconsistentModel }
        self.base = base
        self.calibration = calibration
    }

    public func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        guard case .classes(var probabilities, let names) = try base.predict(matrix, threads: threads), names.count == 2 else {
            throw LearnerError.inconsistentModel
        }
        for row in 0..<probabilities.count / 2 {
            let positive = calibration.probability(calibration.score.value(probabilities[2 * row], probabilities[2 * row + 1]))
            probabilities[2 * row] = 1 - positive
            probabilities[2 * row + 1] = positive
        }
        return .classes(probabilities: probabilities, names: names)
    }

    /// Of a sigmoid over log-odds: its log-odds are the base's, stretched and moved.
    /// - Throws: as the base does; `LearnerError.calibrationNotExplained` for all others.
    public func contributions(_ matrix: FeatureMatrix, threads: Int) throws -> FeatureContributions {
        let found = try base.contributions(matrix, threads: threads)
        guard case .sigmoid(let slope, let intercept) = calibration.curve, calibration.score == .logOdds else {
            throw LearnerError.calibrationNotExplained
        }
        var values = found.values.map { slope * $0 }
        for place in stride(from: found.featureCount, to: values.count, by: found.featureCount + 1) { values[place] += intercept }
        return FeatureContributions(outputCount: found.outputCount, featureCount: found.featureCount, values: values)
    }

    /// What the base says; the calibration stands beside it in the file.
    public func saved() throws -> SavedModel { try base.saved() }

    /// A linear model under a sigmoid is a linear model.
    /// - Throws: `LearnerError.calibrationNotExported` for all others.
    public func form() throws -> ModelForm? {
        guard let form = try base.form() else { return nil }
        guard case .linear(var linear) = form, case .sigmoid(let slope, let intercept) = calibration.curve,
            calibration.score == .logOdds
        else { throw LearnerError.calibrationNotExported }
        // A curve that the learner laid over its outputs itself is in the log-odds.
        linear.outputs = linear.scores.map { $0.scaled(slope: slope, intercept: intercept) }
        linear.calibration = nil
        return .linear(linear)
    }
}

extension TrainedModel {
    /// The model as its learner made it.
    package var uncalibrated: any Model { (model as? CalibratedModel)?.base ?? model }
}

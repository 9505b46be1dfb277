import FeatureTables
import Foundation
import Learners
import Platform
import Testing

/// Calibrated probabilities: curves as scikit-learn has them, recorded by `Tests/Peers/calibration.py`, and whole trainings.
@Suite struct CalibrationTests {
    private struct Recorded: Decodable {
        var name: String
        var scores: [Double]
        var truths: [Int]
        var weights: [Double]?
        var asked: [Double]
        var sigmoid: [Double]
        var isotonic: [Double]
    }

    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/calibration/two-classes.json")

    @Test func curvesAreScikitLearns() throws {
        let sets = try JSONDecoder().decode([Recorded].self, from: Data(contentsOf: Self.file))
        #expect(sets.count == 9)
        for set in sets {
            let fit = CalibrationFit(scores: set.scores, isPositive: set.truths.map { $0 == 1 }, weights: set.weights)
            // scikit-learn's search for a sigmoid stops short of the minimum.
            for (method, expected, tolerance) in [(CalibrationMethod.sigmoid, set.sigmoid, 1e-6), (.isotonic, set.isotonic, 1e-12)] {
                let calibration = ProbabilityCalibration(score: .logOdds, curve: try fit.curve(method))
                for (score, probability) in zip(set.asked, expected) {
                    let found = calibration.probability(score)
                    #expect(abs(found - probability) <= tolerance, "\(set.name), \(method) at \(score): \(found), not \(probability)")
                }
            }
        }
    }

    @Test func oneClassCannotBeCalibrated() {
        for (truths, weights) in [([true, true], nil), ([false, true], [1.0, 0.0]), ([], nil)] as [([Bool], [Double]?)] {
            let fit = CalibrationFit(scores: truths.map { _ in 1 }, isPositive: truths, weights: weights)
            #expect(learnerError { _ = try fit.curve(.sigmoid) } == .cannotCalibrate("the rows to calibrate by have one class only"))
        }
        let odd = CalibrationFit(scores: [.nan, 0, 1, 1000, -1000], isPositive: [true, false, true, true, false])
        for method in CalibrationMethod.allCases {
            guard let curve = try? odd.curve(method) else {
                Issue.record("\(method)")
                continue
            }
            let calibration = ProbabilityCalibration(score: .logOdds, curve: curve)
            #expect([-1e300, -1, 0, 0.5, 2, 1e300].allSatisfy { 0...1 ~= calibration.probability($0) })
        }
    }

    private func request(_ learner: String, _ method: CalibrationMethod?, weighted: Bool = false) -> TrainingRequest {
        var request = TrainingRequest(
            roles: ColumnRoles(label: "y", features: ["a", "b", "c", "d"], weight: weighted ? "w" : nil, identifiers: ["id"]), learner: learner,
            split: SplitOptions(fraction: 0.75, seed: 3))
        request.calibration = method.map { CalibrationOptions(method: $0, folds: 4) }
        return request
    }

    /// The curve is that of the predictions by models of the other folds, and nothing else.
    @Test(arguments: [false, true]) func rowsArePredictedByOtherFolds(_ weighted: Bool) throws {
        let data = try ReferenceData.data()
        let request = request(LogisticRegression.name, .sigmoid, weighted: weighted)
        let outcome = try request.run(on: data)
        let model = try #require(outcome.model.model as? CalibratedModel)
        let split = try #require(request.split)
        let training = try data.split(split, rows: try data.rowsWithValue("y")).first
        var scores: [Double] = [], truths: [Bool] = [], weights: [Double] = []
        for fold in try data.crossValidation(4, split, rows: training, stratifiedBy: "y") {
            let own = try self.request(LogisticRegression.name, nil, weighted: weighted).run(on: data, divided: fold)
            let linear = try #require(own.model.model as? LinearModel)
            for row in fold.second.map({ Int($0) }) {
                let features = ReferenceData.features[row]
                scores.append(zip(linear.outputs[0].weights, features).reduce(linear.outputs[0].intercept) { $0 + $1.0 * $1.1 })
                truths.append(ReferenceData.binary[row] == 1)
                weights.append(weighted ? ReferenceData.weights[row] : 1)
            }
        }
        guard case .sigmoid(let slope, let intercept) = model.calibration.curve,
            case .sigmoid(let otherSlope, let otherIntercept) = try CalibrationFit(scores: scores, isPositive: truths, weights: weights)
                .curve(.sigmoid)
        else { throw LearnerError.inconsistentModel }
        #expect(scores.count == 150 && abs(slope - otherSlope) < 1e-9 && abs(intercept - otherIntercept) < 1e-9)
        // The model itself is the one of all training rows.
        let plain = try self.request(LogisticRegression.name, nil, weighted: weighted).run(on: data)
        #expect((model.base as? LinearModel) == (plain.model.model as? LinearModel))
        #expect(outcome.report.fit.notes.contains { $0.hasPrefix("probabilities calibrated (sigmoid) by 150 training row(s)") })
        // What is measured is what the calibrated model predicts.
        #expect(outcome.report.evaluation != plain.report.evaluation && outcome.report.training != plain.report.training)
    }

    /// Every learner of two classes, saved and read back; damaged files are refused.
    @Test(arguments: [
        LogisticRegression.name, BoostedTrees.name, DecisionTree.name, RandomForest.name, NaiveBayes.name,
    ]) func learnersAreCalibratedAndSaved(_ learner: String) throws {
        let data = try ReferenceData.data()
        for method in CalibrationMethod.allCases {
            let outcome = try request(learner, method).run(on: data)
            let before = try PredictionRequest(model: outcome.model).run(on: data)
            guard case .classification(let metrics)? = before.metrics else { throw LearnerError.inconsistentModel }
            #expect(metrics.rows == 200 && metrics.accuracy > 0.6)
            try TestTable.withFolder { folder in
                try outcome.model.save(to: folder + "/one")
                let loaded = try TrainedModel.load(from: folder + "/one")
                #expect((loaded.model as? CalibratedModel)?.calibration == (outcome.model.model as? CalibratedModel)?.calibration)
                #expect(try PredictionRequest(model: loaded).run(on: data, threads: 3).judgement == before.judgement)
                try loaded.save(to: folder + "/two")
                #expect(try RegularFile.contents(of: folder + "/one") == RegularFile.contents(of: folder + "/two"))
            }
        }
    }

    /// Baseline and contributions add up to the log-odds of what is predicted, as far as there is such a sum.
    @Test func sigmoidsOverLogOddsAreExplained() throws {
        let data = try ReferenceData.data()
        for learner in [LogisticRegression.name, BoostedTrees.name] {
            let model = try request(learner, .sigmoid).run(on: data).model
            let outcome = try ExplanationRequest(model: model).run(on: data)
            let predicted = try PredictionRequest(model: model).run(on: data)
            let sums = try #require(outcome.columns.last), probabilities = predicted.columns[2]
            for row in 0..<200 {
                let probability = probabilities.values(as: Double.self)[row]
                #expect(abs(sums.values(as: Double.self)[row] - log(probability / (1 - probability))) < 1e-4)
            }
            let isotonic = try request(learner, .isotonic).run(on: data).model
            #expect(learnerError { _ = try ExplanationRequest(model: isotonic).run(on: data) } == .calibrationNotExplained)
        }
    }

    @Test func formsOfOtherProgramsHoldSigmoidsOfLinearModels() throws {
        let data = try ReferenceData.data()
        let model = try request(LogisticRegression.name, .sigmoid).run(on: data).model
        guard case .linear(let linear)? = try model.model.form() else { throw LearnerError.inconsistentModel }
        let table = try data.featureTable(encoding: model.encoding, needsLabel: false)
        guard case .classes(let one, _) = try model.model.predict(table.matrix, threads: 1),
            case .classes(let other, _) = try linear.predict(table.matrix, threads: 1)
        else { throw LearnerError.inconsistentModel }
        #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-12 })
        for (learner, method) in [(LogisticRegression.name, CalibrationMethod.isotonic), (BoostedTrees.name, .sigmoid)] {
            let model = try request(learner, method).run(on: data).model
            #expect(learnerError { _ = try model.model.form() } == .calibrationNotExported)
        }
    }

    @Test func whatIsNotTwoClassesIsRefused() throws {
        let data = try ReferenceData.data()
        var many = request(LogisticRegression.name, .sigmoid)
        many.roles.label = "z"
        #expect(
            learnerError { _ = try many.run(on: data) }
                == .cannotCalibrate("label 'z' has 3 classes, and probabilities of two are calibrated"))
        var number = request(LinearRegression.name, .sigmoid)
        number.roles.label = "r"
        #expect(learnerError { _ = try number.run(on: data) } == .cannotCalibrate("learner linear-regression learns no two classes here"))
        number.learner = BoostedTrees.name
        #expect(learnerError { _ = try number.run(on: data) } == .cannotCalibrate("label 'r' is learned as a number"))
    }

    @Test func damagedCalibrationsAreRefused() throws {
        let base = try request(LogisticRegression.name, nil).run(on: ReferenceData.data()).model.model
        for curve in [
            ProbabilityCalibration.Curve.isotonic(scores: [], probabilities: []), .isotonic(scores: [0, 1], probabilities: [0.5]),
            .isotonic(scores: [1, 0], probabilities: [0, 1]), .isotonic(scores: [0, 1], probabilities: [1, 0]),
            .isotonic(scores: [0, 1], probabilities: [0, 2]), .isotonic(scores: [0, 0], probabilities: [0, 1]),
            .sigmoid(slope: .infinity, intercept: 0), .sigmoid(slope: 1, intercept: .nan),
        ] {
            let refused = learnerError { _ = try CalibratedModel(base, ProbabilityCalibration(score: .logOdds, curve: curve)) }
            #expect(refused == .inconsistentModel, "\(curve)")
        }
    }
}

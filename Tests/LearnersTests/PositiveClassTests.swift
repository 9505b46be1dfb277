import FeatureTables
import Learners
import Testing

/// Which of two classes the measures and the signs of weights are about.
@Suite struct PositiveClassTests {
    private func outcome(_ positive: String?, learner: String = "logistic-regression") throws -> TrainingOutcome {
        try TrainingRequest(
            roles: ColumnRoles(label: "verdict", excluded: ["w"]), learner: learner, split: SplitOptions(fraction: 0.7, seed: 3),
            positiveClass: positive
        ).run(on: try TestTable.payments())
    }

    @Test(arguments: ["logistic-regression", "boosted-trees"]) func theOtherClassTurnsMeasuresRound(_ learner: String) throws {
        let legit = try outcome(nil, learner: learner), fraud = try outcome("fraud", learner: learner)
        #expect(legit.report.positiveClass == "legit" && fraud.report.positiveClass == "fraud")
        guard case .classification(let one) = legit.report.evaluationMetrics,
            case .classification(let other) = fraud.report.evaluationMetrics
        else { throw LearnerError.noWeight }
        #expect(one.classes.map(\.name) == ["fraud", "legit"] && other.classes.map(\.name) == ["legit", "fraud"])
        // The ranking is the same, read from the other end; precision over recall is not.
        #expect(agree([one.areaUnderROC ?? 0], [other.areaUnderROC ?? 1], 0.02))
        #expect((one.areaUnderPR ?? 0) > 0.9 && (other.areaUnderPR ?? 1) < 0.7)
        guard learner == "logistic-regression" else { return }
        #expect(one.accuracy == other.accuracy)
        #expect(one.classes[0] == other.classes[1])
    }

    @Test func weightsAreAboutThePositiveClass() throws {
        func weight(_ report: ModelReport) throws -> Double {
            try #require(report.influences.first { $0.feature == "sum" }?.weights?.first)
        }
        let legit = try weight(try outcome(nil).report), fraud = try weight(try outcome("fraud").report)
        #expect(fraud > 0 && agree([fraud], [-legit], 1e-6))
    }

    @Test func reportsNameIt() throws {
        let report = try outcome("fraud").report
        #expect(report.lines().contains { $0.hasPrefix("positive class: fraud") })
        #expect(try report.json().contains("\"positiveClass\": \"fraud\""))
    }

    @Test func itIsSavedWithTheModel() throws {
        let outcome = try outcome("fraud")
        try TestTable.withFolder { folder in
            try outcome.model.save(to: folder + "/m")
            let loaded = try TrainedModel.load(from: folder + "/m")
            let predictions = try PredictionRequest(model: loaded).run(on: try TestTable.payments())
            #expect(predictions.judgement.positiveClass == "fraud")
            #expect(predictions.judgement.lines().contains { $0.hasPrefix("positive class: fraud") })
            #expect(predictions.schema.map(\.name) == ["prediction", "probability", "probability_legit", "probability_fraud"])
        }
    }

    @Test func whatCannotBePositiveIsRefused() throws {
        let data = try ReferenceData.data()
        func error(_ label: String, _ positive: String, learner: String = "boosted-trees") -> LearnerError? {
            learnerError {
                _ = try TrainingRequest(
                    roles: ColumnRoles(label: label, features: ["a", "b"]), learner: learner, positiveClass: positive
                ).run(on: data)
            }
        }
        #expect(error("y", "yes") == .unknownClass("yes", label: "y", known: ["0", "1"]))
        #expect(error("y", "yes")?.description == "label 'y' has no class 'yes' (classes: 0, 1)")
        #expect(error("z", "2") == .positiveOfMany(label: "z", classes: 3))
        #expect(error("r", "1") == .positiveOfNumber(label: "r"))
    }
}

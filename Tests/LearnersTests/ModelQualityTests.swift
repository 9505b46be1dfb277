import FeatureTables
import Learners
import Testing

/// Measures with and without weights, at training and at prediction.
@Suite struct ModelQualityTests {
    private func train(_ data: ImportData) throws -> TrainingOutcome {
        try TrainingRequest(
            roles: ColumnRoles(label: "verdict", weight: "w"), learner: "logistic-regression",
            split: SplitOptions(fraction: 0.7, seed: 3), positiveClass: "fraud"
        ).run(on: data)
    }

    @Test func bothAreTold() throws {
        let report = try train(try TestTable.payments()).report
        guard case .classification(let plain) = report.evaluation?.unweighted,
            case .classification(let weighted) = report.evaluation?.weighted
        else { throw LearnerError.noWeight }
        // Balancing weights make every mistake about the frequent class look rare.
        #expect((plain.areaUnderPR ?? 1) + 0.2 < (weighted.areaUnderPR ?? 0))
        #expect(plain.confusion.joined().reduce(0, +) == Double(plain.rows))
        #expect(weighted.confusion.joined().reduce(0, +) > 1.3 * Double(weighted.rows))
        let lines = report.lines()
        #expect(lines.contains { $0.contains("evaluation, weighted") && $0.contains("training, weighted") })
        #expect(lines.contains { $0.hasPrefix("weighted: rows count by w") })
        let unweighted = try TrainingRequest(
            roles: ColumnRoles(label: "verdict", excluded: ["w"]), learner: "logistic-regression"
        ).run(on: try TestTable.payments()).report
        #expect(unweighted.training.weighted == nil && !unweighted.lines().contains { $0.contains("weighted") })
    }

    @Test func predictionsOnTheSameRowsGiveTheSame() throws {
        let data = try TestTable.payments()
        let outcome = try TrainingRequest(
            roles: ColumnRoles(label: "verdict", weight: "w"), learner: "logistic-regression", split: nil
        ).run(on: data)
        let judgement = try PredictionRequest(model: outcome.model).run(on: data).judgement
        #expect(judgement.quality == outcome.report.training && judgement.weight == "w")
        let without = try TestTable.make([
            ("sum", .doubles((0..<20).map { Double($0 * 5) })), ("noise", .doubles((0..<20).map { Double($0) / 20 })),
            ("verdict", .texts((0..<20).map { $0 > 15 ? "fraud" : "legit" })),
        ])
        let plain = try PredictionRequest(model: outcome.model).run(on: without).judgement
        #expect(plain.quality?.unweighted != nil && plain.quality?.weighted == nil && plain.weight == nil)
        #expect(plain.notes == ["the query has no weight column 'w': every row counts the same"])
    }

    /// Each row that cannot be judged is counted under its reason, and the others are judged.
    @Test func whatCanBeJudgedIs() throws {
        let data = try TestTable.payments()
        var request = TrainingRequest(
            roles: ColumnRoles(label: "verdict", weight: "w"), learner: "logistic-regression", split: nil)
        request.options.missing = .dropRow
        let model = try request.run(on: data).model
        let rows = try TestTable.make([
            ("sum", .doubles([5, 90, 50, 10, nil, 20, 60])), ("noise", .doubles(Array(repeating: 0.5, count: 7))),
            ("verdict", .texts(["legit", "fraud", nil, "unsure", "legit", "legit", "maybe"])),
            ("w", .doubles([1, 9, 1, 1, 1, nil, 1])),
        ])
        let judgement = try PredictionRequest(model: model).run(on: rows).judgement
        #expect(judgement.rows == 7 && judgement.rowsJudged == 2 && judgement.rowsWithoutPrediction == 1)
        #expect(judgement.rowsWithoutLabel == 1 && judgement.rowsWithoutWeight == 1)
        #expect(judgement.rowsWithUnknownLabel == 2 && judgement.unknownLabels == ["unsure", "maybe"])
        #expect(judgement.lines().first == "judged 2 of 7 row(s): 1 without a prediction (missing values), 1 without a label, "
            + "2 with a label unknown to the model ('unsure', 'maybe'), 1 without a weight")
        guard case .classification(let metrics) = judgement.quality?.unweighted else { throw LearnerError.noWeight }
        #expect(metrics.rows == 2)
    }

    @Test func textsThatAreNumbersJudgeARegression() throws {
        let xs = (0..<40).map { Double($0) }
        let model = try TrainingRequest(
            roles: ColumnRoles(label: "y", features: ["x"]), learner: "linear-regression", split: nil
        ).run(on: try TestTable.make([("x", .doubles(xs)), ("y", .doubles(xs.map { 2 * $0 }))])).model
        let rows = try TestTable.make([("x", .doubles([1, 2, 3, 4])), ("y", .texts(["2", "n/a", nil, " 8 "]))])
        let judgement = try PredictionRequest(model: model).run(on: rows).judgement
        #expect(judgement.rowsJudged == 2 && judgement.rowsWithoutLabel == 1 && judgement.unknownLabels == ["n/a"])
        guard case .regression(let metrics) = judgement.quality?.unweighted else { throw LearnerError.noWeight }
        #expect(metrics.rootMeanSquaredError < 1e-6)
    }

    @Test func negativeWeightsJudgeNothingButWeights() throws {
        let model = try train(try TestTable.payments()).model
        let rows = try TestTable.make([
            ("sum", .doubles([5, 90])), ("noise", .doubles([0, 1])), ("verdict", .texts(["legit", "fraud"])),
            ("w", .doubles([1, -9])),
        ])
        let judgement = try PredictionRequest(model: model).run(on: rows).judgement
        #expect(judgement.rowsJudged == 2 && judgement.quality?.weighted == nil)
        #expect(judgement.notes == ["every row counts the same: weight column 'w' holds -9.0: weights are finite and not negative"])
    }
}

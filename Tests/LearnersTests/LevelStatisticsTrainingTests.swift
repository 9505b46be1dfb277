import Columnar
import FeatureTables
import Learners
import Testing

/// Numbers learned from the label tell nothing of rows that they were not learned from.
@Suite struct LevelStatisticsTrainingTests {
    /// 40,000 rows with one of 3,000 levels and an answer that has nothing to do with it.
    private func random(_ count: Int = 40_000) throws -> ImportData {
        try TestTable.make([
            ("k", .texts((0..<count).map { "level \(Int(uniform(3 * $0 + 1) * 3000))" })),
            ("x", .doubles((0..<count).map { uniform(5 * $0 + 2) })),
            ("y", .ints((0..<count).map { uniform(11 * $0 + 7) < 0.3 ? 1 : 0 })),
        ])
    }

    private func area(_ quality: ModelQuality?) throws -> Double {
        guard case .classification(let metrics) = quality?.unweighted else { throw LearnerError.noWeight }
        return try #require(metrics.areaUnderROC)
    }

    @Test(arguments: [CategoricalForm.target, .weightOfEvidence, .counts], ["logistic-regression", "boosted-trees"])
    func randomLabelsAreNotLearned(_ form: CategoricalForm, _ learner: String) throws {
        var request = TrainingRequest(roles: ColumnRoles(label: "y"), learner: learner)
        request.options.categoricalForm = form
        if learner == "boosted-trees" { request.hyperparameters = ["rounds": "30", "depth": "3"] }
        let report = try request.run(on: try random()).report
        #expect(abs(try area(report.evaluation) - 0.5) < 0.02)
        // With the numbers of their own label the training rows would be told apart (AUC 0.8).
        if learner == "logistic-regression" { #expect(abs(try area(report.training) - 0.5) < 0.03) }
    }

    /// Effects that are there are found, and the model is the same when the rows to evaluate on say something else.
    @Test func effectsAreLearnedFromTrainingRowsAlone() throws {
        let count = 6000
        let levels = (0..<count).map { Int(uniform(3 * $0 + 1) * 200) }
        let answers = (0..<count).map { uniform(7 * $0 + 5) < (levels[$0] % 2 == 0 ? 0.8 : 0.2) ? 1 : 0 }
        let parts = (0..<count).map { $0 % 4 == 0 ? "eval" : "train" }
        func train(_ answers: [Int]) throws -> TrainingOutcome {
            let data = try TestTable.make([
                ("k", .texts(levels.map { "level \($0)" })), ("part", .texts(parts)), ("y", .ints(answers)),
            ])
            var request = TrainingRequest(
                roles: ColumnRoles(label: "y", excluded: [], labelKind: .classes), learner: "logistic-regression",
                split: SplitOptions(key: .parts("part")))
            request.options.formByColumn = ["k": .target]
            return try request.run(on: data)
        }
        let outcome = try train(answers)
        #expect(try area(outcome.report.evaluation) > 0.75)
        let poisoned = try train(answers.enumerated().map { $0 % 4 == 0 ? 1 - $1 : $1 })
        #expect(poisoned.model.encoding == outcome.model.encoding)
        #expect(try area(poisoned.report.evaluation) < 0.25)
        try TestTable.withFolder { folder in
            try outcome.model.save(to: folder + "/model")
            #expect(try TrainedModel.load(from: folder + "/model").encoding == outcome.model.encoding)
        }
    }
}

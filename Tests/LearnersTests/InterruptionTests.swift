import FeatureTables
import Learners
import Platform
import Testing

/// Trainings that somebody ends: the best so far is a model like others.
@Suite struct InterruptionTests {
    /// A request that is interrupted when the training has told of so many iterations.
    private func run(_ request: TrainingRequest, on data: ImportData, after limit: Int) throws -> TrainingOutcome {
        let told = Guarded(0)
        return try request.run(
            on: data,
            context: TrainingContext(
                report: { _ in told.withLock { $0 += 1 } }, isInterrupted: { told.value >= limit }))
    }

    @Test(arguments: [
        ("logistic-regression", ["tolerance": "0", "l1": "1e-9"]), ("boosted-trees", ["rounds": "50"]), ("random-forest", ["trees": "200"]),
        ("ftrl", ["passes": "30"]), ("linear-svm", ["tolerance": "0"]), ("kmeans", ["num-clusters": "7", "tolerance": "0"]),
        ("isolation-forest", ["num-trees": "300"]), ("poisson-regression", ["tolerance": "0"]),
    ])
    func theBestSoFarIsKept(_ learner: String, _ hyperparameters: [String: String]) throws {
        let needsLabel = try LearnerCatalog.kind(named: learner).needsLabel
        let data = try TestTable.make([
            ("a", .doubles((0..<2000).map { uniform($0) })), ("b", .doubles((0..<2000).map { uniform($0 + 9000) * 3 })),
            ("c", .doubles((0..<2000).map { uniform($0 + 33_000) * 3 })),
            ("y", .ints((0..<2000).map { uniform($0) * 4 + uniform($0 + 70_000) > 2 ? 1 : 0 })),
        ])
        let request = TrainingRequest(
            roles: ColumnRoles(label: needsLabel ? "y" : nil, excluded: needsLabel ? [] : ["y"]), learner: learner, hyperparameters: hyperparameters)
        let whole = try request.run(on: data)
        let outcome = try run(request, on: data, after: 2)
        #expect(outcome.report.fit.iterations < whole.report.fit.iterations, "\(whole.report.fit.iterations)")
        #expect(!outcome.report.fit.converged && outcome.report.fit.stopReason.hasPrefix("interrupted, the best so far is kept"))
        try TestTable.withFolder { folder in
            try outcome.model.save(to: folder + "/model")
            #expect(try TrainedModel.load(from: folder + "/model").learner == learner)
        }
    }

    /// A search ends with the best combination so far, and the model is trained to its end.
    @Test func searchesEndWithWhatTheyFound() throws {
        let data = try TestTable.payments(rows: 600)
        var request = TrainingRequest(roles: ColumnRoles(label: "verdict", features: ["sum", "noise"]), learner: "logistic-regression")
        request.folds = 3
        var search = SearchOptions()
        search.dimensions = [SearchDimension("l2", .candidates(["0.001", "0.01", "0.1", "1", "10"]))]
        request.search = search
        let outcome = try run(request, on: data, after: 1)
        #expect(outcome.report.search?.trials.count == 1)
        #expect(outcome.report.fit.converged)
        #expect(try request.run(on: data).report.search?.trials.count == 5)
    }
}

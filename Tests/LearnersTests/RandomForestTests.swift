import FeatureTables
import Learners
import Platform
import Testing

@Suite struct RandomForestTests {
    private func train(_ table: FeatureTable, _ hyperparameters: [String: String] = [:], threads: Int = 1) throws -> TrainingResult {
        try RandomForest(hyperparameters: hyperparameters).train(table, context: TrainingContext(threads: threads))
    }

    @Test(arguments: ["y", "z", "r"]) func threadsDoNotMatter(_ label: String) throws {
        let table = try ReferenceData.table(label: label, weighted: true)
        // More trees than are grown together on one thread.
        let one = try train(table, ["trees": "70"]), four = try train(table, ["trees": "70"], threads: 5)
        let first = try one.model.saved(), second = try four.model.saved()
        #expect(first.coded == second.coded && first.parts == second.parts && one.fit == four.fit)
        let other = try train(table, ["trees": "70", "seed": "1"]).model.saved()
        #expect(first.parts != other.parts)
    }

    /// Rows that a tree did not see tell about as much as rows that none saw.
    @Test func outOfBagRowsTellTheQuality() throws {
        let base = try ReferenceData.table(label: "r")
        let training = try base.selecting(Array(0..<150)), others = try base.selecting(Array(150..<200))
        let result = try train(training, ["trees": "300", "split-features": "1"])
        let quality = try ModelQuality(result.model.predict(others.matrix, threads: 1), others.label, weights: nil)
        guard case .regression(let metrics) = quality.unweighted else { throw LearnerError.noWeight }
        let square = metrics.rootMeanSquaredError * metrics.rootMeanSquaredError
        let estimate = try #require(result.fit.objective)
        #expect(estimate > square / 2 && estimate < square * 2, "\(estimate) \(square)")
        #expect(result.fit.notes.count == 1 && result.fit.notes[0].hasPrefix("out of bag (150 rows): R² 0.9"), "\(result.fit.notes)")
        // It is far from what the training rows tell.
        let known = try ModelQuality(result.model.predict(training.matrix, threads: 1), training.label, weights: nil)
        guard case .regression(let own) = known.unweighted else { throw LearnerError.noWeight }
        #expect(own.rootMeanSquaredError * own.rootMeanSquaredError < estimate / 2)
        let silent = try train(training, ["trees": "20", "out-of-bag": "false"])
        #expect(silent.fit.objective == nil && silent.fit.notes.isEmpty)
        // The forest is the same.
        #expect(try silent.model.saved().parts == train(training, ["trees": "20"]).model.saved().parts)
    }

    @Test func oneTreeOfAllFeaturesIsATree() throws {
        let table = try ReferenceData.table(label: "z")
        let result = try train(table, ["trees": "1", "split-features": "1"])
        #expect(result.fit.iterations == 1 && result.model.influences.reduce(0) { $0 + $1.magnitude } > 1 - 1e-9)
        guard case .classes(let probabilities, _) = try result.model.predict(table.matrix, threads: 1) else { throw LearnerError.noWeight }
        // Without limits every leaf is of one class.
        #expect(probabilities.allSatisfy { $0 == 0 || $0 == 1 })
    }

    @Test func rowsWithoutWeightAreNotDrawn() throws {
        let base = try ReferenceData.table(label: "z")
        guard case .classes(let codes, let names) = base.label else { throw LearnerError.noWeight }
        let weights = codes.indices.map { $0 % 3 == 0 ? 0.0 : 1 }
        let wrong = zip(codes, weights).map { $1 == 0 ? ($0 + 1) % 3 : $0 }
        let forests = try [codes, wrong].map {
            try train(try FeatureTable(matrix: base.matrix, label: .classes(codes: $0, names: names), weights: weights)).model.saved().parts
        }
        #expect(names.count == 3 && wrong != codes && forests[0] == forests[1])
    }

    @Test func valuesOutOfRangeAreTold() throws {
        let table = try ReferenceData.table(label: "y")
        let changes: [(inout RandomForest) -> Void] = [
            { $0.rowSample = Double.nan }, { $0.rowSample = 1e300 }, { $0.splitFeatures = Double.infinity },
            { $0.splitFeatures = Double.nan }, { $0.trees = 0 }, { $0.options.bins = 1 },
        ]
        for (place, change) in changes.enumerated() {
            var changed = RandomForest()
            change(&changed)
            let forest = changed
            let error = learnerError { _ = try forest.train(table, context: TrainingContext()) }
            guard case .invalidHyperparameter? = error else {
                Issue.record("change \(place): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func everyRequestIsAnswered() throws {
        let data = try ReferenceData.data()
        for learner in ["decision-tree", "random-forest", "naive-bayes"] {
            for (label, task) in [("y", LearningTask.binaryClassification), ("z", .multiclassClassification), ("r", .regression)] {
                guard learner != "naive-bayes" || label != "r" else { continue }
                let request = TrainingRequest(roles: ColumnRoles(label: label, features: ["a", "b", "c", "d"]), learner: learner)
                let outcome = try request.run(on: data)
                #expect(outcome.report.task == task && outcome.report.evaluation != nil)
                #expect(try outcome.report.json().contains(learner) && outcome.report.lines().count > 8)
                try TestTable.withFolder { folder in
                    try outcome.model.save(to: folder + "/m")
                    try request.run(on: data).model.save(to: folder + "/n")
                    #expect(try RegularFile.contents(of: folder + "/m") == RegularFile.contents(of: folder + "/n"))
                    let loaded = try TrainedModel.load(from: folder + "/m")
                    let before = try PredictionRequest(model: outcome.model).run(on: data)
                    let after = try PredictionRequest(model: loaded).run(on: data)
                    #expect(before.judgement == after.judgement && loaded.model.influences == outcome.model.model.influences)
                    try loaded.save(to: folder + "/n")
                    #expect(try RegularFile.contents(of: folder + "/m") == RegularFile.contents(of: folder + "/n"))
                }
            }
        }
    }

    @Test func memoryIsBounded() throws {
        let columns = (0..<30).map { column in
            ("x\(column)", TestTable.Values.doubles((0..<2000).map { uniform($0 * 31 + column) }))
        }
        let data = try TestTable.make(columns + [("y", .ints((0..<2000).map { Int(uniform($0) * 2) }))])
        let table = try data.featureTable(roles: ColumnRoles(label: "y", labelKind: .classes))
        let before = table.source.memory.bytesUsed
        _ = try train(table, ["trees": "20"])
        // All that the training charged is given back.
        #expect(table.source.memory.bytesUsed == before)
    }
}

import Columnar
import FeatureTables
import Learners
import Testing

/// Boosted trees read rows some at a time: what comes of it is what comes of a matrix of all rows.
@Suite struct BlockwiseTrainingTests {
    private func learner(rounds: Int = 4) -> BoostedTrees {
        var learner = BoostedTrees()
        learner.rounds = rounds
        learner.depth = 4
        return learner
    }

    private func probabilities(_ model: any Model, _ matrix: FeatureMatrix) throws -> [UInt64] {
        guard case .classes(let values, _) = try model.predict(matrix, threads: 1) else { throw LearnerError.noWeight }
        return values.map(\.bitPattern)
    }

    /// Of wide rows fewer make a block: trees over several blocks are those over one.
    @Test(arguments: [false, true]) func treesDoNotDependOnBlocks(isWeighted: Bool) throws {
        let count = 12_000, names = (0..<4).map { "f\($0)" }, idle = (0..<60).map { "idle\($0)" }
        let rows = (0..<count).map { row in
            names.indices.map { row % 19 == $0 ? Double.nan : uniform(row * 4 + $0) }
        }
        let codes = rows.indices.map { Int32((rows[$0][0].isNaN ? 0.5 : rows[$0][0]) + uniform(900_000 + $0) > 1 ? 1 : 0) }
        let label = FeatureLabel.classes(codes: codes, names: ["no", "yes"])
        let weights = isWeighted ? (0..<count).map { 0.5 + uniform(700_000 + $0) } : nil
        let narrow = try syntheticTable(rows, names, label, weights: weights)
        let wide = try syntheticTable(rows.map { $0 + idle.map { _ in 0 } }, names + idle, label, weights: weights)
        #expect(try blockCount(narrow.matrix) == 1)
        #expect(try blockCount(wide.matrix) == 2)
        let trained = try [narrow, wide].map { try learner().train($0, context: TrainingContext()).model }
        #expect(try probabilities(trained[0], narrow.matrix) == probabilities(trained[1], wide.matrix))
        #expect(trained[0].influences.prefix(4).map(\.gain) == trained[1].influences.prefix(4).map(\.gain))
    }

    private func blockCount(_ matrix: FeatureMatrix) throws -> Int {
        let blocks = try DenseBlocks(matrix)
        var count = 0
        while blocks.nextBlock() != nil { count += 1 }
        return count
    }

    private func request(_ learner: String, _ hyperparameters: [String: String], balancing: BalancingOptions? = nil) -> TrainingRequest {
        var request = TrainingRequest(
            roles: ColumnRoles(label: "verdict", weight: "w"), learner: learner, hyperparameters: hyperparameters,
            split: SplitOptions(fraction: 0.75, seed: 3))
        request.balancing = balancing
        return request
    }

    /// What a request trains and measures is what its learner makes of the written table.
    @Test(arguments: [nil, BalancingOptions.Method.down, .up, .smote], [0, 3])
    func requestsGiveWhatWrittenTablesGive(_ method: BalancingOptions.Method?, stopping: Int) throws {
        let data = try TestTable.payments(rows: 3000)
        let hyperparameters = ["rounds": "6", "depth": "3", "early-stopping": "\(stopping)"]
        let request = request("boosted-trees", hyperparameters, balancing: method.map { BalancingOptions(method: $0) })
        let outcome = try request.run(on: data)
        let prepared = try request.prepare(data)
        #expect(prepared.training.matrix.isWritten)
        let context = TrainingContext()
        let table = try method.map { try ClassBalancing(options: BalancingOptions(method: $0)).balanced(prepared.training, context).table }
        let expected = try BoostedTrees(hyperparameters: hyperparameters).train(table ?? prepared.training, context: context).model
        guard let trees = outcome.model.model as? BoostedTreesModel, let others = expected as? BoostedTreesModel else {
            throw LearnerError.noWeight
        }
        #expect(try trees.savedBooster() == others.savedBooster())
        let evaluation = try #require(try prepared.evaluation())
        #expect(evaluation.matrix.isWritten)
        for (table, quality) in [(prepared.training, outcome.report.training), (evaluation, outcome.report.evaluation)] {
            let predictions = try expected.predict(table.matrix, threads: 1)
            #expect(try ModelQuality(predictions, table.label, weights: table.weights) == quality)
        }
    }

    /// Growing trees tells what they say of the rows: it is what the model says of them.
    @Test(arguments: ["y", "z", "r"], ["1", "0.6"])
    func whatTrainingTellsOfItsRowsIsWhatTheModelTells(_ label: String, _ share: String) throws {
        let table = try ReferenceData.table(label: label, weighted: true)
        let learner = try BoostedTrees(hyperparameters: ["rounds": "12", "depth": "3", "row-sample": share, "seed": "5"])
        let result = try learner.train(table, context: TrainingContext())
        switch (result.predictions, try result.model.predict(table.matrix, threads: 1)) {
        case (.classes(let told, _), .classes(let asked, _)), (.numbers(let told), .numbers(let asked)):
            #expect(told.map(\.bitPattern) == asked.map(\.bitPattern))
        default: Issue.record("nothing was told of the rows")
        }
    }

    /// The matrix of all rows has no room beside the columns: trees are grown all the same.
    @Test func noMatrixOfAllRowsIsMade() throws {
        let count = 120_000
        let names = (0..<8).map { "f\($0)" }
        func data(_ memory: ImportMemory) throws -> ImportData {
            var columns = names.indices.map { place in
                let builder = ColumnBuilder(.float, capacity: count)
                for row in 0..<count { builder.append(Float(uniform(row * 8 + place))) }
                return builder.finish()
            }
            let label = ColumnBuilder(.boolean, capacity: count)
            for row in 0..<count { label.append(uniform(row * 8) + uniform(2_000_000 + row) > 1) }
            columns.append(label.finish())
            return try ImportData(
                schema: names.map { SchemaColumn(name: $0, type: .float) } + [SchemaColumn(name: "y", type: .boolean)],
                batches: [Batch(columns: columns, capacity: count)], memory: memory)
        }
        let free = ImportMemory()
        let whole = try data(free)
        let limit = free.bytesUsed + count * (names.count * 8 * 3 / 4 + 8)
        var request = TrainingRequest(
            roles: ColumnRoles(label: "y"), learner: "boosted-trees", hyperparameters: ["rounds": "2", "depth": "3"], split: nil)
        let outcome = try request.run(on: try data(ImportMemory(limit: limit)))
        #expect(outcome.report.trainingImport.rowsKept == count)
        #expect(outcome.report.training == (try request.run(on: whole)).report.training)
        request.learner = "logistic-regression"
        request.hyperparameters = [:]
        #expect(throws: FeatureError.self) { try request.run(on: try data(ImportMemory(limit: limit))) }
    }
}

import Columnar
import FeatureTables
import Learners
import Testing

/// What learners make of sparse rows is what they make of the same rows in full.
@Suite struct SparseLearnerTests {
    /// Rows with one of 80 levels, an offset number and one that is seldom there.
    private func rows(_ count: Int) -> [[Double]] {
        (0..<count).map { row in
            var values = [Double](repeating: 0, count: 82)
            values[Int(uniform(row) * 80)] = 1
            values[80] = 1_600_000_000 + uniform(row + 10_000) * 1000
            values[81] = row % 9 == 0 ? uniform(row + 20_000) : 0
            return values
        }
    }

    private func tables(_ label: FeatureLabel, weights: [Double]?, _ rows: [[Double]]) throws -> (dense: FeatureTable, sparse: FeatureTable) {
        let names = rows[0].indices.map { "f\($0)" }
        return (
            try FeatureTable(matrix: try FeatureMatrix(rows: rows, columnNames: names), label: label, weights: weights),
            try FeatureTable(matrix: try FeatureMatrix(sparse: rows, columnNames: names), label: label, weights: weights)
        )
    }

    @Test(arguments: [2, 3], [true, false]) func logistic(_ classes: Int, _ isWeighted: Bool) throws {
        let rows = rows(2000)
        let codes = rows.indices.map { row in Int32(Double(classes) * uniform(row / 3 + 7) * (rows[row][81] > 0.5 ? 0.5 : 0.99)) }
        let label = FeatureLabel.classes(codes: codes, names: (0..<classes).map { "\($0)" })
        let weights = isWeighted ? rows.indices.map { 1 + Double($0 % 3) } : nil
        let (dense, sparse) = try tables(label, weights: weights, rows)
        let learner = try LogisticRegression(hyperparameters: ["l2": "0.001", "tolerance": "1e-9", "max-iterations": "2000"])
        let one = try learner.train(dense, context: TrainingContext()).model
        let two = try learner.train(sparse, context: TrainingContext(threads: 2)).model
        #expect(agree(numbers(try two.predict(sparse.matrix, threads: 2)), numbers(try one.predict(dense.matrix, threads: 1)), 1e-5))
        // A model does not mind how rows are laid out.
        #expect(agree(numbers(try one.predict(sparse.matrix, threads: 1)), numbers(try one.predict(dense.matrix, threads: 1)), 1e-9))
    }

    /// Newton's method, which few weights of full rows are found by, and the one that knows no second derivatives.
    @Test(arguments: [2, 4], [["l2": "0"], ["l2": "0.01", "intercept": "false"], ["l2": "0.001", "standardize": "false"]])
    func fewWeights(_ classes: Int, _ options: [String: String]) throws {
        let rows = (0..<1111).map { row in [uniform(4 * row), uniform(4 * row + 1) * 3, row % 5 == 0 ? uniform(4 * row + 2) : 0, 2] }
        let codes = rows.indices.map { row in
            Int32(min(Double(classes) * (0.6 * uniform(9_000 + row) + 0.4 * rows[row][0]), Double(classes) - 0.5))
        }
        let label = FeatureLabel.classes(codes: codes, names: (0..<classes).map { "\($0)" })
        for weights in [nil, rows.indices.map { Double($0 % 4) }] {
            let (dense, sparse) = try tables(label, weights: weights, rows)
            let learner = try LogisticRegression(hyperparameters: options.merging(["tolerance": "1e-10"]) { $1 })
            let one = try learner.train(dense, context: TrainingContext())
            let two = try learner.train(sparse, context: TrainingContext(threads: 2))
            #expect(one.fit.converged && one.fit.iterations <= 8 && two.fit.converged, "\(one.fit) \(two.fit)")
            #expect(agree([one.fit.objective ?? 0], [two.fit.objective ?? 1], 1e-10))
            #expect(agree(numbers(try one.model.predict(dense.matrix, threads: 1)), numbers(try two.model.predict(dense.matrix, threads: 1)), 1e-5))
            let again = try learner.train(dense, context: TrainingContext(threads: 3)).model
            #expect(again as? LinearModel == one.model as? LinearModel)
        }
    }

    @Test(arguments: ["0", "0.01"]) func leastSquares(_ l1: String) throws {
        let rows = rows(1500)
        let answers = rows.indices.map { row in uniform(row) * 3 + rows[row][81] + (rows[row][80] - 1_600_000_500) / 100 }
        let (dense, sparse) = try tables(.numbers(answers), weights: nil, rows)
        let learner = try LinearRegression(hyperparameters: ["l1": l1])
        let one = try learner.train(dense, context: TrainingContext()).model
        let two = try learner.train(sparse, context: TrainingContext(threads: 2)).model
        // The offset alone costs digits of a sum that may be near 0.
        let pairs = zip(numbers(try two.predict(sparse.matrix, threads: 1)), numbers(try one.predict(dense.matrix, threads: 1)))
        let furthest = pairs.map { abs($0 - $1) }.max() ?? .infinity
        #expect(furthest < 1e-6)
    }

    /// Trees take what is absent as missing, which for levels leads to the same parts.
    @Test func trees() throws {
        let rows = rows(2000).map { Array($0[..<80]) + [$0[80] - 1_600_000_000, $0[81] + 1] }
        let codes = rows.indices.map { row in Int32(rows[row][80] + 300 * rows[row][3] > 600 ? 1 : 0) }
        let (dense, sparse) = try tables(.classes(codes: codes, names: ["no", "yes"]), weights: nil, rows)
        var learner = BoostedTrees()
        learner.rounds = 20
        learner.earlyStoppingRounds = 5
        let one = try learner.train(dense, context: TrainingContext()).model
        let two = try learner.train(sparse, context: TrainingContext()).model
        #expect(agree(numbers(try two.predict(sparse.matrix, threads: 1)), numbers(try one.predict(dense.matrix, threads: 1)), 1e-3))
    }
}

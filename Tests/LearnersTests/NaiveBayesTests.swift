import FeatureTables
import Learners
import Testing

@Suite struct NaiveBayesTests {
    private func table(_ rows: [[Double]], _ codes: [Int32], weights: [Double]? = nil, sparse: Bool = false) throws -> FeatureTable {
        let names = rows[0].indices.map { "x\($0)" }
        let classes = ["a", "b", "c"].prefix(Int(codes.max() ?? 0) + 1)
        return try FeatureTable(
            matrix: sparse ? try FeatureMatrix(sparse: rows, columnNames: names) : try FeatureMatrix(rows: rows, columnNames: names),
            label: .classes(codes: codes, names: Array(classes)), weights: weights)
    }

    private func train(_ table: FeatureTable, _ hyperparameters: [String: String] = [:], threads: Int = 1) throws -> any Model {
        try NaiveBayes(hyperparameters: hyperparameters).train(table, context: TrainingContext(threads: threads)).model
    }

    private func probabilities(_ model: any Model, _ rows: [[Double]]) throws -> [Double] {
        numbers(try model.predict(try FeatureMatrix(rows: rows, columnNames: rows[0].indices.map { "x\($0)" }), threads: 1))
    }

    /// Counts by class, features mostly 0.
    private let counts = (0..<600).map { row -> [Double] in
        (0..<12).map { column -> Double in uniform(row * 12 + column) < 0.2 ? (uniform(row + 50 * column) * 6).rounded() : 0 }
    }
    private var codes: [Int32] { counts.map { row -> Int32 in row[0] + row[1] > 3 ? 2 : row[2] > 0 ? 1 : 0 } }

    @Test func oneFeatureByHand() throws {
        // Bernoulli: shares of two and three rows, with one more on either side.
        let indicator = try train(try table([[1], [1], [0], [0], [1]], [0, 0, 1, 1, 1]), ["kind": "bernoulli"])
        let (one, other) = (0.4 * 0.75, 0.6 * 0.4)
        #expect(agree(try probabilities(indicator, [[1]]), [one / (one + other), other / (one + other)], 1e-12))
        // Gaussian: equal variances, so the odds are those of the distances.
        let number = try train(try table([[0], [2], [4], [6]], [0, 0, 1, 1]), ["kind": "gaussian", "variance-smoothing": "0"])
        let odds = exponential(-0.5 * (0.25 - 12.25))
        #expect(agree(try probabilities(number, [[1.5]]), [odds / (1 + odds), 1 / (1 + odds)], 1e-12))
    }

    @Test(arguments: ["gaussian", "multinomial", "bernoulli", "mixed"]) func layoutsAndThreadsDoNotMatter(_ kind: String) throws {
        let weights = counts.indices.map { 1 + Double($0 % 3) }
        let dense = try table(counts, codes, weights: weights), sparse = try table(counts, codes, weights: weights, sparse: true)
        let one = try train(dense, ["kind": kind]), two = try train(sparse, ["kind": kind])
        let expected = numbers(try one.predict(dense.matrix, threads: 1))
        #expect(agree(numbers(try two.predict(sparse.matrix, threads: 2)), expected, 1e-9))
        #expect(agree(numbers(try one.predict(sparse.matrix, threads: 1)), expected, 1e-9))
        #expect(try train(dense, ["kind": kind], threads: 4).saved().coded == one.saved().coded)
        // A weight is the row so many times.
        let repeated = try dense.selecting(counts.indices.flatMap { row in Array(repeating: Int32(row), count: 1 + row % 3) })
        let plain = try FeatureTable(matrix: repeated.matrix, label: repeated.label)
        #expect(agree(numbers(try train(plain, ["kind": kind]).predict(dense.matrix, threads: 1)), expected, 1e-9))
    }

    @Test func missingValuesSayNothing() throws {
        for kind in ["gaussian", "bernoulli", "mixed"] {
            // Else the largest variance of all features counts for each.
            let settings = ["kind": kind, "variance-smoothing": "0"]
            let full = try train(try table(counts.map { row -> [Double] in [row[0], row[2]] }, codes), settings)
            let prior = try train(try table(counts.map { row -> [Double] in [row[0], .nan] }, codes), settings)
            // A feature that no training row has changes nothing.
            let alone = try train(try table(counts.map { [$0[0]] }, codes), settings)
            #expect(agree(try probabilities(full, [[2, .nan]]), try probabilities(alone, [[2]]), 1e-12), "\(kind)")
            #expect(agree(try probabilities(prior, [[2, 5]]), try probabilities(alone, [[2]]), 1e-9), "\(kind)")
        }
        // Sparse rows hold missing values as elements.
        let rows = counts.map { row -> [Double] in [row[0], row[1], row[2] == 1 ? .nan : row[2]] }
        for kind in ["gaussian", "multinomial", "bernoulli"] {
            let dense = try table(rows, codes), sparse = try table(rows, codes, sparse: true)
            let one = try train(dense, ["kind": kind]), two = try train(sparse, ["kind": kind])
            #expect(agree(numbers(try two.predict(sparse.matrix, threads: 1)), numbers(try one.predict(dense.matrix, threads: 1)), 1e-9))
        }
    }

    /// What such weights add up to depends on the order: none of a class's weight may be left where it has no value.
    @Test(arguments: [false, true]) func weightsOfMissingValuesAreAllOfThem(_ sparse: Bool) throws {
        let rows = (0..<6000).map { row -> [Double] in [uniform(row), row % 2 == 0 ? Double.nan : uniform(row + 10_000)] }
        let codes = rows.indices.map { Int32($0 % 2) }
        let plain = try train(try table(rows, codes, sparse: sparse))
        let weighted = try train(try table(rows, codes, weights: rows.map { _ in 0.7 }, sparse: sparse))
        let asked = [[0.5, 0.5], [0.1, 0.9]]
        let expected = try probabilities(plain, asked)
        #expect(agree(try probabilities(weighted, asked), expected, 1e-9), "\(expected)")
    }

    @Test func indicatorsAndNumbersAreMixed() throws {
        let rows = counts.map { row -> [Double] in [row[0], row[2] > 0 ? 1 : 0] }
        let result = try NaiveBayes().train(try table(rows, codes), context: TrainingContext())
        #expect(result.fit.notes == ["1 feature(s) as indicators (Bernoulli), 1 as numbers (Gaussian)"])
        #expect(result.model.influences.allSatisfy { $0.magnitude > 0 && $0.magnitude < 1.1 })
    }

    @Test func poorDataIsToldOrTaken() throws {
        #expect(learnerError { _ = try train(try table([[1], [-1]], [0, 1]), ["kind": "multinomial"]) } == .negativeCount(feature: "x0"))
        #expect(learnerError { _ = try train(try table([[1], [.infinity]], [0, 1]), ["kind": "gaussian"]) }
            == .notFinite("a feature's mean, variance or count"))
        #expect(learnerError { _ = try train(try table([[1], [2]], [0, 0])) } == .singleClass(label: "label", name: "a"))
        // Constant, and far from what any class has.
        for rows in [[[3.0], [3], [3]], [[1], [2], [3]]] {
            let model = try train(try table(rows, [0, 0, 1]))
            for value in [3, 1e200, -Double.infinity, .nan] {
                let found = try probabilities(model, [[value]])
                #expect(abs(found.reduce(0, +) - 1) < 1e-12, "\(value): \(found)")
            }
        }
        // No smoothing, and what no row of a class had.
        for kind in ["bernoulli", "multinomial"] {
            let model = try train(try table([[1, 0], [1, 0], [0, 1]], [0, 0, 1]), ["kind": kind, "smoothing": "0"])
            #expect(try probabilities(model, [[1, 0], [0, 1], [1, 1]]).allSatisfy { $0 >= 0 && $0 <= 1 })
        }
        // A class whose rows weigh nothing.
        #expect(learnerError { _ = try train(try table([[1], [2], [5]], [0, 1, 2], weights: [1, 1, 0])) }
            == .weightlessClass(label: "label", name: "c"))
        #expect(learnerError { _ = try NaiveBayes(hyperparameters: ["kind": "poisson"]) } != nil)
        #expect(learnerError { _ = try NaiveBayes(hyperparameters: ["smoothing": "-1"]) } != nil)
    }
}

import FeatureTables
import Foundation
import Learners
import Testing

/// scikit-learn's PoissonRegressor on the same rows, recorded by `Tests/Peers/learners.py --record`.
@Suite struct PoissonRegressionTests {
    private struct Answers: Decodable {
        struct Answer: Decodable {
            var coefficients: [Double]
            var intercept: Double
            var measures: [String: Double]
        }

        var rows: [[Double]]
        var labels: [Double]
        var weights: [Double]
        var counts: Answer
        var weighted: Answer
        var withoutIntercept: Answer
        var diabetes: Answer
    }

    private func answers() throws -> Answers {
        try JSONDecoder().decode(Answers.self, from: Data(contentsOf: PeerTests.folder.appendingPathComponent("counts.json")))
    }

    private func table(
        _ rows: [[Double]], _ labels: [Double], weights: [Double]? = nil, isSparse: Bool = false
    ) throws -> FeatureTable {
        let names = (rows.first ?? []).indices.map { "x\($0)" }
        let matrix =
            isSparse ? try FeatureMatrix(sparse: rows, columnNames: names) : try FeatureMatrix(rows: rows, columnNames: names)
        return try FeatureTable(matrix: matrix, label: .numbers(labels), labelName: "y", weights: weights)
    }

    private func trained(
        _ table: FeatureTable, _ hyperparameters: [String: String] = [:], threads: Int = 1
    ) throws -> (model: LinearModel, fit: FitSummary) {
        let result = try PoissonRegression(hyperparameters: hyperparameters).train(table, context: TrainingContext(threads: threads))
        return (try #require(result.model as? LinearModel), result.fit)
    }

    private func compare(_ table: FeatureTable, _ answer: Answers.Answer, _ hyperparameters: [String: String] = [:]) throws {
        let (model, fit) = try trained(table, hyperparameters)
        #expect(fit.converged)
        // scikit-learn's are of standardized features, but for those without an intercept.
        let scales = hyperparameters["standardize"] == "false" ? model.deviations.map { _ in 1 } : model.deviations
        let found = zip(model.outputs[0].weights, scales).map { $0 * $1 }
        let largest = answer.coefficients.reduce(0) { max($0, abs($1)) }
        let worst = zip(found, answer.coefficients).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(found.count == answer.coefficients.count && worst < 1e-6 * largest, "\(worst) of \(largest)")
        let metrics = try EvaluationMetrics(model.predict(table.matrix, threads: 2), table.label, weights: table.weights)
        let values = Dictionary(metrics.measures.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        for (name, expected) in answer.measures { #expect(agree([try #require(values[name] ?? nil)], [expected], 1e-6), "\(name)") }
        // The objective is what is minimized: half the deviance, and the penalty.
        let l2 = try #require(Double(hyperparameters["l2"] ?? "\(1 / (table.weights?.reduce(0, +) ?? Double(table.rowCount)))"))
        let penalty = l2 / 2 * found.reduce(0) { $0 + $1 * $1 }
        let deviance = try #require(answer.measures["meanPoissonDeviance"])
        #expect(agree([fit.objective ?? -1], [deviance / 2 + penalty], 1e-8))
    }

    @Test func defaultsAgreeWithScikitLearn() throws {
        let answers = try answers()
        try compare(try table(answers.rows, answers.labels), answers.counts)
        try compare(try table(answers.rows, answers.labels, weights: answers.weights), answers.weighted)
        let diabetes = try PeerTests.answer("diabetes")
        try compare(try table(diabetes.rows, diabetes.labels), answers.diabetes)
        let some = answers.rows.map { [$0[0], $0[3], $0[4]] }
        try compare(
            try table(some, answers.labels), answers.withoutIntercept, ["l2": "0.1", "intercept": "false", "standardize": "false"])
    }

    /// The conditions of the least objective with an L1 penalty.
    @Test func theGradientIsThePenalty() throws {
        let answers = try answers()
        let (model, _) = try trained(try table(answers.rows, answers.labels), ["l1": "0.12", "l2": "0.05"])
        let output = model.outputs[0]
        let means = numbers(try model.predict(try FeatureMatrix(rows: answers.rows, columnNames: model.featureNames), threads: 1))
        let count = Double(answers.rows.count)
        var zeros = 0
        for feature in output.weights.indices {
            let centre = answers.rows.reduce(0) { $0 + $1[feature] } / count
            var gradient = 0.0
            for (row, values) in answers.rows.enumerated() {
                gradient += (means[row] - answers.labels[row]) * (values[feature] - centre) / model.deviations[feature] / count
            }
            let weight = output.weights[feature] * model.deviations[feature]
            if weight == 0 {
                zeros += 1
                #expect(abs(gradient) <= 0.12)
            } else {
                #expect(abs(gradient + 0.05 * weight + (weight > 0 ? 0.12 : -0.12)) < 1e-6)
            }
        }
        #expect((1..<5).contains(zeros))
        #expect(abs(zip(means, answers.labels).reduce(0) { $0 + $1.0 - $1.1 }) / count < 1e-6)
    }

    @Test func sparseRowsWeightsAndThreadsMakeNoDifference() throws {
        let answers = try answers()
        let rows = answers.rows.map { [$0[0], $0[4], $0[1]] }
        let weights = rows.indices.map { Double($0 % 3) }
        let one = try trained(try table(rows, answers.labels, weights: weights)).model.outputs[0]
        let sparse = try trained(try table(rows, answers.labels, weights: weights, isSparse: true), threads: 2).model.outputs[0]
        #expect(agree(sparse.weights + [sparse.intercept], one.weights + [one.intercept], 1e-6))
        let repeated = rows.indices.flatMap { Array(repeating: $0, count: $0 % 3) }
        let plain = try trained(try table(repeated.map { rows[$0] }, repeated.map { answers.labels[$0] })).model.outputs[0]
        #expect(agree(plain.weights + [plain.intercept], one.weights + [one.intercept], 1e-6))
        let whole = try table(answers.rows + answers.rows, answers.labels + answers.labels)
        let (alone, together) = (try trained(whole, threads: 1).model, try trained(whole, threads: 3).model)
        #expect(alone == together)
    }

    /// Labels in other units have the same weights and another intercept, however small or large they are.
    @Test(arguments: [1e-9, 1, 1e9]) func unitsOfTheLabelMakeNoDifference(_ unit: Double) throws {
        let answers = try answers()
        let (usual, _) = try trained(try table(answers.rows, answers.labels), ["l2": "0"])
        let (model, fit) = try trained(try table(answers.rows, answers.labels.map { $0 * unit }), ["l2": "0"])
        #expect(fit.converged && agree(model.outputs[0].weights, usual.outputs[0].weights, 1e-6))
        #expect(agree([model.outputs[0].intercept], [usual.outputs[0].intercept + logarithm(unit)], 1e-6))
    }

    @Test func labelsThatAreNoCountsAreNamed() throws {
        func error(_ labels: [Double], weights: [Double]? = nil) -> LearnerError? {
            learnerError { _ = try trained(try table(labels.map { [$0 * $0] }, labels, weights: weights)) }
        }
        #expect(error([1, 0, -2]) == .negativeLabel(label: "y", value: -2, learner: "poisson-regression"))
        #expect(error([0, 0]) == .zeroLabel(label: "y", learner: "poisson-regression"))
        #expect(error([0, 3], weights: [1, 0]) == .zeroLabel(label: "y", learner: "poisson-regression"))
        #expect(error([1, .infinity]) != nil)
        #expect(learnerError { _ = try LearnerCatalog.learner(named: "poisson-regression", task: .binaryClassification) } != nil)
    }

    /// A constant, a separating feature, a far outlier and huge numbers: finite weights, or an error.
    @Test func extremesStayFinite() throws {
        let (constant, _) = try trained(try table([[5], [5], [5]], [1, 2, 6]))
        let other = try constant.predict(try FeatureMatrix(rows: [[9]], columnNames: ["x0"]), threads: 1)
        #expect(constant.outputs[0].weights == [0] && agree(numbers(other), [3], 1e-9))
        let (separate, _) = try trained(try table((0..<20).map { [$0 < 10 ? 0 : 1] }, (0..<20).map { $0 < 10 ? 0 : 3 }), ["l2": "0"])
        #expect(separate.outputs[0].weights[0] > 5 && separate.outputs[0].weights[0].isFinite)
        let (outlier, fit) = try trained(try table((0..<50).map { [$0 == 7 ? 1e12 : Double($0)] }, (0..<50).map { Double($0 % 4) }))
        #expect(fit.converged && outlier.outputs[0].weights[0].isFinite)
        // What is predicted far outside of the training rows is large and finite.
        let far = numbers(try outlier.predict(try FeatureMatrix(rows: [[1e300], [-1e300], [.infinity]], columnNames: ["x0"]), threads: 1))
        #expect(far.allSatisfy { $0.isFinite && $0 >= 0 })
        let none = try trained(try table([[], [], []], [1, 2, 6])).model
        #expect(agree(numbers(try none.predict(try FeatureMatrix(rows: [[]], columnNames: []), threads: 1)), [3], 1e-9))
    }

    @Test func aLinkIsSavedAndChecked() throws {
        let model = try trained(try table([[1], [2], [4]], [1, 2, 6])).model
        let again = try #require(try PoissonRegressionKind().decode(try model.saved()) as? LinearModel)
        #expect(again == model && again.link == .log)
        // As models were saved before there were links: sums are the numbers.
        var plain = model
        plain.link = nil
        let text = String(decoding: try JSONEncoder().encode(plain), as: UTF8.self)
        #expect(!text.contains("link") && text.contains("deviations"))
        var classes = model
        classes.task = .binaryClassification
        classes.classes = ["a", "b"]
        #expect(learnerError { _ = try LogisticRegressionKind().decode(try classes.saved()) } == .inconsistentModel)
        // A model of another learner.
        #expect(learnerError { _ = try LinearRegressionKind().decode(try model.saved()) } == .inconsistentModel)
        #expect(learnerError { _ = try PoissonRegressionKind().decode(try plain.saved()) } == .inconsistentModel)
    }

    @Test func contributionsAddUpToTheLogarithm() throws {
        let answers = try answers()
        let table = try table(answers.rows, answers.labels)
        let model = try trained(table).model
        let told = try model.contributions(table.matrix, threads: 1)
        let predicted = numbers(try model.predict(table.matrix, threads: 1))
        for row in [0, 17, 999] {
            let score = told.values[(row * 6)..<(row * 6 + 6)].reduce(0, +)
            #expect(agree([exponential(score)], [predicted[row]], 1e-9))
        }
    }
}

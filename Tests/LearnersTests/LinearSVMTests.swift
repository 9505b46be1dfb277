import FeatureTables
import Foundation
import Learners
import Testing

/// scikit-learn's LinearSVC, its calibration and OneVsRestClassifier on the rows of `PeerTests`, recorded by
/// `Tests/Peers/learners.py --record`.
@Suite struct LinearSVMTests {
    private struct Answer: Decodable {
        var coefficients: [[Double]]
        var intercepts: [Double]
        /// Of the last class.
        var scores: [Double]
        /// Of every fourth row, by a calibrated machine of the others.
        var logLoss: Double
        /// Slope and intercept.
        var sigmoid: [Double]
        var weightedSigmoid: [Double]
        var oneAgainstRest: [[Double]]?
        var probabilities: [Double]?
    }

    private func answer(_ name: String) throws -> Answer {
        let bytes = try Data(contentsOf: PeerTests.folder.appendingPathComponent("machines.json"))
        // Beside the sets stands who recorded them.
        let sets = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        return try JSONDecoder().decode(Answer.self, from: JSONSerialization.data(withJSONObject: try #require(sets[name])))
    }

    private func table(_ name: String, rows: (Int) -> Bool = { _ in true }) throws -> FeatureTable {
        let peer = try PeerTests.answer(name)
        let kept = peer.rows.indices.filter(rows)
        let classes = Set(peer.labels).sorted().map { "\(Int($0))" }
        return try syntheticTable(
            kept.map { peer.rows[$0] }, peer.rows[0].indices.map { "x\($0)" },
            .classes(codes: kept.map { Int32(peer.labels[$0]) }, names: classes))
    }

    private func trained(_ learner: any Learner, _ table: FeatureTable, threads: Int = 1) throws -> (model: LinearModel, fit: FitSummary) {
        let result = try learner.train(table, context: TrainingContext(threads: threads))
        #expect(result.fit.converged)
        return (try #require(result.model as? LinearModel), result.fit)
    }

    private func compare(_ outputs: [LinearModel.Output], _ deviations: [Double], _ expected: [[Double]]) {
        let found = outputs.flatMap { zip($0.weights, deviations).map { $0 * $1 } }
        let wanted = expected.flatMap { $0 }
        let largest = wanted.reduce(0) { max($0, abs($1)) }
        let worst = zip(found, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(found.count == wanted.count && worst < 1e-5 * largest, "\(worst) of \(largest)")
    }

    @Test(arguments: ["breast-cancer", "wine"]) func defaultsAgreeWithScikitLearn(_ name: String) throws {
        let answer = try answer(name)
        let (model, fit) = try trained(LinearSVM(), try table(name))
        let deviations = try PeerTests.answer(name).deviations
        compare(model.outputs, deviations, answer.coefficients)
        // scikit-learn's intercepts are where standardized features are 0.
        let rows = try PeerTests.answer(name).rows
        for (output, expected) in zip(model.outputs, answer.intercepts) {
            let mean = output.weights.indices.reduce(output.intercept) { sum, feature in
                sum + output.weights[feature] * rows.reduce(0) { $0 + $1[feature] } / Double(rows.count)
            }
            #expect(agree([mean], [expected], 1e-4))
        }
        #expect(fit.notes.contains("probabilities from the scores of \(rows.count) rows held out in 5 folds"))
        // Probabilities of rows that nothing was learned from are as good, though folds are others.
        let (part, _) = try trained(LinearSVM(), try table(name) { $0 % 4 != 3 })
        let rest = try table(name) { $0 % 4 == 3 }
        guard case .classification(let metrics) = try EvaluationMetrics(part.predict(rest.matrix, threads: 2), rest.label, weights: nil)
        else { throw LearnerError.missingLabel }
        #expect(abs(metrics.logLoss - answer.logLoss) < 0.02, "\(metrics.logLoss)")
        #expect(metrics.accuracy > 0.95)
    }

    @Test(arguments: ["breast-cancer", "wine"]) func sigmoidsAreScikitLearns(_ name: String) throws {
        let answer = try answer(name)
        let labels = try PeerTests.answer(name).labels
        let last = try #require(labels.max())
        let scores = answer.scores.enumerated().map { $1 * 0.7 + 0.5 * sin(Double($0)) }
        let isPositive = labels.map { $0 == last }
        let plain = try PlattScaling(scores: scores, isPositive: isPositive, weights: nil)
        #expect(agree([plain.slope, plain.intercept], answer.sigmoid, 1e-4), "\(plain) \(answer.sigmoid)")
        let weighted = try PlattScaling(
            scores: scores, isPositive: isPositive, weights: labels.indices.map { 1 + Double($0 % 3) / 2 })
        #expect(agree([weighted.slope, weighted.intercept], answer.weightedSigmoid, 1e-4), "\(weighted) \(answer.weightedSigmoid)")
    }

    /// Scores that say nothing, everything, or next to nothing in size.
    @Test func sigmoidsOfOddScores() throws {
        let isPositive = (0..<30).map { $0 % 3 == 0 }
        let equal = try PlattScaling(scores: [Double](repeating: 4, count: 30), isPositive: isPositive, weights: nil)
        let odds = equal.slope * 4 + equal.intercept
        #expect(abs(1 / (1 + exponential(-odds)) - (10 * 11 / 12 + 20 / 22) / 30) < 1e-6)
        #expect(try PlattScaling(scores: [0, 0], isPositive: [true, false], weights: nil).intercept.magnitude < 1e-9)
        for size in [1e-200, 1, 1e200] {
            let perfect = try PlattScaling(scores: isPositive.map { $0 ? size : -size }, isPositive: isPositive, weights: nil)
            // Drawn in by a row of each class.
            #expect(abs(1 / (1 + exponential(-(perfect.slope * size + perfect.intercept))) - 11 / 12) < 1e-6, "\(size) \(perfect)")
            #expect(abs(1 / (1 + exponential(-(perfect.intercept - perfect.slope * size))) - 1 / 22) < 1e-6)
        }
        let none = try PlattScaling(scores: [], isPositive: [], weights: nil)
        #expect(none.slope == 0 && none.intercept == 0)
    }

    @Test func oneAgainstTheRestIsAnOptionOfLogisticRegression() throws {
        let answer = try answer("wine")
        let table = try table("wine")
        let learner = try LogisticRegression(hyperparameters: ["multi-class": "ovr"])
        let (model, _) = try trained(learner, table)
        compare(model.outputs, try PeerTests.answer("wine").deviations, try #require(answer.oneAgainstRest))
        #expect(agree(numbers(try model.predict(table.matrix, threads: 2)), try #require(answer.probabilities), 1e-4))
        #expect(learner.hyperparameters["multi-class"] == "ovr" && LogisticRegression().hyperparameters["multi-class"] == "multinomial")
        // Of two classes there is nothing to choose.
        let two = try self.table("breast-cancer")
        let (one, other) = (try trained(learner, two).model, try trained(LogisticRegression(), two).model)
        #expect(one == other && one.link == nil)
        #expect(learnerError { _ = try LogisticRegression(hyperparameters: ["multi-class": "all"]) } != nil)
    }

    /// The conditions of the least objective with an L1 penalty.
    @Test func theGradientIsThePenalty() throws {
        let table = try table("breast-cancer")
        let (model, _) = try trained(try LinearSVM(hyperparameters: ["l1": "0.05", "l2": "0", "tolerance": "1e-9"]), table)
        guard case .classes(let codes, _) = table.label else { throw LearnerError.missingLabel }
        let rows = try PeerTests.answer("breast-cancer").rows
        let count = Double(rows.count)
        let output = model.outputs[0]
        var gradients = [Double](repeating: 0, count: rows[0].count), intercept = 0.0
        let means = rows[0].indices.map { feature in rows.reduce(0) { $0 + $1[feature] } / count }
        for (row, values) in rows.enumerated() {
            let side = codes[row] == 1 ? 1.0 : -1.0
            let score = zip(values, output.weights).reduce(output.intercept) { $0 + $1.0 * $1.1 }
            let slope = -2 * side * max(0, 1 - side * score) / count
            intercept += slope
            for feature in values.indices { gradients[feature] += slope * (values[feature] - means[feature]) / model.deviations[feature] }
        }
        #expect(abs(intercept) < 1e-6)
        for (gradient, weight) in zip(gradients, output.weights) {
            if weight == 0 { #expect(abs(gradient) <= 0.05) } else { #expect(abs(gradient + (weight > 0 ? 0.05 : -0.05)) < 1e-5) }
        }
        #expect((1..<20).contains(output.weights.filter { $0 != 0 }.count))
    }

    @Test(arguments: ["linear-svm", "logistic-regression"]) func modelsAreSavedAndThreadsChangeNothing(_ name: String) throws {
        let kind = try LearnerCatalog.kind(named: name)
        let learner = try kind.learner(name == "linear-svm" ? [:] : ["multi-class": "ovr"])
        let table = try table("wine")
        let (model, _) = try trained(learner, table)
        #expect(model.link == .oneAgainstRest && (model.calibration != nil) == (name == "linear-svm"))
        #expect(try trained(learner, table, threads: 3).model == model)
        let again = try #require(try kind.decode(try model.saved()) as? LinearModel)
        #expect(again == model)
        // Contributions are to the log-odds of each class against all others.
        let told = try model.contributions(table.matrix, threads: 1)
        let probabilities = numbers(try model.predict(table.matrix, threads: 1))
        for row in [0, 100, 177] {
            let shares = (0..<3).map { output in
                1 / (1 + exponential(-told.values[((row * 3 + output) * 14)..<((row * 3 + output + 1) * 14)].reduce(0, +)))
            }
            #expect(agree(shares.map { $0 / shares.reduce(0, +) }, Array(probabilities[(row * 3)..<(row * 3 + 3)]), 1e-9))
        }
        // Parts of another model, or of none.
        var damaged = model
        damaged.calibration = try name == "linear-svm" ? nil : [PlattScaling](
            repeating: PlattScaling(scores: [1, 0], isPositive: [true, false], weights: nil), count: 3)
        #expect(learnerError { _ = try kind.decode(try damaged.saved()) } == .inconsistentModel)
        damaged = model
        damaged.calibration = [try PlattScaling(scores: [1, 0], isPositive: [true, false], weights: nil)]
        #expect(learnerError { _ = try damaged.predict(table.matrix, threads: 1) } == .inconsistentModel)
        damaged = model
        damaged.link = .log
        #expect(learnerError { _ = try damaged.predict(table.matrix, threads: 1) } == .inconsistentModel)
    }

    /// Probabilities of a class that all others are certain against are still probabilities.
    @Test func probabilitiesFarOutSumToOne() throws {
        let (model, _) = try trained(LinearSVM(), try table("wine"))
        for far in [1e6, -1e6, 1e300] {
            let row = [Double](repeating: far, count: 13)
            let predicted = numbers(try model.predict(try FeatureMatrix(rows: [row], columnNames: model.featureNames), threads: 1))
            #expect(predicted.allSatisfy { $0 >= 0 && $0 <= 1 } && agree([predicted.reduce(0, +)], [1], 1e-9), "\(predicted)")
        }
    }

    @Test func sparseRowsAndWeights() throws {
        let count = 600
        let rows = (0..<count).map { row in
            (0..<12).map { uniform(row * 12 + $0) < 0.3 ? (uniform(9000 + row * 12 + $0) * 3).rounded() : 0 }
        }
        let codes = rows.indices.map { Int32(rows[$0][0] + rows[$0][1] - rows[$0][2] + uniform(50_000 + $0) > 0.8 ? 1 : 0) }
        let names = rows[0].indices.map { "f\($0)" }
        let label = FeatureLabel.classes(codes: codes, names: ["n", "y"])
        let weights = rows.indices.map { Double($0 % 3) }
        func table(_ matrix: FeatureMatrix) throws -> FeatureTable { try FeatureTable(matrix: matrix, label: label, weights: weights) }
        let dense = try trained(LinearSVM(), table(FeatureMatrix(rows: rows, columnNames: names))).model.outputs[0]
        let sparse = try trained(LinearSVM(), table(FeatureMatrix(sparse: rows, columnNames: names))).model.outputs[0]
        #expect(agree(sparse.weights + [sparse.intercept], dense.weights + [dense.intercept], 1e-5))
        let repeated = rows.indices.flatMap { Array(repeating: $0, count: $0 % 3) }
        let plain = try trained(
            LinearSVM(),
            try syntheticTable(repeated.map { rows[$0] }, names, .classes(codes: repeated.map { codes[$0] }, names: ["n", "y"])))
        #expect(agree(plain.model.outputs[0].weights, dense.weights, 1e-5))
    }

    @Test func rowsThatCannotBeHeldOutAreNamed() throws {
        func error(_ codes: [Int32], weights: [Double]? = nil, learner: LinearSVM = LinearSVM()) -> String? {
            learnerError {
                let matrix = try FeatureMatrix(rows: codes.indices.map { [uniform($0)] }, columnNames: ["x"])
                let label = FeatureLabel.classes(codes: codes, names: ["a", "b"])
                _ = try learner.train(
                    try FeatureTable(matrix: matrix, label: label, labelName: "y", weights: weights), context: TrainingContext())
            }?.description
        }
        #expect(error([0, 0, 0, 1])?.hasPrefix("class 'b' of label 'y' has 1 row(s) that count: probabilities need at least 2") == true)
        #expect(error([0, 0, 1, 1], weights: [1, 1, 1, 0])?.contains("class 'b'") == true)
        #expect(error([0, 0, 0])?.contains("class 'b'") == true)
        #expect(error([0, 0, 1, 1, 1]) == nil)
        #expect(learnerError { _ = try LinearSVM(hyperparameters: ["calibration-folds": "1"]) } != nil)
        #expect(try LinearSVM(hyperparameters: ["calibration-folds": "3"]).hyperparameters["calibration-folds"] == "3")
    }

    /// Rows of one group are held out together, or their scores would be as good as those of rows learned from.
    @Test func groupsAreHeldOutTogether() throws {
        let rows = (0..<300).map { [Double($0 / 30), uniform($0)] }
        let data = try TestTable.make([
            ("group", .ints(rows.map { Int($0[0]) })), ("place", .texts(rows.map { "p\(Int($0[0]))" })), ("x", .doubles(rows.map { $0[1] })),
            ("y", .ints(rows.indices.map { ($0 / 30) % 2 })),
        ])
        // A place says what the label is, but nothing of a place that was not seen.
        let roles = ColumnRoles(label: "y", features: ["place", "x"])
        func loss(_ key: SplitOptions.Key) throws -> Double {
            let request = TrainingRequest(roles: roles, learner: "linear-svm", split: SplitOptions(fraction: 0.9, key: key))
            guard case .classification(let metrics)? = try request.run(on: data).report.training.plain else { throw LearnerError.missingLabel }
            return metrics.logLoss
        }
        #expect(try loss(.row) < 0.1)
        #expect(try loss(.group(["group"])) > 0.3)
    }
}

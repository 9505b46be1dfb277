import FeatureTables
import Foundation
import Learners
import Testing

/// scikit-learn's trees, forests and naive Bayes on the rows of `PeerTests`, of which every fourth is left out of the training.
@Suite struct TreeAndBayesPeerTests {
    private struct Answers: Decodable {
        struct Tree: Decodable {
            var importances: [Double]
            var predictions: [Double]
            /// By how much a tree of depth 3 lessens the impurity.
            var gain: Double
            /// Of the training rows, by a tree without limits.
            var full: [Double]
        }

        var forest: Double
        var trees: [String: Tree]
        var bayes: [String: [Double]]?
    }

    /// Rows for training and the others, features as they are or as whole numbers from 0 to 20.
    private struct Sets {
        var names: [String]
        var classes: [String]
        var rows: [[Double]]
        var levels: [[Double]]
        var labels: [Double]

        init(_ name: String) throws {
            let answer = try PeerTests.answer(name)
            rows = answer.rows
            labels = answer.labels
            names = rows[0].indices.map { "x\($0)" }
            classes = name == "diabetes" ? [] : Set(labels).sorted().map { "\(Int($0))" }
            let all = rows
            let bounds = names.indices.map { feature in (all.map { $0[feature] }.min() ?? 0, all.map { $0[feature] }.max() ?? 0) }
            levels = rows.map { row in
                zip(row, bounds).map { (($0 - $1.0) / ($1.1 > $1.0 ? $1.1 - $1.0 : 1) * 20).rounded(.down) }
            }
        }

        func table(_ values: [[Double]], training: Bool, weighted: Bool = false) throws -> FeatureTable {
            let chosen = values.indices.filter { ($0 % 4 != 3) == training }
            let own = chosen.map { labels[$0] }
            return try FeatureTable(
                matrix: try FeatureMatrix(rows: chosen.map { values[$0] }, columnNames: names),
                label: classes.isEmpty ? .numbers(own) : .classes(codes: own.map { Int32($0) }, names: classes),
                weights: weighted ? chosen.map { 1 + Double($0 * 37 % 101) / 103 } : nil)
        }
    }

    private func answers(_ name: String) throws -> Answers {
        struct All: Decodable {
            var breastCancer: Answers
            var wine: Answers
            var diabetes: Answers

            private enum CodingKeys: String, CodingKey {
                case breastCancer = "breast-cancer"
                case wine, diabetes
            }
        }
        let data = try Data(contentsOf: PeerTests.folder.appendingPathComponent("trees-and-bayes.json"))
        let all = try JSONDecoder().decode(All.self, from: data)
        return name == "wine" ? all.wine : name == "diabetes" ? all.diabetes : all.breastCancer
    }

    @Test(arguments: ["breast-cancer", "wine", "diabetes"]) func treesAreTheSame(_ name: String) throws {
        let sets = try Sets(name)
        let training = try sets.table(sets.levels, training: true, weighted: true)
        let others = try sets.table(sets.levels, training: false)
        let plain = try sets.table(sets.levels, training: true)
        for (criterion, expected) in try answers(name).trees {
            let isNumber = criterion == "squared_error"
            var hyperparameters = ["depth": "3", "min-leaf-rows": "5"]
            if !isNumber { hyperparameters["criterion"] = criterion }
            let learner = try DecisionTree(hyperparameters: hyperparameters)
            let result = try learner.train(training, context: TrainingContext(threads: 2))
            let shares = Dictionary(uniqueKeysWithValues: result.model.influences.map { ($0.feature, $0.magnitude) })
            #expect(agree(sets.names.map { shares[$0] ?? -1 }, expected.importances, 1e-9), "\(criterion)")
            let gain = result.model.influences.reduce(0) { $0 + ($1.gain ?? 0) * Double($1.splits ?? 0) }
            #expect(agree([gain], [expected.gain], 1e-9))
            #expect(agree(numbers(try result.model.predict(others.matrix, threads: 1)), expected.predictions, 1e-9))
            hyperparameters = ["depth": "auto", "min-leaf-rows": "1", "criterion": hyperparameters["criterion"] ?? "gini"]
            let full = try DecisionTree(hyperparameters: hyperparameters).train(plain, context: TrainingContext()).model
            #expect(agree(numbers(try full.predict(plain.matrix, threads: 1)), expected.full, 1e-9))
        }
    }

    @Test(arguments: ["breast-cancer", "wine", "diabetes"]) func forestsAreAsGood(_ name: String) throws {
        let sets = try Sets(name)
        let training = try sets.table(sets.rows, training: true), others = try sets.table(sets.rows, training: false)
        let measures = try (0..<5).map { seed -> Double in
            let learner = try RandomForest(hyperparameters: ["seed": "\(seed)", "out-of-bag": "false"])
            let model = try learner.train(training, context: TrainingContext(threads: 2)).model
            let quality = try ModelQuality(model.predict(others.matrix, threads: 2), others.label, weights: nil)
            switch try #require(quality.unweighted) {
            case .classification(let metrics): return metrics.areaUnderROC ?? 0
            case .regression(let metrics): return metrics.rSquared ?? 0
            case .unsupervised: throw LearnerError.missingLabel
            }
        }
        let mean = measures.reduce(0, +) / 5, expected = try answers(name).forest
        #expect(abs(mean - expected) < 0.01, "\(measures)")
    }

    @Test(arguments: ["breast-cancer", "wine"]) func naiveBayesIsTheSame(_ name: String) throws {
        let sets = try Sets(name)
        let expected = try #require(try answers(name).bayes)
        for (kind, values) in [
            ("gaussian", sets.rows), ("multinomial", sets.levels), ("bernoulli", sets.levels.map { $0.map { $0 > 5 ? 1 : 0 } }),
        ] {
            let learner = try NaiveBayes(hyperparameters: ["kind": kind])
            let model = try learner.train(try sets.table(values, training: true), context: TrainingContext(threads: 2)).model
            let found = numbers(try model.predict(try sets.table(values, training: false).matrix, threads: 2))
            let worst = zip(found, try #require(expected[kind])).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(found.count == expected[kind]?.count && worst < 1e-9, "\(kind): \(worst)")
        }
    }
}

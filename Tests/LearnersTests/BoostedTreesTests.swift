import FeatureTables
import Learners
import Platform
import Testing

/// Expected predictions: the Python package xgboost 1.7.4 on the same rows and weights (hist, 20 rounds, depth 3).
@Suite struct BoostedTreesTests {
    private func learner(rounds: Int = 20) -> BoostedTrees {
        var learner = BoostedTrees()
        learner.rounds = rounds
        learner.depth = 3
        return learner
    }

    private func train(_ learner: BoostedTrees, _ table: FeatureTable) throws -> BoostedTreesModel {
        guard let model = try learner.train(table, context: TrainingContext()).model as? BoostedTreesModel else {
            throw LearnerError.noWeight
        }
        return model
    }

    @Test func binary() throws {
        let table = try ReferenceData.table(label: "y", weighted: true)
        let model = try train(learner(), table)
        guard case .classes(let probabilities, let names) = try model.predict(table.matrix, threads: 1) else {
            throw LearnerError.noWeight
        }
        #expect(names == ["0", "1"] && model.task == .binaryClassification)
        let expected = [0.8340631127357483, 0.6299901008605957, 0.3584514856338501]
        #expect(agree((0..<3).map { probabilities[2 * $0 + 1] }, expected, 1e-5))
        let byName = Dictionary(uniqueKeysWithValues: model.influences.map { ($0.feature, $0) })
        #expect(byName["a"]?.splits == 47 && byName["b"]?.splits == 36 && byName["d"]?.splits == 13)
        #expect(agree([byName["a"]?.gain ?? 0], [19.304691314697266], 1e-4))
        #expect(model.influences.first?.feature == "a")
        #expect(abs(model.influences.reduce(0) { $0 + $1.magnitude } - 1) < 1e-6)
    }

    @Test func regression() throws {
        let table = try ReferenceData.table(label: "r", weighted: true)
        guard case .numbers(let values) = try train(learner(), table).predict(table.matrix, threads: 1) else {
            throw LearnerError.noWeight
        }
        #expect(agree(Array(values.prefix(3)), [8.354820251464844, 5.839796543121338, 7.564015865325928], 1e-5))
    }

    @Test func multiclass() throws {
        let table = try ReferenceData.table(label: "z", weighted: true)
        guard case .classes(let values, _) = try train(learner(), table).predict(table.matrix, threads: 1) else {
            throw LearnerError.noWeight
        }
        let expected = [
            0.2138630896806717, 0.5866789817810059, 0.19945795834064484, 0.6909584403038025, 0.1638830304145813,
            0.14515849947929382, 0.23596708476543427, 0.36932194232940674, 0.3947109282016754,
        ]
        #expect(agree(Array(values.prefix(9)), expected, 1e-5))
    }

    @Test func takesMissingValuesAsTheyAre() throws {
        // The label is told by whether the feature is there.
        let rows = (0..<200).map { [$0 % 2 == 0 ? Double.nan : uniform($0)] }
        let table = try syntheticTable(rows, ["x"], .classes(codes: (0..<200).map { Int32($0 % 2) }, names: ["gone", "there"]))
        let predicted = try train(learner(), table).predict(table.matrix, threads: 1).predictedClasses
        #expect(predicted == (0..<200).map { Int32($0 % 2) })
    }

    @Test func earlyStoppingKeepsTheBestRound() throws {
        // Labels are noise: every round after the first few makes the validation part worse.
        let rows = (0..<400).map { [uniform($0), uniform(10_000 + $0)] }
        let table = try syntheticTable(rows, ["p", "q"], .numbers((0..<400).map { uniform(20_000 + $0) }))
        var learner = learner(rounds: 300)
        learner.earlyStoppingRounds = 5
        learner.validationFraction = 0.25
        let result = try learner.train(table, context: TrainingContext())
        #expect(result.fit.iterations < 100)
        #expect(result.fit.stopReason == "no improvement for 5 rounds")
        #expect(result.fit.notes.first?.hasPrefix("100 of 400 training rows set aside") == true)
        let again = try learner.train(table, context: TrainingContext())
        #expect(again.fit.iterations == result.fit.iterations)
    }

    @Test func taskAndLabelMustAgree() throws {
        let table = try ReferenceData.table(label: "z")
        var learner = learner()
        learner.task = .binaryClassification
        #expect(learnerError { _ = try learner.train(table, context: TrainingContext()) } != nil)
        learner.task = .regression
        #expect(learnerError { _ = try learner.train(table, context: TrainingContext()) } == .labelIsNotNumeric("z"))
    }

    /// XGBoost's own words on these name neither the feature nor what to do.
    @Test func whatSinglePrecisionCannotHoldIsNamed() throws {
        let rows = (0..<20).map { [Double($0), $0 == 3 ? 1e300 : 1] }
        let label = FeatureLabel.numbers((0..<20).map { Double($0) })
        #expect(learnerError { _ = try train(learner(), try syntheticTable(rows, ["a", "huge"], label)) }?.description
            == "feature 'huge', in the single precision that XGBoost calculates in, is not finite: rescale or clip the features")
        let heavy = try syntheticTable(rows.map { [$0[0]] }, ["a"], label, weights: rows.map { $0[1] })
        #expect(learnerError { _ = try train(learner(), heavy) }?.description
            == "the weight of a row, in the single precision that XGBoost calculates in, is not finite: rescale or clip the weights")
    }

    /// Rows to predict are told so as well, dense or sparse.
    @Test(arguments: [false, true]) func whatSinglePrecisionCannotHoldIsNamedInPredictions(isSparse: Bool) throws {
        let rows = (0..<20).map { [Double($0), 1] }
        let model = try train(
            learner(rounds: 2), try syntheticTable(rows, ["a", "huge"], .numbers((0..<20).map { Double($0) })))
        for value in [1e300, -1e300, .infinity] {
            let names = ["a", "huge"]
            let matrix = isSparse
                ? try FeatureMatrix(sparse: [[1, 1], [2, value]], columnNames: names)
                : try FeatureMatrix(rows: [[1, 1], [2, value]], columnNames: names)
            let expected = LearnerError.notFinite("feature 'huge', in the single precision that XGBoost calculates in,")
            #expect(learnerError { _ = try model.predict(matrix, threads: 1) } == expected)
            #expect(learnerError { _ = try model.contributions(matrix, threads: 1) } == expected)
        }
    }

    @Test(arguments: [
        (
            "[07:05:33] /build/xgboost-1.7.4/src/data/data.cc:1190: Check failed: valid: Input data contains `inf` or a value too large, while `missing` is not set to `inf`\nStack trace:\n  [bt] (0) /lib/libxgboost.so",
            "Input data contains `inf` or a value too large, while `missing` is not set to `inf`"
        ),
        ("[12:00:00] ../src/objective/objective.cc:26: Unknown objective function: `x`", "Unknown objective function: `x`"),
        ("[12:00:00] src/a.cc:1: Check failed: std::isfinite(x): ", "its check 'std::isfinite(x)' failed"),
        ("[12:00:00] src/a.cc:1: Check failed: std::isfinite(x) : it is not", "it is not"),
        ("Invalid Input: 'a', valid values are: {'b'}", "Invalid Input: 'a', valid values are: {'b'}"),
        ("", "it gave an error without words"),
    ]) func messagesAreForPeople(_ message: String, _ expected: String) {
        #expect(XGBoostMessage.plain(message) == expected)
    }

    /// On a machine that others use, threads that spin while they wait take eight times as long.
    @Test func threadsWaitWithoutSpinning() throws {
        _ = try train(learner(rounds: 1), try ReferenceData.table(label: "y"))
        let policy = try #require(environmentVariable("OMP_WAIT_POLICY"))
        // The suite may have been started with another one, which is left alone.
        #expect(policy == "PASSIVE" || policy.lowercased() == "active" || policy.lowercased() == "passive")
    }

    @Test func damagedBoosterIsAnError() throws {
        for text in ["", "{}", "{\"learner\": {}}", "not JSON"] {
            #expect(throws: LearnerError.self) {
                _ = try BoostedTreesModel(
                    task: .regression, featureNames: ["x"], classes: [], savedBooster: Array(text.utf8))
            }
        }
    }
}

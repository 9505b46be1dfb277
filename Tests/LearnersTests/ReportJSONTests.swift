import FeatureTables
import Learners
import Testing

/// Reports as programs read them, letter by letter.
@Suite struct ReportJSONTests {
    /// A report of which nothing is left as its training made it, so that no number depends on one.
    private func report() throws -> ModelReport {
        var report = try TrainingRequest(
            roles: ColumnRoles(label: "y", features: ["a"]), learner: "logistic-regression", split: nil
        ).run(on: try ReferenceData.data()).report
        var training = ImportSummary(), evaluation = ImportSummary()
        training.rowsRead = 4
        training.rowsKept = 3
        training.rowsWithoutLabel = 1
        training.columns = [.init(name: "km", missing: 2, policy: "mean")]
        evaluation.rowsRead = 2
        evaluation.rowsKept = 2
        report.trainingImport = training
        report.evaluationImport = evaluation
        let probabilities = [0.75, 0.25, 0.25, 0.75], names = ["no", "yes"]
        let metrics = ClassificationMetrics(probabilities: probabilities, actual: [0, 1], names: names)
        let weighted = ClassificationMetrics(probabilities: probabilities, actual: [0, 1], names: names, weights: [1, 2.5])
        report.training = ModelQuality(unweighted: .classification(metrics))
        report.evaluation = ModelQuality(unweighted: .classification(metrics), weighted: .classification(weighted))
        report.label = "tipped"
        report.positiveClass = "yes"
        report.weight = "w"
        report.hyperparameters = ["l2": "auto", "tolerance": "1e-08", "intercept": "true", "max-iterations": "1000"]
        report.featureCount = 1
        report.split = SplitOptions(fraction: 0.75, seed: 7)
        report.fit = FitSummary(iterations: 5, objective: 0.5, converged: true, stopReason: "gradient below tolerance")
        report.seconds = nil
        report.influences = [FeatureInfluence(feature: "km", magnitude: 2.25, weights: [1.5])]
        report.warnings = [ModelWarning(.rareClass, "class 'no' has 1 row(s) to train on")]
        return report
    }

    @Test func aClassification() throws {
        let metrics = """
              "rows": 2,
              "areaUnderROC": 1,
              "areaUnderPR": 1,
              "gini": 1,
              "kolmogorovSmirnov": 1,
              "accuracy": 1,
              "balancedAccuracy": 1,
              "precision": 1,
              "recall": 1,
              "specificity": 1,
              "f1": 1,
              "macroPrecision": 1,
              "macroRecall": 1,
              "macroF1": 1,
              "microPrecision": 1,
              "microRecall": 1,
              "microF1": 1,
              "weightedPrecision": 1,
              "weightedRecall": 1,
              "weightedF1": 1,
              "matthewsCorrelation": 1,
              "cohensKappa": 1,
              "logLoss": 0.2876820724517809,
              "brierScore": 0.0625,
              "expectedCalibrationError": 0.25,
              "classes": [
                {
                  "name": "no",
                  "support": 1,
                  "precision": 1,
                  "recall": 1,
                  "f1": 1
                },
                {
                  "name": "yes",
                  "support": SUPPORT,
                  "precision": 1,
                  "recall": 1,
                  "f1": 1
                }
              ],
              "confusion": [
                [1, 0],
                [0, SUPPORT]
              ]
            """
        let plain = metrics.replacing("SUPPORT", with: "1"), weighted = metrics.replacing("SUPPORT", with: "2.5")
        let expected = """
            {
              "learner": "logistic-regression",
              "task": "binary-classification",
              "label": "tipped",
              "positiveClass": "yes",
              "weight": "w",
              "hyperparameters": {
                "intercept": true,
                "l2": "auto",
                "max-iterations": 1000,
                "tolerance": 1e-08
              },
              "split": {
                "fraction": 0.75,
                "seed": 7,
                "by": "row"
              },
              "trainingRows": {
                "read": 4,
                "kept": 3,
                "withoutLabel": 1,
                "withoutWeight": 0,
                "withMissingValues": 0,
                "columns": [
                  {
                    "name": "km",
                    "missing": 2,
                    "policy": "mean",
                    "unseen": 0
                  }
                ]
              },
              "evaluationRows": {
                "read": 2,
                "kept": 2,
                "withoutLabel": 0,
                "withoutWeight": 0,
                "withMissingValues": 0,
                "columns": []
              },
              "fit": {
                "iterations": 5,
                "converged": true,
                "stopReason": "gradient below tolerance",
                "objective": 0.5,
                "notes": []
              },
              "warnings": [
                {
                  "kind": "rare-class",
                  "text": "class 'no' has 1 row(s) to train on"
                }
              ],
              "evaluationMetrics": {
            \(plain.indented)
              },
              "weightedEvaluationMetrics": {
            \(weighted.indented)
              },
              "trainingMetrics": {
            \(plain.indented)
              },
              "featureCount": 1,
              "features": [
                {
                  "name": "km",
                  "magnitude": 2.25,
                  "weight": 1.5
                }
              ]
            }

            """
        let json = try report().json()
        #expect(json == expected)
    }

    @Test func weightsOfClassesAreNamedAndWhatIsNotFiniteIsLeftOut() throws {
        var many = try report()
        let names = ["a", "b", "c"]
        many.training = ModelQuality(
            unweighted: .classification(
                ClassificationMetrics(probabilities: [1, 0, 0, 0, 1, 0, 0, 0, 1], actual: [0, 1, 2], names: names)))
        many.influences = [FeatureInfluence(feature: "km", magnitude: .infinity, weights: [1, 2, 3])]
        #expect(try many.json().hasSuffix("""
              "features": [
                {
                  "name": "km",
                  "weights": {
                    "a": 1,
                    "b": 2,
                    "c": 3
                  }
                }
              ]
            }

            """))
        many.influences = [FeatureInfluence(feature: "km", magnitude: 1, gain: 3.5, splits: 2)]
        #expect(try many.json().contains("\"gain\": 3.5,\n      \"splits\": 2\n"))
    }

    @Test func aRegression() throws {
        var regression = try report()
        regression.evaluation = ModelQuality(unweighted: .regression(RegressionMetrics(predicted: [1, 3], actual: [1, 4])))
        #expect(try regression.json().contains("""
              "evaluationMetrics": {
                "rows": 2,
                "rSquared": 0.7777777777777778,
                "explainedVariance": 0.8888888888888888,
                "rootMeanSquaredError": 0.7071067811865476,
                "meanSquaredError": 0.5000000000000001,
                "meanAbsoluteError": 0.5,
                "medianAbsoluteError": 0.5,
                "maxError": 1,
                "relativeAbsoluteError": 0.3333333333333333,
                "meanAbsolutePercentageError": 0.125,
                "meanSquaredLogError": 0.02489652224655867,
                "meanPoissonDeviance": 0.15072828980712316,
                "poissonDSquared": 0.8435980390479741
              },

            """))
    }
}

extension String {
    /// Two more blanks before each line.
    fileprivate var indented: String { split(separator: "\n").map { "  \($0)" }.joined(separator: "\n") }
}

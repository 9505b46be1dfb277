import FeatureTables
import Foundation
import Learners
import Platform
import Testing

/// Measures, intervals and tests as scikit-learn and SciPy have them, recorded by `Tests/Peers/metrics.py`.
@Suite struct RecordedMetricsTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/metrics")

    private func recorded<Answer: Decodable>(_ name: String, as type: Answer.Type) throws -> Answer {
        try JSONDecoder().decode(type, from: Data(contentsOf: Self.folder.appendingPathComponent("\(name).json")))
    }

    private struct Classes: Decodable {
        var names: [String]
        var truth: [Int32]
        var probabilities: [Double]
        var weights: [Double]
        var measures: [String: Double]
        var weighted: [String: Double]
    }

    private struct Numbers: Decodable {
        var truth: [Double]
        var predicted: [Double]
        var weights: [Double]
        var measures: [String: Double]
        var weighted: [String: Double]
    }

    private func compare(_ metrics: EvaluationMetrics, _ expected: [String: Double], leavingOut left: Set<String> = []) {
        let found = Dictionary(metrics.measures.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        for (name, value) in expected where !left.contains(name) {
            guard let known = found[name], let known else {
                Issue.record("\(name) is not told")
                continue
            }
            #expect(abs(known - value) <= 1e-12 * max(1, abs(value)), "\(name): \(known), not \(value)")
        }
    }

    @Test(arguments: ["two-classes", "four-classes"]) func classes(_ name: String) throws {
        let answer = try recorded(name, as: Classes.self)
        let predictions = Predictions.classes(probabilities: answer.probabilities, names: answer.names)
        let label = FeatureLabel.classes(codes: answer.truth, names: answer.names)
        let plain = try EvaluationMetrics(predictions, label, weights: nil)
        compare(plain, answer.measures)
        compare(try EvaluationMetrics(predictions, label, weights: answer.weights), answer.weighted)
        // All that is told is recorded.
        #expect(Set(plain.measures.filter { $0.value != nil }.map(\.name)) == Set(answer.measures.keys))
    }

    /// Counts have Poisson deviances besides.
    @Test(arguments: ["numbers", "counts"]) func numbers(_ name: String) throws {
        let answer = try recorded(name, as: Numbers.self)
        let plain = RegressionMetrics(predicted: answer.predicted, actual: answer.truth)
        compare(.regression(plain), answer.measures, leavingOut: ["adjustedRSquared"])
        let weighted = RegressionMetrics(predicted: answer.predicted, actual: answer.truth, weights: answer.weights)
        compare(.regression(weighted), answer.weighted, leavingOut: ["adjustedRSquared", "maxError"])
        #expect(agree([plain.adjustedRSquared(features: 7) ?? 0], [answer.measures["adjustedRSquared"] ?? 1], 1e-12))
        #expect(plain.adjustedRSquared(features: plain.rows - 1) == nil)
        #expect((plain.meanPoissonDeviance != nil) == (name == "counts") && (plain.poissonDSquared != nil) == (name == "counts"))
    }

    /// A weight of 2 is the row twice, and a weight of 0 is no row: for every measure.
    @Test func weightsAreRepetitions() throws {
        let answer = try recorded("four-classes", as: Classes.self)
        let counts = answer.truth.indices.map { $0 % 3 }
        let repeated = counts.indices.flatMap { Array(repeating: $0, count: counts[$0]) }
        let width = answer.names.count
        let all = ClassificationMetrics(
            probabilities: repeated.flatMap { answer.probabilities[($0 * width)..<(($0 + 1) * width)] },
            actual: repeated.map { answer.truth[$0] }, names: answer.names)
        let weighted = ClassificationMetrics(
            probabilities: answer.probabilities, actual: answer.truth, names: answer.names, weights: counts.map { Double($0) })
        for (one, other) in zip(EvaluationMetrics.classification(all).measures, EvaluationMetrics.classification(weighted).measures) {
            #expect(agree([one.value ?? -1], [other.value ?? -2], 1e-12), "\(one.name)")
        }
        let numbers = try recorded("counts", as: Numbers.self)
        let some = numbers.truth.indices.flatMap { Array(repeating: $0, count: $0 % 3) }
        let long = RegressionMetrics(predicted: some.map { numbers.predicted[$0] }, actual: some.map { numbers.truth[$0] })
        let short = RegressionMetrics(
            predicted: numbers.predicted, actual: numbers.truth, weights: numbers.truth.indices.map { Double($0 % 3) })
        for (one, other) in zip(EvaluationMetrics.regression(long).measures, EvaluationMetrics.regression(short).measures) {
            #expect(agree([one.value ?? -1], [other.value ?? -2], 1e-12), "\(one.name)")
        }
    }

    @Test func whatCannotBeToldIsAbsent() {
        let constant = RegressionMetrics(predicted: [1, -2], actual: [3, 3])
        #expect(constant.rSquared == nil && constant.explainedVariance == nil && constant.meanSquaredLogError == nil)
        #expect(constant.meanPoissonDeviance == nil && constant.poissonDSquared == nil)
        let equal = RegressionMetrics(predicted: [1, 2], actual: [3, 3])
        #expect(equal.meanPoissonDeviance != nil && equal.poissonDSquared == nil)
        let none = RegressionMetrics(predicted: [1], actual: [2], weights: [0])
        #expect(none.medianAbsoluteError == nil && none.maxError == nil && none.meanPoissonDeviance == nil)
        let far = RegressionMetrics(predicted: [1e308], actual: [0])
        #expect(far.meanAbsolutePercentageError == nil)
        let oneClass = ClassificationMetrics(probabilities: [0.2, 0.8, 0.3, 0.7], actual: [1, 1], names: ["a", "b"])
        #expect(oneClass.areaUnderROC == nil && oneClass.gini == nil && oneClass.kolmogorovSmirnov == nil)
        #expect(oneClass.matthewsCorrelation == 0 && oneClass.cohensKappa == 0 && oneClass.specificity(of: 1) == 0)
        #expect(oneClass.balancedAccuracy == 1)
    }

    /// Of the greatest and the least weights there are, squares overflow and vanish.
    @Test(arguments: [0x1p-1060, 0x1p-997, 0x1p-20, 0x1p40, 0x1p997, 0x1p1020]) func scalesOfWeightsDoNotMatter(_ scale: Double) {
        let scores = [0.9, 0.8, 0.8, 0.7, 0.4, 0.2, 0.1], isPositive = [true, true, false, false, true, false, true]
        let weights = [1.0, 2, 1, 3, 1, 2, 1]
        for measure in [RankingMetrics.areaUnderROC, RankingMetrics.averagePrecision, RankingMetrics.kolmogorovSmirnov] {
            let plain = measure(scores, isPositive, weights)
            #expect(plain != nil && measure(scores, isPositive, weights.map { $0 * scale }) == plain)
        }
    }

    // MARK: Chance

    private struct Intervals: Decodable {
        var estimate: Double
        var samples: [Double]
        var leftOut: [Double]
        var level: Double
        var percentile: [Double]
        var bca: [Double]
        var standardError: Double
        var normal: [[Double]]
        var mcNemar: [[Double]]
    }

    @Test func intervalsOfGivenSamples() throws {
        let answer = try recorded("intervals", as: Intervals.self)
        for (method, ends) in [(Resampling.Method.percentile, answer.percentile), (.bca, answer.bca)] {
            let resampling = Resampling(level: answer.level, count: answer.samples.count, method: method)
            let found = try #require(resampling.interval(of: answer.estimate, answer.samples, leftOut: answer.leftOut))
            #expect(agree([found.lower, found.upper], ends, 1e-12))
            #expect(agree([found.standardError], [answer.standardError], 1e-12))
        }
        for pair in answer.normal {
            #expect(agree([NormalDistribution.cumulative(pair[0])], [pair[1]], 1e-12))
            // Where the share has lost no digits.
            if pair[0] < 2 { #expect(abs(NormalDistribution.quantile(pair[1]) - pair[0]) < 1e-12) }
        }
        #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(1) == .infinity)
        for triple in answer.mcNemar {
            let test = McNemarTest(onlyFirst: Int(triple[0]), onlySecond: Int(triple[1]))
            #expect(abs(test.pValue - triple[2]) < 1e-12, "\(triple): \(test.pValue)")
        }
    }

    private struct DeLong: Decodable {
        var first: [Double]
        var second: [Double]
        var positive: [Bool]
        var areas: [Double]
        var standardError: Double
        var pValue: Double
    }

    @Test func deLongsTest() throws {
        let answer = try recorded("delong", as: DeLong.self)
        let test = try #require(DeLongTest(answer.first, answer.second, isPositive: answer.positive))
        #expect(agree([test.firstArea, test.secondArea], answer.areas, 1e-12))
        #expect(agree([test.standardError, test.pValue], [answer.standardError, answer.pValue], 1e-12))
        let same = try #require(DeLongTest(answer.first, answer.first, isPositive: answer.positive))
        #expect(same.pValue == 1 && same.standardError == 0)
        #expect(DeLongTest([0.1, 0.9], [0.2, 0.3], isPositive: [true, false]) == nil)
    }
}

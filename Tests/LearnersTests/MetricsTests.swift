import Learners
import Testing

/// Expected values: scikit-learn 1.9.1.
@Suite struct MetricsTests {
    private let scores = (0..<40).map { (uniform(300_000 + $0) * 10).rounded(.toNearestOrEven) / 10 }
    private var truth: [Int32] { scores.enumerated().map { uniform(400_000 + $0.offset) < 0.2 + 0.6 * $0.element ? 1 : 0 } }
    private let weights = Array(ReferenceData.weights.prefix(40))

    private func metrics(weighted: Bool) -> ClassificationMetrics {
        ClassificationMetrics(
            probabilities: scores.flatMap { [1 - $0, $0] }, actual: truth, names: ["no", "yes"],
            weights: weighted ? weights : nil)
    }

    /// Scores are rounded to tenths, so that many tie.
    @Test func binaryWithTies() throws {
        let found = metrics(weighted: false)
        #expect(agree([found.areaUnderROC ?? 0], [0.6240409207161125], 1e-12))
        #expect(agree([found.areaUnderPR ?? 0], [0.5346146214044417], 1e-12))
        #expect(found.accuracy == 0.625)
        #expect(found.confusion == [[14, 9], [6, 11]])
        let positive = found.classes[1]
        #expect(agree([positive.precision, positive.recall, positive.f1], [0.55, 0.6470588235294118, 0.5945945945945946], 1e-12))
        #expect(agree([found.macroPrecision, found.macroRecall, found.macroF1],
            [0.625, 0.6278772378516624, 0.6228786926461345], 1e-12))
        #expect(agree([found.logLoss], [1.6060820056032366], 1e-12))
    }

    @Test func binaryWithWeights() throws {
        let found = metrics(weighted: true)
        #expect(agree([found.areaUnderROC ?? 0], [0.6354048964218455], 1e-12))
        #expect(agree([found.areaUnderPR ?? 0], [0.5660591111342048], 1e-12))
        #expect(agree([found.accuracy], [0.6346153846153846], 1e-12))
        #expect(found.confusion == [[39, 20], [18, 27]])
        #expect(agree([found.logLoss], [1.3839591561653808], 1e-12))
    }

    @Test func multiclass() throws {
        var probabilities: [Double] = []
        for row in 0..<40 {
            let raw = (0..<3).map { uniform(500_000 + 3 * row + $0) + 0.05 }
            probabilities += raw.map { $0 / raw.reduce(0, +) }
        }
        let found = ClassificationMetrics(
            probabilities: probabilities, actual: ReferenceData.ternary.prefix(40).map { Int32($0) }, names: ["a", "b", "c"])
        #expect(found.accuracy == 0.4)
        #expect(found.confusion == [[5, 5, 5], [2, 8, 3], [3, 6, 3]])
        #expect(agree([found.macroPrecision, found.macroRecall, found.macroF1],
            [0.39792663476874, 0.39957264957264954, 0.3869565217391304], 1e-12))
        #expect(agree([found.logLoss], [1.1895403632413604], 1e-12))
        #expect(agree([found.areaUnderROC ?? 0, found.areaUnderPR ?? 0], [0.5443831908831909, 0.4144111709446882], 1e-12))
    }

    @Test func regression() throws {
        let actual = Array(ReferenceData.numbers.prefix(40))
        let predicted = actual.enumerated().map { $0.element + uniform(600_000 + $0.offset) * 4 - 1 }
        let plain = RegressionMetrics(predicted: predicted, actual: actual)
        #expect(agree([plain.meanAbsoluteError, plain.rootMeanSquaredError, plain.rSquared ?? 0],
            [1.322049721517039, 1.5950362060341317, 0.8095575769022096], 1e-12))
        let weighted = RegressionMetrics(predicted: predicted, actual: actual, weights: weights)
        #expect(agree([weighted.meanAbsoluteError, weighted.rootMeanSquaredError, weighted.rSquared ?? 0],
            [1.2919358915173667, 1.556410052272888, 0.7987630738591511], 1e-12))
    }

    @Test func extremes() {
        #expect(RankingMetrics.areaUnderROC(scores: [0.1, 0.9], isPositive: [false, true]) == 1)
        #expect(RankingMetrics.areaUnderROC(scores: [0.9, 0.1], isPositive: [false, true]) == 0)
        #expect(RankingMetrics.areaUnderROC(scores: [0.5, 0.5, 0.5], isPositive: [false, true, false]) == 0.5)
        #expect(RankingMetrics.areaUnderROC(scores: [0.5, 0.7], isPositive: [true, true]) == nil)
        #expect(RankingMetrics.averagePrecision(scores: [], isPositive: []) == nil)
        #expect(RankingMetrics.areaUnderROC(scores: [.nan, 0.2, .nan], isPositive: [true, false, true]) != nil)
        #expect(RegressionMetrics(predicted: [1, 2], actual: [3, 3]).rSquared == nil)
    }
}

@Suite struct RankingTests {
    /// Against the definition: the share of pairs that are in the right order, ties counting half.
    @Test(arguments: [50, 1000])
    func areaIsTheShareOfOrderedPairs(_ count: Int) throws {
        let scores = (0..<count).map { ((uniform(700_000 + $0) - 0.5) * 100).rounded() / 50 }
        let isPositive = (0..<count).map { uniform(800_000 + $0) < 0.4 }
        var won = 0.0, pairs = 0.0
        for i in 0..<count where isPositive[i] {
            for j in 0..<count where !isPositive[j] {
                pairs += 1
                won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
            }
        }
        let found = RankingMetrics.areaUnderROC(scores: scores, isPositive: isPositive) ?? 0
        #expect(agree([found], [won / pairs], 1e-12))
    }
}

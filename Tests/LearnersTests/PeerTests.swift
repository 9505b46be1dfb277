import FeatureTables
import Foundation
import Learners
import Testing

/// scikit-learn's answers on data sets of its own, recorded by `Tests/Peers/learners.py --record`, at the default settings.
@Suite struct PeerTests {
    struct Answer: Decodable {
        var coefficients: [[Double]]
        var deviations: [Double]
        var measures: [String: Double]
        var labels: [Double]
        var rows: [[Double]]
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/learners")

    static func answer(_ name: String) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: try Data(contentsOf: folder.appendingPathComponent("\(name).json")))
    }

    @Test(arguments: ["breast-cancer", "wine", "diabetes"]) func defaultsAgreeWithScikitLearn(_ name: String) throws {
        let answer = try Self.answer(name)
        let names = answer.rows[0].indices.map { "x\($0)" }
        let isNumber = name == "diabetes"
        let classes = Set(answer.labels).sorted().map { "\(Int($0))" }
        let label: FeatureLabel = isNumber
            ? .numbers(answer.labels) : .classes(codes: answer.labels.map { Int32($0) }, names: classes)
        let table = try syntheticTable(answer.rows, names, label)
        let learner: any Learner = isNumber ? LinearRegression() : LogisticRegression()
        let result = try learner.train(table, context: TrainingContext())
        #expect(result.fit.converged)
        guard let model = result.model as? LinearModel else { throw LearnerError.noWeight }
        let expected = answer.coefficients.joined()
        let found = model.outputs.flatMap { zip($0.weights, answer.deviations).map { $0 * $1 } }
        let largest = expected.reduce(0) { max($0, abs($1)) }
        let worst = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(found.count == expected.count && worst < 1e-4 * largest, "\(worst) of \(largest)")
        let quality = try ModelQuality(model.predict(table.matrix, threads: 1), label, weights: nil)
        switch quality.unweighted {
        case .classification(let metrics):
            let loss = try #require(answer.measures["logLoss"]), area = try #require(answer.measures["areaUnderROC"])
            #expect(agree([metrics.logLoss, metrics.areaUnderROC ?? 0], [loss, area], 1e-5))
        case .regression(let metrics):
            let square = try #require(answer.measures["rSquared"])
            #expect(agree([metrics.rSquared ?? 0], [square], 1e-5))
        case .unsupervised, nil: Issue.record("nothing was judged")
        }
    }
}

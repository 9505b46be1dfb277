import FeatureTables
import Foundation
import Learners
import Testing

/// The algorithm in numpy, recorded by `Tests/Peers/learners.py --record`, on the rows of `PeerTests`.
@Suite struct FTRLTests {
    private struct Answers: Decodable {
        var breastCancer: [[Double]]
        var wine: [[Double]]
        var seldom: Seldom

        struct Seldom: Decodable {
            var rows: [[Double]]
            var labels: [Int32]
            var weights: [Double]
        }

        enum CodingKeys: String, CodingKey {
            case breastCancer = "breast-cancer", wine, seldom
        }
    }

    private func answers() throws -> Answers {
        try JSONDecoder().decode(Answers.self, from: Data(contentsOf: PeerTests.folder.appendingPathComponent("leaders.json")))
    }

    private func trained(
        _ hyperparameters: [String: String], _ matrix: FeatureMatrix, _ codes: [Int32], weights: [Double]? = nil, threads: Int = 1
    ) throws -> LinearModel {
        let names = (0...(codes.max() ?? 0)).map { "\($0)" }
        let table = try FeatureTable(matrix: matrix, label: .classes(codes: codes, names: names), weights: weights)
        let result = try FTRL(hyperparameters: hyperparameters).train(table, context: TrainingContext(threads: threads))
        return try #require(result.model as? LinearModel)
    }

    private func matrix(_ rows: [[Double]], isSparse: Bool = false) throws -> FeatureMatrix {
        let names = (rows.first ?? []).indices.map { "x\($0)" }
        return isSparse ? try FeatureMatrix(sparse: rows, columnNames: names) : try FeatureMatrix(rows: rows, columnNames: names)
    }

    @Test(arguments: [
        ("breast-cancer", ["l1": "20", "l2": "0.5", "passes": "3"]), ("wine", ["learning-rate": "0.3", "beta": "0.5", "passes": "2"]),
    ]) func weightsAreThoseOfTheAlgorithm(_ name: String, _ hyperparameters: [String: String]) throws {
        let peer = try PeerTests.answer(name)
        let weights = peer.rows.indices.map { 1 + Double($0 % 3) / 2 }
        let model = try trained(
            hyperparameters.merging(["shuffle": "false"]) { $1 }, try matrix(peer.rows), peer.labels.map { Int32($0) }, weights: weights)
        let answers = try answers()
        let total = weights.reduce(0, +)
        for (output, expected) in zip(model.outputs, name == "wine" ? answers.wine : answers.breastCancer) {
            let found = zip(output.weights, model.deviations).map { $0 * $1 }
            #expect(agree(found, Array(expected.dropLast()), 1e-9))
            let mean = output.weights.indices.reduce(output.intercept) { sum, feature in
                sum + output.weights[feature] * zip(peer.rows, weights).reduce(0) { $0 + $1.0[feature] * $1.1 } / total
            }
            #expect(agree([mean], [expected[expected.count - 1]], 1e-9))
        }
        #expect(model.outputs.count == (name == "wine" ? 3 : 1))
        if name != "wine" { #expect((2..<29).contains(model.outputs[0].weights.filter { $0 == 0 }.count)) }
    }

    @Test func featuresThatAreSeldomThere() throws {
        let seldom = try answers().seldom
        for isSparse in [false, true] {
            let model = try trained(
                ["l1": "6", "passes": "2", "shuffle": "false", "standardize": "false"], try matrix(seldom.rows, isSparse: isSparse), seldom.labels)
            #expect(agree(model.outputs[0].weights + [model.outputs[0].intercept], seldom.weights, 1e-9))
        }
    }

    @Test func manyPassesComeNearTheLeastLoss() throws {
        let peer = try PeerTests.answer("breast-cancer")
        let codes = peer.labels.map { Int32($0) }
        let rows = try matrix(peer.rows)
        let label = FeatureLabel.classes(codes: codes, names: ["0", "1"])
        func loss(_ model: LinearModel) throws -> Double {
            guard case .classification(let metrics) = try EvaluationMetrics(model.predict(rows, threads: 1), label, weights: nil) else {
                throw LearnerError.missingLabel
            }
            return metrics.logLoss
        }
        let few = try loss(try trained(["passes": "1"], rows, codes)), many = try loss(try trained([:], rows, codes))
        #expect(many < few && many < 0.07, "\(few) \(many)")
    }

    @Test func seedsOrdersAndThreads() throws {
        let peer = try PeerTests.answer("wine")
        let codes = peer.labels.map { Int32($0) }
        let rows = try matrix(peer.rows)
        let usual = try trained([:], rows, codes)
        #expect(try trained([:], rows, codes, threads: 4) == usual)
        #expect(try trained(["seed": "1"], rows, codes) != usual)
        // A weight of 0 is no row, in whatever order.
        let kept = codes.indices.filter { $0 % 5 != 0 }
        let weighted = try trained(["shuffle": "false"], rows, codes, weights: codes.indices.map { $0 % 5 == 0 ? 0 : 1 })
        let plain = try trained(["shuffle": "false"], try matrix(kept.map { peer.rows[$0] }), kept.map { codes[$0] })
        #expect(agree(weighted.outputs.flatMap(\.weights), plain.outputs.flatMap(\.weights), 1e-9))
        let again = try #require(try FTRLKind().decode(try usual.saved()) as? LinearModel)
        #expect(again == usual && again.link == .oneAgainstRest)
    }

    @Test func extremesStayFiniteOrAreNamed() throws {
        let codes: [Int32] = (0..<40).map { $0 < 20 ? 0 : 1 }
        let constant = try trained([:], try matrix(codes.map { _ in [5] }), codes)
        #expect(constant.outputs[0].weights == [0])
        let outlier = try trained([:], try matrix(codes.indices.map { [$0 == 7 ? 1e12 : Double($0)] }), codes)
        #expect(outlier.outputs[0].weights[0].isFinite)
        func huge(_ size: Double) throws -> LinearModel {
            try trained(["standardize": "false"], try matrix(codes.indices.map { [$0 % 2 == 0 ? size : -size] }), codes)
        }
        #expect(learnerError { _ = try huge(1e300) } == .notFinite("the mean or deviation of feature 'x0'"))
        #expect(try huge(1e150).outputs[0].weights[0].isFinite)
        let wild = ["learning-rate": "1e300", "beta": "0", "passes": "3"]
        let error = learnerError { _ = try trained(wild, try matrix(codes.indices.map { [Double($0)] }), codes) }
        #expect(error == nil || error == .notFinite("a weight"))
        #expect(learnerError { _ = try FTRL(hyperparameters: ["learning-rate": "0"]) } != nil)
        #expect(try FTRL(hyperparameters: ["passes": "auto"]).hyperparameters["passes"] == "auto")
    }

    @Test func cancellationIsAskedFor() throws {
        let rows = (0..<70_000).map { [Double($0 % 7)] }
        let table = try syntheticTable(rows, ["x"], .classes(codes: rows.indices.map { Int32($0 % 2) }, names: ["a", "b"]))
        let context = TrainingContext(isCancelled: { true })
        #expect(learnerError { _ = try FTRL().train(table, context: context) } == .cancelled)
    }
}

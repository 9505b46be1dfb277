import FeatureTables
import Foundation
import Learners
import Testing

/// Singular vectors as scikit-learn's `TruncatedSVD` has them, recorded by `Tests/Peers/decompositions.py`.
@Suite struct TruncatedSVDTests {
    private struct Recorded: Decodable {
        var rows: [[Double]]
        var components: [[Double]]
        var singularValues: [Double]
        var transformed: [[Double]]
    }

    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/decompositions/truncated-svd.json")

    private func table(_ rows: [[Double]], isSparse: Bool, weights: [Double]? = nil) throws -> FeatureTable {
        let names = rows[0].indices.map { "x\($0)" }
        let matrix = isSparse ? try FeatureMatrix(sparse: rows, columnNames: names) : try FeatureMatrix(rows: rows, columnNames: names)
        return try FeatureTable(matrix: matrix, label: nil, weights: weights)
    }

    private func model(_ count: Int, _ table: FeatureTable, threads: Int = 1, seed: Int = 0) throws -> (PrincipalComponentsModel, FitSummary) {
        var learner = TruncatedSVD()
        learner.componentCount = count
        learner.seed = seed
        let result = try learner.train(table, context: TrainingContext(threads: threads))
        return (try #require(result.model as? PrincipalComponentsModel), result.fit)
    }

    @Test(arguments: ["dense", "sparse"], [false, true]) func vectorsAreThoseOfScikitLearn(_ name: String, _ isSparse: Bool) throws {
        let recorded = try #require(try JSONDecoder().decode([String: Recorded].self, from: Data(contentsOf: Self.file))[name])
        let table = try table(recorded.rows, isSparse: isSparse)
        let (model, fit) = try model(recorded.components.count, table, threads: 2)
        #expect(fit.converged)
        guard case .findings(.components(let values, let count, _)) = try model.predict(table.matrix, threads: 1) else {
            Issue.record("no components")
            return
        }
        for (place, expected) in recorded.components.enumerated() {
            let found = model.components[place]
            let sign: Double = zip(found, expected).reduce(0) { $0 + $1.0 * $1.1 } < 0 ? -1 : 1
            for (one, other) in zip(found, expected) { #expect(abs(one * sign - other) < 1e-7, "component \(place)") }
            let singular = (model.variances[place] * Double(recorded.rows.count)).squareRoot()
            #expect(abs(singular - recorded.singularValues[place]) < 1e-9 * recorded.singularValues[0])
            for (row, scores) in recorded.transformed.enumerated() {
                #expect(abs(values[row * count + place] * sign - scores[place]) < 1e-6)
            }
        }
    }

    /// More features than vectors together: the search takes several passes and ends at the same place from everywhere.
    @Test func searchesEndAtTheSamePlace() throws {
        let rows = (0..<200).map { row in
            (0..<40).map { feature in
                4 * uniform(row) * Double(feature % 3) + 2 * uniform(row + 5000) * Double(feature % 5) + 0.2 * uniform(row * 40 + feature + 9000)
            }
        }
        let table = try table(rows, isSparse: false)
        let (first, fit) = try model(2, table)
        #expect(fit.converged && fit.iterations > 1)
        let (other, _) = try model(2, table, threads: 5, seed: 9)
        for (one, two) in zip(first.components.joined(), other.components.joined()) { #expect(abs(one - two) < 1e-7) }
        // What a weight says is what as many rows say.
        let (weighted, _) = try model(2, try self.table(rows, isSparse: true, weights: rows.indices.map { Double(1 + $0 % 2) }))
        let (repeated, _) = try model(2, try self.table(rows + rows.indices.filter { $0 % 2 == 1 }.map { rows[$0] }, isSparse: false))
        for (one, two) in zip(weighted.components.joined(), repeated.components.joined()) { #expect(abs(one - two) < 1e-7) }
        #expect(abs(weighted.variances[0] - repeated.variances[0]) < 1e-9 * weighted.variances[0])
    }

    @Test func nothingDependsOnThreads() throws {
        let table = try table((0..<3000).map { row in (0..<30).map { uniform(30 * row + $0) } }, isSparse: false)
        let bytes = try [1, 2, 5].map { threads in
            let saved = try model(3, table, threads: threads).0.saved()
            return Array(try #require(saved.coded).written().utf8) + saved.parts.flatMap(\.bytes)
        }
        #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2])
    }

    @Test func directionsThatNoRowReachesAreLeftOut() throws {
        let (found, fit) = try model(3, try table((1...9).map { [Double($0), Double($0 * 2), 0, 0] }, isSparse: true))
        #expect(found.components.count == 1 && fit.notes == ["1 of 3 components: the rows reach no further"])
        #expect(abs(found.explainedVarianceRatios[0] - 1) < 1e-12)
        #expect(learnerError { _ = try model(3, try table([[1, 2], [3, 4]], isSparse: false)) }.map { "\($0)" }?.contains("num-components") == true)
        #expect(learnerError { _ = try model(1, try table([[0, 0], [0, 0]], isSparse: false)) } == .constantFeatures(learner: "truncated-svd"))
    }
}

import FeatureTables
import Foundation
import Learners
import Testing

/// scikit-learn's answers on the rows of wine, recorded by `Tests/Peers/learners.py --record`.
@Suite struct UnsupervisedPeerTests {
    private struct Clusters: Decodable {
        var inertia: Double
        var labels: [Int]
        var daviesBouldin: Double
    }

    private struct Components: Decodable {
        var components: [[Double]]
        var variances: [Double]
        var ratios: [Double]
    }

    private struct Answer: Decodable {
        var start: [Int]
        var plain: Clusters
        var scaled: Clusters
        var weighted: Clusters
        var plainComponents: Components
        var scaledComponents: Components
    }

    private struct Wine: Decodable { var rows: [[Double]] }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/learners")

    private func read<Content: Decodable>(_ name: String, as type: Content.Type) throws -> Content {
        try JSONDecoder().decode(type, from: try Data(contentsOf: Self.folder.appendingPathComponent(name)))
    }

    private func table(weights: [Double]? = nil, isSparse: Bool = false) throws -> (FeatureTable, [[Double]]) {
        let rows = try read("wine.json", as: Wine.self).rows
        let names = rows[0].indices.map { "x\($0)" }
        let matrix = isSparse
            ? try FeatureMatrix(sparse: rows, columnNames: names) : try FeatureMatrix(rows: rows, columnNames: names)
        return (try FeatureTable(matrix: matrix, label: nil, weights: weights), rows)
    }

    @Test(arguments: [false, true]) func clustersFromTheSameRows(_ isSparse: Bool) throws {
        let answer = try read("wine-without-label.json", as: Answer.self)
        for (expected, isScaled, isWeighted) in [
            (answer.plain, false, false), (answer.scaled, true, false), (answer.weighted, true, true),
        ] {
            let (_, rows) = try table()
            let weights = rows.indices.map { Double(1 + $0 % 3) }
            // The scale is that of the rows without their weights.
            let (plain, _) = try table(isSparse: isSparse)
            let columns = rows[0].indices.map { feature in rows.map { $0[feature] } }
            let means = columns.map { $0.reduce(0, +) / Double(rows.count) }
            let deviations = zip(columns, means).map { column, mean in
                (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows.count)).squareRoot()
            }
            let scaled = rows.map { row in row.enumerated().map { ($1 - means[$0]) / deviations[$0] } }
            var learner = KMeans()
            learner.scalesFeatures = isScaled && !isWeighted
            learner.tolerance = 0
            let used = isWeighted ? scaled : rows
            learner.initialCentroids = answer.start.map { used[$0] }
            let given = isWeighted
                ? try FeatureTable(
                    matrix: try FeatureMatrix(rows: scaled, columnNames: plain.featureNames), label: nil, weights: weights)
                : plain
            let result = try learner.train(given, context: TrainingContext(threads: 2))
            let inertia = try #require(result.fit.objective)
            #expect(abs(inertia / expected.inertia - 1) < 1e-9, "\(inertia) \(expected.inertia)")
            #expect(result.fit.converged)
            let model = try #require(result.model as? KMeansModel)
            let fits = try model.fits(given.matrix, threads: 1)
            #expect(fits.first.map { Int($0) } == expected.labels)
            guard case .unsupervised(let metrics) = result.quality?.unweighted else { throw LearnerError.noWeight }
            if !isWeighted {
                let index = try #require(metrics.value("davies_bouldin_index"))
                #expect(abs(index / expected.daviesBouldin - 1) < 1e-9)
                #expect(abs(try #require(metrics.value("mean_squared_distance")) - inertia / Double(rows.count)) < 1e-9 * inertia)
            }
        }
    }

    @Test(arguments: [false, true]) func components(_ isSparse: Bool) throws {
        let answer = try read("wine-without-label.json", as: Answer.self)
        for (expected, isScaled) in [(answer.plainComponents, false), (answer.scaledComponents, true)] {
            let (table, _) = try table(isSparse: isSparse)
            var learner = PrincipalComponents()
            learner.scalesFeatures = isScaled
            let result = try learner.train(table, context: TrainingContext(threads: 2))
            let model = try #require(result.model as? PrincipalComponentsModel)
            #expect(agree(model.variances, expected.variances, 1e-9))
            #expect(agree(model.explainedVarianceRatios, expected.ratios, 1e-9))
            for (found, other) in zip(model.components, expected.components) {
                // scikit-learn's sign is by another rule in some versions; this one's is that of the greatest weight.
                let sign = zip(found, other).reduce(0) { $0 + $1.0 * $1.1 } < 0 ? -1.0 : 1
                #expect(zip(found, other).allSatisfy { abs($0 - sign * $1) < 1e-9 })
                let greatest = found.max { abs($0) < abs($1) } ?? 0
                #expect(greatest > 0)
            }
            guard case .unsupervised(let metrics) = result.quality?.unweighted else { throw LearnerError.noWeight }
            #expect(abs(try #require(metrics.value("total_explained_variance_ratio")) - 1) < 1e-12)
        }
    }
}

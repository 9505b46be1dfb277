import FeatureTables
import Learners
import Testing

/// k-means, principal components and isolation forests on rows that are known.
@Suite struct UnsupervisedTests {
    /// Four clouds of rows around corners, the third feature the same in all.
    private func clouds(_ count: Int) -> [[Double]] {
        (0..<count).map { row in
            let corner = row % 4
            return [
                Double(corner % 2) * 10 + 0.8 * uniform(3 * row), Double(corner / 2) * 1000 + 100 * uniform(3 * row + 1), 5,
            ]
        }
    }

    private func dot(_ left: [Double], _ right: [Double]) -> Double { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }

    private func table(_ rows: [[Double]], weights: [Double]? = nil) throws -> FeatureTable {
        let names = (rows.first ?? []).indices.map { "f\($0)" }
        return try FeatureTable(matrix: try FeatureMatrix(rows: rows, columnNames: names), label: nil, weights: weights)
    }

    private func saved(_ model: any Model) throws -> [UInt8] {
        let saved = try model.saved()
        return Array(try #require(saved.coded).written().utf8) + saved.parts.flatMap(\.bytes)
    }

    private func clusters(_ count: Int?, _ table: FeatureTable, threads: Int = 1, seed: Int = 0) throws -> (KMeansModel, FitSummary) {
        var learner = KMeans()
        learner.clusterCount = count
        learner.seed = seed
        let result = try learner.train(table, context: TrainingContext(threads: threads))
        return (try #require(result.model as? KMeansModel), result.fit)
    }

    @Test func cloudsAreFound() throws {
        let (model, fit) = try clusters(4, try table(clouds(4000)))
        #expect(fit.converged && model.weights == [1000, 1000, 1000, 1000])
        let centroids = (0..<4).map { model.centroid($0) }.sorted { ($0[0].rounded(), $0[1]) < ($1[0].rounded(), $1[1]) }
        for (found, expected) in zip(centroids, [[0.4, 50, 5], [0.4, 1050, 5], [10.4, 50, 5], [10.4, 1050, 5]]) {
            #expect(abs(found[0] - expected[0]) < 0.1 && abs(found[1] - expected[1]) < 10 && found[2] == 5)
        }
    }

    /// Drawn in passes over all rows: as good a beginning as any, for a seed the same with any number of threads.
    @Test func clustersBeginInParallel() throws {
        var learner = KMeans()
        learner.clusterCount = 4
        learner.start = .parallel
        let table = try table(clouds(70_000))
        let outcomes = try [1, 2, 5].map { try learner.train(table, context: TrainingContext(threads: $0)) }
        let bytes = try outcomes.map { try saved($0.model) }
        #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2])
        #expect(try #require(outcomes[0].model as? KMeansModel).weights == [17_500, 17_500, 17_500, 17_500])
        // A cloud of few rows that are far from all others is found, which rows drawn blindly miss.
        let rows = clouds(4000).map { [$0[0], $0[1]] } + (0..<5).map { [1e4 + uniform($0), 1e6] }
        learner.clusterCount = 5
        for seed in 0..<5 {
            learner.seed = seed
            let found = try #require(try learner.train(self.table(rows), context: TrainingContext()).model as? KMeansModel)
            #expect(found.weights.sorted() == [5, 1000, 1000, 1000, 1000], "seed \(seed)")
        }
        // Rows without weight are never drawn; fewer different points than clusters are as many clusters.
        learner.clusterCount = 2
        let weighted = try self.table(rows, weights: rows.indices.map { $0 < 4000 ? 0 : 1 })
        #expect(try #require(try learner.train(weighted, context: TrainingContext()).model as? KMeansModel).weights.reduce(0, +) == 5)
        let same = try self.table([[Double]](repeating: [1, 2], count: 50))
        #expect(try learner.train(same, context: TrainingContext()).fit.notes == ["1 of 2 clusters: the rows are 1 different points"])
    }

    /// What bounds leave out changes nothing: each row is with its nearest centroid, each centroid the mean of its rows.
    @Test(arguments: [2, 7, 20], [1, 3]) func theSearchEndsWhereLloydDoes(_ count: Int, _ width: Int) throws {
        let rows = (0..<3000).map { row in (0..<width).map { uniform(row * width + $0 + 77) } }
        let table = try table(rows)
        var learner = KMeans()
        learner.clusterCount = count
        learner.tolerance = 0
        learner.scalesFeatures = false
        let result = try learner.train(table, context: TrainingContext(threads: 3))
        let model = try #require(result.model as? KMeansModel)
        #expect(result.fit.converged && model.clusterCount == count)
        var sums = [[Double]](repeating: [Double](repeating: 0, count: width), count: count)
        var members = [Double](repeating: 0, count: count)
        let centroids = (0..<count).map { model.centroid($0) }
        for row in rows {
            let squares = centroids.map { zip($0, row).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
            let own = squares.indices.min { squares[$0] < squares[$1] } ?? 0
            members[own] += 1
            for feature in row.indices { sums[own][feature] += row[feature] }
        }
        #expect(members == model.weights)
        for (sum, (weight, centroid)) in zip(sums, zip(members, centroids)) { #expect(agree(sum.map { $0 / weight }, centroid, 1e-9)) }
    }

    @Test func nothingDependsOnThreads() throws {
        let table = try table(clouds(5000).enumerated().map { row, values in values + [uniform(9 * row), uniform(11 * row)] })
        for learner in [KMeans(), PrincipalComponents(), TruncatedSVD(), IsolationForest()] as [any Learner] {
            let bytes = try [1, 2, 5].map { try saved(try learner.train(table, context: TrainingContext(threads: $0)).model) }
            #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2], "\(learner.name)")
        }
        #expect(try saved(clusters(9, table, seed: 1).0) != saved(clusters(9, table, seed: 2).0))
    }

    @Test func weightsCountRows() throws {
        let rows = clouds(600).enumerated().map { [$1[0] + uniform(1000 + $0) * 3, $1[1]] }
        let weights = rows.indices.map { Double($0 % 3) }
        let doubled = rows.indices.flatMap { row in [[Double]](repeating: rows[row], count: row % 3) }
        var learner = KMeans()
        learner.initialCentroids = [rows[1], rows[2], rows[5]]
        learner.tolerance = 0
        let one = try #require(learner.train(try table(rows, weights: weights), context: TrainingContext()).model as? KMeansModel)
        let two = try #require(learner.train(try table(doubled), context: TrainingContext()).model as? KMeansModel)
        #expect(one.weights == two.weights)
        for cluster in 0..<3 { #expect(agree(one.centroid(cluster), two.centroid(cluster), 1e-9)) }
        #expect(agree(one.radii, two.radii, 1e-9))
        let first = try PrincipalComponents().train(try table(rows, weights: weights), context: TrainingContext()).model
        let second = try PrincipalComponents().train(try table(doubled), context: TrainingContext()).model
        let a = try #require(first as? PrincipalComponentsModel), b = try #require(second as? PrincipalComponentsModel)
        #expect(agree(a.variances, b.variances, 1e-9) && agree(a.components.flatMap { $0 }, b.components.flatMap { $0 }, 1e-9))
    }

    @Test func automaticClusters() throws {
        #expect(try clusters(nil, try table(clouds(40))).0.clusterCount == 2)
        #expect(try clusters(nil, try table(clouds(4000))).0.clusterCount == 4)
        #expect(try clusters(nil, try table([[1, 2]])).0.clusterCount == 1)
    }

    /// More clusters than different rows are as many as these.
    @Test(arguments: ["kmeans++", "random"]) func equalRowsAreOneCluster(_ start: String) throws {
        let rows = (0..<300).map { [Double($0 % 3), 1] }
        var learner = KMeans()
        learner.clusterCount = 5
        learner.start = try #require(KMeans.Start(rawValue: start))
        let result = try learner.train(try table(rows), context: TrainingContext())
        let model = try #require(result.model as? KMeansModel)
        #expect(model.clusterCount == 3 && model.weights == [100, 100, 100] && (result.fit.objective ?? 1) < 1e-20)
        #expect(result.fit.notes == ["3 of 5 clusters: the rows are 3 different points"])
        #expect(try clusters(3, try table([[7, 7], [7, 7], [7, 7]])).0.clusterCount == 1)
    }

    /// Centroids that begin at one place part: those without rows get the furthest ones.
    @Test func emptyClustersAreFilled() throws {
        var learner = KMeans()
        let rows = clouds(400)
        learner.initialCentroids = [rows[0], rows[0], rows[0], rows[0]]
        let model = try #require(learner.train(try table(rows), context: TrainingContext(threads: 2)).model as? KMeansModel)
        #expect(model.clusterCount == 4 && model.weights.reduce(0, +) == 400)
        #expect(model.weights.max() ?? 0 < 400 && (0..<4).allSatisfy { model.weights[$0] >= 10 })
    }

    @Test func whatCannotBeLearnedIsRefused() throws {
        func failure(_ learner: any Learner, _ rows: [[Double]], weights: [Double]? = nil) -> String? {
            learnerError { _ = try learner.train(try table(rows, weights: weights), context: TrainingContext()) }?.description
        }
        var five = KMeans()
        five.clusterCount = 5
        #expect(failure(five, [[1], [2], [3]])?.contains("at most the number of training rows, 3") == true)
        #expect(failure(five, clouds(8), weights: [1, 1, 1, 1, 0, 0, 0, 0])?.contains("training rows, 4") == true)
        var components = PrincipalComponents()
        components.componentCount = 4
        #expect(failure(components, clouds(9))?.contains("at most the number of features and of training rows, 3") == true)
        #expect(failure(PrincipalComponents(), [[1, 2], [1, 2]])?.contains("one value in all training rows") == true)
        #expect(failure(PrincipalComponents(), [[1, 2]])?.contains("one value in all training rows") == true)
        #expect(failure(IsolationForest(), [[1, 2]])?.contains("two rows") == true)
        for learner in [KMeans(), PrincipalComponents(), IsolationForest()] as [any Learner] {
            #expect(failure(learner, [[1, 2], [.nan, 3]])?.contains("no missing values") == true)
            #expect(failure(learner, [[1, 2], [.infinity, 3]])?.contains("not finite") == true)
            #expect(failure(learner, [])?.contains("no rows") == true)
            #expect(failure(learner, clouds(2), weights: [0, 0])?.contains("sum to zero") == true)
        }
        #expect(failure(KMeans(), [[1e200, 1], [-1e200, 2]])?.contains("not finite") == true)
        #expect(failure(PrincipalComponents(), [[1e200, 1], [-1e200, 2]])?.contains("not finite") == true)
        let matrix = try FeatureMatrix(rows: [[1]], columnNames: ["f"])
        let model = try clusters(2, try table(clouds(20))).0
        #expect(learnerError { _ = try model.predict(matrix, threads: 1) } == .featureCountMismatch(expected: 3, found: 1))
    }

    @Test func trainingsAreCancelled() throws {
        let table = try table(clouds(2000))
        for learner in [KMeans(), PrincipalComponents(), IsolationForest()] as [any Learner] {
            let context = TrainingContext(threads: 2, isCancelled: { true })
            #expect(learnerError { _ = try learner.train(table, context: context) } == .cancelled, "\(learner.name)")
        }
    }

    // MARK: Principal components

    @Test func componentsAreKept() throws {
        let rows = (0..<500).map { row -> [Double] in
            let one = uniform(row) - 0.5, two = uniform(row + 5000) - 0.5
            return [10 * one, 3 * one + two, two, 10 * one + two]
        }
        func model(_ count: Int?, _ ratio: Double?) throws -> PrincipalComponentsModel {
            var learner = PrincipalComponents()
            (learner.componentCount, learner.explainedVarianceRatio) = (count, ratio)
            return try #require(learner.train(try table(rows), context: TrainingContext()).model as? PrincipalComponentsModel)
        }
        #expect(try model(1, nil).components.count == 1 && model(nil, nil).components.count == 4)
        #expect(try model(nil, 0.5).components.count == 1 && model(nil, 0.95).components.count == 2)
        #expect(try model(nil, 1).components.count == 4)
        // Two directions are all there is: nothing is left over.
        let two = try model(2, nil)
        guard case .findings(let findings) = try two.predict(try table(rows).matrix, threads: 2),
            case .components(let values, let count, let fits) = findings
        else { throw LearnerError.inconsistentModel }
        #expect(count == 2 && values.count == 1000 && two.anomalies(of: findings).allSatisfy { $0 < 1e-12 })
        #expect(fits.second.contains { $0 > 1 })
        let metrics = two.measures(of: fits, weights: nil)
        #expect(abs((metrics.value("total_explained_variance_ratio") ?? 0) - 1) < 1e-9)
        // Features scaled to 1 sum to as many variances.
        #expect(abs(two.totalVariance - 4 * 500 / 499) < 1e-9)
        #expect(learnerError { _ = try PrincipalComponentsKind().learner(["num-principal-components": "2", "pca-explained-variance-ratio": "0.5"]) } != nil)
    }

    /// Vectors of length 1 at right angles that the matrix only stretches, also of a matrix with equal and no eigenvalues.
    @Test(arguments: [1, 2, 5, 40, 120]) func eigenvectors(_ size: Int) {
        for kind in 0..<4 {
            var matrix = [Double](repeating: 0, count: size * size)
            for row in 0..<size {
                for column in 0...row {
                    let value: Double = switch kind {
                    case 0: uniform(row * size + column) - 0.5
                    case 1: row == column ? 3 : 0
                    case 2: Double(row + 1) * Double(column + 1) * 1e-170
                    default: row / 3 == column / 3 ? 1 : 0
                    }
                    matrix[row * size + column] = value
                    matrix[column * size + row] = value
                }
            }
            let eigen = SymmetricEigenvectors(matrix, size: size)
            let scale = matrix.reduce(0) { max($0, abs($1)) } * Double(size)
            var worst = 0.0, skew = 0.0
            for k in 0..<size {
                let vector = Array(eigen.vectors[(k * size)..<((k + 1) * size)])
                for row in 0..<size {
                    let product = dot(Array(matrix[(row * size)..<((row + 1) * size)]), vector)
                    worst = max(worst, abs(product - eigen.values[k] * vector[row]))
                }
                for other in 0...k {
                    skew = max(skew, abs(dot(vector, Array(eigen.vectors[(other * size)..<((other + 1) * size)])) - (other == k ? 1 : 0)))
                }
            }
            #expect(worst <= 1e-14 * scale && skew < 1e-12, "\(size) \(kind): \(worst / scale) \(skew)")
        }
    }

    // MARK: Isolation forest

    @Test func plantedAnomaliesStandOut() throws {
        // A crowd around the origin and some far from it, which scikit-learn finds with an AUC of 0.99 and more.
        let rows = (0..<2100).map { row in
            (0..<5).map { feature in
                let value = (0..<6).reduce(0.0) { $0 + uniform((row * 5 + feature) * 6 + $1) } - 3
                return row < 2000 ? value : (uniform(row * 5 + feature + 1_000_000) - 0.5) * 12
            }
        }
        var learner = IsolationForest()
        learner.contamination = 0.05
        let result = try learner.train(try table(rows), context: TrainingContext(threads: 2))
        let model = try #require(result.model as? IsolationForestModel)
        let scores = try model.fits(try table(rows).matrix, threads: 2).first
        let area = try #require(RankingMetrics.areaUnderROC(scores: scores, isPositive: rows.indices.map { $0 >= 2000 }))
        #expect(area > 0.98 && scores.allSatisfy { $0 > 0 && $0 < 1 }, "\(area)")
        #expect(scores.count { $0 > model.limit } == 105)
        guard case .unsupervised(let metrics) = result.quality?.unweighted else { throw LearnerError.noWeight }
        #expect(metrics.value("anomaly_share") == 0.05)
        // Sparse rows get the scores of dense ones.
        let sparse = try FeatureMatrix(sparse: rows, columnNames: (0..<5).map { "f\($0)" })
        #expect(try model.fits(sparse, threads: 1).first == scores)
        let other = try learner.train(try FeatureTable(matrix: sparse, label: nil), context: TrainingContext()).model
        #expect(try saved(other) == saved(model))
    }

    /// The scores of the paper, of a tree that is known: two equal rows, and one apart.
    @Test func scoresAreThoseOfThePaper() throws {
        var learner = IsolationForest()
        learner.treeCount = 3
        let table = try table([[1, 4], [1, 4], [9, 4]])
        let model = try #require(learner.train(table, context: TrainingContext()).model as? IsolationForestModel)
        #expect(model.sampleSize == 3)
        // One cut: the lone row has depth 1, the others 1 and the expected depth of two, which is 1.
        let expected = 2 * (0.693_147_180_559_945_3 + 0.577_215_664_901_532_9) - 4.0 / 3
        let scores = try model.fits(table.matrix, threads: 1).first
        #expect(agree(scores, [2, 2, 1].map { exponential(-0.693_147_180_559_945_3 * $0 / expected) }, 1e-9))
    }

    @Test func equalRowsAreNoAnomalies() throws {
        let result = try IsolationForest().train(
            try table([[Double]](repeating: [3, 4], count: 60)), context: TrainingContext())
        guard case .unsupervised(let metrics) = result.quality?.unweighted else { throw LearnerError.noWeight }
        #expect(metrics.value("anomaly_share") == 0 && abs((metrics.value("mean_anomaly_score") ?? 0) - 0.5) < 1e-9)
    }

    @Test func limitsAreQuantiles() {
        let few = AnomalyThresholds([4, 1, 3, 2, 5])
        #expect(few.limit(contamination: 0) == 5 && few.limit(contamination: 0.5) == 3 && few.limit(contamination: 0.125) == 4.5)
        let many = AnomalyThresholds((0...50_000).map { Double($0) })
        #expect(abs(many.limit(contamination: 0.02) - 49_000) < 1 && many.limit(contamination: 0) == 50_000)
        #expect(AnomalyThresholds([1, .infinity]).limit(contamination: 0) == .infinity)
        #expect(AnomalyThresholds([]).limit(contamination: 0.1) == .infinity)
        #expect(AnomalyThresholds.sample(of: 250_000).count == 100_000 && AnomalyThresholds.sample(of: 3) == [0, 1, 2])
    }
}

import FeatureTables

/// Centroids, and what the training rows around them are like.
public struct KMeansModel: UnsupervisedModel {
    public let featureNames: [String]
    let scaling: FeatureScaling
    private let table: CentroidTable
    /// The weight of the training rows of each cluster.
    public let weights: [Double]
    /// The root of the mean squared distance of a cluster's training rows from its centroid.
    public private(set) var radii: [Double]
    public internal(set) var thresholds = AnomalyThresholds([])

    public var task: LearningTask { .clustering }
    public var measureNames: [String] { ["davies_bouldin_index", "mean_squared_distance"] }
    public var clusterCount: Int { table.count }

    /// - Parameter centroids: on the scale of `scaling`.
    init(featureNames: [String], scaling: FeatureScaling, centroids: [[Double]], weights: [Double]) {
        self.featureNames = featureNames
        self.scaling = scaling
        self.weights = weights
        table = CentroidTable(centroids, width: featureNames.count)
        radii = [Double](repeating: 0, count: centroids.count)
    }

    /// A centroid on the features' own scale.
    public func centroid(_ cluster: Int) -> [Double] {
        table.point(cluster).enumerated().map { scaling.original($1, $0) }
    }

    mutating func setRadii(by fits: RowFits, weights: [Double]?) {
        var squares = [Double](repeating: 0, count: clusterCount)
        var totals = squares
        for row in 0..<fits.count {
            let weight = weights?[row] ?? 1, cluster = Int(fits.first[row])
            squares[cluster] += weight * fits.second[row] * fits.second[row]
            totals[cluster] += weight
        }
        radii = zip(squares, totals).map { $1 > 0 ? ($0 / $1).squareRoot() : 0 }
    }

    /// The variance of the centroids, each counting as its rows do, on the scale in which distances are measured.
    public var influences: [FeatureInfluence] {
        let total = weights.reduce(0, +)
        let all = featureNames.indices.map { feature in
            let values = (0..<clusterCount).map { table.points[$0 * table.width + feature] }
            let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
            return FeatureInfluence(
                feature: featureNames[feature],
                magnitude: zip(values, weights).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 } / total)
        }
        return all.greatestFirst()
    }

    // MARK: Rows

    public func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        try requireValues(of: matrix, "of clusters")
        let count = clusterCount, table = table
        let distances = [Double](unsafeUninitializedCapacity: matrix.rowCount * count) { distances, used in
            if let first = distances.baseAddress {
                let target = SharedNumbers(first)
                each(of: matrix, threads: threads) { row, measured in
                    let values = UnsafeRawPointer(measured).assumingMemoryBound(to: Double.self)
                    for cluster in 0..<table.count { target.first[row * count + cluster] = values[cluster].squareRoot() }
                }
            }
            used = matrix.rowCount * count
        }
        return .findings(.clusters(distances: distances, count: count))
    }

    public func fits(_ matrix: FeatureMatrix, threads: Int) throws -> RowFits {
        try requireValues(of: matrix, "of clusters")
        let table = table
        var fits = RowFits(rowCount: matrix.rowCount)
        fits.write { first, second in
            each(of: matrix, threads: threads) { row, measured in
                let nearest = table.nearest(measured)
                first.first[row] = Double(nearest.point)
                second.first[row] = nearest.distance.squareRoot()
            }
        }
        return fits
    }

    /// Calls `body` with each row's squared distances.
    private func each(
        of matrix: FeatureMatrix, threads: Int, _ body: (_ row: Int, _ measured: UnsafeMutablePointer<SIMD8<Double>>) -> Void
    ) {
        let table = table
        scaling.withRows(of: matrix) { rows in
            RowBlocks(rowCount: matrix.rowCount).forEach(threads: threads) { _, block in
                table.withRoom { values, distances in
                    for row in block {
                        rows.read(row, into: values)
                        table.measure(values, into: distances)
                        body(row, distances)
                    }
                }
            }
        }
    }

    // MARK: Measures

    func squaredDistances(_ fits: RowFits, weights: [Double]?) -> Double {
        var sum = 0.0
        for row in 0..<fits.count { sum += (weights?[row] ?? 1) * fits.second[row] * fits.second[row] }
        return sum
    }

    /// The Davies-Bouldin index is about the model's centroids and the clusters that have some of the rows (Davies and Bouldin,
    /// "A cluster separation measure", 1979).
    public func measures(of fits: RowFits, weights: [Double]?) -> UnsupervisedMetrics {
        var distances = [Double](repeating: 0, count: clusterCount)
        var totals = distances
        for row in 0..<fits.count {
            let weight = weights?[row] ?? 1
            guard weight > 0, let cluster = Int(exactly: fits.first[row]), distances.indices.contains(cluster) else { continue }
            distances[cluster] += weight * fits.second[row]
            totals[cluster] += weight
        }
        let present = totals.indices.filter { totals[$0] > 0 }
        let spreads = present.map { distances[$0] / totals[$0] }
        var sum = 0.0
        for (place, one) in present.enumerated() {
            var worst = 0.0
            for (otherPlace, other) in present.enumerated() where other != one {
                let square = CentroidTable.squaredDistance(
                    table.points + one * table.width, table.points + other * table.width, table.width)
                if square > 0 { worst = max(worst, (spreads[place] + spreads[otherPlace]) / square.squareRoot()) }
            }
            sum += worst
        }
        let total = totals.reduce(0, +)
        return UnsupervisedMetrics(
            rows: fits.count, names: measureNames,
            values: [
                present.count > 1 ? sum / Double(present.count) : nil,
                total > 0 ? squaredDistances(fits, weights: weights) / total : nil,
            ])
    }

    /// The least distance of a row from a centroid in radii of the cluster, and the position of that.
    public func normalizedDistance(_ distances: ArraySlice<Double>) -> (cluster: Int, value: Double) {
        var best = (cluster: 0, value: Double.infinity)
        for (cluster, distance) in distances.enumerated() where cluster < radii.count {
            let value = radii[cluster] > 0 ? distance / radii[cluster] : distance > 0 ? Double.infinity : 0
            if value < best.value { best = (cluster, value) }
        }
        return best
    }

    public func anomalies(of findings: Findings) -> [Double] {
        guard case .clusters(let distances, let count) = findings, count > 0 else { return [] }
        return (0..<distances.count / count).map { normalizedDistance(distances[($0 * count)..<(($0 + 1) * count)]).value }
    }
}

extension KMeansModel {
    private struct Content: Codable {
        var scaling: FeatureScaling
        var centroids: [[Double]]
        var weights: [Double]
        var radii: [Double]
    }

    public func saved() throws -> SavedModel {
        var saved = SavedModel(task: task, featureNames: featureNames)
        try saved.setContent(
            Content(scaling: scaling, centroids: (0..<clusterCount).map(table.point), weights: weights, radii: radii))
        saved.setPart(AnomalyThresholds.part, thresholds.bytes)
        return saved
    }

    /// - Throws: `LearnerError.inconsistentModel` for what does not fit together; `DecodingError`.
    init(_ saved: SavedModel) throws {
        let content = try saved.content(as: Content.self)
        let width = saved.featureNames.count
        guard !content.centroids.isEmpty, content.scaling.isConsistent(width: width),
            content.centroids.allSatisfy({ $0.count == width }), content.weights.count == content.centroids.count,
            content.radii.count == content.centroids.count, content.weights.allSatisfy({ $0 > 0 }),
            content.radii.allSatisfy({ $0 >= 0 })
        else { throw LearnerError.inconsistentModel }
        self.init(
            featureNames: saved.featureNames, scaling: content.scaling, centroids: content.centroids,
            weights: content.weights)
        radii = content.radii
        thresholds = try AnomalyThresholds(saved)
    }
}

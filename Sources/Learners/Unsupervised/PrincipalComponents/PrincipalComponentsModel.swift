import FeatureTables

/// Directions in the space of the features, the one of the greatest variance first.
public struct PrincipalComponentsModel: UnsupervisedModel {
    public let featureNames: [String]
    let scaling: FeatureScaling
    /// Each of length 1, a weight a scaled feature; its greatest weight, the first of equals, is positive.
    public let components: [[Double]]
    /// Of the training rows in the direction of each component (eigenvalues).
    public let variances: [Double]
    /// Of the training rows in all directions.
    public let totalVariance: Double
    public internal(set) var thresholds = AnomalyThresholds([])

    static let explainedVariance = "total_explained_variance_ratio"

    public var task: LearningTask { .dimensionReduction }
    public var measureNames: [String] { [Self.explainedVariance] }
    public var explainedVarianceRatios: [Double] { variances.map { $0 / totalVariance } }

    init(
        featureNames: [String], scaling: FeatureScaling, components: [[Double]], variances: [Double], totalVariance: Double
    ) {
        self.featureNames = featureNames
        self.scaling = scaling
        self.components = components
        self.variances = variances
        self.totalVariance = totalVariance
    }

    /// The variance of each feature that the components keep, on the scale in which they are made.
    public var influences: [FeatureInfluence] {
        featureNames.indices.map { feature in
            FeatureInfluence(
                feature: featureNames[feature],
                magnitude: zip(components, variances).reduce(0) { $0 + $1.0[feature] * $1.0[feature] * $1.1 })
        }.greatestFirst()
    }

    // MARK: Rows

    public func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        let count = components.count
        var values = [Double](repeating: 0, count: matrix.rowCount * count)
        let fits = try values.withUnsafeMutableBufferPointer { values in
            try project(matrix, threads: threads, into: values.baseAddress.map { SharedNumbers($0) })
        }
        return .findings(.components(values: values, count: count, fits: fits))
    }

    public func fits(_ matrix: FeatureMatrix, threads: Int) throws -> RowFits {
        try project(matrix, threads: threads, into: nil)
    }

    /// - Parameter target: row-major, takes the components of all rows.
    private func project(_ matrix: FeatureMatrix, threads: Int, into target: SharedNumbers?) throws -> RowFits {
        try requireValues(of: matrix, "of principal components")
        let width = matrix.columnCount, count = components.count
        let weights = Array(components.joined()) + [0]
        let rounding = Double(width + count) * 4 * .ulpOfOne
        var fits = RowFits(rowCount: matrix.rowCount)
        fits.write { rest, length in
            scaling.withRows(of: matrix) { rows in
                weights.withUnsafeBufferPointer { weights in
                    guard let first = weights.baseAddress else { return }
                    RowBlocks(rowCount: matrix.rowCount).forEach(threads: threads) { _, block in
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: max(width, 1)) { room in
                            guard let values = room.baseAddress else { return }
                            for row in block {
                                rows.read(row, into: values)
                                let square = dot(values, values, width)
                                var kept = 0.0
                                for component in 0..<count {
                                    let value = dot(first + component * width, values, width)
                                    kept += value * value
                                    target?.first[row * count + component] = value
                                }
                                // What the subtraction's rounding may leave is nothing that is missing; what is too far to be
                                // squared lacks everything.
                                let missing = square - kept
                                rest.first[row] = square.isFinite ? (missing > rounding * square ? missing : 0) : square
                                length.first[row] = square
                            }
                        }
                    }
                }
            }
        }
        return fits
    }

    // MARK: Measures

    public func measures(of fits: RowFits, weights: [Double]?) -> UnsupervisedMetrics {
        var rest = 0.0, square = 0.0
        for row in 0..<fits.count {
            let weight = weights?[row] ?? 1
            rest += weight * fits.first[row]
            square += weight * fits.second[row]
        }
        return UnsupervisedMetrics(rows: fits.count, names: measureNames, values: [square > 0 && square.isFinite ? 1 - rest / square : nil])
    }

    /// The mean squared error of each row's features when they are computed from its components.
    public func anomalies(of findings: Findings) -> [Double] {
        guard case .components(_, _, let fits) = findings else { return [] }
        return fits.first.map { $0 / Double(max(featureNames.count, 1)) }
    }
}

extension PrincipalComponentsModel {
    private struct Content: Codable {
        var scaling: FeatureScaling
        var components: [[Double]]
        var variances: [Double]
        var totalVariance: Double
    }

    public func saved() throws -> SavedModel {
        var saved = SavedModel(task: task, featureNames: featureNames)
        try saved.setContent(
            Content(scaling: scaling, components: components, variances: variances, totalVariance: totalVariance))
        saved.setPart(AnomalyThresholds.part, thresholds.bytes)
        return saved
    }

    /// - Throws: `LearnerError.inconsistentModel` for what does not fit together; `DecodingError`.
    init(_ saved: SavedModel) throws {
        let content = try saved.content(as: Content.self)
        let width = saved.featureNames.count
        guard content.scaling.isConsistent(width: width), content.components.allSatisfy({ $0.count == width }),
            !content.components.isEmpty, content.variances.count == content.components.count, content.totalVariance > 0,
            content.variances.allSatisfy({ $0 >= 0 })
        else { throw LearnerError.inconsistentModel }
        self.init(
            featureNames: saved.featureNames, scaling: content.scaling, components: content.components,
            variances: content.variances, totalVariance: content.totalVariance)
        thresholds = try AnomalyThresholds(saved)
    }
}

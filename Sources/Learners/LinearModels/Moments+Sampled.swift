import FeatureTables

extension Moments {
    /// The features' second moments, of some rows: for a rough inverse. What the chosen rows hardly have (a rare level) is taken
    /// to vary with nothing else.
    /// - Throws: `LearnerError.notFinite`.
    static func sampledProducts(
        _ matrix: FeatureMatrix, weights: [Double]?, total: Double, scaling: Standardization, threads: Int
    ) throws -> [Double] {
        let width = matrix.columnCount
        var products = try Moments(
            matrix, nil, labelMean: 0, weights: weights, total: total, scaling: scaling, threads: threads,
            rowStep: max(1, matrix.rowCount / 65_536)
        ).products
        for feature in 0..<width {
            let deviation = scaling.deviations[feature] * scaling.inverseDeviations[feature]
            let square = deviation * deviation
            guard products[feature * width + feature] < 0.25 * square else { continue }
            for other in 0..<width {
                products[feature * width + other] = 0
                products[other * width + feature] = 0
            }
            products[feature * width + feature] = square
        }
        return products
    }
}

import FeatureTables

/// The inverse of an objective's second derivatives where its loss has the same ones by the scores, `C`, for all rows: where the
/// features' weights are zero, which the search begins with.
///
/// There they are the products of two small matrices, `C ⊗ S + l2 · I` with the features' second moments `S`: one pass over the
/// rows, and one factorization an eigenvector of the first. Correlated features and rare classes, which make the plain
/// search slow, are what it knows about.
struct ScorePreconditioner {
    private let outputCount: Int
    private let width: Int
    /// Row-major; one row an eigenvector of `C`.
    private let rotation: [Double]
    /// Of each eigenvector: nil where the outputs' scores may all move together, along which the loss is flat.
    private let parts: [Part?]

    private struct Part {
        var features: CholeskyFactor
        /// The second derivative by the intercept; 0 without one.
        var intercept: Double
    }

    /// nil where it would cost more than it spares: many features, or many outputs with several.
    /// - Parameter curvature: `C`, outputs × outputs.
    /// - Throws: `LearnerError.notFinite`.
    init?<Loss>(_ objective: ScoreObjective<Loss>, curvature: [Double]) throws {
        width = objective.matrix.columnCount
        outputCount = objective.loss.outputCount
        guard width <= 256, outputCount <= 64, outputCount * width * width <= 4_000_000 else { return nil }
        let products = try Moments.sampledProducts(
            objective.matrix, weights: objective.weights, total: objective.totalWeight, scaling: objective.scaling,
            threads: objective.threads)
        let values: [Double]
        if outputCount == 1 {
            values = curvature
            rotation = [1]
        } else {
            let eigen = SymmetricEigenvectors(curvature, size: outputCount)
            values = eigen.values
            rotation = eigen.vectors
        }
        let largest = values.max() ?? 0
        // So small that it only keeps what is collinear from being divided by nothing.
        let ridge = [Double](repeating: objective.l2 + 1e-10 * largest, count: width)
        parts = values.map { value in
            guard value > 1e-12 * largest else { return nil }
            return Part(
                features: CholeskyFactor(products.map { $0 * value }, ridge: ridge),
                intercept: objective.hasIntercept ? value : 0)
        }
    }

    /// - Complexity: O(outputs · features²).
    func apply(_ vector: [Double]) -> [Double] {
        let stride = width + 1
        var result = [Double](repeating: 0, count: vector.count)
        for (position, part) in parts.enumerated() {
            guard let part else { continue }
            let row = position * outputCount
            var rotated = [Double](repeating: 0, count: stride)
            for output in 0..<outputCount {
                let factor = rotation[row + output]
                for slot in 0..<stride { rotated[slot] += factor * vector[output * stride + slot] }
            }
            let solved = part.features.solve(Array(rotated[..<width]))
            let intercept = part.intercept > 0 ? rotated[width] / part.intercept : 0
            for output in 0..<outputCount {
                let factor = rotation[row + output]
                for feature in 0..<width { result[output * stride + feature] += factor * solved[feature] }
                result[output * stride + width] += factor * intercept
            }
        }
        return result
    }
}

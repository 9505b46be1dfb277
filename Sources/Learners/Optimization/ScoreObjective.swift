import FeatureTables

/// The loss of a row by its score.
protocol ScoreLoss: Sendable {
    /// The loss and its derivative by the score.
    func at(_ score: Double, row: Int) -> (value: Double, slope: Double)
}

/// The weighted mean of a loss of one score a row plus `l2 / 2 · Σβ²`, with its gradient, over the standardized features. A point
/// holds the features' weights and then the intercept.
struct ScoreObjective<Loss: ScoreLoss> {
    let loss: Loss
    private let matrix: FeatureMatrix
    private let weights: [Double]?
    private let totalWeight: Double
    private let scaling: Standardization
    private let l2: Double
    private let hasIntercept: Bool
    private let threads: Int
    /// Of a sparse matrix.
    private let centring: SparseCentring?

    init(
        _ loss: Loss, _ matrix: FeatureMatrix, weights: [Double]?, totalWeight: Double, scaling: Standardization, l2: Double,
        hasIntercept: Bool, threads: Int
    ) {
        self.loss = loss
        self.matrix = matrix
        self.weights = weights
        self.totalWeight = totalWeight
        self.scaling = scaling
        self.l2 = l2
        self.hasIntercept = hasIntercept
        self.threads = threads
        centring =
            if case .sparse(let rows) = matrix.storage {
                SparseCentring(rows, rowCount: matrix.rowCount, means: scaling.means)
            } else { nil }
    }

    // MARK: The search

    /// Searches from no weights and no intercept.
    /// - Parameters:
    ///   - l1: the penalty on the sum of absolute weights.
    ///   - curvature: the loss's second derivative there, about the same for all rows.
    /// - Throws: what `advance` throws; `LearnerError.notFinite`.
    func minimum(
        l1: Double, curvature: Double, _ search: LimitedMemoryBFGS, advance: (_ iteration: Int, _ objective: Double) throws -> Void
    ) throws -> (output: LinearModel.Output, outcome: SearchOutcome) {
        let width = matrix.columnCount
        let penalties = l1 > 0 ? [Double](repeating: l1, count: width) + [0] : []
        let outcome = try search.minimize(
            from: [Double](repeating: 0, count: width + 1), penalties: penalties,
            inverseHessian: l1 > 0 ? nil : try inverseHessian(curvature),
            evaluate: { evaluate($0, gradient: &$1) }, advance: advance)
        let weights = zip(outcome.point, scaling.inverseDeviations).map { $0 * $1 }
        let intercept = hasIntercept ? outcome.point[width] - dot(weights, scaling.means) : 0
        guard intercept.isFinite, weights.allSatisfy(\.isFinite) else { throw LearnerError.notFinite("a weight") }
        return (LinearModel.Output(intercept: intercept, weights: weights), outcome)
    }

    /// With this many features a factorization costs more than it spares.
    private static var preconditionedFeatures: Int { 256 }

    /// The inverse of the second derivatives where the search begins; nil for many features.
    private func inverseHessian(_ curvature: Double) throws -> (([Double]) -> [Double])? {
        let width = matrix.columnCount
        guard width <= Self.preconditionedFeatures else { return nil }
        let products = try Moments.sampledProducts(
            matrix, weights: weights, total: totalWeight, scaling: scaling, threads: threads)
        // So small that it only keeps what is collinear from being divided by nothing.
        let ridge = [Double](repeating: l2 + 1e-10 * curvature, count: width)
        let features = CholeskyFactor(products.map { $0 * curvature }, ridge: ridge)
        let intercept = hasIntercept ? 1 / curvature : 0
        return { vector in features.solve(Array(vector[..<width])) + [vector[width] * intercept] }
    }

    // MARK: The function

    func evaluate(_ point: [Double], gradient: inout [Double]) -> Double {
        let width = matrix.columnCount
        var scaled = point
        for feature in 0..<width { scaled[feature] *= scaling.inverseDeviations[feature] }
        let sums =
            switch matrix.storage {
            case .dense(let elements): denseSums(UnsafePointer(elements), scaled)
            case .sparse(let rows): sparseSums(rows, scaled)
            }
        var value = sums[width + 1] / totalWeight
        for feature in 0..<width {
            let weight = point[feature]
            value += 0.5 * l2 * weight * weight
            gradient[feature] = sums[feature] * scaling.inverseDeviations[feature] / totalWeight + l2 * weight
        }
        gradient[width] = hasIntercept ? sums[width] / totalWeight : 0
        return value
    }

    private func denseSums(_ elements: UnsafePointer<Double>, _ point: [Double]) -> [Double] {
        let width = matrix.columnCount
        // Without features there are no means to point at, and none are read.
        let means = scaling.means.isEmpty ? [0] : scaling.means
        return means.withUnsafeBufferPointer { means in
            guard let means = means.baseAddress else { return [Double](repeating: 0, count: width + 2) }
            return blockSums(
                point, score: { centredDot($0, elements + $1 * width, means, width) },
                add: { addCentred($2, $0, elements + $1 * width, means, width) })
        }
    }

    private func sparseSums(_ elements: FeatureMatrix.SparseRows, _ point: [Double]) -> [Double] {
        let width = matrix.columnCount
        guard let centring else { return [Double](repeating: 0, count: width + 2) }
        var moved = point
        for feature in 0..<width { moved[width] -= point[feature] * centring.means[feature] }
        let shifts = centring.shifts.isEmpty ? [0] : centring.shifts
        var sums = shifts.withUnsafeBufferPointer { shifts in
            guard let shifts = shifts.baseAddress else { return [Double](repeating: 0, count: width + 2) }
            return blockSums(
                moved, score: { elements.dot($0, $1, shifts: shifts) }, add: { elements.add($0, $1, shifts: shifts, to: $2) })
        }
        for feature in 0..<width { sums[feature] -= sums[width] * centring.means[feature] }
        return sums
    }

    /// The sums of the rows' gradients by the weights and the intercept, and behind them of their losses.
    /// - Parameters:
    ///   - score: Σ weights · features of a row.
    ///   - add: adds a factor times the row's features.
    @inline(__always)
    private func blockSums(
        _ point: [Double], score: (_ weights: UnsafePointer<Double>, _ row: Int) -> Double,
        add: (_ factor: Double, _ row: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let width = matrix.columnCount
        let weights = weights
        let loss = loss
        return point.withUnsafeBufferPointer { point in
            guard let point = point.baseAddress else { return [Double](repeating: 0, count: width + 2) }
            return RowBlocks(rowCount: matrix.rowCount).sums(width: width + 2, threads: threads) { rows, sums in
                for row in rows {
                    let weight = weights?[row] ?? 1
                    // A row that does not count may have any loss, even none.
                    guard weight > 0 else { continue }
                    let found = loss.at(score(point, row) + point[width], row: row)
                    sums[width + 1] += weight * found.value
                    add(weight * found.slope, row, sums)
                    sums[width] += weight * found.slope
                }
            }
        }
    }
}

import FeatureTables

/// The loss of a row by its scores.
protocol ScoreLoss: Sendable {
    /// Scores a row.
    var outputCount: Int { get }
    /// The loss of a row; each of its scores gives way to the loss's derivative by it.
    func take(_ scores: UnsafeMutablePointer<Double>, row: Int) -> Double
}

/// The weighted mean of a loss of one or more scores a row plus `l2 / 2 · Σβ²`, with its gradient, over the standardized features. A
/// point holds, for each output, the features' weights and then the intercept.
struct ScoreObjective<Loss: ScoreLoss> {
    let loss: Loss
    let matrix: FeatureMatrix
    let weights: [Double]?
    let totalWeight: Double
    let scaling: Standardization
    let l2: Double
    let hasIntercept: Bool
    let threads: Int
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

    /// Weights and intercept of an output.
    var stride: Int { matrix.columnCount + 1 }
    /// Numbers of a point.
    var size: Int { loss.outputCount * stride }

    // MARK: The search

    /// What is added to the objective for each number of a point's magnitude; empty without such a penalty.
    func penalties(l1: Double) -> [Double] {
        guard l1 > 0 else { return [] }
        return (0..<size).map { $0 % stride < matrix.columnCount ? l1 : 0 }
    }

    /// The sums that a point stands for, on the features' own scale.
    /// - Throws: `LearnerError.notFinite`.
    func outputs(of point: [Double]) throws -> [LinearModel.Output] {
        let outputs = (0..<loss.outputCount).map { output in
            let start = output * stride, end = start + matrix.columnCount
            let weights = zip(point[start..<end], scaling.inverseDeviations).map { $0 * $1 }
            return LinearModel.Output(intercept: hasIntercept ? point[end] - dot(weights, scaling.means) : 0, weights: weights)
        }
        guard outputs.allSatisfy(\.isFinite) else { throw LearnerError.notFinite("a weight") }
        return outputs
    }

    /// Searches from no weights and no intercepts.
    /// - Parameters:
    ///   - l1: the penalty on the sum of absolute weights.
    ///   - curvature: the loss's second derivatives there by the scores, outputs × outputs, about the same for all rows.
    /// - Throws: what `advance` throws; `LearnerError.notFinite`.
    func minimum(
        l1: Double, curvature: [Double], _ search: LimitedMemoryBFGS,
        advance: (_ iteration: Int, _ objective: Double) throws -> Bool
    ) throws -> (outputs: [LinearModel.Output], outcome: SearchOutcome) {
        let preconditioner = l1 > 0 ? nil : try ScorePreconditioner(self, curvature: curvature)
        let outcome = try search.minimize(
            from: [Double](repeating: 0, count: size), penalties: penalties(l1: l1), inverseHessian: preconditioner?.apply,
            evaluate: { evaluate($0, gradient: &$1) }, advance: advance)
        return (try outputs(of: outcome.point), outcome)
    }

    // MARK: The function

    func evaluate(_ point: [Double], gradient: inout [Double]) -> Double {
        let width = matrix.columnCount
        let size = size
        var scaled = point
        for start in Swift.stride(from: 0, to: size, by: stride) {
            for feature in 0..<width { scaled[start + feature] *= scaling.inverseDeviations[feature] }
        }
        let sums =
            switch matrix.storage {
            case .dense(let elements): denseSums(UnsafePointer(elements), scaled)
            case .sparse(let rows): sparseSums(rows, scaled)
            }
        var value = sums[size] / totalWeight
        for start in Swift.stride(from: 0, to: size, by: stride) {
            for feature in 0..<width {
                let weight = point[start + feature]
                value += 0.5 * l2 * weight * weight
                gradient[start + feature] =
                    sums[start + feature] * scaling.inverseDeviations[feature] / totalWeight + l2 * weight
            }
            gradient[start + width] = hasIntercept ? sums[start + width] / totalWeight : 0
        }
        return value
    }

    private func denseSums(_ elements: UnsafePointer<Double>, _ point: [Double]) -> [Double] {
        let width = matrix.columnCount
        // Without features there are no means to point at, and none are read.
        let means = scaling.means.isEmpty ? [0] : scaling.means
        return means.withUnsafeBufferPointer { means in
            guard let means = means.baseAddress else { return [Double](repeating: 0, count: size + 1) }
            return blockSums(
                point, score: { centredDot($0, elements + $1 * width, means, width) },
                add: { addCentred($2, $0, elements + $1 * width, means, width) })
        }
    }

    private func sparseSums(_ elements: FeatureMatrix.SparseRows, _ point: [Double]) -> [Double] {
        let width = matrix.columnCount
        let size = size
        guard let centring else { return [Double](repeating: 0, count: size + 1) }
        var moved = point
        for start in Swift.stride(from: 0, to: size, by: stride) {
            for feature in 0..<width { moved[start + width] -= point[start + feature] * centring.means[feature] }
        }
        let shifts = centring.shifts.isEmpty ? [0] : centring.shifts
        var sums = shifts.withUnsafeBufferPointer { shifts in
            guard let shifts = shifts.baseAddress else { return [Double](repeating: 0, count: size + 1) }
            return blockSums(
                moved, score: { elements.dot($0, $1, shifts: shifts) }, add: { elements.add($0, $1, shifts: shifts, to: $2) })
        }
        for start in Swift.stride(from: 0, to: size, by: stride) {
            for feature in 0..<width { sums[start + feature] -= sums[start + width] * centring.means[feature] }
        }
        return sums
    }

    /// The sums of the rows' gradients by the numbers of a point, and behind them of their losses.
    /// - Parameters:
    ///   - score: Σ weights · features of a row.
    ///   - add: adds a factor times the row's features.
    @inline(__always)
    private func blockSums(
        _ point: [Double], score: (_ weights: UnsafePointer<Double>, _ row: Int) -> Double,
        add: (_ factor: Double, _ row: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let width = matrix.columnCount
        let stride = stride
        let size = size
        let weights = weights
        let loss = loss
        let outputCount = loss.outputCount
        return point.withUnsafeBufferPointer { point in
            guard let point = point.baseAddress else { return [Double](repeating: 0, count: size + 1) }
            return RowBlocks(rowCount: matrix.rowCount).sums(width: size + 1, threads: threads) { rows, sums in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: outputCount) { room in
                    guard let scores = room.baseAddress else { return }
                    for row in rows {
                        let weight = weights?[row] ?? 1
                        // A row that does not count may have any loss, even none.
                        guard weight > 0 else { continue }
                        for output in 0..<outputCount {
                            let start = point + output * stride
                            scores[output] = score(start, row) + start[width]
                        }
                        sums[size] += weight * loss.take(scores, row: row)
                        for output in 0..<outputCount {
                            let slope = weight * scores[output]
                            let target = sums + output * stride
                            add(slope, row, target)
                            target[width] += slope
                        }
                    }
                }
            }
        }
    }
}

import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Mean log loss with its gradient, over the standardized features. A point holds, for each output, the features'
/// weights and then the intercept.
struct LogisticObjective {
    let matrix: FeatureMatrix
    let codes: [Int32]
    let weights: [Double]?
    let totalWeight: Double
    /// 1 for two classes, else one a class.
    let outputCount: Int
    let scaling: Standardization
    let l2: Double
    let hasIntercept: Bool
    let threads: Int
    /// Of a sparse matrix.
    let centring: SparseCentring?

    init(
        matrix: FeatureMatrix, codes: [Int32], weights: [Double]?, totalWeight: Double, outputCount: Int,
        scaling: Standardization, l2: Double, hasIntercept: Bool, threads: Int
    ) {
        self.matrix = matrix
        self.codes = codes
        self.weights = weights
        self.totalWeight = totalWeight
        self.outputCount = outputCount
        self.scaling = scaling
        self.l2 = l2
        self.hasIntercept = hasIntercept
        self.threads = threads
        if case .sparse(let rows) = matrix.storage {
            centring = SparseCentring(rows, rowCount: matrix.rowCount, means: scaling.means)
        } else {
            centring = nil
        }
    }

    var stride: Int { matrix.columnCount + 1 }

    /// The classes' probabilities where all features' weights are zero: their shares, or equal without an intercept.
    func shares() -> [Double] {
        let count = max(outputCount, 2)
        let equal = [Double](repeating: 1 / Double(count), count: count)
        guard hasIntercept else { return equal }
        var shares = [Double](repeating: 0, count: count)
        for (row, code) in codes.enumerated() { shares[Int(code)] += weights?[row] ?? 1 }
        return shares.allSatisfy { $0 > 0 } ? shares.map { $0 / totalWeight } : equal
    }

    /// No weights, and intercepts that give the classes' shares.
    func startingPoint() -> [Double] {
        var point = [Double](repeating: 0, count: outputCount * stride)
        let shares = shares()
        if outputCount == 1 {
            point[stride - 1] = log(shares[1] / shares[0])
        } else if hasIntercept {
            for output in 0..<outputCount { point[output * stride + stride - 1] = log(shares[output]) }
        }
        return point
    }

    func evaluate(_ point: [Double], gradient: inout [Double]) -> Double {
        let width = matrix.columnCount
        let stride = stride
        let size = outputCount * stride
        var scaled = point
        for output in 0..<outputCount {
            for feature in 0..<width { scaled[output * stride + feature] *= scaling.inverseDeviations[feature] }
        }
        // The last slot sums the loss.
        let sums =
            switch matrix.storage {
            case .dense(let elements): denseSums(UnsafePointer(elements), size, scaled)
            case .sparse(let rows): sparseSums(rows, size, scaled)
            }
        var value = sums[size] / totalWeight
        for output in 0..<outputCount {
            let start = output * stride
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

    private func denseSums(_ elements: UnsafePointer<Double>, _ size: Int, _ point: [Double]) -> [Double] {
        let width = matrix.columnCount
        // Without features there are no means to point at, and none are read.
        let means = scaling.means.isEmpty ? [0] : scaling.means
        return means.withUnsafeBufferPointer { means in
            guard let means = means.baseAddress else { return [Double](repeating: 0, count: size + 1) }
            return blockSums(
                size, point, score: { centredDot($0, elements + $1 * width, means, width) },
                add: { addCentred($2, $0, elements + $1 * width, means, width) })
        }
    }

    private func sparseSums(_ elements: FeatureMatrix.SparseRows, _ size: Int, _ point: [Double]) -> [Double] {
        let width = matrix.columnCount
        guard let centring else { return [Double](repeating: 0, count: size + 1) }
        var moved = point
        for start in Swift.stride(from: 0, to: size, by: self.stride) {
            for feature in 0..<width { moved[start + width] -= point[start + feature] * centring.means[feature] }
        }
        var sums = centring.shifts.withUnsafeBufferPointer { shifts in
            guard let shifts = shifts.baseAddress else { return [Double](repeating: 0, count: size + 1) }
            return blockSums(
                size, moved, score: { elements.dot($0, $1, shifts: shifts) },
                add: { elements.add($0, $1, shifts: shifts, to: $2) })
        }
        for start in Swift.stride(from: 0, to: size, by: self.stride) {
            for feature in 0..<width { sums[start + feature] -= sums[start + width] * centring.means[feature] }
        }
        return sums
    }

    /// - Parameters:
    ///   - score: Σ weights · features of a row.
    ///   - add: adds a factor times the row's features.
    @inline(__always)
    private func blockSums(
        _ size: Int, _ point: [Double], score: (_ weights: UnsafePointer<Double>, _ row: Int) -> Double,
        add: (_ factor: Double, _ row: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let width = matrix.columnCount
        let stride = stride
        let outputCount = outputCount
        let weights = weights
        return point.withUnsafeBufferPointer { point in
            codes.withUnsafeBufferPointer { codes in
                guard let point = point.baseAddress, let codes = codes.baseAddress else {
                    return [Double](repeating: 0, count: size + 1)
                }
                return RowBlocks(rowCount: matrix.rowCount).sums(width: size + 1, threads: threads) { rows, sums in
                    if outputCount == 1 {
                        for row in rows {
                            let score = score(point, row) + point[width]
                            let weight = weights?[row] ?? 1
                            let isPositive = codes[row] == 1
                            let power = exp(-abs(score))
                            sums[size] += weight * (log1p(power) + (isPositive ? max(-score, 0) : max(score, 0)))
                            let residual = weight * (logistic(score, power) - (isPositive ? 1 : 0))
                            add(residual, row, sums)
                            sums[width] += residual
                        }
                    } else {
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: outputCount) { scores in
                            guard let scores = scores.baseAddress else { return }
                            for row in rows {
                                for output in 0..<outputCount {
                                    let start = point + output * stride
                                    scores[output] = score(start, row) + start[width]
                                }
                                let weight = weights?[row] ?? 1
                                let answer = Int(codes[row])
                                let own = scores[answer]
                                sums[size] += weight * (softmaxInPlace(scores, outputCount) - own)
                                for output in 0..<outputCount {
                                    let residual = weight * (scores[output] - (output == answer ? 1 : 0))
                                    add(residual, row, sums + output * stride)
                                    sums[output * stride + width] += residual
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

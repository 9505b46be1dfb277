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
        let sums = scaled.withUnsafeBufferPointer { scaled in
            scaling.means.withUnsafeBufferPointer { means in
                codes.withUnsafeBufferPointer { codes in
                    blockSums(size, scaled, means, codes)
                }
            }
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

    private func blockSums(
        _ size: Int, _ point: UnsafeBufferPointer<Double>, _ means: UnsafeBufferPointer<Double>,
        _ codes: UnsafeBufferPointer<Int32>
    ) -> [Double] {
        let width = matrix.columnCount
        let stride = stride
        let outputCount = outputCount
        let elements = UnsafePointer(matrix.elements)
        guard let point = point.baseAddress, let codes = codes.baseAddress else {
            return [Double](repeating: 0, count: size + 1)
        }
        // Without features there are no means to point at, and none are read.
        let means = means.baseAddress ?? elements
        let weights = weights
        return RowBlocks(rowCount: matrix.rowCount).sums(width: size + 1, threads: threads) { rows, sums in
            if outputCount == 1 {
                for row in rows {
                    let values = elements + row * width
                    let score = centredDot(point, values, means, width) + point[width]
                    let weight = weights?[row] ?? 1
                    let isPositive = codes[row] == 1
                    sums[size] += weight * (log1p(exp(-abs(score))) + (isPositive ? max(-score, 0) : max(score, 0)))
                    let residual = weight * (logistic(score) - (isPositive ? 1 : 0))
                    addCentred(sums, residual, values, means, width)
                    sums[width] += residual
                }
            } else {
                withUnsafeTemporaryAllocation(of: Double.self, capacity: outputCount) { scores in
                    guard let scores = scores.baseAddress else { return }
                    for row in rows {
                        let values = elements + row * width
                        for output in 0..<outputCount {
                            let start = point + output * stride
                            scores[output] = centredDot(start, values, means, width) + start[width]
                        }
                        let weight = weights?[row] ?? 1
                        let answer = Int(codes[row])
                        let own = scores[answer]
                        sums[size] += weight * (softmaxInPlace(scores, outputCount) - own)
                        for output in 0..<outputCount {
                            let residual = weight * (scores[output] - (output == answer ? 1 : 0))
                            addCentred(sums + output * stride, residual, values, means, width)
                            sums[output * stride + width] += residual
                        }
                    }
                }
            }
        }
    }
}

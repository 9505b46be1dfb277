import FeatureTables

/// Weighted mean products of the standardized features with each other and with the centred label.
/// Without a label only the former; of every `rowStep`-th row only, where the rest may be left out.
struct Moments {
    /// Symmetric, row-major, width × width.
    var products: [Double]
    var answers: [Double]
    /// The label's mean square around its mean.
    var labelSquare: Double

    init(
        _ matrix: FeatureMatrix, _ labels: [Double]?, labelMean: Double, weights: [Double]?, total: Double,
        scaling: Standardization, threads: Int, rowStep: Int = 1
    ) throws {
        let width = matrix.columnCount
        let elements = UnsafePointer(matrix.elements)
        // A block's buffer is width², so few blocks when there are many features; their number depends on the sizes
        // alone.
        let rowCount = (matrix.rowCount + rowStep - 1) / max(rowStep, 1)
        let groups = max(1, min(32, 16_777_216 / max(width * width, 1), (rowCount + 1023) / 1024))
        let groupSize = (rowCount + groups - 1) / max(groups, 1)
        let size = width * width + width + 1
        var all = [Double](repeating: 0, count: groups * size)
        all.withUnsafeMutableBufferPointer { all in
            guard let slots = all.baseAddress else { return }
            RowBlocks(groups: groups).forEach(threads: threads) { group, _ in
                let sums = slots + group * size
                let end = min((group + 1) * groupSize, rowCount)
                withUnsafeTemporaryAllocation(of: Double.self, capacity: max(width, 1)) { buffer in
                    guard let values = buffer.baseAddress else { return }
                    for place in min(group * groupSize, end)..<end {
                        let row = place * rowStep
                        let source = elements + row * width
                        let weight = weights?[row] ?? 1
                        for feature in 0..<width {
                            values[feature] = (source[feature] - scaling.means[feature]) * scaling.inverseDeviations[feature]
                        }
                        let label = labels.map { $0[row] - labelMean } ?? 0
                        for feature in 0..<width where values[feature] != 0 {
                            let factor = weight * values[feature]
                            let target = sums + feature * width
                            for other in feature..<width { target[other] += factor * values[other] }
                            sums[width * width + feature] += factor * label
                        }
                        sums[size - 1] += weight * label * label
                    }
                }
            }
        }
        var summed = [Double](repeating: 0, count: size)
        for group in 0..<groups {
            for position in 0..<size { summed[position] += all[group * size + position] }
        }
        products = [Double](repeating: 0, count: width * width)
        for row in 0..<width {
            for column in row..<width {
                let value = summed[row * width + column] / total * Double(max(rowStep, 1))
                products[row * width + column] = value
                products[column * width + row] = value
            }
        }
        answers = (0..<width).map { summed[width * width + $0] / total }
        labelSquare = summed[size - 1] / total
        guard labelSquare.isFinite, products.allSatisfy(\.isFinite) else {
            throw LearnerError.notFinite("the sum of squared labels or features")
        }
    }

    func objective(_ weights: [Double], l1: Double, l2: Double) -> Double {
        let width = weights.count
        var quadratic = 0.0
        for row in 0..<width where weights[row] != 0 {
            for column in 0..<width { quadratic += weights[row] * products[row * width + column] * weights[column] }
        }
        let error = max(0, labelSquare - 2 * dot(weights, answers) + quadratic)
        return 0.5 * error + l1 * weights.reduce(0) { $0 + abs($1) } + 0.5 * l2 * dot(weights, weights)
    }
}

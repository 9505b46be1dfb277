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
        switch matrix.storage {
        case .dense(let elements):
            try self.init(
                elements, matrix, labels, labelMean: labelMean, weights: weights, total: total, scaling: scaling,
                threads: threads, rowStep: rowStep)
        case .sparse(let elements):
            try self.init(
                elements, matrix, labels, labelMean: labelMean, weights: weights, total: total, scaling: scaling,
                threads: threads, rowStep: rowStep)
        }
    }

    private init(
        _ elements: UnsafePointer<Double>, _ matrix: FeatureMatrix, _ labels: [Double]?, labelMean: Double,
        weights: [Double]?, total: Double, scaling: Standardization, threads: Int, rowStep: Int
    ) throws {
        let width = matrix.columnCount
        let rowCount = (matrix.rowCount + rowStep - 1) / max(rowStep, 1)
        let size = width * width + width + 1
        let summed = RowBlocks(rowCount: rowCount, width: width * width).sums(width: size, threads: threads) { places, sums in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: max(width, 1)) { buffer in
                guard let values = buffer.baseAddress else { return }
                for place in places {
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
            throw LearnerError.notFinite("the sum of squared labels or features", of: "them")
        }
    }

    /// The products of the elements that rows have, and then what centring takes off them.
    private init(
        _ elements: FeatureMatrix.SparseRows, _ matrix: FeatureMatrix, _ labels: [Double]?, labelMean: Double,
        weights: [Double]?, total: Double, scaling: Standardization, threads: Int, rowStep: Int
    ) throws {
        let width = matrix.columnCount
        let centring = SparseCentring(elements, rowCount: matrix.rowCount, means: scaling.means)
        let rowCount = (matrix.rowCount + rowStep - 1) / max(rowStep, 1)
        // Products, sums of the elements, sums with the label; then those of the weights, the label and its square.
        let square = width * width
        let size = square + 2 * width + 3
        let shifts = centring.shifts
        let summed = RowBlocks(rowCount: rowCount, width: square).sums(width: size, threads: threads) { places, sums in
            for ordinal in places {
                let row = ordinal * rowStep
                let weight = weights?[row] ?? 1
                let label = labels.map { $0[row] - labelMean } ?? 0
                let range = elements.range(row)
                for place in range {
                    let column = Int(elements.columns[place])
                    let factor = weight * (elements.values[place] - shifts[column])
                    let target = sums + column * width
                    for other in place..<range.upperBound {
                        let second = Int(elements.columns[other])
                        target[second] += factor * (elements.values[other] - shifts[second])
                    }
                    sums[square + column] += factor
                    sums[square + width + column] += factor * label
                }
                sums[size - 3] += weight
                sums[size - 2] += weight * label
                sums[size - 1] += weight * label * label
            }
        }
        let means = centring.means
        let scales = scaling.inverseDeviations
        products = [Double](repeating: 0, count: square)
        for row in 0..<width {
            for column in row..<width {
                let taken = summed[square + row] * means[column] + means[row] * summed[square + column]
                let centred = summed[row * width + column] - taken + summed[size - 3] * means[row] * means[column]
                let value = centred * scales[row] * scales[column] / total * Double(max(rowStep, 1))
                products[row * width + column] = value
                products[column * width + row] = value
            }
        }
        answers = (0..<width).map {
            (summed[square + width + $0] - means[$0] * summed[size - 2]) * scales[$0] / total
        }
        labelSquare = summed[size - 1] / total
        guard labelSquare.isFinite, products.allSatisfy(\.isFinite) else {
            throw LearnerError.notFinite("the sum of squared labels or features", of: "them")
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

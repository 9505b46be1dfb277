import FeatureTables

/// Means and standard deviations of a matrix's columns, by which learners see each feature as
/// `(value − mean) · inverseDeviation`.
struct Standardization: Sendable {
    var means: [Double]
    var deviations: [Double]
    /// 0 for a constant feature, which then has no influence.
    var inverseDeviations: [Double]

    /// Weighted means and population deviations, in two passes. With `scales` false the deviations are kept for
    /// reports, but features are only centred.
    init(_ matrix: FeatureMatrix, weights: [Double]?, totalWeight: Double, scales: Bool, threads: Int) {
        let width = matrix.columnCount
        let elements = UnsafePointer(matrix.elements)
        let blocks = RowBlocks(rowCount: matrix.rowCount)
        let first = (0..<width).map { matrix.rowCount > 0 ? elements[$0] : 0 }
        // Around the first row, so that a large offset (a time in seconds, say) costs no digits.
        let shifts = blocks.sums(width: width, threads: threads) { rows, sums in
            first.withUnsafeBufferPointer { first in
                guard let origin = first.baseAddress else { return }
                for row in rows { addCentred(sums, weights?[row] ?? 1, elements + row * width, origin, width) }
            }
        }
        let means = zip(first, shifts).map { $0 + $1 / totalWeight }
        let squares = blocks.sums(width: width, threads: threads) { rows, sums in
            means.withUnsafeBufferPointer { means in
                for row in rows {
                    let values = elements + row * width
                    let weight = weights?[row] ?? 1
                    for column in 0..<width {
                        let difference = values[column] - means[column]
                        sums[column] += weight * difference * difference
                    }
                }
            }
        }
        let deviations = zip(squares, means).map { square, mean in
            let deviation = (square / totalWeight).squareRoot()
            return deviation > 1e-13 * abs(mean) ? deviation : 0
        }
        self.means = means
        self.deviations = deviations
        inverseDeviations = deviations.map { $0 > 0 ? (scales ? 1 / $0 : 1) : 0 }
    }

    var isFinite: Bool { means.allSatisfy(\.isFinite) && deviations.allSatisfy(\.isFinite) }
}

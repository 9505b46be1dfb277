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
        guard let elements = matrix.dense.map({ UnsafePointer($0) }) else {
            self.init(sparse: matrix, weights: weights, totalWeight: totalWeight, scales: scales, threads: threads)
            return
        }
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
        self.init(means: means, squares: squares, totalWeight: totalWeight, scales: scales)
    }

    private init(means: [Double], squares: [Double], totalWeight: Double, scales: Bool) {
        let deviations = zip(squares, means).map { square, mean in
            let deviation = (square / totalWeight).squareRoot()
            return deviation > 1e-13 * abs(mean) ? deviation : 0
        }
        self.means = means
        self.deviations = deviations
        inverseDeviations = deviations.map { $0 > 0 ? (scales ? 1 / $0 : 1) : 0 }
    }

    /// The rows' own elements, then what all rows without one add, each of which is 0.
    private init(sparse matrix: FeatureMatrix, weights: [Double]?, totalWeight: Double, scales: Bool, threads: Int) {
        guard case .sparse(let elements) = matrix.storage else {
            self.init(means: [], squares: [], totalWeight: totalWeight, scales: scales)
            return
        }
        let width = matrix.columnCount
        let blocks = RowBlocks(rowCount: matrix.rowCount)
        let sums = blocks.sums(width: 2 * width, threads: threads) { rows, sums in
            for row in rows {
                let weight = weights?[row] ?? 1
                for place in elements.range(row) {
                    let column = Int(elements.columns[place])
                    sums[column] += weight * elements.values[place]
                    sums[width + column] += weight
                }
            }
        }
        var means = sums[..<width].map { $0 / totalWeight }
        // What the sums lack of the means shows in the distances from them: a large offset costs no digits.
        let distances = blocks.sums(width: 2 * width, threads: threads) { rows, sums in
            means.withUnsafeBufferPointer { means in
                for row in rows {
                    let weight = weights?[row] ?? 1
                    for place in elements.range(row) {
                        let column = Int(elements.columns[place])
                        let difference = elements.values[place] - means[column]
                        sums[column] += weight * difference
                        sums[width + column] += weight * difference * difference
                    }
                }
            }
        }
        var squares = [Double](repeating: 0, count: width)
        for column in 0..<width {
            let absent = max(0, totalWeight - sums[width + column])
            let correction = (distances[column] - absent * means[column]) / totalWeight
            squares[column] =
                max(0, distances[width + column] + absent * means[column] * means[column] - totalWeight * correction * correction)
            means[column] += correction
        }
        self.init(means: means, squares: squares, totalWeight: totalWeight, scales: scales)
    }

    /// - Throws: `LearnerError.notFinite`, naming the first feature whose numbers are too large.
    func requireFinite(_ names: [String]) throws {
        guard let place = means.indices.first(where: { !means[$0].isFinite || !deviations[$0].isFinite }) else { return }
        throw LearnerError.notFinite("the mean or deviation of feature '\(names[place])'")
    }
}

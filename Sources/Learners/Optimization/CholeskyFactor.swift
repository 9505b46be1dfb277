/// The lower factor of a symmetric positive semidefinite matrix with something added to its diagonal.
struct CholeskyFactor {
    private let width: Int
    private let factor: [Double]
    private let isAliased: [Bool]

    /// Factors `products + diag(ridge)`.
    /// - Parameter products: row-major, width × width.
    /// - Complexity: O(width³).
    init(_ products: [Double], ridge: [Double]) {
        let width = ridge.count
        var factor = products
        var aliased = [Bool](repeating: false, count: width)
        for column in 0..<width {
            let diagonal = products[column * width + column] + ridge[column]
            var pivot = diagonal
            for k in 0..<column { pivot -= factor[column * width + k] * factor[column * width + k] }
            guard pivot > 1e-11 * diagonal, diagonal > 0 else {
                aliased[column] = true
                for row in column..<width { factor[row * width + column] = 0 }
                continue
            }
            let root = pivot.squareRoot()
            factor[column * width + column] = root
            for row in (column + 1)..<max(width, column + 1) {
                var value = products[row * width + column]
                for k in 0..<column { value -= factor[row * width + k] * factor[column * width + k] }
                factor[row * width + column] = value / root
            }
        }
        self.width = width
        self.factor = factor
        isAliased = aliased
    }

    /// Components whose pivot vanishes: sums of earlier ones, solved as 0.
    var aliased: [Int] { isAliased.indices.filter { isAliased[$0] } }

    /// Of each aliased component what the matrix takes to zero: 1 for itself, and for earlier ones what it is the sum of, negated.
    /// - Complexity: O(width²) a vector.
    func nullVector(of aliased: Int) -> [Double] {
        var vector = [Double](repeating: 0, count: width)
        for row in (0..<aliased).reversed() where !isAliased[row] {
            var share = factor[aliased * width + row]
            for k in (row + 1)..<max(aliased, row + 1) where !isAliased[k] { share += factor[k * width + row] * vector[k] }
            vector[row] = -share / factor[row * width + row]
        }
        vector[aliased] = 1
        return vector
    }

    /// - Complexity: O(width²).
    func solve(_ answers: [Double]) -> [Double] {
        var weights = answers
        for row in 0..<width {
            guard !isAliased[row] else {
                weights[row] = 0
                continue
            }
            for k in 0..<row { weights[row] -= factor[row * width + k] * weights[k] }
            weights[row] /= factor[row * width + row]
        }
        for row in (0..<width).reversed() {
            guard !isAliased[row] else {
                weights[row] = 0
                continue
            }
            for k in (row + 1)..<max(width, row + 1) where !isAliased[k] { weights[row] -= factor[k * width + row] * weights[k] }
            weights[row] /= factor[row * width + row]
        }
        return weights
    }
}

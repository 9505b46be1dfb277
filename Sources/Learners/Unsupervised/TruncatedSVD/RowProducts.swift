import FeatureTables

/// Products of the rows of a matrix, dense or sparse, as they are: `XᵀX` times some vectors, in one pass over the rows.
struct RowProducts {
    private let matrix: FeatureMatrix
    private let weights: [Double]?
    private let threads: Int

    init(_ matrix: FeatureMatrix, weights: [Double]?, threads: Int) {
        self.matrix = matrix
        self.weights = weights
        self.threads = threads
    }

    var width: Int { matrix.columnCount }

    /// The weighted sum of the rows' squared lengths.
    var squaredLength: Double {
        RowBlocks(rowCount: matrix.rowCount).sums(width: 1, threads: threads) { rows, sums in
            for row in rows {
                var square = 0.0
                forEachElement(row) { _, value in square += value * value }
                sums[0] += (weights?[row] ?? 1) * square
            }
        }[0]
    }

    /// `XᵀWX` times vectors.
    /// - Parameter vectors: `count` of them; feature-major: the numbers of feature `f` are those from `f * count`.
    /// - Returns: as many, laid out alike.
    func times(_ vectors: [Double], count: Int) -> [Double] {
        vectors.withUnsafeBufferPointer { vectors in
            RowBlocks(rowCount: matrix.rowCount, width: width * count).sums(width: width * count, threads: threads) { rows, sums in
                guard let first = vectors.baseAddress else { return }
                withUnsafeTemporaryAllocation(of: Double.self, capacity: max(count, 1)) { room in
                    guard let scores = room.baseAddress else { return }
                    for row in rows {
                        for place in 0..<count { scores[place] = 0 }
                        forEachElement(row) { feature, value in
                            let numbers = first + feature &* count
                            for place in 0..<count { scores[place] += value * numbers[place] }
                        }
                        if let weights { for place in 0..<count { scores[place] *= weights[row] } }
                        forEachElement(row) { feature, value in
                            let target = sums + feature &* count
                            for place in 0..<count { target[place] += value * scores[place] }
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private func forEachElement(_ row: Int, _ body: (_ feature: Int, _ value: Double) -> Void) {
        switch matrix.storage {
        case .dense(let elements):
            let values = UnsafePointer(elements) + row &* matrix.columnCount
            for feature in 0..<matrix.columnCount { body(feature, values[feature]) }
        case .sparse(let rows):
            for place in rows.range(row) { body(Int(rows.columns[place]), rows.values[place]) }
        }
    }
}

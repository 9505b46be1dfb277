import FeatureTables

/// How the elements of a sparse matrix are centred without making it dense: a column that every row has is shifted by its
/// mean where it is read, so that large offsets cost no digits; of the others the mean is taken off sums afterwards.
struct SparseCentring: Sendable {
    /// Taken off each element.
    let shifts: [Double]
    /// What is left of the means.
    let means: [Double]

    init(_ rows: FeatureMatrix.SparseRows, rowCount: Int, means: [Double]) {
        var counts = [Int](repeating: 0, count: means.count)
        counts.withUnsafeMutableBufferPointer { counts in
            for place in 0..<rows.rowStarts[rowCount] { counts[Int(rows.columns[place])] += 1 }
        }
        shifts = zip(counts, means).map { $0 == rowCount ? $1 : 0 }
        self.means = zip(shifts, means).map { $1 - $0 }
    }
}

extension FeatureMatrix.SparseRows {
    /// Σ weights · values of a row.
    @inline(__always)
    func dot(_ weights: UnsafePointer<Double>, _ row: Int) -> Double {
        var sum = 0.0
        for place in range(row) { sum += weights[Int(columns[place])] * values[place] }
        return sum
    }

    /// Σ weights · (values − shifts) of a row.
    @inline(__always)
    func dot(_ weights: UnsafePointer<Double>, _ row: Int, shifts: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        for place in range(row) {
            let column = Int(columns[place])
            sum += weights[column] * (values[place] - shifts[column])
        }
        return sum
    }

    /// sums += factor · (values − shifts) of a row.
    @inline(__always)
    func add(_ factor: Double, _ row: Int, shifts: UnsafePointer<Double>, to sums: UnsafeMutablePointer<Double>) {
        for place in range(row) {
            let column = Int(columns[place])
            sums[column] += factor * (values[place] - shifts[column])
        }
    }
}

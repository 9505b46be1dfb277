import FeatureTables

/// Features as models without a label see them: `(value − mean) · scale`.
struct FeatureScaling: Codable, Sendable, Equatable {
    var means: [Double]
    /// 0 for a feature with one value in all training rows, which then has no say.
    var scales: [Double]

    init(means: [Double], scales: [Double]) {
        self.means = means
        self.scales = scales
    }

    init(_ scaling: Standardization) {
        means = scaling.means
        scales = scaling.inverseDeviations
    }

    /// Whether it is of `width` features.
    func isConsistent(width: Int) -> Bool {
        means.count == width && scales.count == width && scales.allSatisfy { $0 >= 0 }
    }

    /// A scaled value on the feature's own scale.
    func original(_ value: Double, _ feature: Int) -> Double {
        scales[feature] > 0 ? value / scales[feature] + means[feature] : means[feature]
    }

    /// The rows of `matrix`, scaled as they are read; valid inside `body`.
    /// - Precondition: `matrix` has as many features.
    func withRows<Result>(of matrix: FeatureMatrix, _ body: (ScaledRows) throws -> Result) rethrows -> Result {
        // A matrix without features has nothing to point at, and nothing is read.
        let padded = means + [0], factors = scales + [0]
        let absent = zip(padded, factors).map { -$0 * $1 }
        return try padded.withUnsafeBufferPointer { means in
            try factors.withUnsafeBufferPointer { scales in
                try absent.withUnsafeBufferPointer { absent in
                    guard let mean = means.baseAddress, let scale = scales.baseAddress, let zero = absent.baseAddress else {
                        preconditionFailure("buffers of at least one element have an address")
                    }
                    defer { withExtendedLifetime(matrix) {} }
                    return try body(
                        ScaledRows(
                            storage: matrix.storage, width: matrix.columnCount, means: mean, scales: scale, absent: zero))
                }
            }
        }
    }
}

/// Rows that are scaled as they are read, dense or sparse alike.
struct ScaledRows: @unchecked Sendable {
    // Unchecked: nobody writes what it points to.
    let storage: FeatureMatrix.Storage
    let width: Int
    fileprivate let means: UnsafePointer<Double>
    fileprivate let scales: UnsafePointer<Double>
    /// What an element that a sparse row lacks becomes.
    fileprivate let absent: UnsafePointer<Double>

    fileprivate init(
        storage: FeatureMatrix.Storage, width: Int, means: UnsafePointer<Double>, scales: UnsafePointer<Double>,
        absent: UnsafePointer<Double>
    ) {
        self.storage = storage
        self.width = width
        self.means = means
        self.scales = scales
        self.absent = absent
    }

    @inline(__always)
    func read(_ row: Int, into target: UnsafeMutablePointer<Double>) {
        switch storage {
        case .dense(let elements):
            let source = UnsafePointer(elements) + row &* width
            for feature in 0..<width { target[feature] = (source[feature] - means[feature]) * scales[feature] }
        case .sparse(let rows):
            target.update(from: absent, count: width)
            for place in rows.range(row) {
                let feature = Int(rows.columns[place])
                target[feature] = (rows.values[place] - means[feature]) * scales[feature]
            }
        }
    }
}

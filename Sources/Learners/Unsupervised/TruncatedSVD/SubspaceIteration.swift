import FeatureTables

/// The greatest eigenvalues of `XᵀX` and their vectors by simultaneous iteration (Rutishauser, "Simultaneous iteration method for
/// symmetric matrices", 1970): some more vectors than are wanted are multiplied and made orthonormal again, until the wanted ones within
/// their space are eigenvectors.
struct SubspaceIteration {
    /// Squares of singular values, the greatest first.
    private(set) var values: [Double] = []
    /// Of length 1, one a value.
    private(set) var vectors: [[Double]] = []
    private(set) var iterations = 0
    private(set) var isConverged = false

    /// Vectors beyond those that are wanted, which make these come faster.
    private static let surplus = 10

    /// - Precondition: `count` is no more than the features.
    /// - Throws: `FeatureError.outOfMemory`, `LearnerError.cancelled`.
    init(
        _ products: RowProducts, count: Int, limit: Int, tolerance: Double, seed: Int, memory: ImportMemory, context: TrainingContext
    ) throws {
        let width = products.width, together = min(width, count + Self.surplus)
        let reservation = try ImportReservation(
            memory, for: "\(together) vectors of \(width) features", help: ImportMemory.fewerRows, bytes: 6 * together * width * 8)
        defer { withExtendedLifetime(reservation) {} }
        var random = RandomNumbers(seed: seed)
        var basis = (0..<width * together).map { _ in random.share() - 0.5 }
        Self.makeOrthonormal(&basis, width, together)
        while true {
            iterations += 1
            var product = products.times(basis, count: together)
            let ritz = Self.ritz(basis, product, width, together)
            values = ritz.values.prefix(count).map { max(0, $0) }
            let turned = Self.turned(basis, by: ritz.vectors, width, together, count)
            let image = Self.turned(product, by: ritz.vectors, width, together, count)
            let error = (0..<count).reduce(0.0) { worst, place in
                var square = 0.0
                for feature in 0..<width {
                    let difference = image[feature * count + place] - ritz.values[place] * turned[feature * count + place]
                    square += difference * difference
                }
                return max(worst, square.squareRoot())
            }
            isConverged = error <= tolerance * values[0] || together == width
            let goesOn = try context.advance(TrainingProgress(iteration: iterations, limit: limit, objective: error))
            if isConverged || iterations >= limit || !goesOn {
                vectors = (0..<count).map { place in (0..<width).map { turned[$0 * count + place] } }
                return
            }
            Self.makeOrthonormal(&product, width, together)
            basis = product
        }
    }

    /// Gram and Schmidt's way, twice, since once leaves what rounding leaves. What depends on those before becomes 0.
    private static func makeOrthonormal(_ vectors: inout [Double], _ width: Int, _ count: Int) {
        vectors.withUnsafeMutableBufferPointer { vectors in
            guard let first = vectors.baseAddress else { return }
            for place in 0..<count {
                let before = norm(first, place, width, count)
                for _ in 0..<2 {
                    for other in 0..<place {
                        var product = 0.0
                        for feature in 0..<width { product += first[feature * count + place] * first[feature * count + other] }
                        for feature in 0..<width { first[feature * count + place] -= product * first[feature * count + other] }
                    }
                }
                let length = norm(first, place, width, count)
                let factor = length > before * 1e-14 && length > 0 ? 1 / length : 0
                for feature in 0..<width { first[feature * count + place] *= factor }
            }
        }
    }

    private static func norm(_ vectors: UnsafeMutablePointer<Double>, _ place: Int, _ width: Int, _ count: Int) -> Double {
        var square = 0.0
        for feature in 0..<width { square += vectors[feature * count + place] * vectors[feature * count + place] }
        return square.squareRoot()
    }

    /// The eigenvalues, the greatest first, and eigenvectors of `basisᵀ · product`.
    private static func ritz(_ basis: [Double], _ product: [Double], _ width: Int, _ count: Int) -> (values: [Double], vectors: [[Double]]) {
        var small = [Double](repeating: 0, count: count * count)
        for feature in 0..<width {
            for row in 0..<count {
                let value = basis[feature * count + row]
                for column in 0..<count { small[row * count + column] += value * product[feature * count + column] }
            }
        }
        for row in 0..<count {
            for column in 0..<row {
                let mean = (small[row * count + column] + small[column * count + row]) / 2
                (small[row * count + column], small[column * count + row]) = (mean, mean)
            }
        }
        let eigen = SymmetricEigenvectors(small, size: count)
        let order = (0..<count).sorted { eigen.values[$0] != eigen.values[$1] ? eigen.values[$0] > eigen.values[$1] : $0 < $1 }
        return (order.map { eigen.values[$0] }, order.map { Array(eigen.vectors[$0 * count..<($0 + 1) * count]) })
    }

    /// The first `wanted` of `vectors · turns`.
    private static func turned(
        _ vectors: [Double], by turns: [[Double]], _ width: Int, _ count: Int, _ wanted: Int
    ) -> [Double] {
        var result = [Double](repeating: 0, count: width * wanted)
        for feature in 0..<width {
            for place in 0..<wanted {
                var sum = 0.0
                for other in 0..<count { sum += vectors[feature * count + other] * turns[place][other] }
                result[feature * wanted + place] = sum
            }
        }
        return result
    }
}

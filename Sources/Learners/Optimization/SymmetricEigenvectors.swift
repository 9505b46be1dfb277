/// Eigenvalues and eigenvectors of a small symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, "Matrix
/// Computations", 4th edition, algorithm 8.5.3).
struct SymmetricEigenvectors {
    let values: [Double]
    /// Row-major: row `k` is the vector of `values[k]`, of length 1.
    let vectors: [Double]

    /// - Complexity: O(size³) a sweep; some ten sweeps.
    init(_ matrix: [Double], size: Int) {
        var a = matrix
        var v = [Double](repeating: 0, count: size * size)
        for i in 0..<size { v[i * size + i] = 1 }
        let scale = matrix.reduce(0) { max($0, abs($1)) }
        for _ in 0..<60 {
            var off = 0.0
            for p in 0..<size { for q in (p + 1)..<max(size, p + 1) { off = max(off, abs(a[p * size + q])) } }
            if !(off > 1e-15 * scale) { break }
            for p in 0..<size {
                for q in (p + 1)..<max(size, p + 1) where a[p * size + q] != 0 {
                    let ratio = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q])
                    let tangent = (ratio >= 0 ? 1 : -1) / (abs(ratio) + (ratio * ratio + 1).squareRoot())
                    let cosine = 1 / (tangent * tangent + 1).squareRoot()
                    let sine = tangent * cosine
                    for k in 0..<size {
                        let x = a[k * size + p], y = a[k * size + q]
                        a[k * size + p] = cosine * x - sine * y
                        a[k * size + q] = sine * x + cosine * y
                    }
                    for k in 0..<size {
                        let x = a[p * size + k], y = a[q * size + k]
                        a[p * size + k] = cosine * x - sine * y
                        a[q * size + k] = sine * x + cosine * y
                        let s = v[p * size + k], t = v[q * size + k]
                        v[p * size + k] = cosine * s - sine * t
                        v[q * size + k] = sine * s + cosine * t
                    }
                }
            }
        }
        values = (0..<size).map { a[$0 * size + $0] }
        vectors = v
    }
}

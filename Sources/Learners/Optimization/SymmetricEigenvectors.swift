#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction to three diagonals, then implicit QL steps (Bowdler,
/// Martin, Reinsch and Wilkinson, "The QR and QL algorithms for symmetric matrices", 1968; EISPACK's TRED2 and TQL2).
package struct SymmetricEigenvectors {
    /// In no order.
    package let values: [Double]
    /// Row-major: row `k` is the vector of `values[k]`, of length 1.
    package let vectors: [Double]

    /// - Parameter matrix: of finite numbers.
    /// - Complexity: O(size³).
    package init(_ matrix: [Double], size: Int) {
        // Rows of `vectors` are the columns that the algorithm turns: it walks along them.
        var vectors = matrix
        var values = [Double](repeating: 0, count: size)
        var beside = values
        if size > 0 {
            vectors.withUnsafeMutableBufferPointer { vectors in
                values.withUnsafeMutableBufferPointer { values in
                    beside.withUnsafeMutableBufferPointer { beside in
                        guard let v = vectors.baseAddress, let d = values.baseAddress, let e = beside.baseAddress else { return }
                        Self.reduce(v, d, e, size)
                        Self.diagonalize(v, d, e, size)
                    }
                }
            }
        }
        self.values = values
        self.vectors = vectors
    }

    /// Makes `d` the diagonal and `e` the one beside it (from its second element on) of a matrix that `v` turns into the given one.
    private static func reduce(
        _ v: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>, _ n: Int
    ) {
        for j in 0..<n { d[j] = v[j * n + n - 1] }
        for i in Swift.stride(from: n - 1, to: 0, by: -1) {
            var scale = 0.0, h = 0.0
            for k in 0..<i { scale += abs(d[k]) }
            if scale == 0 {
                e[i] = d[i - 1]
                for j in 0..<i {
                    d[j] = v[j * n + i - 1]
                    v[j * n + i] = 0
                    v[i * n + j] = 0
                }
            } else {
                for k in 0..<i {
                    d[k] /= scale
                    h += d[k] * d[k]
                }
                var f = d[i - 1]
                var g = f > 0 ? -h.squareRoot() : h.squareRoot()
                e[i] = scale * g
                h -= f * g
                d[i - 1] = f - g
                for j in 0..<i { e[j] = 0 }
                for j in 0..<i {
                    f = d[j]
                    v[i * n + j] = f
                    let column = v + j * n
                    g = e[j] + column[j] * f
                    for k in (j + 1)..<max(i, j + 1) {
                        g += column[k] * d[k]
                        e[k] += column[k] * f
                    }
                    e[j] = g
                }
                f = 0
                for j in 0..<i {
                    e[j] /= h
                    f += e[j] * d[j]
                }
                let half = f / (h + h)
                for j in 0..<i { e[j] -= half * d[j] }
                for j in 0..<i {
                    f = d[j]
                    g = e[j]
                    let column = v + j * n
                    for k in j..<i { column[k] -= f * e[k] + g * d[k] }
                    d[j] = column[i - 1]
                    column[i] = 0
                }
            }
            d[i] = h
        }
        // The turns one after the other.
        for i in 0..<(n - 1) {
            v[i * n + n - 1] = v[i * n + i]
            v[i * n + i] = 1
            let h = d[i + 1], next = v + (i + 1) * n
            if h != 0 {
                for k in 0...i { d[k] = next[k] / h }
                for j in 0...i {
                    let column = v + j * n
                    let g = dot(next, column, i + 1)
                    for k in 0...i { column[k] -= g * d[k] }
                }
            }
            for k in 0...i { next[k] = 0 }
        }
        for j in 0..<n {
            d[j] = v[j * n + n - 1]
            v[j * n + n - 1] = 0
        }
        v[n * n - 1] = 1
        e[0] = 0
    }

    /// More steps than any eigenvalue takes.
    private static let mostSteps = 60

    /// Makes `d` the eigenvalues and the rows of `v` the eigenvectors.
    private static func diagonalize(
        _ v: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>, _ n: Int
    ) {
        for i in 1..<max(n, 1) { e[i - 1] = e[i] }
        e[n - 1] = 0
        var shift = 0.0, greatest = 0.0
        for l in 0..<n {
            greatest = max(greatest, abs(d[l]) + abs(e[l]))
            let small = 0x1p-52 * greatest
            var m = l
            while m < n - 1, abs(e[m]) > small { m += 1 }
            var steps = 0
            while m > l, abs(e[l]) > small, steps < mostSteps {
                steps += 1
                var g = d[l]
                var p = (d[l + 1] - g) / (2 * e[l])
                var r = hypot(p, 1)
                if p < 0 { r = -r }
                d[l] = e[l] / (p + r)
                d[l + 1] = e[l] * (p + r)
                let following = d[l + 1]
                var h = g - d[l]
                for i in (l + 2)..<max(n, l + 2) { d[i] -= h }
                shift += h
                p = d[m]
                var c = 1.0, c2 = 1.0, c3 = 1.0, s = 0.0, s2 = 0.0
                let beside = e[l + 1]
                for i in Swift.stride(from: m - 1, through: l, by: -1) {
                    c3 = c2
                    c2 = c
                    s2 = s
                    g = c * e[i]
                    h = c * p
                    r = hypot(p, e[i])
                    e[i + 1] = s * r
                    s = e[i] / r
                    c = p / r
                    p = c * d[i] - s * g
                    d[i + 1] = h + s * (c * g + s * d[i])
                    turn(v + i * n, v + (i + 1) * n, c, s, n)
                }
                p = -s * s2 * c3 * beside * e[l] / following
                e[l] = s * p
                d[l] = c * p
            }
            d[l] += shift
            e[l] = 0
        }
    }

    @inline(__always)
    private static func turn(
        _ one: UnsafeMutablePointer<Double>, _ other: UnsafeMutablePointer<Double>, _ cosine: Double, _ sine: Double,
        _ count: Int
    ) {
        for k in 0..<count {
            let x = one[k], y = other[k]
            other[k] = sine * x + cosine * y
            one[k] = cosine * x - sine * y
        }
    }
}

import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// How many different values a sketch has seen. While it holds hashes, only those that 26 bits do not tell apart are missing. Of registers
// there are two estimates: from the empty ones alone, and from the harmonic mean of all, put right by a table of what it says of known
// numbers of values (Kevin Lang, "Back to the Future: an Even More Nearly Optimal Cardinality Estimation Algorithm", 2017).

extension HLLSketch {
    var estimate: Double {
        guard hasRegisters else { return max(couponEstimate, Double(coupons.count)) }
        return historicEstimate ?? compositeEstimate
    }

    /// What lies so many standard deviations, 1 to 3, below and above the estimate.
    func bounds(_ deviations: Int) -> (lower: Double, upper: Double) {
        guard hasRegisters else {
            let error = Double(deviations) * 0.409 / Double(1 << 13), seen = Double(coupons.count)
            return (max(couponEstimate / (1 + error), seen), max(couponEstimate / (1 - error), seen))
        }
        let estimate = estimate, seen = Double(registers.count { $0 > 0 })
        return (
            max(estimate / (1 + relativeError(deviations, isUpper: false)), seen), estimate / (1 + relativeError(deviations, isUpper: true))
        )
    }

    private func relativeError(_ deviations: Int, isUpper: Bool) -> Double {
        let isHistoric = historicEstimate != nil
        guard lgK > HLLTables.largestWithErrors else {
            return HLLTables.errors(isHistoric: isHistoric, isUpper: isUpper)[(lgK - 4) * 3 + deviations - 1]
        }
        let factor = isHistoric ? 0.8325546 : 1.03896
        return (isUpper ? -1 : 1) * (Double(deviations) * factor) / Double(registers.count).squareRoot()
    }

    private var couponEstimate: Double {
        let known = HLLTables.coupons
        return Interpolation.value(at: Double(coupons.count), known.count, x: { known[$0].seen }) { known[$0].values }
    }

    private var compositeEstimate: Double {
        let size = Double(registers.count)
        let means = HLLTables.means(lgK), stride = HLLTables.stride(lgK), last = means.count - 1
        let raw = rawEstimate
        guard raw >= means[0] else { return 0 }
        guard raw <= means[last] else {
            let greatest = stride * Double(last)
            return raw * (greatest / means[last])
        }
        let adjusted = Interpolation.value(at: raw, means.count, x: { means[$0] }) { stride * Double($0) }
        // Few registers are empty then, so that they say little.
        guard adjusted <= 3 * size else { return adjusted }
        let linear = linearEstimate
        let crossing = lgK == 4 ? 0.718 : lgK == 5 ? 0.672 : 0.64
        return (adjusted + linear) / 2 > crossing * size ? adjusted : linear
    }

    /// From the harmonic mean of the registers.
    private var rawEstimate: Double {
        let size = Double(registers.count), sums = inversePowers
        let factor =
            switch lgK {
            case 4: 0.673
            case 5: 0.697
            case 6: 0.709
            default: 0.7213 / (1 + (1.079 / size))
            }
        return (factor * size * size) / (sums.coarse + sums.fine)
    }

    /// From the empty registers.
    private var linearEstimate: Double {
        let size = registers.count, empty = registers.count { $0 == 0 }
        guard empty > 0 else { return Double(size) * log(Double(size) / 0.5) }
        return Double(size) * (Self.harmonic(size) - Self.harmonic(empty))
    }

    /// 1 + 1/2 + … + 1/n, from 25 on by the series of Euler and Maclaurin.
    private static func harmonic(_ n: Int) -> Double {
        guard n >= 25 else { return n == 0 ? 0 : (1...n).reduce(0) { $0 + 1 / Double($1) } }
        let x = Double(n), square = 1 / (x * x)
        var sum = log(x) + 0.577215664901532860606512090082 + (1 / (2 * x))
        var power = square
        for term in [-1.0 / 12, 1.0 / 120, -1.0 / 252, 1.0 / 240] {
            sum += power * term
            power *= square
        }
        return sum
    }
}

/// Interpolation between known points by polynomials of the third degree.
enum Interpolation {
    /// - Parameters:
    ///   - count: of the points, at least 4, whose x ascend.
    ///   - at: from the first x to the last.
    static func value(at x: Double, _ count: Int, x point: (Int) -> Double, y: (Int) -> Double) -> Double {
        guard x < point(count - 1) else { return y(count - 1) }
        var low = 0, high = count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if point(middle) <= x { low = middle } else { high = middle }
        }
        let first = min(max(low - 1, 0), count - 4)
        var sum = 0.0
        for term in 0..<4 {
            var numerator = 1.0, denominator = 1.0
            for other in 0..<4 where other != term {
                numerator *= x - point(first + other)
                denominator *= point(first + term) - point(first + other)
            }
            sum += y(first + term) * numerator / denominator
        }
        return sum
    }
}

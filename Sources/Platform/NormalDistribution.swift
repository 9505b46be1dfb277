#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The standard normal distribution.
package enum NormalDistribution {
    /// The chance of a value up to `value`.
    package static func cumulative(_ value: Double) -> Double { erfc(-value / 2.0.squareRoot()) / 2 }

    /// The chance of a value at least as far from 0 as `value`.
    package static func twoSided(_ value: Double) -> Double { erfc(abs(value) / 2.0.squareRoot()) }

    /// The value that a share of all is below; infinite for 0 and 1. Exact to some 1e-15 (Acklam's approximation and a step of
    /// Halley's).
    package static func quantile(_ share: Double) -> Double {
        guard share > 0 else { return -.infinity }
        guard share < 1 else { return .infinity }
        let near = approximation(share)
        let error = cumulative(near) - share
        let step = error * (2 * Double.pi).squareRoot() * exp(near * near / 2)
        return step.isFinite ? near - step / (1 + near * step / 2) : near
    }

    private static func approximation(_ share: Double) -> Double {
        let tail = 0.02425
        func outer(_ share: Double) -> Double {
            let q = (-2 * log(share)).squareRoot()
            let above = ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q
                - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783
            let below = (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q
                + 3.754408661907416) * q + 1
            return above / below
        }
        if share < tail { return outer(share) }
        if share > 1 - tail { return -outer(1 - share) }
        let q = share - 0.5, r = q * q
        let above = (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r
            + 1.383577518672690e+02) * r - 3.066479806614716e+01) * r + 2.506628277459239) * q
        let below = ((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r
            + 6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1
        return above / below
    }
}

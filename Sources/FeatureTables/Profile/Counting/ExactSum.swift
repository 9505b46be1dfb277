/// A sum of floating-point numbers without rounding until it is read, so that their order does not matter. Numbers are added
/// as integers, those of 32 neighbouring exponents in one of 128 bits, which has room for 2⁴³ of them.
package struct ExactSum: Sendable {
    private static let binCount = 64
    private var bins = [Int128](repeating: 0, count: ExactSum.binCount)

    package init() {}

    /// - Parameter value: finite.
    package mutating func add(_ value: Double) {
        let bits = value.bitPattern
        let exponent = Int(truncatingIfNeeded: bits >> 52 & 0x7FF)
        // Subnormal numbers have the exponent of the least normal ones, and no leading bit.
        let fraction = bits & 0x000F_FFFF_FFFF_FFFF | (exponent > 0 ? 1 << 52 : 0)
        let place = max(exponent, 1) - 1
        let part = Int128(fraction) << Int128(place & 31)
        bins[place >> 5] &+= value.sign == .minus ? 0 &- part : part
    }

    package mutating func merge(_ other: ExactSum) {
        for bin in bins.indices { bins[bin] &+= other.bins[bin] }
    }

    package var value: Double {
        var sum = 0.0
        for bin in bins.indices.reversed() where bins[bin] != 0 {
            // The last bit of a bin's numbers is worth 2^(32·bin − 1074).
            sum += Double(bins[bin]) * Double(sign: .plus, exponent: 32 * bin - 1_074, significand: 1)
        }
        return sum
    }
}

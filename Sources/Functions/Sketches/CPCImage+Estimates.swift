#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// How many different values a CPC sketch has seen: what was counted while it was filled, or, of a union, what follows from the number of
// its bits.

extension CPCImage {
    var estimate: Double { historicEstimate ?? estimateOfBits }

    /// What lies so many standard deviations, 1 to 3, below and above the estimate.
    func bounds(_ deviations: Int) -> (lower: Double, upper: Double) {
        guard count > 0 else { return (0, 0) }
        let place = 3 * (lgK - 4) + deviations - 1
        let usual = historicEstimate == nil ? 0.693147180559945286 : 0.588705011257737332
        func error(_ measured: [Int16]) -> Double {
            let factor = lgK <= 14 ? Double(measured[place]) / 10000 : usual
            return Double(deviations) * (factor / Double(1 << lgK).squareRoot())
        }
        let estimate = estimate, isUnion = historicEstimate == nil
        return (
            max(estimate / (1 + error(isUnion ? CPCErrors.unionHigh : CPCErrors.historicHigh)), Double(count)),
            (estimate / (1 - error(isUnion ? CPCErrors.unionLow : CPCErrors.historicLow))).rounded(.up)
        )
    }

    private var estimateOfBits: Double {
        guard count > 1 else { return Double(count) }
        let size = Double(1 << lgK), bits = Double(count)
        guard bits <= (lgK < 14 ? 5.7 : 5.6) * size else { return 0.7940236163830469 * size * pow(2, bits / size) }
        let coefficients = cpcPolynomials[lgK - 4], x = bits / (2 * size)
        var factor = 0.0
        for coefficient in coefficients.reversed() { factor = factor * x + coefficient }
        let ratio = bits / size
        return max(bits * factor * (1 + (ratio * ratio * ratio / 66.774757)), bits)
    }
}

/// Errors of 1, 2 and 3 standard deviations times the root of the size, in ten-thousandths, for each lgK from 4 to 14, as the makers of
/// Apache DataSketches measured them.
private enum CPCErrors {
    static let unionLow: [Int16] = [
        6037, 5720, 5328, 6411, 6262, 5682, 6724, 6403, 6127, 6665, 6411, 6208, 6959, 6525, 6427, 6892, 6665,
        6619, 6792, 6752, 6690, 6899, 6818, 6708, 6871, 6845, 6812, 6909, 6861, 6828, 6919, 6897, 6842,
    ]
    static let unionHigh: [Int16] = [
        8031, 8559, 9309, 7084, 7959, 8660, 7141, 7514, 7876, 7458, 7430, 7572, 6892, 7141, 7497, 6889, 7132,
        7290, 7075, 7118, 7185, 7040, 7047, 7085, 6993, 7019, 7053, 6953, 7001, 6983, 6944, 6966, 7004,
    ]
    static let historicLow: [Int16] = [
        5871, 5247, 4826, 5877, 5403, 5070, 5873, 5533, 5304, 5878, 5632, 5464, 5874, 5690, 5564, 5880, 5745,
        5619, 5875, 5784, 5701, 5866, 5789, 5742, 5869, 5827, 5784, 5876, 5860, 5827, 5881, 5853, 5842,
    ]
    static let historicHigh: [Int16] = [
        5855, 6688, 7391, 5886, 6444, 6923, 5885, 6254, 6594, 5889, 6134, 6326, 5900, 6072, 6203, 5875, 6005,
        6089, 5871, 5980, 6040, 5889, 5941, 6015, 5871, 5926, 5973, 5866, 5901, 5915, 5880, 5914, 5953,
    ]
}

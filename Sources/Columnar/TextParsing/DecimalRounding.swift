/// The double nearest to mantissa × 10^exponent, for mantissas of up to nineteen digits.
///
/// One multiplication by a 128-bit power of five decides nearly every number (D. Lemire, "Number parsing at a gigabyte
/// per second", 2021); the others are nil and left to a conversion of any precision.
enum DecimalRounding {
    /// 5^-55 … 5^55, scaled to 128 bits with the highest one set. The positive ones are exact, the negative ones are
    /// rounded up.
    private static let powersOfFive: [UInt128] = {
        var powers: [UInt128] = []
        for exponent in stride(from: 55, through: 1, by: -1) { powers.append(reciprocal(power(exponent))) }
        for exponent in 0...55 {
            let value = power(exponent)
            powers.append(value << UInt128(value.leadingZeroBitCount))
        }
        return powers
    }()

    private static let exponents = -55...55

    private static func power(_ exponent: Int) -> UInt128 {
        var value: UInt128 = 1
        for _ in 0..<exponent { value &*= 5 }
        return value
    }

    /// The first 128 bits of 1 / `divisor`, rounded up.
    private static func reciprocal(_ divisor: UInt128) -> UInt128 {
        var quotient: UInt128 = 0
        var remainder: UInt128 = 1
        // Long division, one binary digit at a time, from the first digit that is one.
        while quotient.leadingZeroBitCount > 0 {
            let carries = remainder.leadingZeroBitCount == 0
            remainder = remainder << 1
            quotient = quotient << 1
            if carries || remainder >= divisor {
                remainder &-= divisor
                quotient |= 1
            }
        }
        return quotient &+ 1
    }

    /// nil: not decided. `mantissa` is not zero.
    static func double(_ mantissa: UInt64, exponent: Int) -> Double? {
        guard exponents.contains(exponent), mantissa != 0 else { return nil }
        let power = powersOfFive[exponent - exponents.lowerBound]
        let shift = mantissa.leadingZeroBitCount
        let normalized = mantissa << UInt64(shift)
        var (high, low) = normalized.multipliedFullWidth(by: UInt64(truncatingIfNeeded: power >> 64))
        if high & 0x1FF == 0x1FF {
            // The bits that decide the rounding may still change: take the power's lower half into account.
            let lower = normalized.multipliedFullWidth(by: UInt64(truncatingIfNeeded: power)).high
            let (sum, carry) = low.addingReportingOverflow(lower)
            low = sum
            if carry { high &+= 1 }
            if low == .max, exponent < -27 { return nil }
        }
        let top = Int(high >> 63)
        // 53 bits of the result and one more to round by.
        let dropped = UInt64(top + 9)
        var bits = high >> dropped
        // floor(log2(10^exponent)) by a fraction that is exact in this range.
        var binary = ((217_706 &* exponent) >> 16) &+ 63 &+ top &- shift &+ 1023
        guard binary > 0, binary < 2046 else { return nil }
        if low <= 1, exponent >= -4, exponent <= 23, bits & 3 == 1, bits << dropped == high {
            // Exactly between two doubles: to the even one.
            bits &= ~1
        }
        bits = (bits &+ (bits & 1)) >> 1
        if bits >= 1 << 53 {
            bits = 1 << 52
            binary &+= 1
        }
        return Double(bitPattern: bits & (1 << 52 &- 1) | UInt64(binary) << 52)
    }
}

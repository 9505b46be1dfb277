/// DECIMAL arithmetic on unscaled `Int128` values with Hive's rules: 38 digits at most, halves away from zero, and nil
/// (NULL) where a result does not fit its type.
package enum Decimals {
    package static let maximumPrecision = 38
    package static let maximumScale = 38

    /// 10^0 … 10^38.
    package static let powersOfTen: [Int128] = {
        var powers: [Int128] = [1]
        for _ in 0..<38 { powers.append((powers.last ?? 1) &* 10) }
        return powers
    }()

    /// 10^`digits`, with `digits` clamped to 0…38.
    @inline(__always)
    package static func powerOfTen(_ digits: Int) -> Int128 { powersOfTen[min(max(digits, 0), 38)] }

    /// The least value too large for `precision` digits.
    @inline(__always)
    static func limit(_ precision: Int) -> Int128 { powerOfTen(precision) }

    /// `value` when it has at most `precision` digits.
    @inline(__always)
    package static func checked(_ value: Int128, precision: Int) -> Int128? {
        let limit = limit(precision)
        return value < limit && value > -limit ? value : nil
    }

    /// The signed value of a magnitude when it has at most `precision` digits.
    @inline(__always)
    static func signed(_ magnitude: WideInteger, negative: Bool, precision: Int) -> Int128? {
        guard magnitude.high == 0, magnitude.low < UInt128(truncatingIfNeeded: limit(precision)) else { return nil }
        let value = Int128(truncatingIfNeeded: magnitude.low)
        return negative ? 0 &- value : value
    }

    /// The same number with another scale, rounded half up, when it fits `precision` digits.
    @inline(__always)
    package static func rescale(_ value: Int128, from: Int, to: Int, precision: Int) -> Int128? {
        if from == to { return checked(value, precision: precision) }
        if to > from {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: powerOfTen(to - from))
            return overflow || to - from > 38 ? (value == 0 ? 0 : nil) : checked(scaled, precision: precision)
        }
        return checked(roundedQuotient(value, powerOfTen(from - to)), precision: precision)
    }

    /// `value / divisor` (a positive power of ten), halves away from zero.
    @inline(__always)
    static func roundedQuotient(_ value: Int128, _ divisor: Int128) -> Int128 {
        if let small = Int64(exactly: value), let smallDivisor = Int64(exactly: divisor) {
            let (quotient, remainder) = small.quotientAndRemainder(dividingBy: smallDivisor)
            let twice = remainder.magnitude &* 2
            guard twice >= smallDivisor.magnitude, divisor > 1 else { return Int128(quotient) }
            return Int128(quotient) &+ (small < 0 ? -1 : 1)
        }
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        guard divisor > 1, remainder.magnitude &* 2 >= divisor.magnitude else { return quotient }
        return quotient &+ (value < 0 ? -1 : 1)
    }

    /// `left + right` at `scale`.
    package static func add(
        _ left: Int128, scale leftScale: Int, _ right: Int128, scale rightScale: Int, precision: Int, scale: Int
    ) -> Int128? {
        let common = max(leftScale, rightScale)
        let a = WideInteger(product: left.magnitude, powerOfTen(common - leftScale).magnitude)
        let b = WideInteger(product: right.magnitude, powerOfTen(common - rightScale).magnitude)
        var sum: WideInteger
        var negative = left < 0
        if (left < 0) == (right < 0) {
            sum = a &+ b
        } else if a < b {
            sum = b &- a
            negative = right < 0
        } else {
            sum = a &- b
        }
        if common > scale {
            sum = sum.dividedByPowerOfTen(common - scale)
        } else if common < scale {
            guard let scaled = multiplied(sum, powerOfTen: scale - common) else { return nil }
            sum = scaled
        }
        return signed(sum, negative: negative, precision: precision)
    }

    private static func multiplied(_ value: WideInteger, powerOfTen digits: Int) -> WideInteger? {
        guard value.high == 0, digits <= 38 else { return value == .zero ? .zero : nil }
        return WideInteger(product: value.low, powerOfTen(digits).magnitude)
    }

    /// `left * right` at `scale`; the product's own scale is `productScale`.
    package static func multiply(
        _ left: Int128, _ right: Int128, productScale: Int, precision: Int, scale: Int
    ) -> Int128? {
        var product = WideInteger(product: left.magnitude, right.magnitude)
        if productScale > scale {
            product = product.dividedByPowerOfTen(productScale - scale)
        } else if productScale < scale {
            guard let scaled = multiplied(product, powerOfTen: scale - productScale) else { return nil }
            product = scaled
        }
        return signed(product, negative: (left < 0) != (right < 0), precision: precision)
    }

    /// `left / right` at `scale`; nil for a zero divisor.
    package static func divide(
        _ left: Int128, scale leftScale: Int, _ right: Int128, scale rightScale: Int, precision: Int, scale: Int
    ) -> Int128? {
        guard right != 0 else { return nil }
        let negative = (left < 0) != (right < 0)
        let divisor = right.magnitude
        var shift = scale - leftScale + rightScale
        if shift < 0 {
            // The quotient has more digits than asked for: enlarge the divisor instead.
            let (larger, overflow) = divisor.multipliedReportingOverflow(by: powerOfTen(-shift).magnitude)
            if overflow { return 0 }
            return signed(
                WideInteger(roundedQuotient(left.magnitude, larger)), negative: negative, precision: precision)
        }
        let limit = UInt128(truncatingIfNeeded: Decimals.limit(precision))
        if shift <= 38 {
            let (scaled, overflow) = left.magnitude.multipliedReportingOverflow(by: powerOfTen(shift).magnitude)
            if !overflow {
                return signed(WideInteger(roundedQuotient(scaled, divisor)), negative: negative, precision: precision)
            }
        }
        var (quotient, remainder) = left.magnitude.quotientAndRemainder(dividingBy: divisor)
        guard quotient < limit else { return nil }
        while shift > 0 {
            let step = min(shift, 38)
            let power = powerOfTen(step).magnitude
            let (digits, rest) = divisor.dividingFullWidth(remainder.multipliedFullWidth(by: power))
            let (shifted, overflow) = quotient.multipliedReportingOverflow(by: power)
            guard !overflow, shifted < limit else { return nil }
            quotient = shifted &+ digits
            guard quotient < limit else { return nil }
            remainder = rest
            shift -= step
        }
        if remainder >= divisor &- remainder { quotient &+= 1 }
        return signed(WideInteger(quotient), negative: negative, precision: precision)
    }

    private static func roundedQuotient(_ value: UInt128, _ divisor: UInt128) -> UInt128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder >= divisor &- remainder && remainder > 0 ? quotient &+ 1 : quotient
    }

    /// `left % right` with the sign of `left`; nil for a zero divisor.
    package static func remainder(
        _ left: Int128, scale leftScale: Int, _ right: Int128, scale rightScale: Int, precision: Int, scale: Int
    ) -> Int128? {
        guard right != 0 else { return nil }
        let common = max(leftScale, rightScale)
        let divisor = WideInteger(product: right.magnitude, powerOfTen(common - rightScale).magnitude)
        let dividend = WideInteger(product: left.magnitude, powerOfTen(common - leftScale).magnitude)
        var rest: WideInteger
        if dividend < divisor {
            rest = dividend
        } else if divisor.high == 0 {
            rest = WideInteger(dividend.quotientAndRemainder(dividingBy: divisor.low).remainder)
        } else {
            // Only the divisor was scaled up, so the quotient is below 10^38 and few steps of long division remain.
            rest = longRemainder(dividend, divisor)
        }
        if common > scale { rest = rest.dividedByPowerOfTen(common - scale) }
        if common < scale {
            guard let scaled = multiplied(rest, powerOfTen: scale - common) else { return nil }
            rest = scaled
        }
        return signed(rest, negative: left < 0, precision: precision)
    }

    private static func longRemainder(_ dividend: WideInteger, _ divisor: WideInteger) -> WideInteger {
        var rest = dividend
        var shifted = divisor
        var shifts = 0
        while shifted.high >> 127 == 0, shifted < rest {
            shifted = shifted &+ shifted
            shifts += 1
        }
        while shifts >= 0 {
            if !(rest < shifted) { rest = rest &- shifted }
            shifted = WideInteger(high: shifted.high >> 1, low: shifted.low >> 1 | shifted.high << 127)
            shifts -= 1
        }
        return rest
    }

    /// Negative, zero or positive.
    @inline(__always)
    package static func compare(_ left: Int128, scale leftScale: Int, _ right: Int128, scale rightScale: Int) -> Int {
        if leftScale == rightScale { return left < right ? -1 : left > right ? 1 : 0 }
        if (left < 0) != (right < 0) { return left < right ? -1 : 1 }
        let common = max(leftScale, rightScale)
        let a = WideInteger(product: left.magnitude, powerOfTen(common - leftScale).magnitude)
        let b = WideInteger(product: right.magnitude, powerOfTen(common - rightScale).magnitude)
        if a == b { return 0 }
        return (a < b) == (left >= 0) ? -1 : 1
    }

    /// The value without trailing zeros after the point, and its scale.
    @inline(__always)
    package static func trimmed(_ value: Int128, scale: Int) -> (value: Int128, scale: Int) {
        if value == 0 { return (0, 0) }
        var scale = scale
        if var small = Int64(exactly: value) {
            while scale > 0 {
                let quotient = small / 10
                guard quotient &* 10 == small else { break }
                small = quotient
                scale -= 1
            }
            return (Int128(small), scale)
        }
        var value = value
        while scale > 0 {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { break }
            value = quotient
            scale -= 1
        }
        return (value, scale)
    }

    /// The nearest double.
    @inline(__always)
    package static func double(_ value: Int128, scale: Int) -> Double {
        if let small = Int64(exactly: value), small.magnitude <= 1 << 53, scale <= 22 {
            return Double(small) / exactDoublePowers[scale]
        }
        return slowDouble(value, scale)
    }

    private static let exactDoublePowers: [Double] = {
        var powers: [Double] = [1]
        for _ in 0..<22 { powers.append((powers.last ?? 1) * 10) }
        return powers
    }()

    @inline(never)
    private static func slowDouble(_ value: Int128, _ scale: Int) -> Double {
        Double("\(value)e-\(scale)") ?? 0
    }

    /// The digits `digits` × 10^`exponent` as a value of the given type, rounded half up.
    package static func make(
        digits: UInt128, exponent: Int, negative: Bool, precision: Int, scale: Int
    ) -> Int128? {
        if digits == 0 { return 0 }
        let shift = exponent + scale
        if shift >= 0 {
            guard shift <= 38 else { return nil }
            return signed(
                WideInteger(product: digits, powerOfTen(shift).magnitude), negative: negative, precision: precision)
        }
        if -shift > 76 { return 0 }
        return signed(WideInteger(digits).dividedByPowerOfTen(-shift), negative: negative, precision: precision)
    }
}

/// The decimal digits that Java prints of a floating-point number: the fewest that read back as the same number, but
/// more for whole numbers beyond the mantissa's reach, of which Java (up to 18) drops only digits that cannot matter.
enum ShortestDigits {
    /// Digits d₁d₂… (no zeros at the end) and the exponent of 0.d₁d₂…; `value` is positive and finite.
    ///
    /// Java prints two digits at least and then takes the nearest such number, which differs from one digit and a zero
    /// only for the least subnormal numbers.
    static func of(_ value: Double) -> (digits: UInt64, exponent: Int) {
        switch value.bitPattern {
        case 1: (49, -323)
        case 2: (99, -323)
        default: whole(value, significandBits: 53) ?? usual(value) ?? parse("\(value)")
        }
    }

    static func of(_ value: Float) -> (digits: UInt64, exponent: Int) {
        if value.bitPattern <= 7 {
            let digits = UInt64((Double(value) * 1e46).rounded())
            return (digits % 10 == 0 ? digits / 10 : digits, -44)
        }
        return whole(value, significandBits: 24) ?? parse("\(value)")
    }

    private static func whole<T: BinaryFloatingPoint>(
        _ value: T, significandBits: Int
    ) -> (digits: UInt64, exponent: Int)? {
        let exponent = Int(value.exponent)
        guard exponent >= significandBits, exponent <= 62 else { return nil }
        var unit: UInt64 = 1
        var dropped = 0
        while unit &* 10 <= 1 << UInt64(max(exponent - significandBits - 1, 0)) {
            unit &*= 10
            dropped += 1
        }
        var digits = (UInt64(value) &+ unit / 2) / unit
        let length = NumberFormatter.digitCount(digits) + dropped
        while digits % 10 == 0 { digits /= 10 }
        return (digits, length)
    }

    /// Takes the standard library's shortest form (`5e-324`, `123.25`) apart.
    private static func parse(_ description: String) -> (digits: UInt64, exponent: Int) {
        var description = description
        return description.withUTF8 { text in
            var digits: UInt64 = 0
            var zeros = 0
            var count = 0
            var pointAt: Int?
            var leading = 0
            var exponent = 0
            var position = 0
            while position < text.count {
                let byte = text[position]
                if byte == 0x2E {
                    pointAt = count
                } else if byte | 0x20 == 0x65 {
                    var negative = false
                    position += 1
                    while position < text.count {
                        if text[position] == 0x2D { negative = true }
                        let digit = text[position] &- 0x30
                        if digit <= 9 { exponent = exponent &* 10 &+ Int(digit) }
                        position += 1
                    }
                    if negative { exponent = -exponent }
                    break
                } else {
                    let digit = byte &- 0x30
                    if digit <= 9 {
                        count += 1
                        if digit == 0 {
                            if digits == 0 { leading += 1 } else { zeros += 1 }
                        } else {
                            for _ in 0..<zeros { digits = digits &* 10 }
                            zeros = 0
                            digits = digits &* 10 &+ UInt64(digit)
                        }
                    }
                }
                position += 1
            }
            return (digits, exponent + (pointAt ?? count) - leading)
        }
    }

    /// The method of Giulietti ("Schubfach"): scales the number and the ends of the interval that reads back as it by a
    /// power of ten, to whole numbers, and picks the shortest between. nil for numbers beyond the table of powers
    /// (about 10^-43 to 10^17) and subnormal ones.
    @inline(__always)
    private static func usual(_ value: Double) -> (digits: UInt64, exponent: Int)? {
        let bits = value.bitPattern
        let biased = Int(bits >> 52)
        guard biased > 0, biased < 2047 else { return nil }
        let fraction = bits & (1 << 52 - 1)
        let significand = fraction | 1 << 52
        let power = biased - 1075
        let isRegular = fraction != 0
        // Floors of logarithms by fixed-point multiplication.
        let decimalPower = (power &* 661_971_961_083 &- (isRegular ? 0 : 274_743_187_321)) >> 41
        guard decimalPower <= 0, -decimalPower < scales.count else { return nil }
        let scale = scales[-decimalPower]
        let shift = UInt64(truncatingIfNeeded: power &+ ((-decimalPower &* 913_124_641_741) >> 38) &+ 2)
        let isOdd = significand & 1
        let middle = significand << 2
        let scaled = rounded(scale, middle << shift)
        let lower = rounded(scale, (middle &- (isRegular ? 2 : 1)) << shift) &+ isOdd
        let upper = rounded(scale, (middle &+ 2) << shift) &- isOdd
        let floor = scaled >> 2
        var digits: UInt64
        if floor >= 100 {
            let shorter = floor / 10 &* 10
            let isBelowInside = lower <= shorter << 2
            let isAboveInside = (shorter &+ 10) << 2 <= upper
            if isBelowInside != isAboveInside {
                digits = isBelowInside ? shorter : shorter &+ 10
                return stripped(digits, decimalPower)
            }
        }
        let isBelowInside = lower <= floor << 2
        let isAboveInside = (floor &+ 1) << 2 <= upper
        if isBelowInside != isAboveInside {
            digits = isBelowInside ? floor : floor &+ 1
        } else {
            let half = floor << 2 &+ 2
            digits = scaled < half || (scaled == half && floor & 1 == 0) ? floor : floor &+ 1
        }
        return stripped(digits, decimalPower)
    }

    @inline(__always)
    private static func stripped(_ digits: UInt64, _ power: Int) -> (digits: UInt64, exponent: Int) {
        let exponent = NumberFormatter.digitCount(digits) + power
        var digits = digits
        while true {
            let quotient = digits / 10
            guard quotient &* 10 == digits else { return (digits, exponent) }
            digits = quotient
        }
    }

    /// `scale` × `value` / 2^126, with a last bit that says whether anything was cut off.
    @inline(__always)
    private static func rounded(_ scale: (high: UInt64, low: UInt64), _ value: UInt64) -> UInt64 {
        let lowHigh = scale.low.multipliedFullWidth(by: value).high
        let (high, low) = scale.high.multipliedFullWidth(by: value)
        let middle = (low >> 1) &+ lowHigh
        let mask: UInt64 = 1 << 63 - 1
        return (high &+ (middle >> 63)) | (((middle & mask) &+ mask) >> 63)
    }

    /// 10^0 … 10^60, each scaled to 126 bits, rounded up, and cut into halves of 63 bits.
    private static let scales: [(high: UInt64, low: UInt64)] = (0...60).map { exponent in
        let first = min(exponent, 38)
        let number = WideInteger(
            product: Decimals.powerOfTen(first).magnitude, Decimals.powerOfTen(exponent - first).magnitude)
        let bits = number.high == 0 ? 128 - number.low.leadingZeroBitCount : 256 - number.high.leadingZeroBitCount
        var scaled: UInt128
        if bits <= 126 {
            scaled = number.low << UInt128(126 - bits)
        } else {
            let cut = UInt128(bits - 126)
            scaled = cut >= 128 ? number.high >> (cut - 128) : number.low >> cut | (cut == 0 ? 0 : number.high << (128 - cut))
        }
        scaled += 1
        let mask: UInt128 = 1 << 63 - 1
        return (UInt64(truncatingIfNeeded: scaled >> 63), UInt64(truncatingIfNeeded: scaled & mask))
    }
}

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
        default: whole(value, significandBits: 53) ?? parse("\(value)")
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
}

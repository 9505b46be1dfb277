/// The fewest decimal digits that read back as the same floating-point number.
enum ShortestDigits {
    /// Digits d₁d₂… (no zeros at the end) and the exponent of 0.d₁d₂…; `value` is positive and finite.
    ///
    /// Java prints two digits at least and then takes the nearest such number, which differs from one digit and a zero
    /// only for the least subnormal numbers.
    static func of(_ value: Double) -> (digits: UInt64, exponent: Int) {
        switch value.bitPattern {
        case 1: (49, -323)
        case 2: (99, -323)
        default: parse("\(value)")
        }
    }

    static func of(_ value: Float) -> (digits: UInt64, exponent: Int) {
        if value.bitPattern <= 7 {
            let digits = UInt64((Double(value) * 1e46).rounded())
            return (digits % 10 == 0 ? digits / 10 : digits, -44)
        }
        return parse("\(value)")
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

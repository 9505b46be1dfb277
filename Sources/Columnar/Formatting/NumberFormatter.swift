/// Numbers as text, the way Java prints them.
package enum NumberFormatter {
    @inline(__always)
    package static func append(_ value: Int64, to buffer: ByteBuffer) {
        let place = buffer.reserve(20)
        var used = 0
        if value < 0 {
            place[0] = 0x2D
            used = 1
        }
        used += write(value.magnitude, place + used)
        buffer.advance(used)
    }

    /// Writes decimal digits and returns how many.
    @inline(__always)
    static func write(_ magnitude: UInt64, _ place: UnsafeMutablePointer<UInt8>) -> Int {
        if magnitude < 10 {
            place[0] = 0x30 &+ UInt8(truncatingIfNeeded: magnitude)
            return 1
        }
        let length = digitCount(magnitude)
        var rest = magnitude
        var at = length
        while at > 0 {
            at &-= 1
            let quotient = rest / 10
            place[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest &- quotient &* 10)
            rest = quotient
        }
        return length
    }

    @inline(__always)
    static func digitCount(_ magnitude: UInt64) -> Int {
        var count = 1
        var rest = magnitude
        while rest >= 10_000 {
            rest /= 10_000
            count &+= 4
        }
        if rest >= 1000 { return count &+ 3 }
        if rest >= 100 { return count &+ 2 }
        return rest >= 10 ? count &+ 1 : count
    }

    /// `value` with at least `width` digits, zero padded.
    @inline(__always)
    package static func append(_ value: Int, width: Int, to buffer: ByteBuffer) {
        if width == 2, value >= 0, value < 100 {
            let place = buffer.reserve(2)
            place[0] = 0x30 &+ UInt8(truncatingIfNeeded: value / 10)
            place[1] = 0x30 &+ UInt8(truncatingIfNeeded: value % 10)
            return buffer.advance(2)
        }
        let negative = value < 0
        let magnitude = UInt64(value.magnitude)
        let length = digitCount(magnitude)
        if negative { buffer.append(0x2D) }
        buffer.append(repeating: 0x30, count: width - length)
        buffer.advance(write(magnitude, buffer.reserve(20)))
    }

    /// DECIMAL. `trimming` drops zeros at the end of the fraction, as casts to STRING do.
    package static func append(_ value: Int128, scale: Int, trimming: Bool, to buffer: ByteBuffer) {
        var (value, scale) = (value, scale)
        if trimming { (value, scale) = Decimals.trimmed(value, scale: scale) }
        if value < 0 { buffer.append(0x2D) }
        let place = buffer.reserve(80)
        var length: Int
        if let small = UInt64(exactly: value.magnitude) {
            length = write(small, place)
        } else {
            let (high, low) = value.magnitude.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
            // 38 digits and a bit: the upper part may itself exceed nineteen digits only beyond DECIMAL's range.
            length = write(UInt64(truncatingIfNeeded: high), place)
            var rest = UInt64(truncatingIfNeeded: low)
            var at = length + 19
            while at > length {
                at -= 1
                place[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            length += 19
        }
        if scale > 0 {
            if length <= scale {
                let pad = scale + 1 - length
                var at = length - 1
                while at >= 0 {
                    place[at + pad] = place[at]
                    at -= 1
                }
                for at in 0..<pad { place[at] = 0x30 }
                length += pad
            }
            var at = length
            let point = length - scale
            while at > point {
                place[at] = place[at - 1]
                at -= 1
            }
            place[point] = 0x2E
            length += 1
        }
        buffer.advance(length)
    }

    /// A number from 0.001 to 10^7 that has at most four decimals, as `whole` × 10^-`decimals`: what most columns hold.
    /// nil for every other number. The digits are the shortest that read back.
    @inline(__always)
    static func fewDecimals(_ magnitude: Double) -> (whole: UInt64, decimals: Int)? {
        guard magnitude < 1e7, magnitude >= 1e-3 else { return nil }
        var power = 1.0
        for decimals in 0...4 {
            // A whole number of so few digits divided by an exact power of ten is rounded once, as a reader would.
            let whole = (magnitude * power).rounded()
            if whole / power == magnitude { return (UInt64(whole), decimals) }
            power *= 10
        }
        return nil
    }

    /// As `Double.toString` of Java: the shortest digits that read back, `1.0E10` from 10^7 and below 10^-3.
    @inline(__always)
    package static func append(_ value: Double, to buffer: ByteBuffer) {
        if let (whole, decimals) = fewDecimals(value.magnitude) {
            return append(fixed: whole, decimals: decimals, negative: value < 0, to: buffer)
        }
        if value.isNaN { return buffer.append("NaN") }
        if value.isInfinite { return buffer.append(value < 0 ? "-Infinity" : "Infinity") }
        if value == 0 { return buffer.append(value.sign == .minus ? "-0.0" : "0.0") }
        let (digits, exponent) = ShortestDigits.of(value.magnitude)
        append(digits: digits, exponent: exponent, negative: value < 0, to: buffer)
    }

    /// As `Float.toString` of Java.
    package static func append(_ value: Float, to buffer: ByteBuffer) {
        if value.isNaN { return buffer.append("NaN") }
        if value.isInfinite { return buffer.append(value < 0 ? "-Infinity" : "Infinity") }
        if value == 0 { return buffer.append(value.sign == .minus ? "-0.0" : "0.0") }
        let (digits, exponent) = ShortestDigits.of(value.magnitude)
        append(digits: digits, exponent: exponent, negative: value < 0, to: buffer)
    }

    /// `whole` × 10^-`decimals`, with at least one decimal.
    @inline(__always)
    private static func append(fixed whole: UInt64, decimals: Int, negative: Bool, to buffer: ByteBuffer) {
        let place = buffer.reserve(32)
        var used = 0
        if negative {
            place[0] = 0x2D
            used = 1
        }
        // Divisions by a constant are multiplications.
        let (integer, power): (UInt64, UInt64) =
            switch decimals {
            case 0: (whole, 1)
            case 1: (whole / 10, 10)
            case 2: (whole / 100, 100)
            case 3: (whole / 1000, 1000)
            default: (whole / 10_000, 10_000)
            }
        used &+= write(integer, place + used)
        place[used] = 0x2E
        used &+= 1
        if decimals == 0 {
            place[used] = 0x30
            used &+= 1
        } else {
            var rest = whole &- integer &* power
            var at = decimals
            while at > 0 {
                at &-= 1
                place[used &+ at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            used &+= decimals
        }
        buffer.advance(used)
    }

    /// 0.d₁d₂… × 10^`exponent`, in Java's plain or scientific form.
    private static func append(digits: UInt64, exponent: Int, negative: Bool, to buffer: ByteBuffer) {
        if negative { buffer.append(0x2D) }
        let text = buffer.reserve(64)
        let length = digitCount(digits)
        if exponent > -3, exponent <= 7 {
            if exponent <= 0 {
                text[0] = 0x30
                text[1] = 0x2E
                for at in 0..<(0 - exponent) { text[2 + at] = 0x30 }
                buffer.advance(2 - exponent + write(digits, text + 2 - exponent))
            } else if length <= exponent {
                _ = write(digits, text)
                for at in length..<exponent { text[at] = 0x30 }
                text[exponent] = 0x2E
                text[exponent + 1] = 0x30
                buffer.advance(exponent + 2)
            } else {
                _ = write(digits, text + 1)
                for at in 0..<exponent { text[at] = text[at + 1] }
                text[exponent] = 0x2E
                buffer.advance(length + 1)
            }
            return
        }
        _ = write(digits, text + 1)
        text[0] = text[1]
        text[1] = 0x2E
        var used = length + 1
        if length == 1 {
            text[2] = 0x30
            used = 3
        }
        text[used] = 0x45
        buffer.advance(used + 1)
        append(Int64(exponent - 1), to: buffer)
    }
}

import CKernels

extension TextParsing {
    /// What Java's `Double.parseDouble` reads: surrounding blanks, a sign, `NaN`, `Infinity`, decimal and hexadecimal
    /// forms, and a trailing `d` or `f`. Rounded correctly.
    package static func double(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Double? {
        if let short = shortDouble(bytes, count) { return short }
        switch parts(bytes, count) {
        case .invalid: return nil
        case .decimal(let parts):
            if let exact = exactDouble(parts) { return exact }
            return slowDecimal(parts, as: Double.self)
        case .special(let value): return value
        case .hexadecimal(let text, let negative):
            return Double(text).map { negative ? -$0 : $0 }
        }
    }

    /// What Java's `Float.parseFloat` reads; rounded once, not by way of a double.
    package static func float(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Float? {
        if let short = shortDouble(bytes, count), isUnambiguousAsFloat(short) { return Float(short) }
        switch parts(bytes, count) {
        case .invalid: return nil
        case .decimal(let parts):
            // The double is the correctly rounded value; rounding it again is wrong only from halfway between floats.
            if let exact = exactDouble(parts), isUnambiguousAsFloat(exact) { return Float(exact) }
            return slowDecimal(parts, as: Float.self)
        case .special(let value): return Float(value)
        case .hexadecimal(let text, let negative):
            return Float(text).map { negative ? -$0 : $0 }
        }
    }

    /// A number of at most 16 digits, with or without a point, whose double is one division away; nil: read it the long way.
    @inline(__always)
    private static func shortDouble(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Double? {
        guard count > 0 else { return nil }
        let isNegative = bytes.pointee == 0x2D
        let digits = count &- (isNegative ? 1 : 0)
        guard UInt(bitPattern: digits &- 1) < 16 else { return nil }
        let parsed = hiveql_parse_lone_decimal(bytes + (isNegative ? 1 : 0), digits)
        guard parsed.is_valid, parsed.mantissa <= 1 << 53 else { return nil }
        let value = Double(Int64(truncatingIfNeeded: parsed.mantissa)) / exactPowersOfTen[Int(parsed.fraction)]
        return Double(bitPattern: value.bitPattern | (isNegative ? 1 << 63 : 0))
    }

    /// Whether rounding `value`, itself rounded from a decimal number, to a float gives the number's nearest float.
    @inlinable @inline(__always)
    package static func isUnambiguousAsFloat(_ value: Double) -> Bool {
        let magnitude = value.magnitude
        return value == 0
            || (value.bitPattern & 0x1FFF_FFFF != 0x1000_0000 && magnitude > 1e-37 && magnitude < 3.4e38)
    }

    /// A decimal number taken apart.
    @usableFromInline
    struct DecimalParts {
        var negative = false
        /// The first nineteen significant digits.
        var mantissa: UInt64 = 0
        /// Power of ten of `mantissa`.
        var exponent = 0
        /// Digits other than zero were left out of `mantissa`.
        var truncated = false
        /// The digits, point and exponent, without sign and type suffix.
        var text: UnsafeBufferPointer<UInt8>
    }

    private enum Parts {
        case invalid
        case decimal(DecimalParts)
        case special(Double)
        /// Without its sign.
        case hexadecimal(String, negative: Bool)
    }

    @inline(__always)
    private static func parts(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Parts {
        var (text, length) = trimmed(bytes, count)
        guard length > 0 else { return .invalid }
        var negative = false
        if text[0] == 0x2D || text[0] == 0x2B {
            negative = text[0] == 0x2D
            text += 1
            length &-= 1
            guard length > 0 else { return .invalid }
        }
        let lead = text[0]
        if lead &- 0x30 > 9, lead != 0x2E { return special(text, length, negative) }
        if length > 2, lead == 0x30, text[1] | 0x20 == 0x78 { return hexadecimal(text, length, negative) }

        var mantissa: UInt64 = 0
        var significant = 0
        var exponent = 0
        var truncated = false
        var digits = 0
        var at = 0
        while at < length {
            let digit = text[at] &- 0x30
            if digit > 9 { break }
            if significant < 19 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
                if mantissa != 0 { significant &+= 1 }
            } else {
                exponent &+= 1
                if digit != 0 { truncated = true }
            }
            at &+= 1
        }
        digits = at
        if at < length, text[at] == 0x2E {
            at &+= 1
            let first = at
            while at < length {
                let digit = text[at] &- 0x30
                if digit > 9 { break }
                if significant < 19 {
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    if mantissa != 0 { significant &+= 1 }
                    exponent &-= 1
                } else if digit != 0 {
                    truncated = true
                }
                at &+= 1
            }
            digits &+= at &- first
        }
        guard digits > 0 else { return .invalid }
        if at < length, text[at] | 0x20 == 0x65 {
            at &+= 1
            var down = false
            if at < length, text[at] == 0x2D || text[at] == 0x2B {
                down = text[at] == 0x2D
                at &+= 1
            }
            let first = at
            var written = 0
            while at < length {
                let digit = text[at] &- 0x30
                if digit > 9 { break }
                if written < 1_000_000 { written = written &* 10 &+ Int(digit) }
                at &+= 1
            }
            guard at > first else { return .invalid }
            exponent = down ? exponent &- written : exponent &+ written
        }
        let numberEnd = at
        if at < length, isTypeSuffix(text[at]) { at &+= 1 }
        guard at == length else { return .invalid }
        return .decimal(
            DecimalParts(
                negative: negative, mantissa: mantissa, exponent: exponent, truncated: truncated,
                text: UnsafeBufferPointer(start: text, count: numberEnd)))
    }

    @inline(__always)
    private static func isTypeSuffix(_ byte: UInt8) -> Bool {
        byte | 0x20 == 0x64 || byte | 0x20 == 0x66
    }

    /// The correctly rounded value, unless it takes more than the mantissa to find it.
    @inline(__always)
    private static func exactDouble(_ parts: DecimalParts) -> Double? {
        guard !parts.truncated else { return nil }
        let value: Double
        if parts.mantissa == 0 {
            value = 0
        } else if parts.mantissa <= 1 << 53, parts.exponent >= -22, parts.exponent <= 22 {
            let mantissa = Double(parts.mantissa)
            value =
                parts.exponent < 0
                ? mantissa / exactPowersOfTen[0 &- parts.exponent] : mantissa * exactPowersOfTen[parts.exponent]
        } else if let rounded = DecimalRounding.double(parts.mantissa, exponent: parts.exponent) {
            value = rounded
        } else {
            return nil
        }
        return parts.negative ? -value : value
    }

    private static func slowDecimal<T: BinaryFloatingPoint & LosslessStringConvertible>(
        _ parts: DecimalParts, as: T.Type
    ) -> T? {
        // Out of reach of every double: the conversion need not see millions of digits.
        let leading = parts.exponent &+ 19
        if parts.mantissa == 0 || leading < -400 { return parts.negative ? -0.0 : 0 }
        if parts.exponent > 400 { return parts.negative ? -T.infinity : T.infinity }
        let value = T(String(decoding: parts.text, as: UTF8.self)) ?? 0
        return parts.negative ? -value : value
    }

    private static func special(_ text: UnsafePointer<UInt8>, _ length: Int, _ negative: Bool) -> Parts {
        if length == 3, matches(text, "NaN") { return .special(.nan) }
        if length == 8, matches(text, "Infinity") { return .special(negative ? -.infinity : .infinity) }
        return .invalid
    }

    private static func matches(_ text: UnsafePointer<UInt8>, _ word: StaticString) -> Bool {
        equalBytes(text, word.utf8Start, word.utf8CodeUnitCount)
    }

    /// `0x`, digits with at most one point, and an exponent of two that must be there.
    private static func hexadecimal(_ text: UnsafePointer<UInt8>, _ length: Int, _ negative: Bool) -> Parts {
        var at = 2
        var digits = 0
        var points = 0
        while at < length {
            let byte = text[at]
            if byte == 0x2E, points == 0 {
                points = 1
            } else if byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 6 {
                digits += 1
            } else {
                break
            }
            at += 1
        }
        guard digits > 0, at < length, text[at] | 0x20 == 0x70 else { return .invalid }
        at += 1
        if at < length, text[at] == 0x2D || text[at] == 0x2B { at += 1 }
        let first = at
        while at < length, text[at] &- 0x30 <= 9 { at += 1 }
        guard at > first else { return .invalid }
        var numberEnd = at
        if at < length, isTypeSuffix(text[at]) { at += 1 }
        guard at == length else { return .invalid }
        if at == numberEnd { numberEnd = length }
        var spelled = String(decoding: UnsafeBufferPointer(start: text, count: numberEnd), as: UTF8.self).lowercased()
        // Swift wants a digit on both sides of the point.
        spelled = spelled.replacing("0x.", with: "0x0.").replacing(".p", with: ".0p")
        return .hexadecimal(spelled, negative: negative)
    }
}

extension StringProtocol {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return String(self) }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }

    private func firstRange(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}

/// 10^0 … 10^22: the powers of ten that a double holds exactly.
@usableFromInline let exactPowersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
]

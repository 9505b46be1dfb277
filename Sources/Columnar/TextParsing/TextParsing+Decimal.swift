extension TextParsing {
    /// The unscaled value of a decimal number at `scale`, rounded half up; nil when it has more than `precision`
    /// digits. Forms: sign, digits with a point, an exponent of two digits at most (leading zeros aside); no blanks.
    package static func decimal(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, precision: Int, scale: Int
    ) -> Int128? {
        var at = 0
        var negative = false
        if count > 0, bytes[0] == 0x2D || bytes[0] == 0x2B {
            negative = bytes[0] == 0x2D
            at = 1
        }
        var unscaled: UInt64 = 0
        var ownScale = 0
        let first = at
        // Eighteen characters fit 64 bits; longer numbers take the wide path.
        guard count &- at <= 18 else { return wideDecimal(bytes, count, first, negative, precision, scale) }
        while at < count {
            let digit = bytes[at] &- 0x30
            if digit > 9 { break }
            unscaled = unscaled &* 10 &+ UInt64(digit)
            at &+= 1
        }
        var digits = at &- first
        if at < count, bytes[at] == 0x2E {
            at &+= 1
            let start = at
            while at < count {
                let digit = bytes[at] &- 0x30
                if digit > 9 { break }
                unscaled = unscaled &* 10 &+ UInt64(digit)
                at &+= 1
            }
            ownScale = at &- start
            digits &+= ownScale
        }
        guard at == count else { return wideDecimal(bytes, count, first, negative, precision, scale) }
        guard digits > 0 else { return nil }
        let value = Int128(unscaled)
        return Decimals.rescale(negative ? 0 &- value : value, from: ownScale, to: scale, precision: precision)
    }

    /// Any length. As Hive keeps 38 digits: more digits before the point do not fit, those behind it are rounded to the
    /// room that is left, before the exponent moves the point.
    private static func wideDecimal(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ first: Int, _ negative: Bool, _ precision: Int, _ scale: Int
    ) -> Int128? {
        var at = first
        var unscaled: Int128 = 0
        var significant = 0
        var digits = 0
        while at < count {
            let digit = bytes[at] &- 0x30
            if digit > 9 { break }
            if unscaled != 0 || digit != 0 {
                guard significant < 38 else { return nil }
                unscaled = unscaled &* 10 &+ Int128(digit)
                significant += 1
            }
            digits += 1
            at += 1
        }
        var ownScale = 0
        if at < count, bytes[at] == 0x2E {
            at += 1
            var roundsUp = false
            var full = false
            while at < count {
                let digit = bytes[at] &- 0x30
                if digit > 9 { break }
                if !full, significant < 38, ownScale < 38 {
                    unscaled = unscaled &* 10 &+ Int128(digit)
                    ownScale += 1
                    if unscaled != 0 { significant += 1 }
                } else if !full {
                    full = true
                    roundsUp = digit >= 5
                }
                digits += 1
                at += 1
            }
            if roundsUp {
                unscaled &+= 1
                if unscaled >= Decimals.powersOfTen[38] {
                    guard ownScale > 0 else { return nil }
                    unscaled /= 10
                    ownScale -= 1
                }
            }
        }
        guard digits > 0 else { return nil }
        if at < count {
            guard bytes[at] | 0x20 == 0x65 else { return nil }
            at += 1
            var down = false
            if at < count, bytes[at] == 0x2D || bytes[at] == 0x2B {
                down = bytes[at] == 0x2D
                at += 1
            }
            let start = at
            var exponent = 0
            while at < count {
                let digit = bytes[at] &- 0x30
                if digit > 9 { return nil }
                exponent = exponent * 10 + Int(digit)
                guard exponent < 100 else { return nil }
                at += 1
            }
            guard at > start else { return nil }
            ownScale += down ? exponent : -exponent
        }
        if unscaled == 0 { return 0 }
        if ownScale < 0 {
            guard ownScale >= -38 else { return nil }
            let (scaled, overflow) = unscaled.multipliedReportingOverflow(by: Decimals.powersOfTen[-ownScale])
            guard !overflow, scaled < Decimals.powersOfTen[38] else { return nil }
            unscaled = scaled
            ownScale = 0
        } else if ownScale > 38 {
            let excess = ownScale - 38
            guard excess <= 38, let rounded = Decimals.rescale(unscaled, from: excess, to: 0, precision: 38) else {
                return 0
            }
            unscaled = rounded
            ownScale = 38
        }
        return Decimals.rescale(negative ? 0 &- unscaled : unscaled, from: ownScale, to: scale, precision: precision)
    }
}

/// Numbers as reports show them.
package enum ReportNumber {
    /// Rounded half away from zero to `digits` decimal places.
    package static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value * scale).rounded()
        guard abs(scaled) < 9e15 else { return "\(value)" }
        let whole = Int64(scaled)
        let unit = Int64(scale)
        let sign = whole < 0 ? "-" : ""
        guard digits > 0 else { return "\(whole)" }
        let fraction = "\(whole.magnitude % UInt64(unit))"
        return "\(sign)\(whole.magnitude / UInt64(unit))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// Four significant digits, plain or with an exponent, whichever reads better.
    package static func short(_ value: Double) -> String {
        let size = abs(value)
        if value == 0 || !value.isFinite { return value == 0 ? "0" : "\(value)" }
        if size >= 1e6 || size < 1e-4 {
            var exponent = 0
            var mantissa = value
            while abs(mantissa) >= 10 { mantissa /= 10; exponent += 1 }
            while abs(mantissa) < 1 { mantissa *= 10; exponent -= 1 }
            return "\(fixed(mantissa, 3))e\(exponent)"
        }
        return fixed(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 5)
    }

    /// A share as a percentage; small ones with a digit more.
    package static func percent(_ share: Double) -> String {
        "\(fixed(share * 100, share < 0.001 && share > 0 ? 3 : 1)) %"
    }

    /// A count or a sum of weights, thousands apart by commas.
    package static func count(_ value: Double) -> String {
        guard value == value.rounded(), abs(value) < 1e15 else { return fixed(value, 2) }
        let digits = Array("\(Int64(abs(value)))")
        var text = value < 0 ? "-" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}

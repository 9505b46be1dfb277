/// A pattern of Java's `DecimalFormat`, as far as number patterns go: `#,##0.00`, `0.##E0`, literal text around it, and a second
/// pattern whose text stands round negative numbers.
struct DecimalPattern: Sendable {
    private struct Affixes: Sendable, Equatable {
        var prefix = "", suffix = ""
    }

    private var positive = Affixes()
    /// nil: a minus sign and the text of positive numbers.
    private var negative: Affixes?
    private var minimumWhole = 0, minimumFraction = 0, maximumFraction = 0
    private var isGrouped = false
    private var multiplier = 0
    /// Digits of an exponent at least, and digits before the point at most; nil without an exponent.
    private var exponent: (minimumDigits: Int, maximumWhole: Int)?

    /// `places` decimals with grouping.
    init(places: Int) {
        minimumWhole = 1
        minimumFraction = places
        maximumFraction = places
        isGrouped = true
    }

    init(_ pattern: String) {
        let halves = pattern.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        var digits = ""
        (positive, digits, multiplier) = Self.parts(halves.first ?? "")
        if halves.count == 2 {
            let other = Self.parts(halves[1]).affixes
            if other != positive { negative = other }
        }
        let mantissa = digits.prefix { $0 != "E" }
        let parts = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = parts.first ?? "", fraction = parts.count == 2 ? parts[1] : ""
        isGrouped = whole.contains(",")
        minimumWhole = whole.filter { $0 == "0" }.count
        minimumFraction = fraction.filter { $0 == "0" }.count
        maximumFraction = fraction.filter { $0 != "," }.count
        if minimumWhole + minimumFraction == 0, parts.count == 2 {
            // Without a 0, Java takes the last # before the point for one, or the first behind it.
            if whole.contains("#") { minimumWhole = 1 } else { minimumFraction = min(maximumFraction, 1) }
        }
        if mantissa.count < digits.count {
            exponent = (digits.count - mantissa.count - 1, whole.filter { $0 != "," }.count)
        }
    }

    /// What stands round the digits, the digits' own pattern, and by which power of ten the number is multiplied.
    private static func parts(_ pattern: Substring) -> (affixes: Affixes, digits: String, multiplier: Int) {
        var affixes = Affixes()
        var digits = ""
        var multiplier = 0
        var isQuoted = false
        for character in pattern {
            if character == "'" {
                isQuoted.toggle()
            } else if !isQuoted, "#0,.".contains(character) || (character == "E" && !digits.isEmpty && affixes.suffix.isEmpty) {
                digits.append(character)
            } else {
                if character == "%", !isQuoted { multiplier = 2 }
                if digits.isEmpty { affixes.prefix.append(character) } else { affixes.suffix.append(character) }
            }
        }
        return (affixes, digits, multiplier)
    }

    func format(_ number: (digits: [UInt8], point: Int), negative isNegative: Bool) -> String {
        let scaled = (digits: number.digits, point: number.point + multiplier)
        return affixed(exponent.map { scientific(scaled, $0.minimumDigits, $0.maximumWhole) } ?? fixed(scaled), negative: isNegative)
    }

    /// An infinity with what stands round numbers.
    func infinity(negative isNegative: Bool) -> String { affixed("∞", negative: isNegative) }

    private func affixed(_ text: String, negative isNegative: Bool) -> String {
        guard isNegative else { return positive.prefix + text + positive.suffix }
        guard let negative else { return "-" + positive.prefix + text + positive.suffix }
        return negative.prefix + text + negative.suffix
    }

    private func fixed(_ number: (digits: [UInt8], point: Int)) -> String {
        var parts = NumberText.rounded(number, negative: false, places: maximumFraction, mode: .halfEven)
        trim(&parts.fraction)
        if parts.whole == "0", minimumWhole == 0, !parts.fraction.isEmpty { parts.whole = "" }
        while parts.whole.count < minimumWhole { parts.whole = "0" + parts.whole }
        return joined(isGrouped ? NumberText.grouped(parts.whole) : parts.whole, parts.fraction)
    }

    /// With more places before the point than have to be there, the exponent is a multiple of their number.
    private func scientific(_ number: (digits: [UInt8], point: Int), _ exponentDigits: Int, _ maximumWhole: Int) -> String {
        let zeros = number.digits.prefix { $0 == 0 }.count
        let isZero = zeros == number.digits.count
        let significant = max(maximumWhole + maximumFraction, 1)
        var point = isZero ? 1 : number.point - zeros
        let rounded = NumberText.rounded(
            (isZero ? [0] : Array(number.digits[zeros...]), 1), negative: false, places: significant - 1, mode: .halfEven)
        if rounded.whole.count > 1 { point += 1 }
        let digits = rounded.whole + rounded.fraction
        var power = 0
        if !isZero {
            if maximumWhole > 1, maximumWhole > minimumWhole {
                power = (point - 1 - (point > 0 ? 0 : maximumWhole - 1)) / maximumWhole * maximumWhole
            } else {
                power = point - minimumWhole
            }
        }
        let wholeCount = isZero ? max(minimumWhole, 1) : max(point - power, 0)
        let padded = digits + String(repeating: "0", count: max(wholeCount - digits.count, 0))
        var fraction = String(padded.dropFirst(wholeCount))
        while fraction.count < minimumFraction { fraction.append("0") }
        trim(&fraction)
        let magnitude = String(power.magnitude)
        let leading = String(repeating: "0", count: max(exponentDigits - magnitude.count, 0))
        return joined(String(padded.prefix(wholeCount)), fraction) + (power < 0 ? "E-" : "E") + leading + magnitude
    }

    private func trim(_ fraction: inout String) {
        while fraction.count > minimumFraction, fraction.hasSuffix("0") { fraction.removeLast() }
    }

    private func joined(_ whole: String, _ fraction: String) -> String { whole + (fraction.isEmpty ? "" : "." + fraction) }
}

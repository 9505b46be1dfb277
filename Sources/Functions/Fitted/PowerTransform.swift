import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A family of powers, of which one makes numbers nearly normal.
enum PowerFamily: String, CaseIterable, Sendable {
    /// `((1 + x)^λ - 1) / λ`; of negative numbers `-((1 - x)^(2 - λ) - 1) / (2 - λ)`. For all numbers.
    case yeoJohnson = "yeo-johnson"
    /// `(x^λ - 1) / λ`. For positive numbers.
    case boxCox = "box-cox"

    /// What is added to a number before its power is taken.
    var offset: Double { self == .yeoJohnson ? 1 : 0 }
}

/// `((base / anchor)^λ - 1) / λ`, which for λ = 0 is the logarithm, and how fast it changes with λ.
private enum Power {
    /// - Parameter logarithm: of the base.
    @inline(__always)
    static func value(_ logarithm: Double, _ lambda: Double) -> Double {
        let exponent = lambda * logarithm
        return lambda == 0 || exponent == 0 ? logarithm : expm1(exponent) / lambda
    }

    /// Value and derivative, both times `exp(-shift)`, so that powers beyond the greatest number can be compared.
    @inline(__always)
    static func slope(_ logarithm: Double, _ lambda: Double, shift: Double) -> (value: Double, derivative: Double) {
        let exponent = lambda * logarithm
        if abs(exponent) < 0.03 {
            // What would be subtracted is nearly equal: (t e^t - (e^t - 1)) / t² as a series.
            let last = 1.0 / 144 + exponent * (1.0 / 840 + exponent / 5760)
            let series = 1.0 / 2 + exponent * (1.0 / 3 + exponent * (1.0 / 8 + exponent * (1.0 / 30 + exponent * last)))
            let scale = exp(-shift)
            return (value(logarithm, lambda) * scale, logarithm * logarithm * series * scale)
        }
        let scaled = exponent < 1 ? expm1(exponent) * exp(-shift) : exp(exponent - shift) - exp(-shift)
        let value = scaled / lambda
        return (value, (logarithm * exp(exponent - shift) - value) / lambda)
    }
}

/// A power that was chosen for a column of numbers: `(power - center) / spread`.
struct PowerTransform: NumberTransform {
    private var family = PowerFamily.yeoJohnson
    private var lambda = 1.0
    /// Whether it is the power of the numbers with their signs turned, with its sign turned.
    private var isReflected = false
    /// The number whose power is 0. Powers are taken about a number of the column when `center` and `spread` take that out
    /// again: the powers of 2015 and 2016 would not differ in the digits that a number has.
    private var anchor = 0.0
    private var center = 0.0
    private var spread = 1.0
    private var isKnown = true

    static let unknown = PowerTransform(isKnown: false)

    private init(isKnown: Bool) { self.isKnown = isKnown }

    func callAsFunction(_ value: Double) -> Double? {
        guard isKnown else { return nil }
        // Hive's logarithm of such numbers is NULL, too.
        guard family == .yeoJohnson || !(value <= 0) else { return nil }
        let scaled = (power(isReflected ? -value : value) - center) / spread
        return isReflected ? -scaled : scaled
    }

    @inline(__always)
    private func power(_ value: Double) -> Double {
        let offset = family.offset
        guard value < 0 else { return Power.value(Self.logarithm(value, anchor, offset), lambda) }
        let below = Power.value(log1p(-value), 2 - lambda)
        guard anchor > 0 else { return -below }
        let ofZero = -log1p(anchor)
        return Power.value(ofZero, lambda) - below * exp(lambda * ofZero)
    }

    /// The logarithm of `(offset + value) / (offset + anchor)`, exact for near numbers too.
    @inline(__always)
    private static func logarithm(_ value: Double, _ anchor: Double, _ offset: Double) -> Double {
        let distance = (value - anchor) / (offset + anchor)
        if abs(distance) < 0.5 { return log1p(distance) }
        return offset == 0 ? log(value) - log(anchor) : log1p(value) - log1p(anchor)
    }

    // MARK: bytes

    func write(to writer: inout FittedStateWriter) {
        writer.write(UInt8(PowerFamily.allCases.firstIndex(of: family) ?? 0))
        for number in [lambda, anchor, center, spread] { writer.write(number) }
        writer.write(isReflected)
        writer.write(isKnown)
    }

    init(_ reader: inout FittedStateReader) throws {
        let families = PowerFamily.allCases, family = Int(try reader.number(UInt8.self))
        guard families.indices.contains(family) else { throw reader.damage }
        self.family = families[family]
        lambda = try reader.finite()
        anchor = try reader.finite()
        center = try reader.finite()
        spread = try reader.finite()
        isReflected = try reader.flag()
        isKnown = try reader.flag()
        guard spread > 0, anchor >= 0, self.family == .yeoJohnson || (anchor > 0 && !isReflected) else { throw reader.damage }
    }
}

extension PowerTransform {
    /// The power under which numbers are most likely to come from a normal distribution.
    /// - Parameters:
    ///   - numbers: different ones, ascending, and how often each came. Box and Cox's family learns from positive ones alone.
    ///   - isStandardized: whether results have a mean of 0 and a standard deviation (by n) of 1.
    /// - Returns: nil of no numbers.
    init?(_ family: PowerFamily, of numbers: [(value: Double, count: Int64)], isStandardized: Bool) {
        var numbers = family == .boxCox ? Array(numbers.drop { $0.value <= 0 }) : numbers
        guard let least = numbers.first?.value, let greatest = numbers.last?.value else { return nil }
        self.init(isKnown: true)
        self.family = family
        // Of numbers on one side of 0 the logarithms are compared with that of one in their middle.
        isReflected = greatest <= 0 && least < 0
        if isReflected { numbers = numbers.reversed().map { (-$0.value, $0.count) } }
        let isOneSided = family == .boxCox || least >= 0 || isReflected
        let middle = isOneSided ? numbers[numbers.count / 2].value : 0
        let sample = PowerSample(
            numbers.map { number, count in
                let logarithm = number < 0 ? -log1p(-number) : Self.logarithm(number, middle, family.offset)
                return (logarithm, Double(count))
            }, isOneSided: isOneSided)
        lambda = least < greatest ? sample.mostLikelyLambda : 1
        if isStandardized, let (mean, deviation) = sample.moments(lambda) {
            anchor = middle
            center = mean
            if deviation > 0 { spread = deviation }
        } else {
            anchor = family == .boxCox ? 1 : 0
        }
    }
}

/// Numbers of which powers are taken.
private struct PowerSample {
    /// Logarithms of the bases; of negative numbers, where there are positive ones too, with the sign turned.
    private let numbers: [(logarithm: Double, weight: Double)]
    private let total: Double
    /// Whether there is one family of powers for all; else there is another for negative logarithms.
    private let isOneSided: Bool

    init(_ numbers: [(logarithm: Double, weight: Double)], isOneSided: Bool) {
        self.numbers = numbers
        self.isOneSided = isOneSided
        total = numbers.reduce(0) { $0 + $1.weight }
    }

    /// A number's power and how fast it changes with λ, both times `exp(-shift)`.
    @inline(__always)
    private func slope(_ logarithm: Double, _ lambda: Double, shift: Double) -> (value: Double, derivative: Double) {
        guard !isOneSided, logarithm < 0 else { return Power.slope(logarithm, lambda, shift: shift) }
        let (value, derivative) = Power.slope(-logarithm, 2 - lambda, shift: shift)
        return (-value, derivative)
    }

    /// Of the powers; nil where one of them is too great for a number.
    func moments(_ lambda: Double) -> (mean: Double, deviation: Double)? {
        func power(_ number: (logarithm: Double, weight: Double)) -> Double { slope(number.logarithm, lambda, shift: 0).value }
        // In parts of the greatest, whose squares are no greater than 1.
        let unit = numbers.reduce(0) { max($0, abs(power($1))) }
        guard unit.isFinite else { return nil }
        guard unit > 0 else { return (0, 0) }
        let mean = numbers.reduce(0) { $0 + power($1) / unit * $1.weight } / total
        let squares = numbers.reduce(0) { sum, number in
            let distance = power(number) / unit - mean
            return sum + distance * distance * number.weight
        }
        return (mean * unit, (squares / total).squareRoot() * unit)
    }

    /// How fast the mean logarithm of the likelihood grows with λ. The likelihood's logarithm is concave, so this falls, and is 0
    /// where the likelihood is greatest.
    ///
    /// It is `-log(variance of the powers) / 2 + (λ - 1) · mean of the logarithms`, but for what does not depend on λ. Dividing all
    /// bases by an anchor changes the first summand by as much as the second.
    private func likelihoodSlope(_ lambda: Double) -> Double {
        var greatest = 0.0
        for number in numbers {
            greatest = max(greatest, isOneSided || number.logarithm >= 0 ? lambda * number.logarithm : (lambda - 2) * number.logarithm)
        }
        // Only quotients matter, so what is too great is made smaller for all.
        let shift = greatest > 300 ? greatest : 0
        var meanLogarithm = 0.0, mean = 0.0, meanDerivative = 0.0
        for number in numbers {
            let (value, derivative) = slope(number.logarithm, lambda, shift: shift)
            meanLogarithm += number.logarithm * number.weight
            mean += value * number.weight
            meanDerivative += derivative * number.weight
        }
        meanLogarithm /= total
        mean /= total
        meanDerivative /= total
        var variance = 0.0, covariance = 0.0
        for number in numbers {
            let (value, derivative) = slope(number.logarithm, lambda, shift: shift)
            variance += (value - mean) * (value - mean) * number.weight
            covariance += (value - mean) * (derivative - meanDerivative) * number.weight
        }
        let result = meanLogarithm - covariance / variance
        // Where powers do not differ any more λ is much too far from 1.
        return result.isFinite ? result : 1 - lambda
    }

    /// The zero of `likelihoodSlope`. A bracket of it is cut where a line through its ends says (an end that stays twice counts
    /// half), and every third time in the middle.
    var mostLikelyLambda: Double {
        var low = 1.0, high = 1.0
        var lowSlope = likelihoodSlope(1), highSlope = lowSlope
        guard lowSlope != 0 else { return 1 }
        let isUpwards = lowSlope > 0
        var step = 1.0
        // Logarithms that differ by as little as numbers can ask for no greater λ.
        while step < 1e18, isUpwards ? highSlope > 0 : lowSlope < 0 {
            if isUpwards {
                (low, lowSlope) = (high, highSlope)
                high += step
                highSlope = likelihoodSlope(high)
            } else {
                (high, highSlope) = (low, lowSlope)
                low -= step
                lowSlope = likelihoodSlope(low)
            }
            step *= 2
        }
        var lastCut: Int?
        for round in 1...200 {
            guard high - low > 1e-13 * max(1, abs(low), abs(high)), lowSlope > 0, highSlope < 0 else { break }
            var next = round % 3 == 0 ? low + (high - low) / 2 : (low * highSlope - high * lowSlope) / (highSlope - lowSlope)
            if !(next > low && next < high) { next = low + (high - low) / 2 }
            guard next > low, next < high else { break }
            let slope = likelihoodSlope(next)
            guard slope != 0 else { return next }
            if slope > 0 {
                (low, lowSlope) = (next, slope)
                if lastCut == 1 { highSlope /= 2 }
            } else {
                (high, highSlope) = (next, slope)
                if lastCut == -1 { lowSlope /= 2 }
            }
            lastCut = slope > 0 ? 1 : -1
        }
        return low + (high - low) / 2
    }
}

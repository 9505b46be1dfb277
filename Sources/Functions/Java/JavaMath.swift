#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Columnar

// Methods of `java.lang.Math` and `StrictMath`.

private func ofDouble(_ body: @escaping @Sendable (Double) -> Double) -> [JavaMethod] {
    [JavaMethod { (x: Double) -> Double? in body(x) }]
}

private func ofDoubles(_ body: @escaping @Sendable (Double, Double) -> Double) -> [JavaMethod] {
    [JavaMethod { (x: Double, y: Double) -> Double? in body(x, y) }]
}

/// The same of INT and of BIGINT; nil where Java throws.
private func ofIntegers(
    _ ints: @escaping @Sendable (Int32, Int32) -> Int32?, _ longs: @escaping @Sendable (Int64, Int64) -> Int64?
) -> [JavaMethod] {
    [JavaMethod(ints), JavaMethod(longs)]
}

private func exact<T: FixedWidthInteger>(_ result: (partialValue: T, overflow: Bool)) -> T? {
    result.overflow ? nil : result.partialValue
}

private func floorDivision<T: FixedWidthInteger>(_ a: T, _ b: T) -> T? {
    guard b != 0 else { return nil }
    let quotient = a.dividedReportingOverflow(by: b).partialValue
    return (a ^ b) < 0 && quotient &* b != a ? quotient &- 1 : quotient
}

private func floorRemainder<T: FixedWidthInteger>(_ a: T, _ b: T) -> T? {
    floorDivision(a, b).map { a &- $0 &* b }
}

/// The greater, or the less, as Java has it: NaN wins, and 0.0 is greater than -0.0.
private func extreme<T: BinaryFloatingPoint>(_ a: T, _ b: T, isMaximum: Bool) -> T {
    if a.isNaN || b.isNaN { return .nan }
    if a == b { return (a.sign == .minus) == isMaximum ? b : a }
    return (a > b) == isMaximum ? a : b
}

private func extremes(isMaximum: Bool) -> [JavaMethod] {
    ofIntegers({ isMaximum ? max($0, $1) : min($0, $1) }, { isMaximum ? max($0, $1) : min($0, $1) }) + [
        JavaMethod { (a: Double, b: Double) -> Double? in extreme(a, b, isMaximum: isMaximum) },
        JavaMethod { (a: Float, b: Float) -> Float? in extreme(a, b, isMaximum: isMaximum) },
    ]
}

let javaMathMethods: [String: [JavaMethod]] = [
    "abs": [
        JavaMethod { (x: Int32) -> Int32? in x < 0 ? 0 &- x : x },
        JavaMethod { (x: Int64) -> Int64? in x < 0 ? 0 &- x : x },
        JavaMethod { (x: Double) -> Double? in x.magnitude },
        JavaMethod { (x: Float) -> Float? in x.magnitude },
    ],
    "max": extremes(isMaximum: true), "min": extremes(isMaximum: false),
    "round": [
        JavaMethod { (x: Double) -> Int64? in Int64(saturating: roundedHalfUp(x)) },
        JavaMethod { (x: Float) -> Int32? in Int32(saturating: roundedHalfUp(Double(x))) },
    ],
    "signum": ofDouble { $0.isNaN || $0 == 0 ? $0 : $0 < 0 ? -1 : 1 } + [
        JavaMethod { (x: Float) -> Float? in x.isNaN || x == 0 ? x : x < 0 ? -1 : 1 }
    ],
    "addExact": ofIntegers({ exact($0.addingReportingOverflow($1)) }, { exact($0.addingReportingOverflow($1)) }),
    "subtractExact": ofIntegers({ exact($0.subtractingReportingOverflow($1)) }, { exact($0.subtractingReportingOverflow($1)) }),
    "multiplyExact": ofIntegers(
        { exact($0.multipliedReportingOverflow(by: $1)) }, { exact($0.multipliedReportingOverflow(by: $1)) }),
    "negateExact": [
        JavaMethod { (x: Int32) -> Int32? in x == .min ? nil : -x }, JavaMethod { (x: Int64) -> Int64? in x == .min ? nil : -x },
    ],
    "toIntExact": [JavaMethod { (x: Int64) -> Int32? in Int32(exactly: x) }],
    "floorDiv": ofIntegers(floorDivision, floorDivision), "floorMod": ofIntegers(floorRemainder, floorRemainder),
    "sqrt": ofDouble { $0.squareRoot() }, "cbrt": ofDouble(cbrt), "pow": ofDoubles(pow), "hypot": ofDoubles(hypot),
    "exp": ofDouble(exp), "expm1": ofDouble(expm1), "log": ofDouble(log), "log10": ofDouble(log10), "log1p": ofDouble(log1p),
    "sin": ofDouble(sin), "cos": ofDouble(cos), "tan": ofDouble(tan), "asin": ofDouble(asin), "acos": ofDouble(acos),
    "atan": ofDouble(atan), "atan2": ofDoubles(atan2), "sinh": ofDouble(sinh), "cosh": ofDouble(cosh), "tanh": ofDouble(tanh),
    "floor": ofDouble { $0.rounded(.down) }, "ceil": ofDouble { $0.rounded(.up) },
    "rint": ofDouble { $0.rounded(.toNearestOrEven) },
    "toRadians": ofDouble { $0 * (Double.pi / 180) }, "toDegrees": ofDouble { $0 * (180 / Double.pi) },
]

/// Halves go up, also below zero.
private func roundedHalfUp(_ x: Double) -> Double {
    let down = x.rounded(.down)
    return x - down >= 0.5 ? down + 1 : down
}

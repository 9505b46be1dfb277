import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A function of one DOUBLE, or of more. The kernel spells its row loop out, so that the computation is inlined into it.
/// - Parameter example: what stands between the parentheses of a call, and its answer.
func realFunction(
    _ name: String, _ usage: String, example: (arguments: String, answer: String)? = nil, arguments count: Int = 1,
    kernel: @escaping ScalarKernel
) -> ScalarFunction {
    let extended = example.map { "Example:\n  > SELECT _FUNC_(\($0.arguments));\n  \($0.answer)" } ?? ""
    return ScalarFunction(name, documentation: FunctionDocumentation(usage, extended: extended), traits: .strict) { call in
        try call.expect(count)
        for index in 0..<count { try call.expectNumericOrString(index) }
        return ResolvedScalar(argumentTypes: Array(repeating: .double, count: count), resultType: .double, kernel: kernel)
    }
}

private func constantFunction(_ name: String, _ value: Double, _ usage: String) -> ScalarFunction {
    ScalarFunction(name, documentation: FunctionDocumentation(usage)) { call in
        try call.expect(0)
        return ResolvedScalar(argumentTypes: [], resultType: .double) { input in
            .constant(value, type: .double, count: input.count)
        }
    }
}

private let power = ScalarFunction(
    "power", "pow",
    documentation: FunctionDocumentation(
        "_FUNC_(x1, x2) - Raises x1 to the power of x2", extended: "Example:\n  > SELECT _FUNC_(2, 3);\n  8.0"),
    traits: .strict
) { call in
    try call.expect(2)
    for index in 0..<2 { try call.expectNumericOrString(index) }
    return ResolvedScalar(argumentTypes: [.double, .double], resultType: .double) { input in
        let exponent = input.arguments[1]
        if exponent.isConstant, !exponent.isNull(0), exponent.values(as: Double.self)[0] == 2 {
            return input.total(.double) { (x: Double, _: Double) -> Double in x * x }
        }
        return input.total(.double) { (x: Double, y: Double) -> Double in pow(x, y) }
    }
}

private let logarithm = ScalarFunction(
    "log",
    documentation: FunctionDocumentation(
        "_FUNC_([b], x) - Returns the logarithm of x with base b, the natural one when b is not given",
        extended: "NULL when x <= 0 or b <= 1.\nExample:\n  > SELECT _FUNC_(13, 13);\n  1.0"),
    traits: .strict
) { call in
    try call.expect(1...2)
    for index in 0..<call.count { try call.expectNumericOrString(index) }
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in .double }, resultType: .double) { input in
        if input.arguments.count == 1 {
            return input.compute(.double) { (x: Double) -> Double? in x <= 0 ? nil : log(x) }
        }
        return input.compute(.double) { (base: Double, x: Double) -> Double? in
            base <= 1 || x <= 0 ? nil : log(x) / log(base)
        }
    }
}

private let absolute = ScalarFunction(
    "abs",
    documentation: FunctionDocumentation(
        "_FUNC_(x) - Returns the absolute value of x", extended: "Example:\n  > SELECT _FUNC_(-5);\n  5"),
    traits: .strict
) { call in
    try call.expect(1)
    switch call.argumentTypes[0] {
    case .tinyint, .smallint, .int:
        return ResolvedScalar(argumentTypes: [.int], resultType: .int) { input in
            input.total(.int) { (x: Int32) -> Int32 in x < 0 ? 0 &- x : x }
        }
    case .bigint:
        return ResolvedScalar(argumentTypes: [.bigint], resultType: .bigint) { input in
            input.total(.bigint) { (x: Int64) -> Int64 in x < 0 ? 0 &- x : x }
        }
    case .decimal:
        let type = call.argumentTypes[0]
        return ResolvedScalar(argumentTypes: [type], resultType: type) { input in
            input.total(type) { (x: Int128) -> Int128 in x < 0 ? 0 &- x : x }
        }
    default:
        try call.expectNumericOrString(0)
        return ResolvedScalar(argumentTypes: [.double], resultType: .double) { input in
            input.total(.double) { (x: Double) -> Double in x.magnitude }
        }
    }
}

private let sign = ScalarFunction(
    "sign",
    documentation: FunctionDocumentation(
        "_FUNC_(x) - Returns -1, 0 or 1 as x is negative, zero or positive",
        extended: "The result is an INT for a DECIMAL, else a DOUBLE."),
    traits: .strict
) { call in
    try call.expect(1)
    if case .decimal = call.argumentTypes[0] {
        return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: .int) { input in
            input.total(.int) { (x: Int128) -> Int32 in x < 0 ? -1 : x > 0 ? 1 : 0 }
        }
    }
    try call.expectNumericOrString(0)
    return ResolvedScalar(argumentTypes: [.double], resultType: .double) { input in
        // NaN is not zero and not above it.
        input.total(.double) { (x: Double) -> Double in x == 0 ? 0 : x > 0 ? 1 : -1 }
    }
}

private let factorial = ScalarFunction(
    "factorial",
    documentation: FunctionDocumentation(
        "_FUNC_(n) - Returns n factorial, NULL unless n is in 0..20", extended: "Example:\n  > SELECT _FUNC_(5);\n  120"),
    traits: .strict
) { call in
    try call.expect(1)
    try call.expectNumericOrString(0)
    return ResolvedScalar(argumentTypes: [.int], resultType: .bigint) { input in
        input.compute(.bigint) { (n: Int32) -> Int64? in
            guard (0...20).contains(n) else { return nil }
            var product: Int64 = 1
            var factor: Int64 = 2
            while factor <= Int64(n) {
                product &*= factor
                factor &+= 1
            }
            return product
        }
    }
}

private let positiveModulus = ScalarFunction(
    "pmod",
    documentation: FunctionDocumentation(
        "_FUNC_(a, b) - Returns the remainder of a divided by b made positive: (a % b + b) % b"),
    traits: ScalarTraits(nulls: .propagated, narrowsConstants: true)
) { call in
    try call.expect(2)
    let left = call.argumentTypes[0], right = call.argumentTypes[1]
    guard var result = ArithmeticTypes.resultType(.remainder, left, right) else { throw call.mismatch(0, "numeric") }
    let arguments: [SQLType]
    let between: SQLType
    if let common = ArithmeticTypes.operandType(.remainder, left, right) {
        arguments = [common, common]
        between = common
    } else {
        arguments = [left, right].map { ArithmeticTypes.decimalType(of: $0) ?? result }
        guard case .decimal(_, let scale) = result else { throw call.mismatch(0, "numeric") }
        between = .decimal(precision: 38, scale: scale)
        let whole = arguments.map { type -> Int in
            if case .decimal(let precision, let scale) = type { precision - scale } else { 38 }
        }
        result = .decimal(precision: max(1, min(38, (whole.max() ?? 0) + scale)), scale: scale)
    }
    let resultType = result
    return ResolvedScalar(argumentTypes: arguments, resultType: resultType) { input in
        let divisor = input.arguments[1]
        let remainder = try Arithmetic.apply(
            .remainder, input.arguments[0], divisor, resultType: resultType, rows: input.rows, count: input.count)
        let shifted = try Arithmetic.apply(
            .add, remainder, divisor, resultType: between, rows: input.rows, count: input.count)
        return try Arithmetic.apply(
            .remainder, shifted, divisor, resultType: resultType, rows: input.rows, count: input.count)
    }
}

private enum Shift { case left, right, rightUnsigned }

private func shiftFunction(_ name: String, _ shift: Shift, _ usage: String) -> ScalarFunction {
    ScalarFunction(name, documentation: FunctionDocumentation(usage), traits: .strict) { call in
        try call.expect(2)
        try call.expectIntegral(0)
        try call.expectIntegral(1)
        let type: SQLType = call.argumentTypes[0] == .bigint ? .bigint : .int
        return ResolvedScalar(argumentTypes: [type, .int], resultType: type) { input in
            if type == .bigint {
                switch shift {
                case .left: return input.total(type) { (x: Int64, by: Int32) -> Int64 in x &<< Int64(by & 63) }
                case .right: return input.total(type) { (x: Int64, by: Int32) -> Int64 in x &>> Int64(by & 63) }
                case .rightUnsigned:
                    return input.total(type) { (x: Int64, by: Int32) -> Int64 in
                        Int64(bitPattern: UInt64(bitPattern: x) &>> UInt64(by & 63))
                    }
                }
            }
            switch shift {
            case .left: return input.total(type) { (x: Int32, by: Int32) -> Int32 in x &<< (by & 31) }
            case .right: return input.total(type) { (x: Int32, by: Int32) -> Int32 in x &>> (by & 31) }
            case .rightUnsigned:
                return input.total(type) { (x: Int32, by: Int32) -> Int32 in
                    Int32(bitPattern: UInt32(bitPattern: x) &>> UInt32(by & 31))
                }
            }
        }
    }
}

let shiftRightFunction = shiftFunction(
    "shiftright", .right, "_FUNC_(a, b) - Shifts a to the right by b bits, keeping the sign")

let mathFunctions: [ScalarFunction] = [
    realFunction("sin", "_FUNC_(x) - Returns the sine of x (in radians)") { input in
        input.total(.double) { (x: Double) -> Double in sin(x) }
    },
    realFunction("cos", "_FUNC_(x) - Returns the cosine of x (in radians)") { input in
        input.total(.double) { (x: Double) -> Double in cos(x) }
    },
    realFunction("tan", "_FUNC_(x) - Returns the tangent of x (in radians)") { input in
        input.total(.double) { (x: Double) -> Double in tan(x) }
    },
    realFunction("asin", "_FUNC_(x) - Returns the arc sine of x, NaN unless -1 <= x <= 1") { input in
        input.total(.double) { (x: Double) -> Double in asin(x) }
    },
    realFunction("acos", "_FUNC_(x) - Returns the arc cosine of x, NaN unless -1 <= x <= 1") { input in
        input.total(.double) { (x: Double) -> Double in acos(x) }
    },
    realFunction("atan", "_FUNC_(x) - Returns the arc tangent of x (in radians)") { input in
        input.total(.double) { (x: Double) -> Double in atan(x) }
    },
    realFunction("exp", "_FUNC_(x) - Returns e to the power of x") { input in
        input.total(.double) { (x: Double) -> Double in exp(x) }
    },
    realFunction("cbrt", "_FUNC_(x) - Returns the cube root of x") { input in
        input.total(.double) { (x: Double) -> Double in
            // The C library is off by a digit for some whole roots.
            let root = cbrt(x), whole = root.rounded()
            return whole * whole * whole == x ? whole : root
        }
    },
    realFunction("degrees", "_FUNC_(x) - Converts radians to degrees") { input in
        input.total(.double) { (x: Double) -> Double in x * 57.29577951308232 }
    },
    realFunction("radians", "_FUNC_(x) - Converts degrees to radians") { input in
        input.total(.double) { (x: Double) -> Double in x * 0.017453292519943295 }
    },
    realFunction("sqrt", "_FUNC_(x) - Returns the square root of x, NULL when x is negative") { input in
        input.compute(.double) { (x: Double) -> Double? in x < 0 ? nil : x.squareRoot() }
    },
    realFunction("ln", "_FUNC_(x) - Returns the natural logarithm of x, NULL when x <= 0") { input in
        input.compute(.double) { (x: Double) -> Double? in x <= 0 ? nil : log(x) }
    },
    realFunction("log10", "_FUNC_(x) - Returns the logarithm of x with base 10, NULL when x <= 0") { input in
        input.compute(.double) { (x: Double) -> Double? in x <= 0 ? nil : log10(x) }
    },
    realFunction("log2", "_FUNC_(x) - Returns the logarithm of x with base 2, NULL when x <= 0") { input in
        input.compute(.double) { (x: Double) -> Double? in x <= 0 ? nil : log(x) / 0.6931471805599453 }
    },
    realFunction("atan2", "_FUNC_(y, x) - Returns the angle of the point (x, y) in radians", arguments: 2) { input in
        input.total(.double) { (y: Double, x: Double) -> Double in atan2(y, x) }
    },
    constantFunction("pi", Double.pi, "_FUNC_() - Returns pi"),
    constantFunction("e", 2.718281828459045, "_FUNC_() - Returns e"),
    power, logarithm, absolute, sign, factorial, positiveModulus,
    shiftFunction("shiftleft", .left, "_FUNC_(a, b) - Shifts a to the left by b bits"),
    shiftRightFunction,
    shiftFunction("shiftrightunsigned", .rightUnsigned, "_FUNC_(a, b) - Shifts a to the right by b bits, filling with 0"),
    widthBucket,
]

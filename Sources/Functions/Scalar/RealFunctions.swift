import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Functions of real numbers that Hive has not, with Spark's answers.
let realFunctions: [ScalarFunction] = [
    realFunction("log1p", "_FUNC_(x) - Returns ln(1 + x), exactly for small x too; NULL when x <= -1", example: ("0.0", "0.0")) { input in
        input.compute(.double) { (x: Double) -> Double? in x <= -1 ? nil : log1p(x) }
    },
    realFunction("expm1", "_FUNC_(x) - Returns exp(x) - 1, exactly for small x too", example: ("0.0", "0.0")) { input in
        input.total(.double) { (x: Double) -> Double in expm1(x) }
    },
    realFunction("sinh", "_FUNC_(x) - Returns the hyperbolic sine of x", example: ("0.0", "0.0")) { input in
        input.total(.double) { (x: Double) -> Double in sinh(x) }
    },
    realFunction("cosh", "_FUNC_(x) - Returns the hyperbolic cosine of x", example: ("0.0", "1.0")) { input in
        input.total(.double) { (x: Double) -> Double in cosh(x) }
    },
    realFunction("tanh", "_FUNC_(x) - Returns the hyperbolic tangent of x", example: ("0.0", "0.0")) { input in
        input.total(.double) { (x: Double) -> Double in tanh(x) }
    },
    realFunction("asinh", "_FUNC_(x) - Returns the inverse hyperbolic sine of x", example: ("0.0", "0.0")) { input in
        input.total(.double) { (x: Double) -> Double in asinh(x) }
    },
    realFunction("acosh", "_FUNC_(x) - Returns the inverse hyperbolic cosine of x, NaN when x < 1", example: ("1.0", "0.0")) { input in
        input.total(.double) { (x: Double) -> Double in acosh(x) }
    },
    realFunction("atanh", "_FUNC_(x) - Returns the inverse hyperbolic tangent of x, NaN unless -1 <= x <= 1", example: ("0.0", "0.0")) { input in
        input.total(.double) { (x: Double) -> Double in atanh(x) }
    },
    realFunction("cot", "_FUNC_(x) - Returns the cotangent of x (in radians)", example: ("1.0", "0.6420926159343306")) { input in
        input.total(.double) { (x: Double) -> Double in 1 / tan(x) }
    },
    realFunction("hypot", "_FUNC_(x, y) - Returns the length of the vector (x, y)", example: ("3, 4", "5.0"), arguments: 2) { input in
        input.total(.double) { (x: Double, y: Double) -> Double in hypot(x, y) }
    },
    isNotANumber,
]

private let isNotANumber = ScalarFunction(
    "isnan",
    documentation: FunctionDocumentation(
        "_FUNC_(x) - Returns whether x is NaN", extended: "FALSE for NULL.\nExample:\n  > SELECT _FUNC_(cast('NaN' AS DOUBLE));\n  true")
) { call in
    try call.expect(1)
    try call.expectNumericOrString(0)
    return ResolvedScalar(argumentTypes: [.double], resultType: .boolean) { input in
        let argument = input.arguments[0]
        let values = argument.values(as: Double.self)
        return input.build(.boolean) { row, builder in
            builder.append(!argument.isNull(row) && values[argument.element(of: row)].isNaN)
        }
    }
}

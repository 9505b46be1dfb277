import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Functions of real numbers that Hive has not, with Spark's answers.
let realFunctions: [ScalarFunction] = [
    real("log1p", "Returns ln(1 + x), exactly for small x too; NULL when x <= -1", "0.0", "0.0") { input in
        input.compute(.double) { (x: Double) -> Double? in x <= -1 ? nil : log1p(x) }
    },
    real("expm1", "Returns exp(x) - 1, exactly for small x too", "0.0", "0.0") { input in
        input.total(.double) { (x: Double) -> Double in expm1(x) }
    },
    real("sinh", "Returns the hyperbolic sine of x", "0.0", "0.0") { input in
        input.total(.double) { (x: Double) -> Double in sinh(x) }
    },
    real("cosh", "Returns the hyperbolic cosine of x", "0.0", "1.0") { input in
        input.total(.double) { (x: Double) -> Double in cosh(x) }
    },
    real("tanh", "Returns the hyperbolic tangent of x", "0.0", "0.0") { input in
        input.total(.double) { (x: Double) -> Double in tanh(x) }
    },
    real("asinh", "Returns the inverse hyperbolic sine of x", "0.0", "0.0") { input in
        input.total(.double) { (x: Double) -> Double in asinh(x) }
    },
    real("acosh", "Returns the inverse hyperbolic cosine of x, NaN when x < 1", "1.0", "0.0") { input in
        input.total(.double) { (x: Double) -> Double in acosh(x) }
    },
    real("atanh", "Returns the inverse hyperbolic tangent of x, NaN unless -1 <= x <= 1", "0.0", "0.0") { input in
        input.total(.double) { (x: Double) -> Double in atanh(x) }
    },
    real("cot", "Returns the cotangent of x (in radians)", "1.0", "0.6420926159343306") { input in
        input.total(.double) { (x: Double) -> Double in 1 / tan(x) }
    },
    hypotenuse, isNotANumber,
]

/// - Parameters:
///   - argument: of the example, with its `answer`.
///   - kernel: spells its row loop out, so that the computation is inlined into it.
private func real(
    _ name: String, _ usage: String, _ argument: String, _ answer: String, kernel: @escaping ScalarKernel
) -> ScalarFunction {
    ScalarFunction(
        name,
        documentation: FunctionDocumentation(
            "_FUNC_(x) - " + usage, extended: "Example:\n  > SELECT _FUNC_(\(argument));\n  \(answer)"),
        traits: .strict
    ) { call in
        try call.expect(1)
        try call.expectNumericOrString(0)
        return ResolvedScalar(argumentTypes: [.double], resultType: .double, kernel: kernel)
    }
}

private let hypotenuse = ScalarFunction(
    "hypot",
    documentation: FunctionDocumentation(
        "_FUNC_(x, y) - Returns the length of the vector (x, y)", extended: "Example:\n  > SELECT _FUNC_(3, 4);\n  5.0"),
    traits: .strict
) { call in
    try call.expect(2)
    for index in 0..<2 { try call.expectNumericOrString(index) }
    return ResolvedScalar(argumentTypes: [.double, .double], resultType: .double) { input in
        input.total(.double) { (x: Double, y: Double) -> Double in hypot(x, y) }
    }
}

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

import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Curves that take all numbers into a short range, as they are, without learning from others.
let sigmoidFunctions: [ScalarFunction] = [
    sigmoid(
        "ml.logistic",
        FunctionDocumentation(
            "_FUNC_(x) - Returns 1 / (1 + exp(-x)), which lies between 0 and 1",
            extended: "Example:\n  > SELECT _FUNC_(0.0);\n  0.5")
    ) { input in
        input.total(.double) { (x: Double) -> Double in 1 / (1 + exp(-x)) }
    },
    sigmoid(
        "ml.tanh",
        FunctionDocumentation(
            "_FUNC_(x) - Returns the hyperbolic tangent of x, which lies between -1 and 1",
            extended: "Example:\n  > SELECT _FUNC_(0.0);\n  0.0")
    ) { input in
        input.total(.double) { (x: Double) -> Double in tanh(x) }
    },
]

/// The kernel spells its row loop out, so that the computation is inlined into it.
private func sigmoid(_ name: String, _ documentation: FunctionDocumentation, kernel: @escaping ScalarKernel) -> ScalarFunction {
    ScalarFunction(name, documentation: documentation, traits: .strict) { call in
        try call.expect(1)
        try call.expectNumber(0)
        return ResolvedScalar(argumentTypes: [.double], resultType: .double, kernel: kernel)
    }
}

import Columnar

let powerTransformerFunction = FittedFunction.ofNumber(
    PowerTransform.self, "ml.power_transformer",
    FunctionDocumentation(
        "_FUNC_(x[, method[, standardize]]) OVER () - Takes the power of x that makes its values most nearly normal",
        extended: "method is 'yeo-johnson' (unless given), for all numbers, or 'box-cox', which learns from positive numbers and gives NULL for\n"
            + "others. The exponent is the most likely one. With standardize (TRUE unless given) results have a mean of 0 and a standard\n"
            + "deviation (by n) of 1.\nExample:\n  > SELECT fare, _FUNC_(fare) OVER () FROM trips;"),
    arguments: 1...3
) { call, state in
    let family = try call.constantWord(1, "method", PowerFamily.self)
    let isStandardized = try call.constantBoolean(2, "standardize", fallback: true)
    return { _ in
        QuantileFitter { sketch in
            let (values, counts) = QuantileSketch.counted([sketch])
            return state(PowerTransform(family, of: Array(zip(values, counts)), isStandardized: isStandardized))
        }
    }
}

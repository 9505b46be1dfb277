import Columnar

/// A function that takes a lambda function. The binder makes a function of its own of each call, which knows the lambda; what is
/// registered here are its name and what it says of itself.
private func lambdaFunction(_ names: [String], _ usage: String) -> ScalarFunction {
    ScalarFunction(names: names, documentation: FunctionDocumentation(usage)) { call in
        throw FunctionError(.argument, "\(call.name) takes a lambda function, such as x -> x + 1")
    }
}

let lambdaFunctions: [ScalarFunction] = [
    lambdaFunction(
        ["transform"], "_FUNC_(array, x -> value) - Returns the array of the values; (x, i) -> value knows the place, from 0"),
    lambdaFunction(
        ["filter"], "_FUNC_(array, x -> condition) - Returns the elements for which it is true; (x, i) -> knows the place, from 0"),
    lambdaFunction(["exists"], "_FUNC_(array, x -> condition) - Returns whether it is true for an element"),
    lambdaFunction(["forall"], "_FUNC_(array, x -> condition) - Returns whether it is true for all elements"),
    lambdaFunction(
        ["aggregate", "reduce"],
        "_FUNC_(array, start, (a, x) -> value[, a -> value]) - Returns what becomes of start, element after element"),
    lambdaFunction(
        ["zip_with"], "_FUNC_(array, array, (x, y) -> value) - Returns the values of pairs; the shorter array is filled up with NULL"),
    lambdaFunction(["transform_keys"], "_FUNC_(map, (k, v) -> key) - Returns the map with other keys"),
    lambdaFunction(["transform_values"], "_FUNC_(map, (k, v) -> value) - Returns the map with other values"),
    lambdaFunction(["map_filter"], "_FUNC_(map, (k, v) -> condition) - Returns the entries for which it is true"),
]

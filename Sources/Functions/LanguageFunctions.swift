import Columnar

// Functions that the language's syntax stands for. They are these whatever names a session gives to functions of its
// own.

extension FunctionDefinition where Family == ScalarFamily {
    package static func comparison(_ operation: ComparisonOperator) -> ScalarFunction { comparisonFunction(operation) }
    package static func arithmetic(_ operation: ArithmeticOperator) -> ScalarFunction { arithmeticFunction(operation) }

    /// `-a`, `+a`, `~a`
    package static var negative: ScalarFunction { negation }
    package static var identity: ScalarFunction { positive }
    package static var complement: ScalarFunction { bitwiseNot }
    /// `a || b`
    package static var concat: ScalarFunction { concatFunction }
    package static var like: ScalarFunction { likeFunction }
    package static var regexpLike: ScalarFunction { regexpLikeFunction }
    /// `a[i]`
    package static var index: ScalarFunction { indexFunction }
    /// `(a, b)`
    package static var row: ScalarFunction { structFunction }
    package static var least: ScalarFunction { leastFunction }
    package static var greatest: ScalarFunction { greatestFunction }
    package static var shiftRight: ScalarFunction { shiftRightFunction }
    package static var random: ScalarFunction { randomFunction }
    /// The hash by which rows fall into buckets.
    package static func hash(_ kind: HiveHash) -> ScalarFunction {
        switch kind {
        case .objects: hashFunction
        case .murmur: murmurHashFunction
        }
    }

    /// The function of the first argument and the constants of all calls that become one: a STRUCT with the value of each.
    package static func joint(_ form: ScalarTraits.Joint) -> ScalarFunction {
        switch form {
        case .jsonPaths: jsonPathsFunction
        }
    }
}

extension FunctionDefinition where Family == AggregateFamily {
    package static var count: AggregateFunction { countFunction }
    package static var sum: AggregateFunction { sumFunction }
}

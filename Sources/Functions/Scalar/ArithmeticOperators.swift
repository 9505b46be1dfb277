import Columnar

/// `left op right` by the shared arithmetic kernels: types by Hive's rules, the loops by `Arithmetic`.
private func resolveArithmetic(_ operation: ArithmeticOperator, _ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(2)
    let left = call.argumentTypes[0], right = call.argumentTypes[1]
    guard let result = ArithmeticTypes.resultType(operation, left, right) else {
        throw FunctionError(
            .argument,
            "No matching method for \(operation.rawValue) with (\(left), \(right))")
    }
    let arguments: [SQLType]
    if let common = ArithmeticTypes.operandType(operation, left, right) {
        arguments = [common, common]
    } else if case .decimal = result {
        arguments = [left, right].map { ArithmeticTypes.decimalType(of: $0) ?? result }
    } else {
        arguments = [left, right]
    }
    return ResolvedScalar(argumentTypes: arguments, resultType: result) { input in
        try Arithmetic.apply(
            operation, input.arguments[0], input.arguments[1], resultType: result, rows: input.rows,
            count: input.count)
    }
}

private func arithmetic(_ operation: ArithmeticOperator, _ names: [String], _ usage: String) -> ScalarFunction {
    let countsDigits = [.add, .subtract, .multiply, .divide, .remainder].contains(operation)
    return ScalarFunction(
        names: names, documentation: FunctionDocumentation(usage),
        traits: ScalarTraits(
            nulls: .propagated, cost: operation == .integerDivide ? .ordinary : .cheap, notation: .infix,
            narrowsConstants: countsDigits)
    ) { try resolveArithmetic(operation, $0) }
}

let negation = ScalarFunction(
    "negative", documentation: FunctionDocumentation("_FUNC_ a - Returns -a"), traits: .strict
) { call in
    try call.expect(1)
    let type = call.argumentTypes[0]
    let wanted: SQLType
    switch type {
    case .string, .varchar, .char, .void: wanted = .double
    case .tinyint, .smallint, .int, .bigint, .float, .double, .decimal, .intervalYearMonth, .intervalDayTime:
        wanted = type
    default: throw call.mismatch(0, "numeric or interval")
    }
    return ResolvedScalar(argumentTypes: [wanted], resultType: wanted) { input in
        try Arithmetic.negate(input.arguments[0], rows: input.rows, count: input.count)
    }
}

let positive = ScalarFunction(
    "positive", documentation: FunctionDocumentation("_FUNC_ a - Returns a"), traits: .strict
) { call in
    try call.expect(1)
    let type = call.argumentTypes[0]
    // Text stays as it is written.
    let wanted: SQLType = type == .void ? .double : type
    guard !wanted.isComplex, wanted != .boolean, wanted != .binary, wanted != .date, wanted != .timestamp else {
        throw call.mismatch(0, "numeric or interval")
    }
    return ResolvedScalar(argumentTypes: [wanted], resultType: wanted, kernel: Kernels.identity(wanted))
}

let bitwiseNot = ScalarFunction(
    "~", documentation: FunctionDocumentation("_FUNC_ n - Bitwise not"), traits: .strict
) { call in
    try call.expect(1)
    let type = call.argumentTypes[0] == .void ? SQLType.int : call.argumentTypes[0]
    try call.expectIntegral(0)
    return ResolvedScalar(argumentTypes: [type], resultType: type) { input in
        try Arithmetic.bitwiseNot(input.arguments[0], rows: input.rows, count: input.count)
    }
}

private let addition = arithmetic(.add, ["+"], "a _FUNC_ b - Returns a+b")
private let subtraction = arithmetic(.subtract, ["-"], "a _FUNC_ b - Returns the difference a-b")
private let multiplication = arithmetic(.multiply, ["*"], "a _FUNC_ b - Multiplies a by b")
private let division = arithmetic(.divide, ["/"], "a _FUNC_ b - Divides a by b; NULL when b is 0")
private let remainder = arithmetic(
    .remainder, ["%", "mod"],
    "a _FUNC_ b - Returns the remainder of a divided by b, with the sign of a; NULL when b is 0")
private let integerDivision = arithmetic(
    .integerDivide, ["div"], "a _FUNC_ b - Divides the integer a by the integer b, rounded towards zero")
private let bitwiseAnd = arithmetic(.bitwiseAnd, ["&"], "a _FUNC_ b - Bitwise and")
private let bitwiseOr = arithmetic(.bitwiseOr, ["|"], "a _FUNC_ b - Bitwise or")
private let bitwiseXor = arithmetic(.bitwiseXor, ["^"], "a _FUNC_ b - Bitwise exclusive or")

func arithmeticFunction(_ operation: ArithmeticOperator) -> ScalarFunction {
    switch operation {
    case .add: addition
    case .subtract: subtraction
    case .multiply: multiplication
    case .divide: division
    case .remainder: remainder
    case .integerDivide: integerDivision
    case .bitwiseAnd: bitwiseAnd
    case .bitwiseOr: bitwiseOr
    case .bitwiseXor: bitwiseXor
    }
}

let arithmeticOperators: [ScalarFunction] =
    ArithmeticOperator.allCases.map(arithmeticFunction) + [bitwiseNot, negation, positive]

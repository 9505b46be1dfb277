import Columnar

/// The types two operands are compared as; decimals keep their scales and strings their lengths, which the kernels
/// compare without a copy.
func comparisonTypes(_ left: SQLType, _ right: SQLType) -> [SQLType]? {
    if left == right { return [left, right] }
    if left.isCharacter, right.isCharacter { return [left, right] }
    if case .decimal = left, case .decimal = right { return [left, right] }
    guard let type = TypeCoercion.comparisonType(left, right) else { return nil }
    return [type, type]
}

private func comparison(_ operation: ComparisonOperator, _ names: [String], _ usage: String) -> ScalarFunction {
    ScalarFunction(
        names: names, documentation: FunctionDocumentation(usage),
        traits: ScalarTraits(
            nulls: operation == .nullSafeEqual ? .own : .propagated, cost: .cheap, notation: .infix)
    ) { call in
        guard call.count == 2 else {
            throw FunctionError(.argumentCount, "The operator '\(call.name)' accepts 2 arguments.")
        }
        for (index, ordinal) in ["1st", "2nd"].enumerated() {
            guard let category = call.argumentTypes[index].nestedCategory else { continue }
            throw FunctionError(
                .argumentType(index),
                "The \(ordinal) argument of \(operation.word)  is expected to a primitive type, "
                    + "but \(category) is found")
        }
        guard let types = comparisonTypes(call.argumentTypes[0], call.argumentTypes[1]) else {
            throw FunctionError(
                .argumentType(1),
                "The operator '\(call.name)' cannot compare \(call.argumentTypes[0]) with \(call.argumentTypes[1])")
        }
        return ResolvedScalar(argumentTypes: types, resultType: .boolean, form: .comparison(operation))
    }
}

extension ComparisonOperator {
    /// As Hive's messages call it.
    fileprivate var word: String {
        switch self {
        case .equal, .nullSafeEqual: "EQUAL"
        case .notEqual: "NOT EQUAL"
        case .less: "LESS THAN"
        case .lessOrEqual: "EQUAL OR LESS THAN"
        case .greater: "GREATER THAN"
        case .greaterOrEqual: "EQUAL OR GREATER THAN"
        }
    }
}

extension SQLType {
    /// Hive compares no nested values.
    fileprivate var nestedCategory: String? {
        switch self {
        case .array: "list"
        case .map: "map"
        case .structure: "struct"
        case .union: "uniontype"
        default: nil
        }
    }
}

private func resolveBetween(_ call: FunctionCall) throws -> ResolvedScalar {
    // between(negated, x, low, high), as Hive's own entry has it.
    try call.expect(4)
    guard let low = comparisonTypes(call.argumentTypes[1], call.argumentTypes[2]),
        let high = comparisonTypes(call.argumentTypes[1], call.argumentTypes[3])
    else { throw call.mismatch(1, "comparable") }
    let same = low[0] == high[0]
    let types: [SQLType] =
        same ? [.boolean, low[0], low[1], high[1]]
        : [.boolean, call.argumentTypes[1], call.argumentTypes[2], call.argumentTypes[3]]
    return ResolvedScalar(argumentTypes: types, resultType: .boolean) { input in
        let value = input.arguments[1]
        let above = try Comparison.apply(
            .greaterOrEqual, value, input.arguments[2], rows: input.rows, count: input.count)
        let below = try Comparison.apply(.lessOrEqual, value, input.arguments[3], rows: input.rows, count: input.count)
        let inside = BooleanLogic.and(above, below, rows: input.rows, count: input.count)
        return try Comparison.apply(.notEqual, inside, input.arguments[0], rows: input.rows, count: input.count)
    }
}

private func logical(_ name: String, _ form: ScalarForm, _ usage: String) -> ScalarFunction {
    ScalarFunction(name, documentation: FunctionDocumentation(usage), traits: ScalarTraits(cost: .cheap)) { call in
        try call.expect(atLeast: 2)
        for (index, type) in call.argumentTypes.enumerated() where type != .boolean && type != .void {
            throw FunctionError(.argumentType(index), "The operator '\(call.name)' takes only BOOLEAN, got \(type)")
        }
        return ResolvedScalar(
            argumentTypes: call.argumentTypes.map { _ in .boolean }, resultType: .boolean, form: form)
    }
}

private func nullTest(_ name: String, _ form: ScalarForm, _ usage: String) -> ScalarFunction {
    ScalarFunction(name, documentation: FunctionDocumentation(usage), traits: ScalarTraits(cost: .cheap)) { call in
        try call.expect(1)
        return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: .boolean, form: form)
    }
}

private let equality = comparison(.equal, ["=", "=="], "a _FUNC_ b - TRUE if a equals b, NULL if either is NULL")
private let inequality = comparison(
    .notEqual, ["<>", "!="], "a _FUNC_ b - TRUE if a is not equal to b, NULL if either is NULL")
private let isLess = comparison(.less, ["<"], "a _FUNC_ b - TRUE if a is less than b")
private let isLessOrEqual = comparison(.lessOrEqual, ["<="], "a _FUNC_ b - TRUE if a is not greater than b")
private let isGreater = comparison(.greater, [">"], "a _FUNC_ b - TRUE if a is greater than b")
private let isGreaterOrEqual = comparison(.greaterOrEqual, [">="], "a _FUNC_ b - TRUE if a is not smaller than b")
private let nullSafeEquality = comparison(
    .nullSafeEqual, ["<=>"],
    "a _FUNC_ b - Returns the same as = for values that are not NULL, TRUE for two NULLs and FALSE for one")

func comparisonFunction(_ operation: ComparisonOperator) -> ScalarFunction {
    switch operation {
    case .equal: equality
    case .notEqual: inequality
    case .less: isLess
    case .lessOrEqual: isLessOrEqual
    case .greater: isGreater
    case .greaterOrEqual: isGreaterOrEqual
    case .nullSafeEqual: nullSafeEquality
    }
}

let comparisonOperators: [ScalarFunction] = ComparisonOperator.allCases.map(comparisonFunction) + [
    ScalarFunction(
        "between",
        documentation: FunctionDocumentation("a [NOT] _FUNC_ b AND c - Tests whether b <= a and a <= c")
    ) { try resolveBetween($0) },
    logical("and", .and, "a1 _FUNC_ a2 - Logical and"),
    logical("or", .or, "a1 _FUNC_ a2 - Logical or"),
    ScalarFunction(
        "not", "!", documentation: FunctionDocumentation("_FUNC_ a - Logical not"),
        traits: ScalarTraits(nulls: .propagated, cost: .cheap)
    ) { call in
        try call.expect(1)
        guard call.argumentTypes[0] == .boolean || call.argumentTypes[0] == .void else {
            throw call.mismatch(0, "BOOLEAN")
        }
        return ResolvedScalar(argumentTypes: [.boolean], resultType: .boolean, form: .not)
    },
    nullTest("isnull", .isNull, "_FUNC_(a) - Returns TRUE if a is NULL, else FALSE"),
    nullTest("isnotnull", .isNotNull, "_FUNC_(a) - Returns TRUE if a is not NULL, else FALSE"),
    ScalarFunction(
        "istrue", documentation: FunctionDocumentation("_FUNC_(a) - Returns TRUE if a is TRUE, else FALSE")
    ) { try truthTest($0, wanted: 1, negated: false) },
    ScalarFunction(
        "isnottrue", documentation: FunctionDocumentation("_FUNC_(a) - Returns TRUE if a is FALSE or NULL, else FALSE")
    ) { try truthTest($0, wanted: 1, negated: true) },
    ScalarFunction(
        "isfalse", documentation: FunctionDocumentation("_FUNC_(a) - Returns TRUE if a is FALSE, else FALSE")
    ) { try truthTest($0, wanted: 0, negated: false) },
    ScalarFunction(
        "isnotfalse", documentation: FunctionDocumentation("_FUNC_(a) - Returns TRUE if a is TRUE or NULL, else FALSE")
    ) { try truthTest($0, wanted: 0, negated: true) },
]

private func truthTest(_ call: FunctionCall, wanted: UInt8, negated: Bool) throws -> ResolvedScalar {
    try call.expect(1)
    return ResolvedScalar(argumentTypes: [.boolean], resultType: .boolean) { input in
        let argument = input.arguments[0]
        let result = Column(flat: .boolean, count: input.count)
        let source = argument.values(as: UInt8.self), target = result.values(as: UInt8.self)
        let scale = argument.isConstant ? 0 : 1
        let bits = argument.validity
        input.rows.forEach { row in
            let element = row * scale
            let holds = (bits.map { $0[element] } ?? true) && source[element] == wanted
            target[row] = holds != negated ? 1 : 0
        }
        return result
    }
}

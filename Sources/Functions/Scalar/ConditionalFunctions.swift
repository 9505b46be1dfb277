import Columnar

// IF, COALESCE, NVL, CASE and IN are forms that the evaluator of expressions computes, on the rows that need a branch.
// These entries describe them and choose their types.

private func isTrue(_ column: Column, _ row: Int) -> Bool {
    let element = column.isConstant ? 0 : row
    if let bits = column.validity, !bits[element] { return false }
    return column.values(as: UInt8.self)[element] != 0
}

/// The common type of branches; `what` names them in the error.
private func branchType(_ call: FunctionCall, _ indices: [Int], _ message: (SQLType, SQLType) -> String) throws -> SQLType {
    var result = SQLType.void
    for index in indices {
        guard let common = TypeCoercion.commonType(result, call.argumentTypes[index]) else {
            throw FunctionError(.argumentType(index), message(result, call.argumentTypes[index]))
        }
        result = common
    }
    return result
}

/// The type in which the first of the arguments is looked up among the others; `message` names the two that do not meet.
private func membershipType(
    _ call: FunctionCall, _ indices: [Int], _ message: (SQLType, SQLType) -> String
) throws -> SQLType {
    let types = indices.map { call.argumentTypes[$0] }
    if let type = TypeCoercion.membershipType(types) { return type }
    var known = SQLType.void
    for (index, type) in zip(indices, types) {
        guard let common = TypeCoercion.comparisonType(known, type) else {
            throw FunctionError(.argumentType(index), message(known, type))
        }
        known = common
    }
    return known
}

private func resolveIf(_ call: FunctionCall) throws -> ResolvedScalar {
    guard call.count == 3 else {
        throw FunctionError(
            .argumentCount, "The function IF(expr1,expr2,expr3) accepts exactly 3 arguments.")
    }
    guard call.argumentTypes[0] == .boolean || call.argumentTypes[0] == .void else {
        throw FunctionError(
            .argumentType(0),
            "The first argument of function IF should be \"boolean\", but \"\(call.argumentTypes[0])\" is found")
    }
    let type = try branchType(call, [1, 2]) {
        "The second and the third arguments of function IF should have the same type, but they are different: "
            + "\"\($0)\" and \"\($1)\""
    }
    return ResolvedScalar(argumentTypes: [.boolean, type, type], resultType: type, form: .conditional)
}

private func resolveCoalesce(_ call: FunctionCall, _ counts: ClosedRange<Int>) throws -> ResolvedScalar {
    let name = call.name.uppercased()
    guard counts.contains(call.count) else {
        throw FunctionError(.argumentCount, "\(name) got \(call.count) arguments")
    }
    let type = try branchType(call, Array(call.argumentTypes.indices)) {
        "The expressions after \(name) should all have the same type: \"\($0)\" is expected but \"\($1)\" is found"
    }
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in type }, resultType: type, form: .coalesce)
}

private func resolveNullIf(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(2)
    try call.expectPrimitives()
    guard let types = comparisonTypes(call.argumentTypes[0], call.argumentTypes[1]) else {
        throw FunctionError(
            .argumentType(1),
            "nullif cannot compare \(call.argumentTypes[0]) with \(call.argumentTypes[1])")
    }
    let result = call.argumentTypes[0]
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: result) { input in
        let left = input.arguments[0]
        let a = try Cast.apply(left, to: types[0], rows: input.rows, count: input.count)
        let b = try Cast.apply(input.arguments[1], to: types[1], rows: input.rows, count: input.count)
        let equal = try Comparison.apply(.equal, a, b, rows: input.rows, count: input.count)
        return try ColumnChoice.withChoices(input, { isTrue(equal, $0) ? -1 : 0 }) { choice in
            ColumnChoice.pick(result, [left], choice: choice, rows: input.rows, count: input.count)
        }
    }
}

/// `when(c1, v1, c2, v2, …[, else])`.
private func resolveWhen(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(atLeast: 2)
    let pairs = call.count / 2
    for pair in 0..<pairs {
        let type = call.argumentTypes[pair * 2]
        guard type == .boolean || type == .void else {
            throw FunctionError(
                .argumentType(pair * 2), "\"boolean\" is expected after WHEN, but \"\(type)\" is found")
        }
    }
    let values = (0..<pairs).map { $0 * 2 + 1 } + (call.count % 2 == 1 ? [call.count - 1] : [])
    let type = try branchType(call, values) {
        "The expressions after THEN should have the same type: \"\($0)\" is expected but \"\($1)\" is found"
    }
    let types = call.argumentTypes.indices.map { index -> SQLType in values.contains(index) ? type : .boolean }
    return ResolvedScalar(argumentTypes: types, resultType: type, form: .conditional)
}

/// `case(x, w1, v1, w2, v2, …[, else])`.
private func resolveCase(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(atLeast: 3)
    let pairs = (call.count - 1) / 2
    let operand = try membershipType(call, [0] + (0..<pairs).map { 1 + $0 * 2 }) {
        "The expressions after WHEN should have the same type with that after CASE: \"\($0)\" is expected but \"\($1)\" is found"
    }
    let values = (0..<pairs).map { $0 * 2 + 2 } + (call.count % 2 == 0 ? [call.count - 1] : [])
    let type = try branchType(call, values) {
        "The expressions after THEN should have the same type: \"\($0)\" is expected but \"\($1)\" is found"
    }
    let types = call.argumentTypes.indices.map { values.contains($0) ? type : operand }
    return ResolvedScalar(argumentTypes: types, resultType: type, form: .simpleCase)
}

private func resolveIn(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(atLeast: 2)
    let common = try membershipType(call, Array(call.argumentTypes.indices)) {
        "The arguments for IN should be the same type! Types are: {\($0) IN (\($1))}"
    }
    return ResolvedScalar(
        argumentTypes: call.argumentTypes.map { _ in common }, resultType: .boolean, form: .membership)
}

private func resolveExtreme(_ call: FunctionCall, isGreatest: Bool) throws -> ResolvedScalar {
    guard call.count >= 2 else {
        throw FunctionError(.argumentCount, "\(call.name.uppercased())() requires at least 2 argument(s), got \(call.count)")
    }
    try call.expectPrimitives()
    var type = SQLType.void
    for (index, other) in call.argumentTypes.enumerated() {
        guard let common = TypeCoercion.comparisonType(type, other) else { throw call.mismatch(index, "comparable") }
        type = common
    }
    let common = type
    return ResolvedScalar(argumentTypes: call.argumentTypes.map { _ in common }, resultType: common) { input in
        let arguments = input.arguments
        return try ColumnChoice.withChoices(
            input,
            { row in
                var best = 0
                for (index, argument) in arguments.enumerated() {
                    if argument.isNull(row) { return -1 }
                    guard index > 0 else { continue }
                    let order = RowComparator.compare(argument, row, arguments[best], row)
                    if isGreatest ? order > 0 : order < 0 { best = index }
                }
                return best
            }
        ) { choice in
            ColumnChoice.pick(common, arguments, choice: choice, rows: input.rows, count: input.count)
        }
    }
}

private func resolveAssertion(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(1)
    guard call.argumentTypes[0] == .boolean || call.argumentTypes[0] == .void else { throw call.mismatch(0, "BOOLEAN") }
    return ResolvedScalar(argumentTypes: [.boolean], resultType: .void) { input in
        let condition = input.arguments[0]
        try input.rows.forEach { row in
            guard isTrue(condition, row) else {
                throw FunctionError(.argument, "ASSERT_TRUE(): assertion failed.")
            }
        }
        return .nulls(.void, count: input.count)
    }
}

let greatestFunction = ScalarFunction(
    "greatest",
    documentation: FunctionDocumentation("_FUNC_(v1, v2, ...) - Returns the greatest value, NULL when one is NULL")
) { try resolveExtreme($0, isGreatest: true) }

let leastFunction = ScalarFunction(
    "least",
    documentation: FunctionDocumentation("_FUNC_(v1, v2, ...) - Returns the smallest value, NULL when one is NULL")
) { try resolveExtreme($0, isGreatest: false) }

let conditionalFunctions: [ScalarFunction] = [
    ScalarFunction(
        "if", "iff",
        documentation: FunctionDocumentation(
            "_FUNC_(condition, a, b) - Returns a when condition is TRUE, else b",
            extended: "Example:\n  > SELECT _FUNC_(1 < 2, 'yes', 'no');\n  'yes'")
    ) { try resolveIf($0) },
    ScalarFunction(
        "coalesce",
        documentation: FunctionDocumentation(
            "_FUNC_(a1, a2, ...) - Returns the first argument that is not NULL, NULL when all are")
    ) { try resolveCoalesce($0, 1...Int.max) },
    ScalarFunction(
        "nvl", "ifnull",
        documentation: FunctionDocumentation("_FUNC_(value, default) - Returns default when value is NULL, else value")
    ) { try resolveCoalesce($0, 2...2) },
    ScalarFunction(
        "nullif", documentation: FunctionDocumentation("_FUNC_(a, b) - Returns NULL when a = b, else a")
    ) { try resolveNullIf($0) },
    ScalarFunction(
        "when",
        documentation: FunctionDocumentation(
            "CASE WHEN a THEN b [WHEN c THEN d]* [ELSE e] END - Returns b when a is TRUE, d when c is TRUE, …, else e")
    ) { try resolveWhen($0) },
    ScalarFunction(
        "case",
        documentation: FunctionDocumentation(
            "CASE a WHEN b THEN c [WHEN d THEN e]* [ELSE f] END - Returns c when a = b, e when a = d, …, else f")
    ) { try resolveCase($0) },
    ScalarFunction(
        "in",
        documentation: FunctionDocumentation("test _FUNC_(val1, val2, ...) - Returns TRUE if test equals one of the values")
    ) { try resolveIn($0) },
    greatestFunction,
    leastFunction,
    ScalarFunction(
        "assert_true",
        documentation: FunctionDocumentation("_FUNC_(condition) - Fails the query unless condition is TRUE; returns NULL"),
        traits: .volatile
    ) { try resolveAssertion($0) },
]

import Columnar

private func ranking(_ kind: WindowFunctionKind, _ result: SQLType = .int) -> ResolvedWindowFunction {
    // The arguments of rank functions are their ORDER BY keys, which Hive lets a user repeat.
    ResolvedWindowFunction(kind: kind, argumentTypes: [], resultType: result)
}

/// `lag` and `lead`: value, distance (a constant, 1 by default), value beyond the partition's ends.
private func resolveOffset(_ call: FunctionCall, _ kind: WindowFunctionKind) throws -> ResolvedWindowFunction {
    guard (1...3).contains(call.count) else {
        throw FunctionError(.argumentCount, "Incorrect invocation of \(call.name): expected 1 to 3 arguments, got \(call.count)")
    }
    let value = call.argumentTypes[0]
    var types = [value]
    if call.count > 1 {
        guard call.argumentTypes[1].isIntegral, let distance = call.constantInteger(1) else {
            throw FunctionError(.argumentType(1), "\(call.name) amount must be a integer value \(call.argumentTypes[1]) was passed as parameter 1.")
        }
        guard distance >= 0 else {
            throw FunctionError(.argument, "\(call.name) amount can not be nagative. Specified: \(distance)")
        }
        types.append(.bigint)
    }
    if call.count > 2 { types.append(value) }
    return ResolvedWindowFunction(kind: kind, argumentTypes: types, resultType: value)
}

private func resolveNtile(_ call: FunctionCall) throws -> ResolvedWindowFunction {
    try call.expect(1)
    guard call.argumentTypes[0].isIntegral else {
        throw FunctionError(.argumentType(0), "Number of tiles must be an int expression")
    }
    return ResolvedWindowFunction(kind: .ntile, argumentTypes: [.bigint], resultType: .int)
}

private func resolveEdge(_ call: FunctionCall, _ kind: WindowFunctionKind) throws -> ResolvedWindowFunction {
    guard (1...2).contains(call.count) else {
        throw FunctionError(.argumentType(2), "Arguments expected: a value and, if wished, whether NULLs are skipped")
    }
    let value = call.argumentTypes[0]
    guard call.count == 2 else { return ResolvedWindowFunction(kind: kind, argumentTypes: [value], resultType: value) }
    guard call.argumentTypes[1] == .boolean, call.isConstant(1) else {
        throw FunctionError(.argumentType(1), "second argument of \(call.name) must be a boolean constant")
    }
    return ResolvedWindowFunction(
        kind: kind, argumentTypes: [value], resultType: value, ignoresNulls: call.constantBoolean(1) ?? false)
}

private func resolveNth(_ call: FunctionCall) throws -> ResolvedWindowFunction {
    try call.expect(2)
    guard call.argumentTypes[1].isIntegral, let position = call.constantInteger(1), position > 0 else {
        throw FunctionError(.argumentType(1), "\(call.name) needs a positive integer constant as 2nd argument")
    }
    let value = call.argumentTypes[0]
    return ResolvedWindowFunction(kind: .nthValue, argumentTypes: [value, .bigint], resultType: value)
}

/// Functions of the row's place in its partition.
let rankingFunctions: [WindowFunction] = [
    WindowFunction(
        "row_number",
        documentation: FunctionDocumentation("_FUNC_() - Numbers the rows of a partition in its order, from 1"),
        resolve: { _ in ranking(.rowNumber) }),
    WindowFunction(
        "rank",
        documentation: FunctionDocumentation(
            "_FUNC_() - Returns one more than the number of rows that precede the row's peers; ties leave gaps"),
        resolve: { _ in ranking(.rank) }),
    WindowFunction(
        "dense_rank",
        documentation: FunctionDocumentation("_FUNC_() - Returns the rank of the row without gaps after ties"),
        resolve: { _ in ranking(.denseRank) }),
    WindowFunction(
        "percent_rank",
        documentation: FunctionDocumentation(
            "_FUNC_() - Returns (rank - 1) / (rows of the partition - 1), 0 when there is one row"),
        resolve: { _ in ranking(.percentRank, .double) }),
    WindowFunction(
        "cume_dist",
        documentation: FunctionDocumentation(
            "_FUNC_() - Returns the share of the partition's rows that come before the row or are its peers"),
        resolve: { _ in ranking(.cumulativeDistribution, .double) }),
    WindowFunction(
        "ntile",
        documentation: FunctionDocumentation(
            "_FUNC_(n) - Deals the rows of a partition in order into n buckets of equal size and returns the bucket, from 1"),
        resolve: { try resolveNtile($0) }),
]

/// Functions that fetch a value of another row.
let valueWindowFunctions: [WindowFunction] = [
    WindowFunction(
        "lag",
        documentation: FunctionDocumentation(
            "_FUNC_(expr[, offset[, default]]) - Returns expr of the row that lies offset rows (1 unless given) before",
            extended: "Beyond the partition's start the value is default, NULL unless given.\n"
                + "Example:\n  > SELECT fare - _FUNC_(fare) OVER (PARTITION BY cab ORDER BY pickup) FROM trips;"),
        resolve: { try resolveOffset($0, .lag) }),
    WindowFunction(
        "lead",
        documentation: FunctionDocumentation(
            "_FUNC_(expr[, offset[, default]]) - Returns expr of the row that lies offset rows (1 unless given) after",
            extended: "Beyond the partition's end the value is default, NULL unless given."),
        resolve: { try resolveOffset($0, .lead) }),
    WindowFunction(
        "first_value",
        documentation: FunctionDocumentation(
            "_FUNC_(expr[, skipNulls]) - Returns expr of the first row of the window frame"),
        resolve: { try resolveEdge($0, .firstValue) }),
    WindowFunction(
        "last_value",
        documentation: FunctionDocumentation(
            "_FUNC_(expr[, skipNulls]) - Returns expr of the last row of the window frame"),
        resolve: { try resolveEdge($0, .lastValue) }),
    WindowFunction(
        "nth_value",
        documentation: FunctionDocumentation(
            "_FUNC_(expr, n) - Returns expr of the n-th row of the window frame, NULL when it is shorter"),
        resolve: { try resolveNth($0) }),
]

import Columnar

private typealias Resolution = (argumentTypes: [SQLType], resultType: SQLType)

private func noArguments(_ call: FunctionCall, _ result: SQLType) throws -> Resolution {
    // The arguments of rank functions are their ORDER BY keys, which Hive lets a user repeat.
    ([], result)
}

/// `lag` and `lead`: value, distance (a constant, 1 by default), value beyond the partition's ends.
private func resolveOffset(_ call: FunctionCall) throws -> Resolution {
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
    return (types, value)
}

private func resolveNtile(_ call: FunctionCall) throws -> Resolution {
    try call.expect(1)
    guard call.argumentTypes[0].isIntegral else {
        throw FunctionError(.argumentType(0), "Number of tiles must be an int expression")
    }
    return ([.bigint], .int)
}

private func resolveEdge(_ call: FunctionCall) throws -> Resolution {
    guard (1...2).contains(call.count) else {
        throw FunctionError(.argumentType(2), "Arguments expected: a value and, if wished, whether NULLs are skipped")
    }
    guard call.count == 2 else { return (call.argumentTypes, call.argumentTypes[0]) }
    guard call.argumentTypes[1] == .boolean, call.isConstant(1) else {
        throw FunctionError(.argumentType(1), "second argument of \(call.name) must be a boolean constant")
    }
    return (call.argumentTypes, call.argumentTypes[0])
}

private func resolveNth(_ call: FunctionCall) throws -> Resolution {
    try call.expect(2)
    guard call.argumentTypes[1].isIntegral, let position = call.constantInteger(1), position > 0 else {
        throw FunctionError(.argumentType(1), "\(call.name) needs a positive integer constant as 2nd argument")
    }
    return ([call.argumentTypes[0], .bigint], call.argumentTypes[0])
}

/// Functions of the row's place in its partition.
let rankingFunctions: [WindowFunction] = [
    WindowFunction(
        "row_number",
        documentation: FunctionDocumentation("_FUNC_() - Numbers the rows of a partition in its order, from 1"),
        kind: .rowNumber, resolve: { try noArguments($0, .int) }),
    WindowFunction(
        "rank",
        documentation: FunctionDocumentation(
            "_FUNC_() - Returns one more than the number of rows that precede the row's peers; ties leave gaps"),
        kind: .rank, resolve: { try noArguments($0, .int) }),
    WindowFunction(
        "dense_rank",
        documentation: FunctionDocumentation("_FUNC_() - Returns the rank of the row without gaps after ties"),
        kind: .denseRank, resolve: { try noArguments($0, .int) }),
    WindowFunction(
        "percent_rank",
        documentation: FunctionDocumentation(
            "_FUNC_() - Returns (rank - 1) / (rows of the partition - 1), 0 when there is one row"),
        kind: .percentRank, resolve: { try noArguments($0, .double) }),
    WindowFunction(
        "cume_dist",
        documentation: FunctionDocumentation(
            "_FUNC_() - Returns the share of the partition's rows that come before the row or are its peers"),
        kind: .cumulativeDistribution, resolve: { try noArguments($0, .double) }),
    WindowFunction(
        "ntile",
        documentation: FunctionDocumentation(
            "_FUNC_(n) - Deals the rows of a partition in order into n buckets of equal size and returns the bucket, from 1"),
        kind: .ntile, resolve: { try resolveNtile($0) }),
]

/// Functions that fetch a value of another row.
let valueWindowFunctions: [WindowFunction] = [
    WindowFunction(
        "lag",
        documentation: FunctionDocumentation(
            "_FUNC_(expr[, offset[, default]]) - Returns expr of the row that lies offset rows (1 unless given) before",
            extended: "Beyond the partition's start the value is default, NULL unless given.\n"
                + "Example:\n  > SELECT fare - _FUNC_(fare) OVER (PARTITION BY cab ORDER BY pickup) FROM trips;"),
        kind: .lag, resolve: { try resolveOffset($0) }),
    WindowFunction(
        "lead",
        documentation: FunctionDocumentation(
            "_FUNC_(expr[, offset[, default]]) - Returns expr of the row that lies offset rows (1 unless given) after",
            extended: "Beyond the partition's end the value is default, NULL unless given."),
        kind: .lead, resolve: { try resolveOffset($0) }),
    WindowFunction(
        "first_value",
        documentation: FunctionDocumentation(
            "_FUNC_(expr[, skipNulls]) - Returns expr of the first row of the window frame"),
        kind: .firstValue, resolve: { try resolveEdge($0) }),
    WindowFunction(
        "last_value",
        documentation: FunctionDocumentation(
            "_FUNC_(expr[, skipNulls]) - Returns expr of the last row of the window frame"),
        kind: .lastValue, resolve: { try resolveEdge($0) }),
    WindowFunction(
        "nth_value",
        documentation: FunctionDocumentation(
            "_FUNC_(expr, n) - Returns expr of the n-th row of the window frame, NULL when it is shorter"),
        kind: .nthValue, resolve: { try resolveNth($0) }),
]
